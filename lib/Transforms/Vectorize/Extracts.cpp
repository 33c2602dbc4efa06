//===- Extracts.cpp - Loads of the body of a linalg op on vectors ---------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the lanes of a `tensor.extract` read lies side by side, or the same
// element is read by several in turn, or rows are read and transposed; else it
// is gathered lane by lane.
//
//===----------------------------------------------------------------------===//

#include "BodyEvaluator.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Guards.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

Value BodyEvaluator::contiguousBase(IRBuilder &b, Value index, unsigned dim,
                                    const Point &point, bool &bounded) {
  Mask along = dim == laneDim ? laneBit : Mask(1) << dim;
  auto moves = [&](Value value) { return (dependencies(value) & along) != 0; };
  bool paired = second && dim == laneDim;
  if (paired && isPairPosition(index, *second))
    return b.mul(materialize(b, point[laneDim]), 2);
  if (auto position = index.getDefiningOp<linalg::IndexOp>())
    return !paired && position.getDim() == dim ? materialize(b, point[dim])
                                               : Value();
  if (auto least = index.getDefiningOp<arith::MinSIOp>();
      least && least->hasAttr(boundAttr) && op->hasAttr(boundedLanesAttr)) {
    bounded = true;
    for (Value side : {least.getLhs(), least.getRhs()})
      if (moves(side))
        return contiguousBase(b, side, dim, point, bounded);
    return {};
  }
  auto add = index.getDefiningOp<arith::AddIOp>();
  if (!add)
    return {};
  for (auto [moving, fixed] :
       {std::pair<Value, Value>{add.getLhs(), add.getRhs()},
        {add.getRhs(), add.getLhs()}})
    if (moves(moving) && !moves(fixed))
      if (Value base = contiguousBase(b, moving, dim, point, bounded))
        return b.add(base, evaluate(b, fixed, point));
  return {};
}

/// Whether `index` grows by one a lane, from a multiple of the lanes.
bool BodyEvaluator::isAligned(Value index) {
  if (second && isPairPosition(index, *second))
    return true;
  if (auto position = index.getDefiningOp<linalg::IndexOp>())
    return !second && position.getDim() == laneDim;
  auto add = index.getDefiningOp<arith::AddIOp>();
  if (!add)
    return false;
  std::optional<int64_t> by = getConstantIntValue(add.getRhs());
  return by && *by % lanes == 0 && isAligned(add.getLhs());
}

std::optional<int64_t> BodyEvaluator::repeatsInLanes(Value index) {
  auto division = index.getDefiningOp<arith::DivUIOp>();
  if (!division || !isAligned(division.getLhs()))
    return std::nullopt;
  std::optional<int64_t> by = getConstantIntValue(division.getRhs());
  if (!by || *by <= 0 || (*by % lanes != 0 && lanes % *by != 0))
    return std::nullopt;
  return by;
}

Value BodyEvaluator::readVector(IRBuilder &b, Value tensor, ValueRange start,
                                int64_t count, bool inBounds) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Type element = type.getElementType();
  Value padding =
      arith::ConstantOp::create(b, b.getLoc(), b.getZeroAttr(element));
  return vector::TransferReadOp::create(
      b, b.getLoc(), VectorType::get({count}, element), tensor, start, padding,
      AffineMap::getMinorIdentityMap(type.getRank(), 1, b.getContext()),
      ArrayRef<bool>{inBounds});
}

Value BodyEvaluator::readElements(IRBuilder &b, tensor::ExtractOp extract,
                                  Value last, int64_t count, bool inBounds,
                                  const Point &point) {
  SmallVector<Value> start;
  for (Value index : extract.getIndices().drop_back())
    start.push_back(evaluate(b, index, point));
  start.push_back(last);
  if (count == 1)
    return b.extract(extract.getTensor(), start);
  return readVector(b, extract.getTensor(), start, count, inBounds);
}

