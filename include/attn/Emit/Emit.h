//===- Emit.h - Stage 8: files ----------------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EMIT_EMIT_H
#define ATTN_EMIT_EMIT_H

#include "attn/Emit/Description.h"
#include "attn/Emit/ObjectCode.h"
#include "attn/Emit/OutputFiles.h"

namespace attn {

/// What can be written for a prefix P.
enum class Output : unsigned {
  lib,       ///< P.so
  obj,       ///< P.o, one object with one global symbol
  archive,   ///< P.a, holding that object
  header,    ///< P.h
  manifest,  ///< P.json
  pkgconfig, ///< P.pc
  llvm,      ///< P.ll, optimised (P.<target>.ll with several targets)
  assembly,  ///< P.s
  mlir,      ///< P.mlir, the lowered module
};

/// The output that `--emit` calls `name`; nothing if there is none.
std::optional<Output> parseOutput(llvm::StringRef name);
llvm::ArrayRef<llvm::StringLiteral> outputNames();

/// Compiles the variants of `library`: `lowered[i]`, in the LLVM dialect, is
/// the module for `library.variants[i]`, of which triple, cpu and features say
/// for what. Fills in the CPU features that the code needs, and adds the
/// wished-for files, named after `prefix`, to `files`.
llvm::Error emitLibrary(LibraryDescription &library,
                        llvm::ArrayRef<mlir::ModuleOp> lowered,
                        llvm::ArrayRef<Output> outputs, Sanitizer sanitizer,
                        llvm::StringRef prefix, OutputFiles &files);

} // namespace attn

#endif // ATTN_EMIT_EMIT_H
