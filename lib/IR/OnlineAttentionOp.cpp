//===- OnlineAttentionOp.cpp - attn.online_attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttributeAsm.h"
#include "RegionAsm.h"
#include "attn/IR/AttnOps.h"
#include "attn/IR/StateParts.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace attn;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

FloatType OnlineAttentionOp::getAccumulatorType() {
  return cast<FloatType>(tensorType(getAcc()).getElementType());
}

int64_t OnlineAttentionOp::getRows() {
  return tensorType(getAcc()).getDimSize(0);
}

int64_t OnlineAttentionOp::getHeadSize() {
  auto query = tensorType(getQuery());
  if (getSchedule().keysInLanes())
    return query.getDimSize(1);
  return query.getDimSize(0) * getSchedule().getDot();
}

int64_t OnlineAttentionOp::getValueSize() {
  return tensorType(getAcc()).getDimSize(1);
}

bool OnlineAttentionOp::hasValuePairs() {
  return getValue() && !getSchedule().keysInLanes() &&
         getSchedule().getDot() == 2;
}

OpFoldResult OnlineAttentionOp::getKeyCount(OpBuilder &builder) {
  for (Value matrix : {getKey(), getValue()})
    if (matrix)
      return tensor::getMixedSize(builder, getLoc(), matrix, 0);
  return getAsOpFoldResult(getKeys());
}

void OnlineAttentionOp::cloneRegionsInto(OnlineAttentionOp other) {
  IRMapping mapping;
  for (auto [from, to] : llvm::zip((*this)->getRegions(), other->getRegions()))
    from.cloneInto(&to, mapping);
}

SmallVector<StringRef> OnlineAttentionOp::getStateNames() {
  SmallVector<StringRef> names = {"acc"};
  if (getNormalizer() == "softmax")
    names.append({"max", "sum"});
  if (getAux())
    llvm::append_range(names, getAux()->getAsValueRange<StringAttr>());
  return names;
}

Value OnlineAttentionOp::getStatePart(StringRef name) {
  for (auto [known, part] : llvm::zip_equal(getStateNames(), getState()))
    if (known == name)
      return part;
  return {};
}

//===----------------------------------------------------------------------===//
// Canonicalization
//===----------------------------------------------------------------------===//

namespace {
/// Reads through a `tensor.cast` that only forgets static sizes, as a range of
/// keys with constant ends leaves them. Upstream has a pattern for this on
/// every destination-style op, but it crashes on ops with an empty region; this
/// one goes first.
struct FoldCastOfInput : OpRewritePattern<OnlineAttentionOp> {
  FoldCastOfInput(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(OnlineAttentionOp op,
                                PatternRewriter &rewriter) const override {
    bool changed = false;
    unsigned matrices = 1 + bool(op.getKey()) + bool(op.getValue());
    for (OpOperand &operand : op->getOpOperands().take_front(matrices)) {
      auto cast = operand.get().getDefiningOp<tensor::CastOp>();
      if (!cast || !tensor::canFoldIntoConsumerOp(cast))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand.set(cast.getSource()); });
      changed = true;
    }
    return success(changed);
  }
};

/// The same of the state, whose type is that of a result.
struct FoldCastOfState : OpRewritePattern<OnlineAttentionOp> {
  FoldCastOfState(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(OnlineAttentionOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> operands(op->getOperands());
    SmallVector<Type> types(op->getResultTypes());
    bool changed = false;
    for (OpOperand &operand : op.getDpsInitsMutable()) {
      auto cast = operand.get().getDefiningOp<tensor::CastOp>();
      if (!cast || !tensor::canFoldIntoConsumerOp(cast))
        continue;
      operands[operand.getOperandNumber()] = cast.getSource();
      types[op.getTiedOpResult(&operand).getResultNumber()] =
          cast.getSource().getType();
      changed = true;
    }
    if (!changed)
      return failure();
    OperationState state(op.getLoc(), op->getName(), operands, types,
                         op->getDiscardableAttrDictionary().getValue());
    state.propertiesAttr = op->getPropertiesAsAttribute();
    for (Region &region : op->getRegions())
      state.addRegion()->takeBody(region);
    Operation *folded = rewriter.create(state);
    SmallVector<Value> results;
    for (auto [result, old] :
         llvm::zip_equal(folded->getResults(), op->getResultTypes()))
      results.push_back(
          result.getType() == old
              ? Value(result)
              : tensor::CastOp::create(rewriter, op.getLoc(), old, result));
    rewriter.replaceOp(op, results);
    return success();
  }
};
} // namespace

void OnlineAttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                    MLIRContext *context) {
  patterns.add<FoldCastOfInput, FoldCastOfState>(context);
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

ParseResult OnlineAttentionOp::parse(OpAsmParser &parser,
                                     OperationState &result) {
  using Operand = OpAsmParser::UnresolvedOperand;
  SmallVector<Operand> matrices, keys, offsets, live, state, first, last;
  auto &segments = result.getOrAddProperties<Properties>().operandSegmentSizes;
  auto parseOne = [&](SmallVectorImpl<Operand> &into) -> ParseResult {
    return failure(parser.parseLParen() ||
                   parser.parseOperand(into.emplace_back()) ||
                   parser.parseRParen());
  };
  if (parser.parseKeyword("query") || parseOne(matrices))
    return failure();
  for (auto [segment, keyword] :
       {std::pair(1, "key"), {2, "value"}, {3, "value_table"}}) {
    segments[segment] = succeeded(parser.parseOptionalKeyword(keyword));
    if (segments[segment] && parseOne(matrices))
      return failure();
  }
  if (succeeded(parser.parseOptionalKeyword("keys")) && parseOne(keys))
    return failure();
  FunctionType type;
  SMLoc loc;
  if (parser.parseKeyword("offsets") ||
      asmutil::parseOperandGroup(parser, offsets) ||
      parser.parseKeyword("live") || parseOne(live) ||
      parser.parseKeyword("state") || parser.getCurrentLocation(&loc) ||
      asmutil::parseOperandGroup(parser, state) ||
      (succeeded(parser.parseOptionalKeyword("begin")) && parseOne(first)) ||
      (succeeded(parser.parseOptionalKeyword("end")) && parseOne(last)) ||
      asmutil::parsePairRegions(parser, result) ||
      asmutil::parseRegion(parser, "load_key", *result.addRegion()) ||
      asmutil::parseRegion(parser, "load_value", *result.addRegion()) ||
      asmutil::parseAttributes<OnlineAttentionOp>(parser, result) ||
      parser.parseColon() || parser.parseType(type))
    return failure();
  if (type.getNumInputs() != matrices.size() + state.size())
    return parser.emitError(loc) << "expects " << matrices.size() + state.size()
                                 << " operand types, of the matrices and of "
                                    "the state";
  segments[0] = segments[6] = 1;
  segments[4] = keys.size();
  segments[5] = offsets.size();
  segments[7] = first.size();
  segments[8] = last.size();
  segments[9] = state.size();
  Type index = parser.getBuilder().getIndexType();
  Type truth = parser.getBuilder().getI1Type();
  auto types = type.getInputs();
  result.addTypes(type.getResults());
  return failure(parser.resolveOperands(matrices,
                                        types.take_front(matrices.size()), loc,
                                        result.operands) ||
                 parser.resolveOperands(keys, index, result.operands) ||
                 parser.resolveOperands(offsets, index, result.operands) ||
                 parser.resolveOperands(live, index, result.operands) ||
                 parser.resolveOperands(first, truth, result.operands) ||
                 parser.resolveOperands(last, truth, result.operands) ||
                 parser.resolveOperands(state, types.take_back(state.size()),
                                        loc, result.operands));
}

void OnlineAttentionOp::print(OpAsmPrinter &printer) {
  SmallVector<Type> types = {getQuery().getType()};
  printer << " query(" << getQuery() << ")";
  for (auto [keyword, matrix] : {std::pair("key", getKey()),
                                 {"value", getValue()},
                                 {"value_table", getValueTable()}})
    if (matrix) {
      printer << ' ' << keyword << '(' << matrix << ')';
      types.push_back(matrix.getType());
    }
  if (getKeys())
    printer << " keys(" << getKeys() << ')';
  printer << " offsets(" << getOffsets() << ") live(" << getLive() << ") state("
          << getState() << ")";
  for (auto [keyword, condition] :
       {std::pair("begin", getFirst()), {"end", getLast()}})
    if (condition)
      printer << ' ' << keyword << '(' << condition << ')';
  asmutil::printPairRegions(printer, *this);
  asmutil::printRegion(printer, "load_key", getLoadKey());
  asmutil::printRegion(printer, "load_value", getLoadValue());
  SmallVector<StringRef> elided = {getOperandSegmentSizesAttrName()};
  if (getScale().isExactlyValue(1.0))
    elided.push_back(getScaleAttrName());
  if (getGroup() == 1)
    elided.push_back(getGroupAttrName());
  if (getNormalizer() == "softmax")
    elided.push_back(getNormalizerAttrName());
  printer.printOptionalAttrDict((*this)->getAttrDictionary().getValue(),
                                elided);
  llvm::append_range(types, getState().getTypes());
  printer << " : ";
  printer.printFunctionalType(types, getResultTypes());
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// Whether the parts of the state are there, in their shapes.
static LogicalResult verifyState(OnlineAttentionOp op) {
  // online_attention_c9
  if (failed(asmutil::verifyNormalizer(op, op.getNormalizer())))
    return failure();
  SmallVector<StringRef> names = op.getStateNames();
  llvm::StringSet<> seen;
  ArrayRef<StringRef> extras =
      ArrayRef(names).drop_front(op.getNormalizer() == "softmax" ? 3 : 1);
  for (StringRef name : extras)
    if ((name != "row_max" && name != "output" && !isOfPairs(name)) ||
        !seen.insert(name).second)
      return op.emitOpError()
             << "expects aux to hold distinct names of row_max, "
                "output, scores, other_scores, got \""
             << name << '"';
  // online_attention_c2
  if (op.getState().size() != names.size())
    return op.emitOpError() << "expects the state (" << llvm::join(names, ", ")
                            << "), got " << op.getState().size() << " tensors";
  auto acc = tensorType(op.getAcc());
  bool byRow = op.getSchedule().keysInLanes();
  int64_t lanes = op.getSchedule().getLanes();
  for (auto [name, part] : llvm::zip(names, op.getState())) {
    auto type = tensorType(part);
    if (name == "output") {
      if (type.getRank() == 2 && isa<FloatType>(type.getElementType()) &&
          type.getDimSize(1) == acc.getDimSize(1))
        continue;
      return op.emitOpError() << "expects an output of ? x "
                              << acc.getDimSize(1) << ", got " << type;
    }
    // Of each row one number, or one for each lane.
    bool wide = byRow && (name == "sum" || name == "row_max");
    bool matrix = wide || name == "acc";
    bool isFixed = type.hasStaticShape() &&
                   type.getDimSize(0) == acc.getDimSize(0) &&
                   (!wide || type.getDimSize(1) == lanes);
    if (isa<Float32Type, Float64Type>(type.getElementType()) &&
        type.getElementType() == acc.getElementType() &&
        type.getRank() == (isOfPairs(name) ? 3
                           : matrix        ? 2
                                           : 1) &&
        (isFixed || isOfPairs(name)))
      continue;
    auto diag = op.emitOpError()
                << "expects acc M x DV, max M, sum and row_max "
                << (byRow ? "M x lanes" : "M")
                << ", static, and scores group x m x n, of f32 or f64, got ";
    llvm::interleaveComma(op.getState().getTypes(), diag);
    return diag;
  }
  return success();
}

LogicalResult OnlineAttentionOp::verify() {
  if (failed(verifyState(*this)))
    return failure();
  auto query = tensorType(getQuery()), acc = tensorType(getAcc());
  bool byRow = getSchedule().keysInLanes();
  // online_attention_c7
  for (auto [name, matrix, load] : {std::tuple("key", getKey(), &getLoadKey()),
                                    {"value", getValue(), &getLoadValue()}})
    if (bool(matrix) != load->empty())
      return emitOpError() << "expects " << name
                           << " to be either an operand or a region load_"
                           << name;
  if (bool(getKeys()) != (!getKey() && !getValue()))
    return emitOpError()
           << "expects keys if key and value are regions, and only then";
  // online_attention_c1
  int64_t rows = getRows(), dot = getSchedule().getDot();
  auto isMatrix = [&](Value matrix, int64_t columns) {
    if (!matrix)
      return true;
    auto type = tensorType(matrix);
    return type.getRank() == 2 && type.getDimSize(1) == columns &&
           type.getElementType() == query.getElementType();
  };
  Type multiplied =
      dot == 2 ? Type(BFloat16Type::get(getContext())) : acc.getElementType();
  bool fits = query.getRank() == 2 && query.hasStaticShape() &&
              query.getElementType() == multiplied &&
              query.getDimSize(byRow ? 0 : 1) == (byRow ? rows : rows * dot);
  if (!fits || !isMatrix(getKey(), getHeadSize()) ||
      !isMatrix(getValue(), getValueSize() * (hasValuePairs() ? 2 : 1)) ||
      (hasValuePairs() && !getKey()) ||
      (getKey() && getValue() && !hasValuePairs() &&
       failed(verifyCompatibleDims({tensorType(getKey()).getDimSize(0),
                                    tensorType(getValue()).getDimSize(0)})))) {
    auto diag = emitOpError()
                << "expects query "
                << (byRow      ? "M x D"
                    : dot == 2 ? "D/2 x 2M"
                               : "D x M")
                << ", key n x D and value "
                << (hasValuePairs() ? "n/2 x 2DV" : "n x DV") << " of "
                << multiplied << ", static but for n, for acc " << acc
                << ", got " << query;
    for (Value matrix : {getKey(), getValue()})
      if (matrix)
        diag << ", " << matrix.getType();
    return diag;
  }
  // online_attention_c3
  if (getOffsets().size() != 4)
    return emitOpError() << "expects four offsets (b, h, i, j), got "
                         << getOffsets().size();
  // online_attention_c5
  if (!byRow && rows % getSchedule().getLanes() != 0)
    return emitOpError()
           << "expects M to be a multiple of the schedule's lanes, got " << rows
           << " and " << getSchedule().getLanes();
  // online_attention_c10
  Value output = getStatePart("output");
  if (bool(getLast()) != bool(output))
    return emitOpError() << "expects end and an output together";
  if ((byRow || getNormalizer() != "softmax") && (getFirst() || getLast()))
    return emitOpError() << "expects begin and end of a softmax with queries "
                            "in the lanes only";
  // online_attention_c6
  if (getResultTypes() != getState().getTypes())
    return emitOpError() << "expects results of the state's types, ("
                         << getState().getTypes() << "), got ("
                         << getResultTypes() << ')';
  // online_attention_c8
  if (!getScale().isFinite() || getScale().isNegative() || getScale().isZero())
    return emitOpError() << "expects a finite, positive scale, got "
                         << getScale().convertToDouble();
  if (getGroup() < 1)
    return emitOpError() << "expects a positive group, got " << getGroup();
  // online_attention_c11
  return asmutil::verifyValueTable(*this, getValueTable(), getValueRow(),
                                   getValueSize(), getAccumulatorType());
}

LogicalResult OnlineAttentionOp::verifyRegions() {
  // online_attention_c4, online_attention_c11
  if (failed(asmutil::verifyScoreAndMask(*this, getScore(), getMask(),
                                         getAccumulatorType(),
                                         bool(getStatePart("other_scores")))) ||
      failed(asmutil::verifyValueRow(*this, getValueTable(), getValueRow())))
    return failure();
  Type index = IndexType::get(getContext());
  for (auto [name, region] :
       {std::pair("load_key", &getLoadKey()), {"load_value", &getLoadValue()}})
    if (failed(asmutil::verifyRegion(*this, name, *region, {index, index},
                                     getAccumulatorType())))
      return failure();
  return success();
}
