//===- OnlineAttentionTiling.cpp - Tiling over the keys
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnOps.h"
#include "attn/IR/StateParts.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

SmallVector<utils::IteratorType> OnlineAttentionOp::getLoopIteratorTypes() {
  return {utils::IteratorType::reduction};
}

SmallVector<Range> OnlineAttentionOp::getIterationDomain(OpBuilder &builder) {
  return {
      {builder.getIndexAttr(0), getKeyCount(builder), builder.getIndexAttr(1)}};
}

/// Makes a load region count its keys from `first` on.
static void shiftKeys(OpBuilder &builder, Region &load, Value first) {
  if (load.empty())
    return;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(&load.front());
  BlockArgument position = load.getArgument(0);
  auto shifted = arith::AddIOp::create(builder, load.getLoc(), position, first);
  position.replaceAllUsesExcept(shifted, shifted);
}

FailureOr<TilingResult>
OnlineAttentionOp::getTiledImplementation(OpBuilder &builder,
                                          ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes) {
  Location loc = getLoc();
  SmallVector<Operation *> slices;
  // Tiles begin at whole pairs; the last key of the range may be half of one.
  auto rows = [&](Value matrix, int64_t together) -> Value {
    if (!matrix)
      return {};
    auto divided = [&](AffineExpr quotient, OpFoldResult by) {
      return affine::makeComposedFoldedAffineApply(builder, loc, quotient, by);
    };
    AffineExpr keys = builder.getAffineDimExpr(0);
    SmallVector<OpFoldResult> from = {
        divided(keys.floorDiv(together), offsets[0]), builder.getIndexAttr(0)};
    SmallVector<OpFoldResult> extent = {
        divided(keys.ceilDiv(together), sizes[0]),
        builder.getIndexAttr(tensorType(matrix).getDimSize(1))};
    SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
    slices.push_back(tensor::ExtractSliceOp::create(builder, loc, matrix, from,
                                                    extent, strides));
    return slices.back()->getResult(0);
  };
  Value key = rows(getKey(), 1),
        value = rows(getValue(), hasValuePairs() ? 2 : 1), keys;
  if (getKeys())
    keys = getValueOrCreateConstantIndexOp(builder, loc, sizes[0]);
  Value first = getValueOrCreateConstantIndexOp(builder, loc, offsets[0]);
  SmallVector<Value> start(getOffsets());
  start[3] = builder.createOrFold<arith::AddIOp>(loc, start[3], first);
  auto both = [&](Value a, Value b) {
    return builder.createOrFold<arith::AndIOp>(loc, a, b);
  };
  auto equal = [&](Value a, Value b) {
    return builder.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, a,
                                               b);
  };
  Value begins, ends;
  if (getFirst())
    begins =
        both(getFirst(),
             equal(first, arith::ConstantIndexOp::create(builder, loc, 0)));
  if (getLast()) {
    Value size = getValueOrCreateConstantIndexOp(builder, loc, sizes[0]);
    Value count =
        getValueOrCreateConstantIndexOp(builder, loc, getKeyCount(builder));
    ends = both(
        getLast(),
        equal(builder.createOrFold<arith::AddIOp>(loc, first, size), count));
  }
  SmallVector<Value> state(getState());
  for (auto [index, name] : llvm::enumerate(getStateNames())) {
    if (!isOfPairs(name))
      continue;
    SmallVector<OpFoldResult> strides(3, builder.getIndexAttr(1)),
        from(3, builder.getIndexAttr(0)),
        extent = tensor::getMixedSizes(builder, loc, state[index]);
    from[2] = offsets[0];
    extent[2] = sizes[0];
    slices.push_back(tensor::ExtractSliceOp::create(builder, loc, state[index],
                                                    from, extent, strides));
    state[index] = slices.back()->getResult(0);
  }
  auto tiled = OnlineAttentionOp::create(
      builder, loc, ValueRange(state).getTypes(), getQuery(), key, value,
      getValueTable(), keys, start, getLive(), begins, ends, state,
      getSchedule(), getScaleAttr(), getGroupAttr(), getNormalizerAttr(),
      getAuxAttr());
  tiled->setDiscardableAttrs((*this)->getDiscardableAttrDictionary());
  cloneRegionsInto(tiled);
  shiftKeys(builder, tiled.getLoadKey(), first);
  shiftKeys(builder, tiled.getLoadValue(), first);
  return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
}

LogicalResult OnlineAttentionOp::getResultTilePosition(
    OpBuilder &builder, unsigned resultNumber, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  // Every tile of keys updates the whole state, but for its own scores.
  Value init = getDpsInits()[resultNumber];
  resultSizes = tensor::getMixedSizes(builder, getLoc(), init);
  resultOffsets.assign(resultSizes.size(), builder.getIndexAttr(0));
  if (isOfPairs(getStateNames()[resultNumber])) {
    resultOffsets[2] = offsets[0];
    resultSizes[2] = sizes[0];
  }
  return success();
}
