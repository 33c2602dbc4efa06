//===- RegionAsm.h - Score and mask regions in text and in verifiers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `attn.attention` and `attn.online_attention` share their regions; this is
// how both parse, print and verify them.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_IR_REGIONASM_H
#define ATTN_LIB_IR_REGIONASM_H

#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"

namespace attn::asmutil {

/// Parses `(OPERANDS)` after the keyword of an operand group.
mlir::ParseResult parseOperandGroup(
    mlir::OpAsmParser &parser,
    llvm::SmallVectorImpl<mlir::OpAsmParser::UnresolvedOperand> &operands);

/// The regions of both ops, in their order.
inline constexpr llvm::StringLiteral pairRegionNames[] = {"score", "mask",
                                                          "value_row"};

/// What an attn.apply of a shorthand gets: a value, or a literal.
struct ModParameter {
  mlir::OpAsmParser::UnresolvedOperand operand;
  mlir::Type type;
  mlir::TypedAttr literal; ///< Null: the operand.
};

struct ModUse {
  llvm::SMLoc location;
  mlir::StringAttr name;
  llvm::SmallVector<ModParameter> parameters;
};

/// The mods of a region that is written as their names; none: a region.
using ModUses = llvm::SmallVector<ModUse>;

/// Adds those regions to `result` and parses `[NAME(ARGS) REGION]` of each, or,
/// of score and mask, `[NAME(@MOD[(PARAMETERS)], ...)]` if there is room for
/// that in `mods`, one for each region.
mlir::ParseResult parsePairRegions(mlir::OpAsmParser &parser,
                                   mlir::OperationState &result,
                                   llvm::MutableArrayRef<ModUses> mods = {});

/// Writes the regions of `result` that `mods` stand for; types are known only
/// behind them in the text.
mlir::ParseResult buildModRegions(mlir::OpAsmParser &parser,
                                  mlir::OperationState &result,
                                  llvm::ArrayRef<ModUses> mods,
                                  mlir::FloatType accumulator);

/// Prints ` NAME(ARGS) REGION` of each of the first regions of `op` that is not
/// empty.
void printPairRegions(mlir::OpAsmPrinter &printer, mlir::Operation *op);

/// Verifies argument types, yielded types and purity of score and mask. With a
/// result `scores`, the score region may yield what that holds as well.
mlir::LogicalResult verifyScoreAndMask(mlir::Operation *op, mlir::Region &score,
                                       mlir::Region &mask,
                                       mlir::FloatType accumulator,
                                       bool hasScores);

/// Verifies the operand group `value_table` (null where it is absent), for
/// values of `valueSize` features, and that there is a region `value_row` if
/// there is one.
mlir::LogicalResult verifyValueTable(mlir::Operation *op, mlir::Value table,
                                     mlir::Region &valueRow, int64_t valueSize,
                                     mlir::FloatType accumulator);
/// Verifies that region, if any.
mlir::LogicalResult verifyValueRow(mlir::Operation *op, mlir::Value table,
                                   mlir::Region &valueRow);

/// Whether `type` holds learned numbers for scores or outputs of the type
/// `accumulator`: f32, bf16 or f16; f64 where that is.
bool isTableElement(mlir::Type type, mlir::FloatType accumulator);

/// Verifies the groups that say where the keys of a sequence are: the page
/// table and the starts of packed sequences. Needs operands of one rank.
mlir::LogicalResult verifySequenceGroups(AttentionOp op,
                                         const HeadLayout &layout);

/// Verifies the lists of keys of an op whose shapes agree.
mlir::LogicalResult verifyKeyLists(AttentionOp op);

/// Verifies the sinks of an op whose shapes agree.
mlir::LogicalResult verifySinks(AttentionOp op, int64_t queryHeads);

/// Verifies scales and zero points of an op whose shapes agree otherwise.
mlir::LogicalResult verifyScaleGroups(AttentionOp op, const HeadLayout &layout);

/// Parses `[KEYWORD(ARGS) REGION]`.
mlir::ParseResult parseRegion(mlir::OpAsmParser &parser,
                              llvm::StringRef keyword, mlir::Region &region);

/// Prints ` KEYWORD(ARGS) REGION`, or nothing for an empty region.
void printRegion(mlir::OpAsmPrinter &printer, llvm::StringRef keyword,
                 mlir::Region &region);

/// Verifies that a region, if any, takes `arguments`, yields `results` and is
/// pure.
mlir::LogicalResult verifyRegion(mlir::Operation *op, llvm::StringRef name,
                                 mlir::Region &region,
                                 llvm::ArrayRef<mlir::Type> arguments,
                                 mlir::TypeRange results);

/// Verifies the attribute `normalizer` of either attention op.
mlir::LogicalResult verifyNormalizer(mlir::Operation *op, llvm::StringRef name);

/// f32, or f64 for f64 elements.
mlir::FloatType accumulatorFor(mlir::Type element);

} // namespace attn::asmutil

#endif // ATTN_LIB_IR_REGIONASM_H
