//===- LinearAttentionOp.cpp - attn.linear_attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttributeAsm.h"
#include "RegionAsm.h"
#include "attn/IR/AttnOps.h"
#include "attn/IR/RecurrenceShape.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>

using namespace mlir;
using namespace attn;

//===----------------------------------------------------------------------===//
// Accessors
//===----------------------------------------------------------------------===//

double LinearAttentionOp::getScaleValue() {
  if (getScale())
    return getScale()->convertToDouble();
  return 1.0 / std::sqrt(double(getRecurrenceShape(*this).keySize));
}

FloatType LinearAttentionOp::getAccumulatorType() {
  return asmutil::accumulatorFor(getElementTypeOrSelf(getQuery().getType()));
}

SmallVector<int64_t> RecurrenceShape::headsOf(int64_t heads,
                                              int64_t features) const {
  SmallVector<int64_t> sizes(layout.rank());
  if (layout.batch)
    sizes[*layout.batch] = batch;
  sizes[layout.head] = heads;
  sizes[layout.sequence] = tokens;
  sizes[layout.feature] = features;
  return sizes;
}

SmallVector<int64_t> RecurrenceShape::gates() const {
  SmallVector<int64_t> sizes = headsOf(keyHeads, /*features=*/1);
  sizes.pop_back(); // Features are last in every layout.
  return sizes;
}

SmallVector<int64_t> RecurrenceShape::state() const {
  SmallVector<int64_t> sizes;
  if (layout.batch)
    sizes.push_back(batch);
  sizes.append({keyHeads, keySize, valueSize});
  return sizes;
}

RecurrenceShape attn::getRecurrenceShape(LinearAttentionOp op) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  auto key = cast<RankedTensorType>(op.getKey().getType());
  auto value = cast<RankedTensorType>(op.getValue().getType());
  RecurrenceShape shape;
  shape.layout = *parseHeadLayout(op.getLayout(), query.getRank());
  const HeadLayout &at = shape.layout;
  auto known = [&](unsigned dim) {
    for (RankedTensorType type : {query, key, value})
      if (!type.isDynamicDim(dim))
        return type.getDimSize(dim);
    return ShapedType::kDynamic;
  };
  shape.batch = at.batch ? known(*at.batch) : 1;
  shape.tokens = known(at.sequence);
  shape.queryHeads = query.getDimSize(at.head);
  shape.keyHeads = key.getDimSize(at.head);
  shape.keySize = key.getDimSize(at.feature);
  shape.valueSize = value.getDimSize(at.feature);
  shape.decay = DecayKind::None;
  if (Value decay = op.getDecay()) {
    int64_t rank = cast<RankedTensorType>(decay.getType()).getRank();
    shape.decay = rank == 1               ? DecayKind::Head
                  : rank == key.getRank() ? DecayKind::Feature
                                          : DecayKind::Token;
  }
  return shape;
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

static bool isNarrowOrF32(Type type) {
  return type.isF32() || type.isBF16() || type.isF16();
}

/// Ranks, layout and element types of query, key and value.
static LogicalResult verifyTypes(LinearAttentionOp op) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  auto key = cast<RankedTensorType>(op.getKey().getType());
  auto value = cast<RankedTensorType>(op.getValue().getType());
  int64_t rank = query.getRank();
  // linear_attention_c1
  if ((rank != 3 && rank != 4) || key.getRank() != rank ||
      value.getRank() != rank)
    return op.emitOpError()
           << "expects query, key and value of one rank, 3 or 4, got " << rank
           << ", " << key.getRank() << " and " << value.getRank();
  // linear_attention_c2
  bool wide = query.getElementType().isF64();
  for (RankedTensorType type : {query, key, value}) {
    Type element = type.getElementType();
    if (wide ? !element.isF64() : !isNarrowOrF32(element))
      return op.emitOpError()
             << "expects query, key and value of f32, bf16 or "
                "f16, or all of f64, got "
             << query.getElementType() << ", " << key.getElementType()
             << " and " << value.getElementType();
  }
  // linear_attention_c7
  if (!parseHeadLayout(op.getLayout(), rank))
    return op.emitOpError()
           << "expects layout " << headLayoutNames(rank) << " for rank " << rank
           << ", got \"" << op.getLayout() << '"';
  return success();
}

/// A size as types spell it.
static std::string spell(int64_t size) {
  return ShapedType::isDynamic(size) ? "?" : std::to_string(size);
}

static LogicalResult verifyHeads(LinearAttentionOp op,
                                 const HeadLayout &layout) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  auto key = cast<RankedTensorType>(op.getKey().getType());
  auto value = cast<RankedTensorType>(op.getValue().getType());
  // linear_attention_c4
  for (auto [name, type] :
       {std::pair("query", query), {"key", key}, {"value", value}})
    for (auto [what, dim] :
         {std::pair("heads", layout.head), {"head size", layout.feature}})
      if (int64_t size = type.getDimSize(dim); size <= 0)
        return op.emitOpError() << "expects static, positive " << name << ' '
                                << what << ", got " << spell(size);
  // linear_attention_c3
  if (query.getDimSize(layout.feature) != key.getDimSize(layout.feature))
    return op.emitOpError() << "expects query and key of one head size, got "
                            << query.getDimSize(layout.feature) << " and "
                            << key.getDimSize(layout.feature);
  // linear_attention_c5
  int64_t heads = key.getDimSize(layout.head);
  if (value.getDimSize(layout.head) != heads)
    return op.emitOpError()
           << "expects as many value heads as key heads, got "
           << value.getDimSize(layout.head) << " and " << heads;
  if (query.getDimSize(layout.head) % heads != 0)
    return op.emitOpError()
           << "expects key heads to divide query heads, got " << heads
           << " and " << query.getDimSize(layout.head);
  // linear_attention_c6
  SmallVector<std::pair<const char *, unsigned>> dims = {
      {"length", layout.sequence}};
  if (layout.batch)
    dims.push_back({"batch size", *layout.batch});
  for (auto [name, dim] : dims)
    for (auto [one, other] :
         {std::pair(query, key), {query, value}, {key, value}})
      if (!one.isDynamicDim(dim) && !other.isDynamicDim(dim) &&
          one.getDimSize(dim) != other.getDimSize(dim))
        return op.emitOpError()
               << "expects query, key and value of one " << name << ", got "
               << one.getDimSize(dim) << " and " << other.getDimSize(dim);
  return success();
}

