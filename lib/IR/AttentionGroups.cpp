//===- AttentionGroups.cpp - Constraints of the operand groups
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionAsm.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;

/// The type of the one operand of `group`, null where it has none. Fails where
/// it has several.
static FailureOr<RankedTensorType> onlyType(AttentionOp op, StringRef name,
                                            OperandRange group) {
  if (group.size() > 1)
    return op.emitOpError()
           << "expects one tensor in " << name << ", got " << group.size();
  if (group.empty())
    return RankedTensorType();
  return cast<RankedTensorType>(group.front().getType());
}

//===----------------------------------------------------------------------===//
// Pages and packed sequences
//===----------------------------------------------------------------------===//

static LogicalResult verifyPageTable(AttentionOp op, const HeadLayout &layout) {
  FailureOr<RankedTensorType> table =
      onlyType(op, "page_table", op.getPageTable());
  if (failed(table))
    return failure();
  if (!*table)
    return success();
  if (!layout.batch)
    return op.emitOpError()
           << "expects operands of rank 4 with a page_table, got rank 3";
  if (table->getRank() != 2 || !table->getElementType().isSignlessInteger(32))
    return op.emitOpError()
           << "expects a page_table of batch x pages i32, got " << *table;
  int64_t batch =
      cast<RankedTensorType>(op.getQuery().getType()).getDimSize(*layout.batch);
  if (failed(verifyCompatibleDims({table->getDimSize(0), batch})))
    return op.emitOpError() << "expects a page_table for a batch of " << batch
                            << ", got " << *table;
  int64_t page =
      cast<RankedTensorType>(op.getKey().getType()).getDimSize(layout.sequence);
  if (ShapedType::isDynamic(page) || !llvm::isPowerOf2_64(page)) {
    auto error = op.emitOpError()
                 << "expects a static power of two as the page "
                    "size, the key's length, got ";
    if (ShapedType::isDynamic(page))
      return error << '?';
    return error << page;
  }
  return success();
}

static LogicalResult verifyStarts(AttentionOp op, const HeadLayout &layout) {
  FailureOr<RankedTensorType> queries =
      onlyType(op, "query_starts", op.getQueryStarts());
  if (failed(queries))
    return failure();
  FailureOr<RankedTensorType> keys =
      onlyType(op, "key_starts", op.getKeyStarts());
  if (failed(keys))
    return failure();
  if (!*queries && !*keys)
    return success();
  if (!*queries || !*keys)
    return op.emitOpError()
           << "expects query_starts and key_starts together, got only "
           << (*queries ? "query_starts" : "key_starts");
  if (layout.batch)
    return op.emitOpError()
           << "expects operands of rank 3 with query_starts, got rank 4";
  for (RankedTensorType type : {*queries, *keys})
    if (type.getRank() != 1 || type.getDimSize(0) == 0 ||
        !type.getElementType().isSignlessInteger(32))
      return op.emitOpError()
             << "expects starts of sequences + 1 i32, got " << type;
  if (failed(
          verifyCompatibleDims({queries->getDimSize(0), keys->getDimSize(0)})))
    return op.emitOpError()
           << "expects query_starts and key_starts of one size, got "
           << *queries << " and " << *keys;
  return success();
}

/// attention_c21
static LogicalResult verifyValuePairs(AttentionOp op,
                                      const HeadLayout &layout) {
  FailureOr<RankedTensorType> pairs =
      onlyType(op, "value_pairs", op.getValuePairs());
  if (failed(pairs))
    return failure();
  if (!*pairs)
    return success();
  auto value = cast<RankedTensorType>(op.getValue().getType());
  SmallVector<int64_t> shape;
  if (layout.batch)
    shape.push_back(value.getDimSize(*layout.batch));
  shape.append({value.getDimSize(layout.head), ShapedType::kDynamic,
                2 * value.getDimSize(layout.feature)});
  RankedTensorType expected = value.clone(shape);
  if (pairs->getElementType() != value.getElementType() ||
      failed(verifyCompatibleShape(*pairs, expected)))
    return op.emitOpError()
           << "expects value_pairs of " << expected << ", got " << *pairs;
  return success();
}

