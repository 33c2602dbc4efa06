//===- HeadOperands.cpp - What a task of one head reads
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HeadOperands.h"

using namespace mlir;
using namespace attn;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

bool CacheRows::isDirect(Type multiplied) const {
  return !scales && !zeroPoints && !pages && !lists &&
         tensorType(rows).getElementType() == multiplied;
}

int64_t CacheRows::features() const {
  return tensorType(rows).getShape().back();
}

Value CacheRows::length(IRBuilder &b) const {
  if (!lists)
    return sequenceLength(b);
  Value keys = b.mul(b.dim(lists->entries, 0), lists->keyBlock);
  // Without keys there is no row that an entry could be clamped to.
  Value none = b.compare(arith::CmpIPredicate::eq, sequence, b.index(0));
  return b.createOrFold<arith::SelectOp>(b.getLoc(), none, b.index(0), keys);
}

Value CacheRows::listedKey(IRBuilder &b, Value number) const {
  Location loc = b.getLoc();
  Value size = b.index(lists->keyBlock);
  Value entry = b.extractIndex(
      lists->entries, b.createOrFold<arith::DivUIOp>(loc, number, size));
  return b.add(b.mul(entry, lists->keyBlock),
               b.createOrFold<arith::RemUIOp>(loc, number, size));
}

Value CacheRows::existingKey(IRBuilder &b, Value number) const {
  Value key = listedKey(b, number);
  if (!mayListNone())
    return key;
  return b.max(b.min(key, b.sub(sequence, b.index(1))), b.index(0));
}

Value CacheRows::sequenceLength(IRBuilder &b) const {
  if (!pages)
    return b.dim(rows, 0);
  int64_t pageSize = tensorType(rows).getDimSize(1);
  Value keys = b.mul(b.dim(pages, 0), pageSize);
  // An empty pool has no row that a key could be clamped to.
  Value empty = b.compare(arith::CmpIPredicate::slt, lastPage, b.index(0));
  return b.createOrFold<arith::SelectOp>(b.getLoc(), empty, b.index(0), keys);
}

SmallVector<Value> CacheRows::position(IRBuilder &b, Value row) const {
  if (lists)
    row = existingKey(b, row);
  if (!pages)
    return {row};
  Location loc = b.getLoc();
  Value pageSize = b.index(tensorType(rows).getDimSize(1));
  Value number = b.createOrFold<arith::DivUIOp>(loc, row, pageSize);
  Value page = b.extractIndex(pages, number);
  // Between live keys may lie pages that no query sees: their entries may hold
  // anything, and what is read there is masked.
  page = b.max(b.min(page, lastPage), b.index(0));
  return {page, b.createOrFold<arith::RemUIOp>(loc, row, pageSize)};
}

Value CacheRows::element(IRBuilder &b, Value row, Value feature,
                         Type type) const {
  SmallVector<Value> at = position(b, row);
  auto with = [&](Value last) {
    SmallVector<Value> indices = at;
    indices.push_back(last);
    return indices;
  };
  // One number a row, or one for each run of equally many features.
  auto parameter = [&](Value tensor) -> Value {
    auto shape = tensorType(tensor);
    if (shape.getRank() == int64_t(at.size()))
      return b.convert(b.extract(tensor, at), type);
    Value length = b.index(features() / shape.getShape().back());
    Value group = b.createOrFold<arith::DivUIOp>(b.getLoc(), feature, length);
    return b.convert(b.extract(tensor, with(group)), type);
  };
  Value element = b.convert(b.extract(rows, with(feature)), type);
  if (zeroPoints)
    element =
        arith::SubFOp::create(b, b.getLoc(), element, parameter(zeroPoints));
  if (scales)
    element = b.mulf(element, parameter(scales));
  return element;
}

Value attn::asMatrix(IRBuilder &b, Value tensor, const HeadLayout &at) {
  auto type = tensorType(tensor);
  SmallVector<OpFoldResult> offsets(at.rank(), b.getIndexAttr(0));
  return b.slice(
      tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
      type.clone({type.getDimSize(at.sequence), type.getDimSize(at.feature)}));
}

/// `tensor`, a cache or what belongs to its rows (then the feature, always
/// last, may be absent), without the head; and without the batch, unless that
/// counts pages.
static Value withoutHead(IRBuilder &b, Value tensor, const HeadLayout &at,
                         bool paged) {
  auto type = tensorType(tensor);
  SmallVector<int64_t> shape;
  if (paged)
    shape.push_back(type.getDimSize(*at.batch));
  shape.push_back(type.getDimSize(at.sequence));
  if (type.getRank() == at.rank())
    shape.push_back(type.getDimSize(at.feature));
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  return b.slice(tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
                 type.clone(shape));
}

static CacheRows cacheRows(IRBuilder &b, AttentionOp op, Value rows,
                           Value scales, Value zeroPoints) {
  HeadLayout at = getAttentionShape(op).layout;
  Value table = op.getPageTableOperand();
  auto matrix = [&](Value tensor) {
    return tensor ? withoutHead(b, tensor, at, table != nullptr) : Value();
  };
  CacheRows cache;
  cache.rows = matrix(rows);
  cache.scales = matrix(scales);
  cache.zeroPoints = matrix(zeroPoints);
  if (table) {
    auto type = tensorType(table);
    OpFoldResult zero = b.getIndexAttr(0);
    cache.pages = b.slice(table, {zero, zero},
                          tensor::getMixedSizes(b, b.getLoc(), table),
                          type.clone({type.getDimSize(1)}));
    cache.lastPage = b.sub(b.dim(cache.rows, 0), b.index(1));
  }
  std::optional<KeyLists> lists = getKeyLists(op);
  if (lists && readsKeyByKey(*lists, op.getSchedule()->getLanes())) {
    cache.sequence = cache.sequenceLength(b);
    cache.lists = lists;
  }
  return cache;
}

CacheRows attn::keyRows(IRBuilder &b, AttentionOp op) {
  return cacheRows(b, op, op.getKey(), op.getKeyScalesOperand(),
                   op.getKeyZeroPointsOperand());
}

/// The matrix of the group value_pairs, or null.
static Value valuePairs(IRBuilder &b, AttentionOp op) {
  if (op.getValuePairs().empty())
    return {};
  Value tensor = op.getValuePairs().front();
  auto type = tensorType(tensor);
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  return b.slice(tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
                 type.clone(type.getShape().take_back(2)));
}

CacheRows attn::valueRows(IRBuilder &b, AttentionOp op) {
  CacheRows cache = cacheRows(b, op, op.getValue(), op.getValueScalesOperand(),
                              op.getValueZeroPointsOperand());
  cache.pairs = valuePairs(b, op);
  return cache;
}