/// A tensor of another shape or element type than it must have.
static LogicalResult verifyTensor(LinearAttentionOp op, const char *name,
                                  Type type, ArrayRef<int64_t> sizes,
                                  Type element) {
  auto actual = cast<RankedTensorType>(type);
  if (actual.getElementType() == element &&
      succeeded(verifyCompatibleShape(actual.getShape(), sizes)))
    return success();
  return op.emitOpError() << "expects " << name << " to be a "
                          << RankedTensorType::get(sizes, element) << ", got "
                          << actual;
}

static LogicalResult verifyGates(LinearAttentionOp op,
                                 const RecurrenceShape &shape) {
  Type query = getElementTypeOrSelf(op.getQuery().getType());
  // linear_attention_c10
  for (auto [name, gate] :
       {std::pair<const char *, Value>("decay", op.getDecay()),
        {"beta", op.getBeta()}}) {
    if (!gate)
      continue;
    Type element = getElementTypeOrSelf(gate.getType());
    if (!isNarrowOrF32(element) && !(query.isF64() && element.isF64()))
      return op.emitOpError()
             << "expects a " << name << " of f32, bf16"
             << (query.isF64() ? ", f16 or f64" : " or f16")
             << " for a query of " << query << ", got " << element;
  }
  // linear_attention_c8
  if (Value decay = op.getDecay()) {
    SmallVector<int64_t> sizes = shape.gates();
    if (shape.decay == DecayKind::Head)
      sizes = {shape.keyHeads};
    if (shape.decay == DecayKind::Feature)
      sizes = shape.headsOf(shape.keyHeads, shape.keySize);
    if (failed(verifyTensor(op, "the decay", decay.getType(), sizes,
                            getElementTypeOrSelf(decay.getType()))))
      return failure();
  }
  // linear_attention_c9
  if (Value beta = op.getBeta())
    return verifyTensor(op, "beta", beta.getType(), shape.gates(),
                        getElementTypeOrSelf(beta.getType()));
  return success();
}

LogicalResult LinearAttentionOp::verify() {
  if (failed(verifyTypes(*this)))
    return failure();
  int64_t rank = cast<RankedTensorType>(getQuery().getType()).getRank();
  HeadLayout layout = *parseHeadLayout(getLayout(), rank);
  if (failed(verifyHeads(*this, layout)))
    return failure();
  RecurrenceShape shape = getRecurrenceShape(*this);
  if (failed(verifyGates(*this, shape)))
    return failure();
  // linear_attention_c11
  Type accumulator = getAccumulatorType();
  Type element = getElementTypeOrSelf(getOutput().getType());
  if (element != accumulator)
    element = getElementTypeOrSelf(getQuery().getType());
  if (failed(verifyTensor(*this, "the output", getOutput().getType(),
                          shape.headsOf(shape.queryHeads, shape.valueSize),
                          element)))
    return failure();
  // linear_attention_c12
  for (auto [name, state] :
       {std::pair<const char *, Value>("the state", getState()),
        {"the final state", getFinalState()}})
    if (state && failed(verifyTensor(*this, name, state.getType(),
                                     shape.state(), accumulator)))
      return failure();
  // linear_attention_c13
  if (getScale() && !getScale()->isFinite())
    return emitOpError() << "expects a finite scale, got "
                         << getScale()->convertToDouble();
  // linear_attention_c14
  return asmutil::verifyAttributeNames(*this);
}

//===----------------------------------------------------------------------===//
// Result shapes
//===----------------------------------------------------------------------===//

LogicalResult
LinearAttentionOp::reifyResultShapes(OpBuilder &builder,
                                     ReifiedRankedShapedTypeDims &reified) {
  RecurrenceShape shape = getRecurrenceShape(*this);
  const HeadLayout &at = shape.layout;
  auto size = [&](Value tensor, unsigned dim) {
    return tensor::getMixedSize(builder, getLoc(), tensor, dim);
  };
  SmallVector<OpFoldResult> output =
      tensor::getMixedSizes(builder, getLoc(), getQuery());
  output[at.feature] = builder.getIndexAttr(shape.valueSize);
  reified.push_back(output);
  if (!getFinalState())
    return success();
  SmallVector<OpFoldResult> state;
  if (at.batch)
    state.push_back(size(getQuery(), *at.batch));
  for (int64_t extent : {shape.keyHeads, shape.keySize, shape.valueSize})
    state.push_back(builder.getIndexAttr(extent));
  reified.push_back(state);
  return success();
}
