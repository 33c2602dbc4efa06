//===- OnlineAttentionOp.cpp - attn.online_attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttributeAsm.h"
#include "RegionAsm.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

FloatType OnlineAttentionOp::getAccumulatorType() {
  return asmutil::accumulatorFor(tensorType(getQuery()).getElementType());
}

MutableOperandRange OnlineAttentionOp::getDpsInitsMutable() {
  return MutableOperandRange(*this, getAccMutable().getOperandNumber(),
                             /*length=*/3);
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
    for (OpOperand *operand :
         {&op.getQueryMutable(), &op.getKeyMutable(), &op.getValueMutable()}) {
      auto cast = operand->get().getDefiningOp<tensor::CastOp>();
      if (!cast || !tensor::canFoldIntoConsumerOp(cast))
        continue;
      rewriter.modifyOpInPlace(op, [&] { operand->set(cast.getSource()); });
      changed = true;
    }
    return success(changed);
  }
};
} // namespace

void OnlineAttentionOp::getCanonicalizationPatterns(RewritePatternSet &patterns,
                                                    MLIRContext *context) {
  patterns.add<FoldCastOfInput>(context);
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

ParseResult OnlineAttentionOp::parse(OpAsmParser &parser,
                                     OperationState &result) {
  using Operand = OpAsmParser::UnresolvedOperand;
  SmallVector<Operand> inputs, offsets, state;
  Operand live;
  for (StringRef keyword : {"query", "key", "value"})
    if (parser.parseKeyword(keyword) || parser.parseLParen() ||
        parser.parseOperand(inputs.emplace_back()) || parser.parseRParen())
      return failure();
  Region *score = result.addRegion(), *mask = result.addRegion();
  FunctionType type;
  SMLoc loc;
  if (parser.parseKeyword("offsets") ||
      asmutil::parseOperandGroup(parser, offsets) ||
      parser.parseKeyword("live") || parser.parseLParen() ||
      parser.parseOperand(live) || parser.parseRParen() ||
      parser.parseKeyword("state") || parser.getCurrentLocation(&loc) ||
      asmutil::parseOperandGroup(parser, state) ||
      asmutil::parseScoreAndMask(parser, *score, *mask) ||
      asmutil::parseAttributes<OnlineAttentionOp>(parser, result) ||
      parser.parseColon() || parser.parseType(type))
    return failure();
  if (state.size() != 3 || type.getNumInputs() != 6)
    return parser.emitError(loc)
           << "expects the state (acc, max, sum) and six operand types";
  Type index = parser.getBuilder().getIndexType();
  auto types = type.getInputs();
  result.addTypes(type.getResults());
  return failure(
      parser.resolveOperands(inputs, types.take_front(3), loc,
                             result.operands) ||
      parser.resolveOperands(offsets, index, result.operands) ||
      parser.resolveOperand(live, index, result.operands) ||
      parser.resolveOperands(state, types.drop_front(3), loc, result.operands));
}

void OnlineAttentionOp::print(OpAsmPrinter &printer) {
  printer << " query(" << getQuery() << ") key(" << getKey() << ") value("
          << getValue() << ") offsets(" << getOffsets() << ") live("
          << getLive() << ") state(" << getAcc() << ", " << getMax() << ", "
          << getSum() << ")";
  asmutil::printScoreAndMask(printer, getScore(), getMask());
  printer.printOptionalAttrDict((*this)->getAttrDictionary().getValue());
  printer << " : ";
  printer.printFunctionalType(
      TypeRange{getQuery().getType(), getKey().getType(), getValue().getType(),
                getAcc().getType(), getMax().getType(), getSum().getType()},
      getResultTypes());
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

LogicalResult OnlineAttentionOp::verify() {
  auto query = tensorType(getQuery()), key = tensorType(getKey()),
       value = tensorType(getValue()), acc = tensorType(getAcc()),
       max = tensorType(getMax()), sum = tensorType(getSum());
  // online_attention_c1
  auto isMatrix = [&](RankedTensorType type) {
    return type.getRank() == 2 &&
           type.getElementType() == query.getElementType();
  };
  if (!isa<FloatType>(query.getElementType()) ||
      !llvm::all_of(ArrayRef{query, key, value}, isMatrix) ||
      !query.hasStaticShape() || query.getDimSize(0) != key.getDimSize(1) ||
      value.isDynamicDim(1) ||
      failed(verifyCompatibleDims({key.getDimSize(0), value.getDimSize(0)})))
    return emitOpError()
           << "expects query D x M, key n x D and value n x DV of "
              "one floating-point type, static but for n, got "
           << query << ", " << key << " and " << value;
  // online_attention_c2
  int64_t lanes = query.getDimSize(1);
  auto isState = [&](RankedTensorType type, int64_t rank) {
    return type.getRank() == rank && type.hasStaticShape() &&
           type.getDimSize(0) == lanes &&
           type.getElementType() == getAccumulatorType();
  };
  if (!isState(acc, 2) || !isState(max, 1) || !isState(sum, 1) ||
      acc.getDimSize(1) < value.getDimSize(1))
    return emitOpError()
           << "expects acc M x DV' with DV' >= DV, max and sum M, of "
           << getAccumulatorType() << ", for " << query << " and " << value
           << ", got " << acc << ", " << max << " and " << sum;
  // online_attention_c3
  if (getOffsets().size() != 4)
    return emitOpError() << "expects four offsets (b, h, i, j), got "
                         << getOffsets().size();
  // online_attention_c5
  if (lanes % getSchedule().getLanes() != 0)
    return emitOpError()
           << "expects M to be a multiple of the schedule's lanes, got "
           << lanes << " and " << getSchedule().getLanes();
  // online_attention_c6
  if (SmallVector<Type> state = {acc, max, sum}; getResultTypes() != state)
    return emitOpError() << "expects results of the state's types, (" << state
                         << "), got (" << getResultTypes() << ')';
  return success();
}

LogicalResult OnlineAttentionOp::verifyRegions() {
  // online_attention_c4
  return asmutil::verifyScoreAndMask(*this, getScore(), getMask(),
                                     getAccumulatorType());
}

//===----------------------------------------------------------------------===//
// Tiling over the keys
//===----------------------------------------------------------------------===//

SmallVector<utils::IteratorType> OnlineAttentionOp::getLoopIteratorTypes() {
  return {utils::IteratorType::reduction};
}

SmallVector<Range> OnlineAttentionOp::getIterationDomain(OpBuilder &builder) {
  return {{builder.getIndexAttr(0),
           tensor::getMixedSize(builder, getLoc(), getKey(), 0),
           builder.getIndexAttr(1)}};
}

FailureOr<TilingResult>
OnlineAttentionOp::getTiledImplementation(OpBuilder &builder,
                                          ArrayRef<OpFoldResult> offsets,
                                          ArrayRef<OpFoldResult> sizes) {
  Location loc = getLoc();
  auto rows = [&](Value tensor) -> Value {
    SmallVector<OpFoldResult> from = {offsets[0], builder.getIndexAttr(0)};
    SmallVector<OpFoldResult> extent = {
        sizes[0], builder.getIndexAttr(tensorType(tensor).getDimSize(1))};
    SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
    return tensor::ExtractSliceOp::create(builder, loc, tensor, from, extent,
                                          strides);
  };
  Value key = rows(getKey()), value = rows(getValue());
  SmallVector<Value> start(getOffsets());
  start[3] = builder.createOrFold<arith::AddIOp>(
      loc, start[3], getValueOrCreateConstantIndexOp(builder, loc, offsets[0]));
  auto tiled = OnlineAttentionOp::create(
      builder, loc, getResultTypes(), getQuery(), key, value, start, getLive(),
      getAcc(), getMax(), getSum(), getSchedule());
  IRMapping mapping;
  getScore().cloneInto(&tiled.getScore(), mapping);
  getMask().cloneInto(&tiled.getMask(), mapping);
  return TilingResult{{tiled},
                      SmallVector<Value>(tiled->getResults()),
                      {key.getDefiningOp(), value.getDefiningOp()}};
}

LogicalResult OnlineAttentionOp::getResultTilePosition(
    OpBuilder &builder, unsigned resultNumber, ArrayRef<OpFoldResult>,
    ArrayRef<OpFoldResult>, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  // Every tile of keys updates the whole state.
  Value init = getDpsInits()[resultNumber];
  resultSizes = tensor::getMixedSizes(builder, getLoc(), init);
  resultOffsets.assign(resultSizes.size(), builder.getIndexAttr(0));
  return success();
}
