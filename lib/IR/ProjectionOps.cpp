//===- ProjectionOps.cpp - attn.project_heads and attn.merge_heads
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
#include "llvm/ADT/SmallSet.h"

using namespace mlir;
using namespace attn;

//===----------------------------------------------------------------------===//
// Shared
//===----------------------------------------------------------------------===//

/// A list of result types: one without, several with parentheses.
static ParseResult parseResultTypes(OpAsmParser &parser,
                                    SmallVectorImpl<Type> &types) {
  if (succeeded(parser.parseOptionalLParen()))
    return failure(parser.parseTypeList(types) || parser.parseRParen());
  return parser.parseType(types.emplace_back());
}

static void printResultTypes(OpAsmPrinter &printer, Operation *,
                             TypeRange types) {
  if (types.size() == 1)
    printer << types.front();
  else
    printer << '(' << types << ')';
}

#define GET_OP_CLASSES
#include "attn/IR/AttnOps.cpp.inc"

static LogicalResult verifyActivation(Operation *op, StringRef activation) {
  if (llvm::is_contained(ArrayRef<StringRef>{"none", "relu", "gelu"},
                         activation))
    return success();
  return op->emitOpError() << "expects activation none, relu or gelu, got \""
                           << activation << '"';
}

static bool isStaticMatrix(RankedTensorType type) {
  return type.getRank() == 2 && type.hasStaticShape() &&
         type.getNumElements() > 0;
}

/// A bias has one element for each row of its weight.
static LogicalResult verifyBias(Operation *op, Type bias,
                                RankedTensorType weight) {
  auto type = cast<RankedTensorType>(bias);
  if (type.getRank() == 1 && type.getDimSize(0) == weight.getDimSize(0))
    return success();
  return op->emitOpError() << "expects a bias with the " << weight.getDimSize(0)
                           << " rows of its weight, got " << type;
}

/// Of the results and of `operands`.
static LogicalResult verifyElementTypes(Operation *op, ValueRange operands) {
  Type element =
      cast<RankedTensorType>(op->getOperand(0).getType()).getElementType();
  auto same = [&](Type type) {
    return cast<RankedTensorType>(type).getElementType() == element;
  };
  if (isa<FloatType>(element) && llvm::all_of(operands.getTypes(), same) &&
      llvm::all_of(op->getResultTypes(), same))
    return success();
  auto error = op->emitOpError()
               << "expects one floating-point element type throughout, got ";
  SmallVector<Type> types(operands.getTypes());
  llvm::append_range(types, op->getResultTypes());
  llvm::interleaveComma(types, error, [&](Type type) {
    error << cast<RankedTensorType>(type).getElementType();
  });
  return error;
}

//===----------------------------------------------------------------------===//
// project_heads
//===----------------------------------------------------------------------===//

/// The type of the result for `weight` split into `heads`.
static RankedTensorType projectedType(RankedTensorType input,
                                      const HeadLayout &at,
                                      RankedTensorType weight, int64_t heads) {
  SmallVector<int64_t> sizes(at.rank());
  if (at.batch)
    sizes[*at.batch] = input.getDimSize(0);
  sizes[at.sequence] = input.getDimSize(input.getRank() - 2);
  sizes[at.head] = heads;
  sizes[at.feature] = weight.getDimSize(0) / heads;
  return RankedTensorType::get(sizes, input.getElementType());
}

/// project_heads_c11
static LogicalResult verifyRotated(ProjectHeadsOp op) {
  if (op.getRotary().empty()) {
    for (auto [name, isThere] :
         {std::pair("positions", bool(op.getPositions())),
          {"rotated", bool(op.getRotated())},
          {"pairs", bool(op.getPairs())}})
      if (isThere)
        return op.emitOpError() << "expects rotary beside " << name;
    return success();
  }
  StringRef pairs = op.getPairs().value_or("half");
  if (pairs != "half" && pairs != "interleaved")
    return op.emitOpError()
           << "expects pairs half or interleaved, got \"" << pairs << '"';
  ArrayRef<int64_t> rotated = op.getRotated().value_or(ArrayRef<int64_t>());
  llvm::SmallSet<int64_t, 4> seen;
  bool distinct = llvm::all_of(rotated, [&](int64_t number) {
    return number >= 0 && number < int64_t(op.getNumResults()) &&
           seen.insert(number).second;
  });
  if (rotated.empty() || !distinct) {
    auto error = op.emitOpError()
                 << "expects rotated to be distinct numbers of "
                 << op.getNumResults() << " results, got [";
    llvm::interleaveComma(rotated, error);
    return error << ']';
  }
  return success();
}

