//===- Source.h - Reading a module with its names ---------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EMIT_SOURCE_H
#define ATTN_EMIT_SOURCE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/SourceMgr.h"

namespace attn {

/// Parses the main buffer of `sourceMgr`, MLIR text or bytecode, and verifies
/// it. MLIR forgets how SSA values were called; the arguments and results of
/// public functions become names in a C header, so they are kept, as
/// `attn.name` attributes, where none is written: an argument gets its SSA
/// name, a result that of the returned value. Diagnostics go to the context;
/// null on failure.
mlir::OwningOpRef<mlir::ModuleOp> parseSource(const llvm::SourceMgr &sourceMgr,
                                              mlir::MLIRContext *context);

/// The module as bytecode without locations, so that the same text gives the
/// same bytes wherever the file lies.
std::string writeBytecode(mlir::ModuleOp module);

} // namespace attn

#endif // ATTN_EMIT_SOURCE_H
