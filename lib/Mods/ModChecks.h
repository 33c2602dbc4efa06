//===- ModChecks.h - Whether a mod can be applied ---------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_MODS_MODCHECKS_H
#define ATTN_LIB_MODS_MODCHECKS_H

#include "attn/Mods/Mods.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn {

/// An error at `call`: no mod is called `name`. `names` are those of mods.
llvm::LogicalResult emitUnknownMod(mlir::Operation *call, llvm::StringRef name,
                                   llvm::ArrayRef<std::string> names);

/// Verifies that `mod` is one block of pure ops with one result, and no entry.
llvm::LogicalResult checkMod(mlir::Operation *call, mlir::func::FuncOp mod,
                             bool isEntryIfPublic);

/// Verifies that the operands and the result of `call` are what `mod` takes and
/// gives; `use` is how errors show it, `@window(%left: index, %right: index)`.
/// A tensor may say more of its shape than the mod, and have narrower numbers.
llvm::LogicalResult checkTypes(mlir::Operation *call, mlir::func::FuncOp mod,
                               llvm::StringRef use, bool isOfLibrary);

} // namespace attn

#endif // ATTN_LIB_MODS_MODCHECKS_H