Value BodyEvaluator::extractAlongLanes(IRBuilder &b, tensor::ExtractOp extract,
                                       const Point &point) {
  Value index = extract.getIndices().back();
  bool bounded = false;
  // Bounded lanes may lie beyond the tensor.
  if (Value base = contiguousBase(b, index, laneDim, point, bounded))
    return readElements(b, extract, base, lanes, !isPartial(point) && !bounded,
                        point);
  if (std::optional<unsigned> of = second ? std::nullopt : pairDimOf(index)) {
    // Every other element: of both, the one that the point has.
    Point first = point;
    first[*of] = b.getIndexAttr(0);
    auto both = vector::DeinterleaveOp::create(
        b, b.getLoc(), pairs(*of).evaluate(b, extract, first));
    return both->getResult(*getConstantIntValue(point[*of]));
  }
  return extractRepeated(b, extract, point);
}

Value BodyEvaluator::extractRepeated(IRBuilder &b, tensor::ExtractOp extract,
                                     const Point &point) {
  Location loc = b.getLoc();
  SmallVector<Operation *> guards;
  Value quotient = withoutGuards(extract.getIndices().back(), &guards);
  std::optional<int64_t> repeated = repeatsInLanes(quotient);
  if (!repeated)
    return {};
  bool bounded = false;
  Value position = quotient.getDefiningOp<arith::DivUIOp>().getLhs();
  Value first = b.createOrFold<arith::DivUIOp>(
      loc, contiguousBase(b, position, laneDim, point, bounded),
      b.index(*repeated));
  // Guarded, each of the few elements is read by itself.
  auto readGuarded = [&](int64_t number) {
    Value index = b.add(first, number);
    for (Operation *guard : llvm::reverse(guards)) {
      Value bound = evaluate(b, guard->getOperand(1), point);
      index = isa<arith::MinSIOp>(guard) ? b.min(index, bound)
                                         : b.max(index, bound);
    }
    return readElements(b, extract, index, 1, true, point);
  };
  if (*repeated >= lanes)
    return readGuarded(0);
  int64_t count = lanes / *repeated;
  Value few;
  if (guards.empty()) {
    few = readElements(b, extract, first, count, !isPartial(point) && !bounded,
                       point);
  } else {
    SmallVector<Value> elements;
    for (int64_t number = 0; number < count; ++number)
      elements.push_back(readGuarded(number));
    few = vector::FromElementsOp::create(
        b, loc, VectorType::get({count}, extract.getType()), elements);
  }
  if (*repeated == 2)
    return vector::InterleaveOp::create(b, loc, few, few);
  SmallVector<int64_t> places;
  for (int64_t lane = 0; lane < lanes; ++lane)
    places.push_back(lane / *repeated);
  return vector::ShuffleOp::create(b, loc, few, few, places);
}

Value BodyEvaluator::extractByLane(IRBuilder &b, tensor::ExtractOp extract,
                                   const Point &point) {
  SmallVector<Value> values;
  bool varying = false;
  for (Value index : extract.getIndices()) {
    values.push_back(evaluate(b, index, point));
    varying |= isa<VectorType>(values.back().getType());
  }
  if (!varying)
    return b.extract(extract.getTensor(), values);
  SmallVector<Value> elements;
  for (int64_t lane = 0; lane < lanes; ++lane) {
    SmallVector<Value> position;
    for (Value value : values) {
      if (isa<VectorType>(value.getType()))
        value = arith::IndexCastOp::create(
            b, b.getLoc(), b.getIndexType(),
            vector::ExtractOp::create(b, b.getLoc(), value, lane));
      position.push_back(value);
    }
    elements.push_back(b.extract(extract.getTensor(), position));
  }
  return vector::FromElementsOp::create(
      b, b.getLoc(), cast<VectorType>(vectorType(extract.getType())), elements);
}

Value BodyEvaluator::computeExtract(IRBuilder &b, tensor::ExtractOp extract,
                                    const Point &point) {
  ValueRange indices = extract.getIndices();
  bool alongLast = !indices.empty() && isVarying(indices.back()) &&
                   llvm::none_of(indices.drop_back(),
                                 [&](Value index) { return isVarying(index); });
  // A vector of i1 is bits, a tensor of them bytes.
  if (alongLast && !extract.getType().isInteger(1))
    if (Value along = extractAlongLanes(b, extract, point))
      return along;
  if (Value transposed = extractTransposed(b, extract, point))
    return transposed;
  return extractByLane(b, extract, point);
}
