//===- Environment.h - The values of one interpreted function --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_REFERENCE_ENVIRONMENT_H
#define ATTN_LIB_REFERENCE_ENVIRONMENT_H

#include "attn/Reference/Interpreter.h"
#include "llvm/ADT/DenseMap.h"
#include <memory>

namespace attn::reference {

/// What each SSA value of a function holds so far.
class Environment {
public:
  explicit Environment(const InterpretOptions &options) : options(options) {}

  const InterpretOptions &getOptions() const { return options; }

  /// The value must have been defined: dominance says so for verified IR. The
  /// reference stays valid while the environment lives.
  const Tensor &operator[](mlir::Value value) const {
    return *values.at(value);
  }
  int64_t integer(mlir::Value value) const { return (*this)[value][0].i; }

  void define(mlir::Value value, Tensor tensor) {
    values[value] = std::make_unique<Tensor>(std::move(tensor));
  }

private:
  const InterpretOptions &options;
  llvm::DenseMap<mlir::Value, std::unique_ptr<Tensor>> values;
};

/// Each evaluates the ops of one dialect at the level of a function: reads the
/// operands, defines the results. An unknown op is an error.
llvm::LogicalResult evaluateAttnOp(mlir::Operation *op, Environment &env);
llvm::LogicalResult evaluateLinalgOp(mlir::Operation *op, Environment &env);
llvm::LogicalResult evaluateTensorOp(mlir::Operation *op, Environment &env);
/// Ops on scalars, and the same ops element by element on tensors.
llvm::LogicalResult evaluateElementwiseOp(mlir::Operation *op,
                                          Environment &env);

/// Reports that the interpreter does not know `op`.
llvm::LogicalResult unsupported(mlir::Operation *op);

} // namespace attn::reference

#endif // ATTN_LIB_REFERENCE_ENVIRONMENT_H