/// project_heads_c10
static LogicalResult verifyTables(ProjectHeadsOp op) {
  if (op.getRotary().size() != 2)
    return op.emitOpError()
           << "expects two tensors in rotary, of cosines and of sines, got "
           << op.getRotary().size();
  Type input = cast<RankedTensorType>(op.getInput().getType()).getElementType();
  auto cosines = cast<RankedTensorType>(op.getRotary()[0].getType());
  for (Value table : op.getRotary()) {
    auto type = cast<RankedTensorType>(table.getType());
    Type element = type.getElementType();
    if (type.getRank() != 2 || type.isDynamicDim(1) ||
        type.getDimSize(1) == 0 || (element != input && !element.isF32()) ||
        failed(verifyCompatibleShape(type, cosines)))
      return op.emitOpError()
             << "expects rotary of two tables of positions x "
                "pairs, of f32 or "
             << input << ", got " << cosines << " and "
             << cast<RankedTensorType>(op.getRotary()[1].getType());
  }
  ArrayRef<int64_t> rotated = *op.getRotated();
  for (int64_t number : rotated) {
    auto weight = cast<RankedTensorType>(op.getWeights()[number].getType());
    int64_t size = weight.getDimSize(0) / op.getHeads()[number];
    if (2 * cosines.getDimSize(1) > size)
      return op.emitOpError()
             << "expects at most " << size / 2 << " pairs in rotary for result "
             << number << ", got " << cosines;
  }
  return success();
}

static LogicalResult verifyRotary(ProjectHeadsOp op) {
  if (failed(verifyRotated(op)))
    return failure();
  if (op.getRotary().empty())
    return success();
  if (failed(verifyTables(op)))
    return failure();
  // project_heads_c12
  if (!op.getPositions())
    return success();
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto positions = cast<RankedTensorType>(op.getPositions().getType());
  ArrayRef<int64_t> all = input.getShape().drop_back();
  if (positions.getElementType().isSignlessInteger(32))
    for (ArrayRef<int64_t> sizes : {all, all.take_back()})
      if (succeeded(verifyCompatibleShape(positions.getShape(), sizes)))
        return success();
  return op.emitOpError() << "expects positions of i32, one for each row of "
                          << input << ", got " << positions;
}

LogicalResult ProjectHeadsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  // project_heads_c1
  if ((input.getRank() != 2 && input.getRank() != 3) ||
      input.isDynamicDim(input.getRank() - 1))
    return emitOpError() << "expects an input of rank 2 or 3 with a static "
                            "last dimension, got "
                         << input;
  // project_heads_c6, project_heads_c7, project_heads_c8
  if (failed(verifyActivation(*this, getActivation())) ||
      failed(verifyElementTypes(
          *this, getOperands().take_front(1 + getWeights().size() +
                                          getBiases().size()))))
    return failure();
  auto layout = parseHeadLayout(getLayout(), input.getRank() + 1);
  if (!layout)
    return emitOpError() << "expects layout "
                         << headLayoutNames(input.getRank() + 1) << ", got \""
                         << getLayout() << '"';
  // project_heads_c3
  if (!getBiases().empty() && getBiases().size() != getWeights().size())
    return emitOpError() << "expects no biases, or one for each of the "
                         << getWeights().size() << " weights, got "
                         << getBiases().size();
  // project_heads_c4
  if (getHeads().size() != getWeights().size())
    return emitOpError() << "expects one number of heads for each of the "
                         << getWeights().size() << " weights, got "
                         << getHeads().size();
  // project_heads_c5
  if (getNumResults() != getWeights().size())
    return emitOpError() << "expects one result for each of the "
                         << getWeights().size() << " weights, got "
                         << getNumResults();
  for (auto [index, operand] : llvm::enumerate(getWeights())) {
    auto weight = cast<RankedTensorType>(operand.getType());
    int64_t heads = getHeads()[index];
    // project_heads_c2
    if (!isStaticMatrix(weight) ||
        weight.getDimSize(1) != input.getShape().back())
      return emitOpError()
             << "expects a static, non-empty weight with the input's "
             << input.getShape().back() << " columns, got " << weight;
    if (heads <= 0 || weight.getDimSize(0) % heads != 0)
      return emitOpError() << "expects heads to divide the "
                           << weight.getDimSize(0)
                           << " rows of the weight, got " << heads;
    if (!getBiases().empty() &&
        failed(verifyBias(*this, getBiases()[index].getType(), weight)))
      return failure();
    auto expected = projectedType(input, *layout, weight, heads);
    if (failed(verifyCompatibleShape(getResult(index).getType(), expected)))
      return emitOpError() << "expects result " << index << " to be a "
                           << expected << ", got "
                           << getResult(index).getType();
  }
  // project_heads_c10, project_heads_c11, project_heads_c12
  if (failed(verifyRotary(*this)))
    return failure();
  // project_heads_c9
  return asmutil::verifyAttributeNames(*this);
}

