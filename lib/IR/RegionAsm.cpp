//===- RegionAsm.cpp - Regions of attention in text and in verifiers
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

void asmutil::printPairRegions(OpAsmPrinter &printer, Operation *op) {
  for (auto [name, region] : llvm::zip(pairRegionNames, op->getRegions()))
    printRegion(printer, name, region);
}

LogicalResult asmutil::verifyRegion(Operation *op, StringRef name,
                                    Region &region, ArrayRef<Type> arguments,
                                    TypeRange results) {
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
  if (yield.getValues().getTypes() != results) {
    auto diag = op->emitOpError()
                << "expects the " << name << " region to yield " << results;
    diag.attachNote(yield.getLoc())
        << "yields " << yield.getValues().getTypes() << " here";
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
                                          Region &mask, FloatType accumulator,
                                          bool hasScores) {
  Type index = IndexType::get(op->getContext());
  Type boolean = IntegerType::get(op->getContext(), 1);
  SmallVector<Type> yielded = {accumulator};
  if (hasScores && score.hasOneBlock() && !score.front().empty() &&
      score.front().back().getNumOperands() == 2)
    yielded.push_back(accumulator);
  if (failed(verifyRegion(op, "score", score,
                          {accumulator, index, index, index, index}, yielded)))
    return failure();
  return verifyRegion(op, "mask", mask, {index, index, index, index}, boolean);
}

bool asmutil::isTableElement(Type type, FloatType accumulator) {
  if (accumulator.isF64())
    return type.isF64();
  return type.isF32() || type.isBF16() || type.isF16();
}

LogicalResult asmutil::verifyValueTable(Operation *op, Value table,
                                        Region &valueRow, int64_t valueSize,
                                        FloatType accumulator) {
  // attention_c27
  if (bool(table) == valueRow.empty())
    return op->emitOpError() << "expects a value_table and a region value_row "
                                "together, got only the "
                             << (table ? "table" : "region");
  if (!table)
    return success();
  // attention_c26
  auto type = cast<RankedTensorType>(table.getType());
  if (isTableElement(type.getElementType(), accumulator) &&
      type.getRank() >= 2 && type.getShape().back() == valueSize &&
      !llvm::is_contained(type.getShape(), 0))
    return success();
  auto error = op->emitOpError() << "expects a value_table of ";
  error << (accumulator.isF64() ? "f64" : "f32, bf16 or f16")
        << ", of rank 2 or more, with rows of " << valueSize
        << " and no dimension of 0, got " << type;
  return error;
}

LogicalResult asmutil::verifyValueRow(Operation *op, Value table,
                                      Region &valueRow) {
  Type index = IndexType::get(op->getContext());
  if (!table) // verifyValueTable's error
    return success();
  int64_t rank = cast<RankedTensorType>(table.getType()).getRank();
  return verifyRegion(op, "value_row", valueRow, {index, index, index, index},
                      SmallVector<Type>(std::max<int64_t>(rank - 1, 0), index));
}
