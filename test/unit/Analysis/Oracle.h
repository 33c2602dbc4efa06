//===- Oracle.h - Runs integer code -----------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What masks mean, and what the code means that the analysis emits for them: an
// interpreter that shares nothing with the analysis.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_ANALYSIS_ORACLE_H
#define ATTN_TEST_UNIT_ANALYSIS_ORACLE_H

#include "mlir/IR/Block.h"
#include "mlir/IR/ValueRange.h"
#include "llvm/ADT/DenseMap.h"
#include <vector>

namespace attn::test {

class Oracle {
public:
  /// Integers, sign-extended from their width; an i1 is 0 or 1.
  llvm::DenseMap<mlir::Value, int64_t> integers;
  llvm::DenseMap<mlir::Value, std::vector<int64_t>> tensors;
  /// Some op had no defined result: a division by zero, a load out of bounds.
  bool undefined = false;

  /// Runs all ops of `block` but the terminator.
  void run(mlir::Block &block);

private:
  void run(mlir::Operation &op);
  /// The same, and gives `results` what the terminator yields.
  void run(mlir::Block &block, mlir::ValueRange results);
};

} // namespace attn::test

#endif // ATTN_TEST_UNIT_ANALYSIS_ORACLE_H
