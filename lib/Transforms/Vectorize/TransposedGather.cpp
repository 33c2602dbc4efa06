//===- TransposedGather.cpp - Columns of rows that differ by lane
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A body that reads `tensor[row(lane), column]`, an additive bias with queries
// in the lanes, needs an element from as many rows as there are lanes. Columns
// that other unrolled points need lie beside it in memory: a short vector is
// read from each row, and all are transposed together.
//
//===----------------------------------------------------------------------===//

#include "BodyEvaluator.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;

/// One vector of all `vectors`, behind each other.
static Value concatenate(IRBuilder &b, SmallVector<Value> vectors) {
  while (vectors.size() > 1) {
    SmallVector<Value> wider;
    for (unsigned at = 0; at < vectors.size(); at += 2) {
      int64_t count = cast<VectorType>(vectors[at].getType()).getNumElements();
      wider.push_back(vector::ShuffleOp::create(
          b, b.getLoc(), vectors[at], vectors[at + 1],
          llvm::to_vector(llvm::seq<int64_t>(0, 2 * count))));
    }
    vectors = std::move(wider);
  }
  return vectors.front();
}

/// Transposes squares of `size` elements that lie beside each other in as many
/// vectors: each round exchanges one bit of the vector's number with the same
/// bit of the position in it.
static void transposeSquares(IRBuilder &b, SmallVectorImpl<Value> &vectors) {
  int64_t size = vectors.size();
  int64_t lanes = cast<VectorType>(vectors[0].getType()).getNumElements();
  for (int64_t bit = 1; bit < size; bit *= 2) {
    SmallVector<int64_t> first, second;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      bool moved = lane & bit;
      first.push_back(moved ? lanes + lane - bit : lane);
      second.push_back(moved ? lanes + lane : lane + bit);
    }
    for (int64_t at = 0; at < size; ++at) {
      if (at & bit)
        continue;
      Value one = vectors[at], other = vectors[at + bit];
      vectors[at] = vector::ShuffleOp::create(b, b.getLoc(), one, other, first);
      vectors[at + bit] =
          vector::ShuffleOp::create(b, b.getLoc(), one, other, second);
    }
  }
}

std::optional<unsigned> BodyEvaluator::adjacentDim(tensor::ExtractOp extract) {
  auto type = cast<RankedTensorType>(extract.getTensor().getType());
  auto indices = extract.getIndices();
  if (indices.size() < 2 || type.getElementTypeBitWidth() < 8)
    return std::nullopt;
  Mask rows = 0, column = dependencies(indices.back());
  for (Value index : indices.drop_back())
    rows |= dependencies(index);
  // Rows differ between the lanes and are the same for all columns.
  if (!(rows & laneBit) || (column & laneBit) || (rows & column) ||
      ((rows | column) & accumulatorBit))
    return std::nullopt;
  for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
    if (column == Mask(1) << dim)
      return dim;
  return std::nullopt;
}

Value BodyEvaluator::extractTransposed(IRBuilder &b, tensor::ExtractOp extract,
                                       const Point &point) {
  std::optional<unsigned> dim = adjacentDim(extract);
  if (!dim)
    return {};
  std::optional<int64_t> position = getConstantIntValue(point[*dim]);
  int64_t extent = op.getStaticLoopRanges()[*dim];
  if (!position || ShapedType::isDynamic(extent))
    return {};
  int64_t columns = 1;
  while (extent % (2 * columns) == 0 && lanes % (2 * columns) == 0)
    columns *= 2;
  Point first = point;
  first[*dim] = b.getIndexAttr(*position / columns * columns);
  bool bounded = false;
  Value base =
      contiguousBase(b, extract.getIndices().back(), *dim, first, bounded);
  if (columns == 1 || !base)
    return {};

  // The row of one lane: the body's index arithmetic on scalars.
  BodyEvaluator scalar(op, /*laneDim=*/*dim, lanes, registers);
  SmallVector<Value> rows;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Point at = first;
    Value place = b.add(materialize(b, point[laneDim]), lane);
    // Lanes past the end repeat the last position: it may be read.
    if (!ShapedType::isDynamic(laneExtent) && isPartial(point))
      place = b.min(place, b.index(laneExtent - 1));
    at[laneDim] = place;
    SmallVector<Value> start;
    for (Value index : extract.getIndices().drop_back())
      start.push_back(scalar.evaluate(b, index, at));
    start.push_back(base);
    rows.push_back(
        readVector(b, extract.getTensor(), start, columns, !bounded));
  }
  SmallVector<Value> vectors;
  for (int64_t at = 0; at < columns; ++at) {
    SmallVector<Value> parts;
    for (int64_t lane = at; lane < lanes; lane += columns)
      parts.push_back(rows[lane]);
    vectors.push_back(concatenate(b, parts));
  }
  transposeSquares(b, vectors);
  for (int64_t column = 0; column < columns; ++column) {
    Point at = first;
    at[*dim] = b.getIndexAttr(*position / columns * columns + column);
    remembered(extract, coordinatesOf(extract, at)) = vectors[column];
  }
  return vectors[*position % columns];
}
