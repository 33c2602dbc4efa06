//===- MaskGrammar.h - Random masks -----------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Draws mask regions from a grammar of what the analysis claims to understand,
// with some ops that it does not.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_ANALYSIS_MASKGRAMMAR_H
#define ATTN_TEST_UNIT_ANALYSIS_MASKGRAMMAR_H

#include "Oracle.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/Region.h"
#include <random>

namespace attn::test {

class MaskGrammar {
public:
  MaskGrammar(mlir::MLIRContext &context, unsigned seed);

  /// Any region of the grammar, in integers of any width.
  void drawAny(mlir::Region &mask);
  /// And, or, not of `numAtoms` comparisons of i, j and i - j with constants
  /// and captures: what the analysis answers exactly.
  void drawExact(mlir::Region &mask, unsigned numAtoms);
  /// Values for the captures; small ones only, if asked for.
  Oracle drawCaptures(bool moderate);

  mlir::Block::BlockArgListType captured() { return outside.getArguments(); }

  int64_t uniform(int64_t min, int64_t max) {
    return std::uniform_int_distribution<int64_t>(min, max)(random);
  }
  bool chance(int64_t percent) { return uniform(1, 100) <= percent; }

private:
  using Values = llvm::SmallVector<mlir::Value>;

  void start(mlir::Region &mask);
  void finish(mlir::Value keep);
  mlir::Value pick(const Values &values) {
    return values[uniform(0, values.size() - 1)];
  }
  int64_t drawConstant(bool moderate);
  mlir::Value constant(int64_t value, mlir::Type type);
  mlir::Value integer(unsigned depth, mlir::Type type);
  mlir::Value leaf(mlir::Type type);
  mlir::Value truth(unsigned depth);
  mlir::Value convert(mlir::Value value, mlir::Type type);
  mlir::Value load(mlir::Value at);
  /// A position in the table, of any integer.
  mlir::Value anyIndex();
  /// A truth value that is read for the pair, or for its block.
  mlir::Value flag();
  /// Bit `at` of a word that is read, as it may be written.
  mlir::Value bit();
  mlir::Value uniformIndex();
  mlir::Value exactTruth(unsigned numAtoms);
  mlir::arith::CmpIPredicate predicate(bool isSigned);

  std::mt19937 random;
  mlir::OpBuilder builder;
  mlir::Location loc;
  mlir::Type index, i8, i32, i64, i1;
  mlir::Block outside; ///< its arguments are the captures
  Values captures;
  mlir::Value table, flags, b, h, i, j;
};

} // namespace attn::test

#endif // ATTN_TEST_UNIT_ANALYSIS_MASKGRAMMAR_H
