//===- RegionAsm.cpp - Score and mask regions in text and in verifiers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionAsm.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace attn;

FloatType asmutil::accumulatorFor(Type element) {
  return element.isF64()
             ? cast<FloatType>(element)
             : cast<FloatType>(Float32Type::get(element.getContext()));
}

LogicalResult asmutil::verifyNormalizer(Operation *op, StringRef name) {
  if (llvm::is_contained(
          ArrayRef<StringRef>{"softmax", "sigmoid", "relu", "relu2", "none"},
          name))
    return success();
  return op->emitOpError()
         << "expects normalizer softmax, sigmoid, relu, relu2 or none, got \""
         << name << '"';
}

ParseResult asmutil::parseOperandGroup(
    OpAsmParser &parser,
    SmallVectorImpl<OpAsmParser::UnresolvedOperand> &operands) {
  return parser.parseOperandList(operands, OpAsmParser::Delimiter::Paren);
}

ParseResult asmutil::parseRegion(OpAsmParser &parser, StringRef keyword,
                                 Region &region) {
  if (failed(parser.parseOptionalKeyword(keyword)))
    return success();
  SmallVector<OpAsmParser::Argument> arguments;
  return failure(parser.parseArgumentList(arguments,
                                          OpAsmParser::Delimiter::Paren,
                                          /*allowType=*/true) ||
                 parser.parseRegion(region, arguments));
}

ParseResult asmutil::parseScoreAndMask(OpAsmParser &parser, Region &score,
                                       Region &mask) {
  if (parseRegion(parser, "score", score) || parseRegion(parser, "mask", mask))
    return failure();
  SMLoc location = parser.getCurrentLocation();
  if (!mask.empty() && succeeded(parser.parseOptionalKeyword("score")))
    return parser.emitError(location)
           << "the score region comes before the mask region";
  return success();
}

void asmutil::printRegion(OpAsmPrinter &printer, StringRef keyword,
                          Region &region) {
  if (region.empty())
    return;
  printer << ' ' << keyword << '(';
  llvm::interleaveComma(
      region.getArguments(), printer,
      [&](BlockArgument argument) { printer.printRegionArgument(argument); });
  printer << ") ";
  printer.printRegion(region, /*printEntryBlockArgs=*/false);
}

void asmutil::printScoreAndMask(OpAsmPrinter &printer, Region &score,
                                Region &mask) {
  printRegion(printer, "score", score);
  printRegion(printer, "mask", mask);
}

LogicalResult asmutil::verifyRegion(Operation *op, StringRef name,
                                    Region &region, ArrayRef<Type> arguments,
                                    Type result) {
  if (region.empty())
    return success();
  if (!region.hasOneBlock())
    return op->emitOpError()
           << "expects the " << name << " region to have one block";
  if (region.getArgumentTypes() != TypeRange(arguments)) {
    auto diag = op->emitOpError()
                << "expects the " << name << " region to take (";
    llvm::interleaveComma(arguments, diag);
    diag << "), got (";
    llvm::interleaveComma(region.getArgumentTypes(), diag);
    return diag << ")";
  }
  auto yield = dyn_cast_or_null<YieldOp>(
      region.front().empty() ? nullptr : &region.front().back());
  if (!yield)
    return op->emitOpError()
           << "expects the " << name << " region to end with attn.yield";
  if (yield.getValue().getType() != result) {
    auto diag = op->emitOpError()
                << "expects the " << name << " region to yield " << result;
    diag.attachNote(yield.getLoc())
        << "yields " << yield.getValue().getType() << " here";
    return diag;
  }
  for (Operation &inner : region.front())
    if (!isMemoryEffectFree(&inner)) {
      auto diag = op->emitOpError()
                  << "expects the " << name << " region to be pure";
      diag.attachNote(inner.getLoc()) << "this op may read or write memory";
      return diag;
    }
  return success();
}

LogicalResult asmutil::verifyScoreAndMask(Operation *op, Region &score,
                                          Region &mask, FloatType accumulator) {
  Type index = IndexType::get(op->getContext());
  Type boolean = IntegerType::get(op->getContext(), 1);
  if (failed(verifyRegion(op, "score", score,
                          {accumulator, index, index, index, index},
                          accumulator)))
    return failure();
  return verifyRegion(op, "mask", mask, {index, index, index, index}, boolean);
}
