//===- CompiledShape.h - A problem, compiled and loaded ---------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_BENCH_COMPILEDSHAPE_H
#define ATTN_LIB_BENCH_COMPILEDSHAPE_H

#include "attn/Bench/Run.h"
#include "attn/Runtime/ABI.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace attn::bench {

/// A RunError.
llvm::Error fail(CompileStatus status, const llvm::Twine &message);
/// Any error of the runner or the interpreter as a RunError.
llvm::Error fail(llvm::Error error);

/// The module of a shape, and its library in this process.
struct CompiledShape {
  mlir::OwningOpRef<mlir::ModuleOp> module;
  mlir::func::FuncOp function;
  const attn_entry *entry = nullptr;
  std::string isa;
};

/// Compiles as attnc does; with `schedules`, of `readSchedules`, where they
/// fit.
llvm::Expected<CompiledShape> compileShape(const Shape &shape,
                                           llvm::ArrayRef<std::string> targets,
                                           mlir::MLIRContext &context,
                                           mlir::ArrayAttr schedules = {});

} // namespace attn::bench

#endif // ATTN_LIB_BENCH_COMPILEDSHAPE_H
