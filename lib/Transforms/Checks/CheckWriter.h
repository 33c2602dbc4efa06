//===- CheckWriter.h - Code that looks at what a caller passed --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_CHECKS_CHECKWRITER_H
#define ATTN_LIB_TRANSFORMS_CHECKS_CHECKWRITER_H

#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"

namespace attn {

/// Index values: queries and keys up to before the last ones.
struct PairRange {
  mlir::Value firstQuery, lastQuery, firstKey, lastKey;
};

/// Writes `ENTRY_check`. Every check gives the status before it where that is
/// bad already.
class CheckWriter {
public:
  explicit CheckWriter(mlir::func::FuncOp entry) : entry(entry) {}
  /// Adds the function, if there is something to check.
  llvm::LogicalResult run();

  /// The number of the rule that `argument` must keep.
  int64_t addRule(mlir::BlockArgument argument, const llvm::Twine &rule);
  /// `status`, or if that is fine and `bad`, that `element` breaks rule `code`.
  mlir::Value failIf(IRBuilder &b, mlir::Value status, mlir::Value bad,
                     int64_t code, mlir::Value element);

private:
  llvm::LogicalResult checkStarts(IRBuilder &b, AttentionOp op,
                                  mlir::Value starts, llvm::StringRef name,
                                  mlir::Value packed, llvm::StringRef counted);
  void checkPageTable(IRBuilder &b, AttentionOp op);
  llvm::LogicalResult checkLists(IRBuilder &b, AttentionOp op);
  llvm::LogicalResult checkPackedLists(IRBuilder &b, AttentionOp op);
  void checkRotary(IRBuilder &b, ProjectHeadsOp op);
  void checkTables(IRBuilder &b, AttentionOp op);
  /// Of captured tensors that are read at computed indices, some dimensions
  /// must not be empty.
  llvm::LogicalResult checkCaptured(IRBuilder &b, AttentionOp op);
  /// Lengths for which positions in lanes of 32 bits are right.
  void checkLengths(IRBuilder &b, AttentionOp op);
  llvm::LogicalResult checkAppend(IRBuilder &b, AppendOp op);
  llvm::LogicalResult checkInsertion(IRBuilder &b,
                                     mlir::tensor::InsertSliceOp op,
                                     mlir::BlockArgument changed);
  mlir::Value checkEntry(IRBuilder &b, AttentionOp op, mlir::Value status,
                         mlir::Value table, mlir::Value batch,
                         mlir::Value number, int64_t code);
  /// Whether `op` has lists of keys that are arguments.
  bool hasKnownLists(AttentionOp op);
  /// Whether some query of these heads (null: of all) sees one of the `count`
  /// keys from `first`; asked where something is wrong, so it may take its
  /// time.
  mlir::Value isSomeLive(IRBuilder &b, AttentionOp op, mlir::Value batch,
                         mlir::Value first, int64_t count,
                         mlir::Value firstHead = {}, int64_t heads = 0);
  /// The same of the queries and keys of `pairs`, which lists do not matter to,
  /// or which entry `entry` of one names.
  mlir::Value isSomePairLive(IRBuilder &b, AttentionOp op, mlir::Value batch,
                             mlir::Value head, const PairRange &pairs,
                             mlir::Value entry = {});
  /// The same of those that the lists name, which are known to be right.
  mlir::Value isSomeListedLive(IRBuilder &b, AttentionOp op, mlir::Value batch,
                               mlir::Value head, const PairRange &pairs);
  /// Those of `operand`, the scales of keys or values; a remark says where they
  /// cannot be checked.
  void checkScales(IRBuilder &b, AttentionOp op, mlir::Value operand);

  /// The argument that `value` is, or null.
  mlir::BlockArgument argumentOf(mlir::Value value);
  /// `value` in the function of the checks, or null if it takes more than
  /// scalar arithmetic to compute it.
  mlir::Value import(IRBuilder &b, mlir::Value value);
  bool importCaptured(IRBuilder &b, mlir::Region &region);
  mlir::Value importSize(IRBuilder &b, mlir::Value tensor, unsigned dim);

  mlir::Value constant(IRBuilder &b, int64_t value) {
    return mlir::arith::ConstantIntOp::create(b, b.getLoc(), value, 64);
  }

  mlir::func::FuncOp entry;
  mlir::IRMapping mapping;
  llvm::SmallVector<std::string> rules; ///< Argument and rule in turns.
  mlir::Value status;
};

/// Whether some length of `op` must be less than what a tensor may have.
bool limitsLengths(AttentionOp op);

/// The argument of which `tensor` is a part, in another form perhaps; or what
/// it begins with.
mlir::Value sourceOf(mlir::Value tensor);

/// The tables of unknown size that pairs of `op` take rows of.
llvm::SmallVector<mlir::Value> tablesOf(AttentionOp op);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_CHECKS_CHECKWRITER_H
