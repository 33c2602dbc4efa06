//===- AttentionTiling.cpp - Tiling over batch, heads and queries
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The loops of attention that `scf::tileUsingSCF` may cut: (batch, head,
// query), or (head, query) without a batch. Keys are the reduction and belong
// to `attn.online_attention`.
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/IR/KeyLists.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;

/// The dimension of the query (and the output) that each tiling loop runs over.
static SmallVector<unsigned> tiledDims(const HeadLayout &at) {
  if (at.batch)
    return {*at.batch, at.head, at.sequence};
  return {at.head, at.sequence};
}

SmallVector<utils::IteratorType> AttentionOp::getLoopIteratorTypes() {
  return SmallVector<utils::IteratorType>(
      tiledDims(getAttentionShape(*this).layout).size(),
      utils::IteratorType::parallel);
}

SmallVector<Range> AttentionOp::getIterationDomain(OpBuilder &builder) {
  SmallVector<Range> domain;
  for (unsigned dim : tiledDims(getAttentionShape(*this).layout))
    domain.push_back({builder.getIndexAttr(0),
                      tensor::getMixedSize(builder, getLoc(), getQuery(), dim),
                      builder.getIndexAttr(1)});
  return domain;
}

namespace {
/// Offsets and sizes of a slice that starts as the whole tensor.
struct Slice {
  SmallVector<OpFoldResult> offsets, sizes;

  Slice(OpBuilder &builder, Location loc, Value tensor)
      : offsets(cast<RankedTensorType>(tensor.getType()).getRank(),
                builder.getIndexAttr(0)),
        sizes(tensor::getMixedSizes(builder, loc, tensor)) {}

  void set(unsigned dim, OpFoldResult offset, OpFoldResult size) {
    offsets[dim] = offset;
    sizes[dim] = size;
  }

  Value extract(OpBuilder &builder, Location loc, Value tensor) const {
    SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
    return tensor::ExtractSliceOp::create(builder, loc, tensor, offsets, sizes,
                                          strides);
  }
};
} // namespace

/// Makes the numbers of entries in the regions of `tiled`, whose list is a part
/// of `lists` from `first` on, those of all.
static void countFrom(OpBuilder &builder, AttentionOp tiled,
                      const KeyLists &lists, Value first) {
  SmallVector<EntryOp> numbers;
  tiled->walk([&](EntryOp number) { numbers.push_back(number); });
  if (numbers.empty())
    return;
  Location loc = tiled.getLoc();
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPoint(tiled);
  // As pointers are looked at before, nothing changes but what is known of it.
  Value none = arith::ConstantIndexOp::create(builder, loc, 0);
  unsigned rank = cast<RankedTensorType>(lists.entries.getType()).getRank();
  Value size =
      builder.createOrFold<tensor::DimOp>(loc, lists.entries, rank - 1);
  first = arith::MaxSIOp::create(builder, loc, first, none);
  first = arith::MinSIOp::create(builder, loc, first, size);
  for (EntryOp number : numbers) {
    builder.setInsertionPointAfter(number);
    auto sum = arith::AddIOp::create(builder, loc, number, first);
    number.getNumber().replaceAllUsesExcept(sum, sum);
  }
}

FailureOr<TilingResult>
AttentionOp::getTiledImplementation(OpBuilder &builder,
                                    ArrayRef<OpFoldResult> offsets,
                                    ArrayRef<OpFoldResult> sizes) {
  Location loc = getLoc();
  AttentionShape shape = getAttentionShape(*this);
  const HeadLayout &at = shape.layout;
  unsigned headLoop = at.batch ? 1 : 0, queryLoop = headLoop + 1;

  // A tile of one query head, or of the heads of one group, reads one key/value
  // head.
  bool oneHead = isConstantIntValue(sizes[headLoop], 1) ||
                 isConstantIntValue(sizes[headLoop], shape.groupSize());
  bool allHeads = isConstantIntValue(sizes[headLoop], shape.queryHeads);
  if (!oneHead && !allHeads)
    return emitOpError("can be tiled into single heads or groups of them only");

  // A tile of queries lies in the run of one list: its caller's care.
  std::optional<KeyLists> lists = getKeyLists(*this);
  if (lists && lists->byHead && !isConstantIntValue(sizes[headLoop], 1))
    return emitOpError("can be tiled into single heads only, since each has "
                       "lists of its own");

  Slice query(builder, loc, getQuery()), key(builder, loc, getKey()),
      value(builder, loc, getValue());
  for (auto [loop, dim] : llvm::enumerate(tiledDims(at)))
    query.set(dim, offsets[loop], sizes[loop]);
  OpFoldResult keyHead = builder.getIndexAttr(0);
  if (oneHead) {
    AffineExpr d0 = builder.getAffineDimExpr(0);
    keyHead = affine::makeComposedFoldedAffineApply(
        builder, loc, d0.floorDiv(shape.groupSize()), offsets[headLoop]);
  }
  // A pool of pages belongs to all batches; the table says which are whose.
  auto sliceCache = [&](Slice &slice) {
    if (at.batch && !shape.isPaged())
      slice.set(*at.batch, offsets[0], sizes[0]);
    if (oneHead)
      slice.set(at.head, keyHead, builder.getIndexAttr(1));
  };
  sliceCache(key);
  sliceCache(value);

  SmallVector<Value> operands = {query.extract(builder, loc, getQuery()),
                                 key.extract(builder, loc, getKey()),
                                 value.extract(builder, loc, getValue())};
  // Scales and zero points have the dimensions of the tensor that they scale,
  // but for the last.
  auto parameters = [&](OperandRange group) {
    SmallVector<Value> sliced;
    for (Value tensor : group) {
      Slice slice(builder, loc, tensor);
      sliceCache(slice);
      sliced.push_back(slice.extract(builder, loc, tensor));
    }
    return sliced;
  };
  SmallVector<Value> keyScales = parameters(getKeyScales()),
                     keyZeroPoints = parameters(getKeyZeroPoints()),
                     valueScales = parameters(getValueScales()),
                     valueZeroPoints = parameters(getValueZeroPoints()),
                     pageTable;
  if (Value table = getPageTableOperand()) {
    Slice slice(builder, loc, table);
    slice.set(0, offsets[0], sizes[0]);
    pageTable.push_back(slice.extract(builder, loc, table));
  }

  SmallVector<Value> pairs(getValuePairs());
  if (!pairs.empty()) {
    // (batch,) head, pair, feature in every layout.
    Slice slice(builder, loc, pairs.front());
    if (at.batch)
      slice.set(0, offsets[0], sizes[0]);
    if (oneHead)
      slice.set(headLoop, keyHead, builder.getIndexAttr(1));
    pairs = {slice.extract(builder, loc, pairs.front())};
  }

  SmallVector<Value> sinks(getSinks());
  if (!sinks.empty()) {
    Slice slice(builder, loc, sinks.front());
    slice.set(0, offsets[headLoop], sizes[headLoop]);
    sinks = {slice.extract(builder, loc, sinks.front())};
  }

  KeyLists::List list;
  if (lists)
    list = lists->getList(builder, loc,
                          at.batch ? offsets[0] : builder.getIndexAttr(0),
                          offsets[headLoop], offsets[queryLoop]);

  // Regions see global positions: a tile remembers where it starts.
  SmallVector<Value> start(getOffsets());
  if (start.empty())
    start.assign(4, arith::ConstantIndexOp::create(builder, loc, 0));
  auto advance = [&](unsigned position, OpFoldResult by) {
    start[position] = builder.createOrFold<arith::AddIOp>(
        loc, start[position],
        getValueOrCreateConstantIndexOp(builder, loc, by));
  };
  if (at.batch)
    advance(0, offsets[0]);
  advance(1, offsets[headLoop]);
  advance(2, offsets[queryLoop]);

  SmallVector<Type> types;
  for (unsigned result = 0; result < getNumResults(); ++result) {
    SmallVector<OpFoldResult> resultOffsets, resultSizes;
    if (failed(getResultTilePosition(builder, result, offsets, sizes,
                                     resultOffsets, resultSizes)))
      return failure();
    SmallVector<int64_t> staticSizes;
    SmallVector<Value> dynamicSizes;
    dispatchIndexOpFoldResults(resultSizes, dynamicSizes, staticSizes);
    types.push_back(
        cast<RankedTensorType>(getResult(result).getType()).clone(staticSizes));
  }
  auto tiled = AttentionOp::create(builder, loc, types, operands[0],
                                   operands[1], operands[2]);
  Properties &properties = tiled.getProperties();
  auto segments = properties.operandSegmentSizes;
  properties = getProperties();
  properties.operandSegmentSizes = segments;
  tiled.getSinksMutable().assign(sinks);
  tiled.getKeyScalesMutable().assign(keyScales);
  tiled.getKeyZeroPointsMutable().assign(keyZeroPoints);
  tiled.getValueScalesMutable().assign(valueScales);
  tiled.getValueZeroPointsMutable().assign(valueZeroPoints);
  tiled.getPageTableMutable().assign(pageTable);
  tiled.getValuePairsMutable().assign(pairs);
  if (lists) {
    (getCsr().empty() ? tiled.getBlocksMutable() : tiled.getCsrMutable())
        .assign(list.entries);
    if (lists->everyEntryIsKey)
      tiled->setAttr(kEveryEntryIsKeyAttr, builder.getUnitAttr());
  }
  tiled.getOffsetsMutable().assign(start);
  tiled.setScaleAttr(builder.getF64FloatAttr(getScaleValue()));
  tiled.getValueTableMutable().assign(getValueTable());
  cloneRegionsInto(tiled);
  if (list.first)
    countFrom(builder, tiled, *lists, list.first);
  SmallVector<Operation *> slices;
  for (Value operand : operands)
    slices.push_back(operand.getDefiningOp());
  return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
}

LogicalResult AttentionOp::getResultTilePosition(
    OpBuilder &builder, unsigned resultNumber, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  HeadLayout at = getAttentionShape(*this).layout;
  if (resultNumber == 0) {
    Slice output(builder, getLoc(), getQuery());
    for (auto [loop, dim] : llvm::enumerate(tiledDims(at)))
      output.set(dim, offsets[loop], sizes[loop]);
    output.set(at.feature, builder.getIndexAttr(0),
               tensor::getMixedSize(builder, getLoc(), getValue(), at.feature));
    resultOffsets = output.offsets;
    resultSizes = output.sizes;
    return success();
  }
  // lse and row_max are (batch,) head, query in every layout; scores and
  // probabilities have the keys behind.
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultSizes.assign(sizes.begin(), sizes.end());
  auto type = cast<RankedTensorType>(getResult(resultNumber).getType());
  if (type.getRank() > int64_t(offsets.size())) {
    resultOffsets.push_back(builder.getIndexAttr(0));
    resultSizes.push_back(getKeyCount(builder));
  }
  return success();
}
