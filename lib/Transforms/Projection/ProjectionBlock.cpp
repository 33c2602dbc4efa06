//===- ProjectionBlock.cpp - One register block of a projection
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProjectionTiler.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

Value ProjectionTiler::activate(IRBuilder &b, Value x) {
  Location loc = b.getLoc();
  Type type = x.getType();
  if (p.activation == "relu") // keeps NaN
    return b.maxNumber(b.floating(type, 0.0), x);
  if (p.activation == "gelu") {
    // x * (1 + erf(x / sqrt 2)) / 2
    Value scaled = b.mulf(x, b.floating(type, 0.70710678118654752440));
    Value erf = math::ErfOp::create(b, loc, scaled);
    Value half = b.mulf(x, b.floating(type, 0.5));
    return b.mulf(half, b.addf(erf, b.floating(type, 1.0)));
  }
  return x;
}

/// `height` rows of the input from `row` on, all groups and the whole depth, as
/// what is multiplied.
Factor ProjectionTiler::readRows(IRBuilder &b, Value row, int64_t height) {
  auto type = cast<RankedTensorType>(p.input.getType());
  unsigned rank = type.getRank();
  SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)),
      sizes(rank, b.getIndexAttr(1));
  if (p.inputBatch)
    offsets[*p.inputBatch] = batch;
  offsets[p.inputRow] = row;
  // Unit dimensions but these three are dropped.
  struct Dimension {
    unsigned position, loop;
    int64_t size;
  };
  unsigned depthLoop = p.inputGroup ? 3 : 2;
  SmallVector<Dimension> order = {{p.inputRow, 0, height},
                                  {p.inputDepth, depthLoop, p.depth()}};
  if (p.inputGroup)
    order.push_back({*p.inputGroup, 2, p.groups()});
  llvm::sort(order, [](const Dimension &a, const Dimension &b) {
    return a.position < b.position;
  });
  Factor factor;
  SmallVector<int64_t> shape;
  for (const Dimension &dimension : order) {
    sizes[dimension.position] = b.getIndexAttr(dimension.size);
    factor.dims.push_back(dimension.loop);
    shape.push_back(dimension.size);
  }
  factor.tensor = b.slice(p.input, offsets, sizes, type.clone(shape));
  if (multiplied == p.element())
    return factor;
  // Converted once for all columns.
  SmallVector<unsigned> identity =
      llvm::to_vector(llvm::seq<unsigned>(0, shape.size()));
  Value wide =
      b.empty(getAsIndexOpFoldResult(b.getContext(), shape), multiplied);
  factor.tensor = b.generic(
      std::string(shape.size(), 'p'), factor.tensor, {identity}, wide,
      {identity}, [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {b.convert(args[0], multiplied)};
      })[0];
  return factor;
}

/// The bias of `width` columns from `column` on; there is one.
Value ProjectionTiler::readBias(IRBuilder &b, Value column, int64_t width) {
  Value first = affine::makeComposedAffineApply(
      b, b.getLoc(), b.d(0) * p.columns() + b.d(1),
      ArrayRef<OpFoldResult>{head, column});
  return b.slice(p.bias, {first}, {b.getIndexAttr(width)});
}

/// The bias of the columns from `column` on in every row of `sum`, or zero.
Value ProjectionTiler::startSum(IRBuilder &b, Value sum, Value column) {
  if (!p.bias)
    return b.filled(sum, 0.0);
  int64_t width = cast<RankedTensorType>(sum.getType()).getDimSize(1);
  Value bias = readBias(b, column, width);
  return b.generic("pp", bias, {{1}}, sum, {{0, 1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     return {b.convert(args[0], accumulator)};
                   })[0];
}

/// The packed weights of the block of columns from `column` on.
Factor ProjectionTiler::readWeights(IRBuilder &b, const PackedTile &tile,
                                    Value column) {
  auto fixed = [&](int64_t size) -> OpFoldResult {
    return b.getIndexAttr(size);
  };
  OpFoldResult zero = fixed(0), one = fixed(1);
  // packed[head, block of columns, group, depth, column]
  Value number = affine::makeComposedAffineApply(
      b, b.getLoc(),
      (b.d(0) - tile.shape.columnBegin).floorDiv(tile.shape.columns),
      ArrayRef<OpFoldResult>{column});
  auto packedType = cast<RankedTensorType>(tile.weights.getType());
  ArrayRef<int64_t> packed = packedType.getShape();
  Value weights =
      b.slice(tile.weights, {head, number, zero, zero, zero},
              {one, one, fixed(packed[2]), fixed(packed[3]), fixed(packed[4])},
              packedType.clone(packed.drop_front(p.inputGroup ? 2 : 3)));
  if (p.inputGroup)
    return {weights, {2, 3, 1}};
  return {weights, {2, 1}};
}

/// height x tile.columns outputs from (row, column) on. Bias, sum, activation
/// and rounding follow each other in one place: the vectorised block stays in
/// registers between them, and is stored once.
Value ProjectionTiler::buildBlock(IRBuilder &b, const PackedTile &tile,
                                  int64_t height, const Factor &input,
                                  Value row, Value column, Value into) {
  auto fixed = [&](int64_t size) -> OpFoldResult {
    return b.getIndexAttr(size);
  };
  int64_t width = tile.shape.columns;
  SmallVector<OpFoldResult> at = {row, column},
                            extent = {fixed(height), fixed(width)};
  Value block = b.slice(into, at, extent);
  bool rounds = accumulator != getElementTypeOrSelf(into);
  Value sum =
      startSum(b, rounds ? b.empty(extent, accumulator) : block, column);

  sum = multiplyAccumulate(b, input, readWeights(b, tile, column), sum, pack);

  if (!rounds && p.activation == "none")
    return b.insert(sum, into, at, extent);
  block =
      b.generic("pp", sum, {{0, 1}}, block, {{0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {b.convert(activate(b, args[0]), args[1].getType())};
                })[0];
  return b.insert(block, into, at, extent);
}