LogicalResult asmutil::verifySequenceGroups(AttentionOp op,
                                            const HeadLayout &layout) {
  // attention_c19, attention_c20, attention_c21
  return failure(failed(verifyPageTable(op, layout)) ||
                 failed(verifyStarts(op, layout)) ||
                 failed(verifyValuePairs(op, layout)));
}

//===----------------------------------------------------------------------===//
// Scales and zero points
//===----------------------------------------------------------------------===//

/// Whether `type` has one element a row of `rows`, or one a group of features.
static bool isOneARow(RankedTensorType type, RankedTensorType rows,
                      const HeadLayout &layout) {
  // The feature is the last dimension of every layout.
  ArrayRef<int64_t> outer = rows.getShape().take_front(layout.feature);
  int64_t rank = type.getRank();
  if (failed(verifyCompatibleShape(type.getShape().take_front(layout.feature),
                                   outer)))
    return false;
  if (rank == int64_t(layout.feature))
    return true;
  int64_t groups = rank == rows.getRank() ? type.getShape().back() : 0;
  return groups > 0 && rows.getDimSize(layout.feature) % groups == 0;
}

static LogicalResult verifyScales(AttentionOp op, const HeadLayout &layout,
                                  StringRef name, Value rows,
                                  OperandRange scaleGroup,
                                  OperandRange zeroGroup) {
  auto rowsType = cast<RankedTensorType>(rows.getType());
  std::string scalesName = (name + "_scales").str();
  std::string zerosName = (name + "_zero_points").str();
  FailureOr<RankedTensorType> scales = onlyType(op, scalesName, scaleGroup);
  if (failed(scales))
    return failure();
  FailureOr<RankedTensorType> zeros = onlyType(op, zerosName, zeroGroup);
  if (failed(zeros))
    return failure();
  // attention_c17
  if (*scales) {
    Type element = scales->getElementType();
    if (!element.isF32() && !element.isBF16() && !element.isF16())
      return op.emitOpError() << "expects " << scalesName
                              << " of f32, bf16 or f16, got " << element;
    if (!isOneARow(*scales, rowsType, layout))
      return op.emitOpError()
             << "expects " << scalesName << " of the shape of the " << name
             << " without its head size, or with a divisor of that, got "
             << *scales << " for " << rowsType;
  }
  // attention_c18
  if (!*zeros)
    return success();
  if (!*scales)
    return op.emitOpError()
           << "expects " << scalesName << " beside " << zerosName;
  Type element = zeros->getElementType();
  if (!element.isSignlessInteger(8) && !element.isF32())
    return op.emitOpError()
           << "expects " << zerosName << " of i8 or f32, got " << element;
  if (failed(verifyCompatibleShape(*zeros, *scales)))
    return op.emitOpError()
           << "expects " << zerosName << " of the shape of " << scalesName
           << ", got " << *zeros << " and " << *scales;
  return success();
}

LogicalResult asmutil::verifyScaleGroups(AttentionOp op,
                                         const HeadLayout &layout) {
  if (failed(verifyScales(op, layout, "key", op.getKey(), op.getKeyScales(),
                          op.getKeyZeroPoints())))
    return failure();
  return verifyScales(op, layout, "value", op.getValue(), op.getValueScales(),
                      op.getValueZeroPoints());
}

//===----------------------------------------------------------------------===//
// Sinks
//===----------------------------------------------------------------------===//

LogicalResult asmutil::verifySinks(AttentionOp op, int64_t queryHeads) {
  FailureOr<RankedTensorType> sinks = onlyType(op, "sinks", op.getSinks());
  if (failed(sinks))
    return failure();
  if (!*sinks)
    return success();
  // attention_c23
  Type element = sinks->getElementType();
  bool isNumber = element.isF32() || element.isBF16() || element.isF16() ||
                  (element.isF64() && op.getAccumulatorType().isF64());
  if (sinks->getRank() != 1 || sinks->getDimSize(0) != queryHeads || !isNumber)
    return op.emitOpError()
           << "expects sinks of one number for each query head, "
           << RankedTensorType::get({queryHeads}, op.getAccumulatorType())
           << ", got " << *sinks;
  if (op.getNormalizer() != "softmax")
    return op.emitOpError() << "expects normalizer softmax with sinks, got \""
                            << op.getNormalizer() << '"';
  return success();
}
