//===- HeadOperands.cpp - What a task of one head reads
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HeadOperands.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

bool CacheRows::isDirect(Type multiplied) const {
  return !scales && !zeroPoints &&
         tensorType(rows).getElementType() == multiplied;
}

int64_t CacheRows::features() const { return tensorType(rows).getDimSize(1); }

Value CacheRows::element(IRBuilder &b, Value row, Value feature,
                         Type type) const {
  // One number a row, or one for each run of equally many features.
  auto parameter = [&](Value tensor) -> Value {
    auto shape = tensorType(tensor);
    if (shape.getRank() == 1)
      return b.convert(b.extract(tensor, row), type);
    Value length = b.index(features() / shape.getDimSize(1));
    Value group = b.createOrFold<arith::DivUIOp>(b.getLoc(), feature, length);
    return b.convert(b.extract(tensor, {row, group}), type);
  };
  Value element = b.convert(b.extract(rows, {row, feature}), type);
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

/// Scales or zero points (one head's) as sequence or sequence x groups.
static Value asParameters(IRBuilder &b, OperandRange group,
                          const HeadLayout &at) {
  if (group.empty())
    return {};
  Value tensor = group.front();
  auto type = tensorType(tensor);
  // The dimensions follow the key's; the feature, always last, may be absent.
  SmallVector<int64_t> shape = {type.getDimSize(at.sequence)};
  if (type.getRank() == at.rank())
    shape.push_back(type.getDimSize(at.feature));
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  return b.slice(tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
                 type.clone(shape));
}

CacheRows attn::keyRows(IRBuilder &b, AttentionOp op) {
  HeadLayout at = getAttentionShape(op).layout;
  return {asMatrix(b, op.getKey(), at), asParameters(b, op.getKeyScales(), at),
          asParameters(b, op.getKeyZeroPoints(), at)};
}

CacheRows attn::valueRows(IRBuilder &b, AttentionOp op) {
  HeadLayout at = getAttentionShape(op).layout;
  return {asMatrix(b, op.getValue(), at),
          asParameters(b, op.getValueScales(), at),
          asParameters(b, op.getValueZeroPoints(), at)};
}

OnlineAttentionOp attn::createOnline(IRBuilder &b, AttentionOp op,
                                     const CacheRows &keys,
                                     const CacheRows &values, KeyRange range,
                                     const OnlineOperands &with) {
  Type multiplied = tensorType(with.query).getElementType();
  Type accumulator = tensorType(with.acc).getElementType();
  Value count = b.sub(range.end, range.begin);
  auto matrix = [&](const CacheRows &cache) -> Value {
    if (!cache.isDirect(multiplied))
      return {};
    return b.slice(cache.rows, {range.begin, b.getIndexAttr(0)},
                   {count, b.getIndexAttr(cache.features())});
  };
  Value key = matrix(keys), value = matrix(values);
  SmallVector<Value> offsets(with.offsets);
  offsets[3] = b.add(offsets[3], range.begin);
  auto online = OnlineAttentionOp::create(
      b, b.getLoc(), TypeRange{ValueRange{with.acc, with.max, with.sum}},
      with.query, key, value, key || value ? Value() : count, offsets,
      with.live, with.acc, with.max, with.sum, with.schedule,
      b.getF64FloatAttr(with.scale), b.getI64IntegerAttr(with.group));
  IRMapping mapping;
  op.getScore().cloneInto(&online.getScore(), mapping);
  op.getMask().cloneInto(&online.getMask(), mapping);
  auto load = [&](Region &region, const CacheRows &cache) {
    Type index = b.getIndexType();
    OpBuilder inner(b.getContext());
    inner.createBlock(&region, {}, {index, index}, {b.getLoc(), b.getLoc()});
    IRBuilder body(inner, b.getLoc());
    Value row = body.add(region.getArgument(0), range.begin);
    YieldOp::create(
        body, b.getLoc(),
        cache.element(body, row, region.getArgument(1), accumulator));
  };
  if (!key)
    load(online.getLoadKey(), keys);
  if (!value)
    load(online.getLoadValue(), values);
  return online;
}