LogicalResult
ProjectHeadsOp::reifyResultShapes(OpBuilder &builder,
                                  ReifiedRankedShapedTypeDims &reified) {
  auto input = cast<RankedTensorType>(getInput().getType());
  HeadLayout at = *parseHeadLayout(getLayout(), input.getRank() + 1);
  for (Value result : getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<OpFoldResult> sizes(at.rank());
    if (at.batch)
      sizes[*at.batch] = tensor::getMixedSize(builder, getLoc(), getInput(), 0);
    sizes[at.sequence] = tensor::getMixedSize(builder, getLoc(), getInput(),
                                              input.getRank() - 2);
    for (unsigned dim : {at.head, at.feature})
      sizes[dim] = builder.getIndexAttr(type.getDimSize(dim));
    reified.push_back(sizes);
  }
  return success();
}

//===----------------------------------------------------------------------===//
// merge_heads
//===----------------------------------------------------------------------===//

LogicalResult MergeHeadsOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto weight = cast<RankedTensorType>(getWeight().getType());
  auto result = cast<RankedTensorType>(getResult().getType());
  // merge_heads_c5, merge_heads_c6, merge_heads_c7
  if (failed(verifyActivation(*this, getActivation())) ||
      failed(verifyElementTypes(*this, getOperands())))
    return failure();
  std::optional<HeadLayout> at;
  if (input.getRank() == 3 || input.getRank() == 4)
    at = parseHeadLayout(getLayout(), input.getRank());
  else
    return emitOpError() << "expects an input of rank 3 or 4, got " << input;
  if (!at)
    return emitOpError() << "expects layout "
                         << headLayoutNames(input.getRank()) << ", got \""
                         << getLayout() << '"';
  // merge_heads_c1
  if (input.isDynamicDim(at->head) || input.isDynamicDim(at->feature))
    return emitOpError() << "expects static heads and head size, got " << input;
  // merge_heads_c2
  int64_t width = input.getDimSize(at->head) * input.getDimSize(at->feature);
  if (!isStaticMatrix(weight) || weight.getDimSize(1) != width)
    return emitOpError()
           << "expects a static, non-empty weight with heads * head size = "
           << width << " columns, got " << weight;
  // merge_heads_c3
  if (getBias() && failed(verifyBias(*this, getBias().getType(), weight)))
    return failure();
  // merge_heads_c4
  SmallVector<int64_t> sizes;
  if (at->batch)
    sizes.push_back(input.getDimSize(*at->batch));
  sizes.append({input.getDimSize(at->sequence), weight.getDimSize(0)});
  auto expected = RankedTensorType::get(sizes, input.getElementType());
  if (failed(verifyCompatibleShape(result, expected)))
    return emitOpError() << "expects the result to be a " << expected
                         << ", got " << result;
  // merge_heads_c8
  return asmutil::verifyAttributeNames(*this);
}

LogicalResult
MergeHeadsOp::reifyResultShapes(OpBuilder &builder,
                                ReifiedRankedShapedTypeDims &reified) {
  auto input = cast<RankedTensorType>(getInput().getType());
  HeadLayout at = *parseHeadLayout(getLayout(), input.getRank());
  SmallVector<OpFoldResult> sizes;
  if (at.batch)
    sizes.push_back(
        tensor::getMixedSize(builder, getLoc(), getInput(), *at.batch));
  sizes.push_back(
      tensor::getMixedSize(builder, getLoc(), getInput(), at.sequence));
  sizes.push_back(builder.getIndexAttr(
      cast<RankedTensorType>(getResult().getType()).getShape().back()));
  reified.push_back(sizes);
  return success();
}
