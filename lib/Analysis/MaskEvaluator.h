//===- MaskEvaluator.h - Abstract interpretation of a mask ------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Walks a mask region from its yield backwards and gives each value its
// abstract one. What doesn't depend on i and j is copied as it is and so is
// exact, whatever the op; the transfer functions are for the rest.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_ANALYSIS_MASKEVALUATOR_H
#define ATTN_LIB_ANALYSIS_MASKEVALUATOR_H

#include "Predicate.h"
#include "attn/Analysis/MaskAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

namespace attn::mask {

class MaskEvaluator {
public:
  /// Emits with `scalars`; the region is not empty.
  MaskEvaluator(ScalarBuilder &scalars, mlir::Region &region,
                const MaskBox &values, Box box);

  /// The pairs of the box that the mask may keep, and those it may drop.
  Predicate evaluate();

  ZoneBuilder zones;
  /// Comparisons that bound i, j or their distance.
  unsigned numBounds = 0;
  /// Loads that are reduced over the part of a tensor that the box reads, and
  /// what that gave.
  unsigned numReductions = 0;
  llvm::SmallVector<mlir::Value> reduced;
  /// The first op of which the analysis knows nothing, or null.
  mlir::Operation *notUnderstood = nullptr;

private:
  /// Elements of a captured tensor that some pair of the box reads.
  struct Elements;
  bool isUniform(mlir::Value value);
  mlir::Value copyUniform(mlir::Value value);

  Predicate truth(mlir::Value value);
  Predicate truthOf(mlir::Operation *op);
  Predicate compare(mlir::arith::CmpIOp op);

  Integer integer(mlir::Value value);
  Integer integerOf(mlir::Operation *op, Bounds type);
  Integer uniformInteger(mlir::Value value);
  Integer selectInteger(mlir::arith::SelectOp op);
  Integer castInteger(mlir::Operation *op, bool isSigned, Bounds type);
  Predicate lowestBit(mlir::arith::TruncIOp op);

  std::optional<Elements> elementsOf(mlir::tensor::ExtractOp load);
  Integer load(mlir::tensor::ExtractOp load, Bounds type);
  Predicate loadTruth(mlir::tensor::ExtractOp load);
  void giveUp(mlir::Operation *op) {
    if (!notUnderstood)
      notUnderstood = op;
  }
  /// An i1 as an integer, in which true is `one`.
  Integer extendTruth(mlir::Value value, int64_t one);

  ScalarBuilder &scalars;
  mlir::Region &region;
  int64_t maxQueries, maxKeys, maxReads; ///< As in a MaskBox.
  LinearBuilder linear;
  IntegerBuilder integers;
  PredicateBuilder predicates;
  mlir::IRMapping copies;
  llvm::DenseMap<mlir::Value, Bounds> knownBounds;
  llvm::DenseMap<mlir::Value, bool> uniformity;
  llvm::DenseMap<mlir::Value, Predicate> truths;
  llvm::DenseMap<mlir::Value, Integer> values;
};

} // namespace attn::mask

#endif // ATTN_LIB_ANALYSIS_MASKEVALUATOR_H
