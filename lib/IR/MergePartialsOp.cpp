//===- MergePartialsOp.cpp - attn.merge_partials
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttributeAsm.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

FloatType MergePartialsOp::getAccumulatorType() {
  Builder b(getContext());
  return getResult().getType().getElementType().isF64() ? b.getF64Type()
                                                        : b.getF32Type();
}

/// The shape of the LSE of an output of that shape, stack or not.
static SmallVector<int64_t> lseShape(ArrayRef<int64_t> output,
                                     const HeadLayout &at) {
  size_t front = output.size() - at.rank();
  SmallVector<int64_t> shape(output.take_front(front));
  if (at.batch)
    shape.push_back(output[front + *at.batch]);
  shape.append({output[front + at.head], output[front + at.sequence]});
  return shape;
}

/// merge_partials_c3
static LogicalResult verifyElements(MergePartialsOp op) {
  bool wide = op.getResult().getType().getElementType().isF64();
  for (Value value : llvm::concat<Value>(SmallVector<Value>(op.getOutputs()),
                                         SmallVector<Value>{op.getResult()})) {
    Type element = getElementTypeOrSelf(value);
    bool fits = wide ? element.isF64()
                     : element.isF32() || element.isBF16() || element.isF16();
    if (!fits)
      return op.emitOpError() << "expects outputs and result of f32, bf16 or "
                                 "f16, or all of f64, got "
                              << element;
  }
  SmallVector<Value> lses(op.getLses());
  if (op.getLse())
    lses.push_back(op.getLse());
  for (Value lse : lses)
    if (getElementTypeOrSelf(lse) != op.getAccumulatorType())
      return op.emitOpError() << "expects LSEs of " << op.getAccumulatorType()
                              << ", got " << getElementTypeOrSelf(lse);
  return success();
}

LogicalResult MergePartialsOp::verify() {
  RankedTensorType result = getResult().getType();
  int64_t rank = result.getRank();
  // merge_partials_c1
  if (rank != 3 && rank != 4)
    return emitOpError() << "expects a result of rank 3 or 4, got " << result;
  // merge_partials_c2
  if (getOutputs().empty() || getOutputs().size() != getLses().size())
    return emitOpError() << "expects one output or more, and an LSE for each, "
                            "got "
                         << getOutputs().size() << " and " << getLses().size();
  // merge_partials_c4
  auto layout = parseHeadLayout(getLayout(), rank);
  if (!layout)
    return emitOpError() << "expects layout " << headLayoutNames(rank)
                         << " for rank " << rank << ", got \"" << getLayout()
                         << '"';
  if (failed(verifyElements(*this)))
    return failure();
  // merge_partials_c5
  if (result.isDynamicDim(layout->head) ||
      result.isDynamicDim(layout->feature) ||
      result.getDimSize(layout->head) == 0 ||
      result.getDimSize(layout->feature) == 0)
    return emitOpError() << "expects static, positive heads and head size, got "
                         << result;
  // merge_partials_c6
  for (auto [output, lse] : llvm::zip_equal(getOutputs(), getLses())) {
    auto type = cast<RankedTensorType>(output.getType());
    auto lseType = cast<RankedTensorType>(lse.getType());
    if ((type.getRank() != rank && type.getRank() != rank + 1) ||
        failed(verifyCompatibleShape(type.getShape().take_back(rank),
                                     result.getShape())))
      return emitOpError() << "expects an output of the shape of the result, "
                           << result << ", or a stack of them, got " << type;
    SmallVector<int64_t> shape = lseShape(type.getShape(), *layout);
    if (failed(verifyCompatibleShape(lseType.getShape(), shape)))
      return emitOpError() << "expects the LSE of " << type << " to be a "
                           << lseType.clone(shape) << ", got " << lseType;
  }
  // merge_partials_c7
  ArrayAttr aux = getAux().value_or(ArrayAttr());
  bool wantsLse = aux && !aux.empty();
  if (wantsLse &&
      (aux.size() != 1 || cast<StringAttr>(aux[0]).getValue() != "lse"))
    return emitOpError() << "expects aux to be empty or [\"lse\"], got " << aux;
  if (wantsLse != bool(getLse()))
    return emitOpError() << "expects " << (wantsLse ? 2 : 1)
                         << " results: the output and one for each of aux, got "
                         << getNumResults();
  if (Value lse = getLse()) {
    auto type = cast<RankedTensorType>(lse.getType());
    SmallVector<int64_t> shape = lseShape(result.getShape(), *layout);
    if (failed(verifyCompatibleShape(type.getShape(), shape)))
      return emitOpError() << "expects the result 'lse' to be a "
                           << type.clone(shape) << ", got " << type;
  }
  // merge_partials_c8
  return asmutil::verifyAttributeNames(*this);
}

LogicalResult
MergePartialsOp::reifyResultShapes(OpBuilder &builder,
                                   ReifiedRankedShapedTypeDims &reified) {
  HeadLayout at =
      *parseHeadLayout(getLayout(), getResult().getType().getRank());
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, getLoc(), getOutputs().front());
  reified.push_back(
      llvm::to_vector(ArrayRef(sizes).drop_front(isStack(0) ? 1 : 0)));
  if (!getLse())
    return success();
  SmallVector<OpFoldResult> rows;
  if (at.batch)
    rows.push_back(reified[0][*at.batch]);
  rows.append({reified[0][at.head], reified[0][at.sequence]});
  reified.push_back(rows);
  return success();
}
