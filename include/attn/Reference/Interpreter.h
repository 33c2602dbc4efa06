//===- Interpreter.h - The executable meaning of the ops -------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plain float64 interpreter of the attn dialect, and of as much of arith,
// math, index, tensor and linalg as attention is written in before it is
// raised. It shares no code with the compiler below the dialect: it is what
// every backend, and raising itself, is compared with.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_REFERENCE_INTERPRETER_H
#define ATTN_REFERENCE_INTERPRETER_H

#include "attn/Reference/Tolerance.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include <optional>

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace attn::reference {

struct InterpretOptions {
  /// Query positions to evaluate, the same in every batch and head; nothing
  /// means all. The other rows of `attn.attention` and `attn.merge_heads` are
  /// NaN, and cost nothing.
  std::optional<llvm::SmallVector<int64_t>> queryRows;
  /// Where to put the magnitudes of each `attn.attention` in turn, if wanted.
  std::vector<Magnitudes> *magnitudes = nullptr;
};

/// The results of `function` for `arguments`: one a parameter, of its element
/// type and of a shape that its type allows; scalars have rank 0.
///
/// Fails, with an error at the op concerned, where an argument does not fit,
/// sizes known at run time only disagree, an element out of bounds is read, an
/// integer is divided by zero, `cf.assert` does not hold, or the interpreter
/// does not know an op.
llvm::FailureOr<std::vector<Tensor>>
interpret(mlir::func::FuncOp function, llvm::ArrayRef<Tensor> arguments,
          const InterpretOptions &options = {});

/// The dialects that the interpreter knows: what a context needs to parse a
/// module for it, from text or from bytecode.
void registerDialects(mlir::DialectRegistry &registry);

} // namespace attn::reference

#endif // ATTN_REFERENCE_INTERPRETER_H
