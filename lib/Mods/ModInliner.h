//===- ModInliner.h - Expands mods in a region ------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_MODS_MODINLINER_H
#define ATTN_LIB_MODS_MODINLINER_H

#include "ModSources.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SmallPtrSet.h"

namespace attn {

/// Replaces calls in regions of attention by what they call.
class ModInliner {
public:
  ModInliner(mlir::ModuleOp module, llvm::ArrayRef<ModFile> files)
      : module(module), sources(module, files) {}

  /// Replaces `call`, an attn.apply in a region of an attention.
  llvm::LogicalResult expand(mlir::Operation *call);

  /// Whether some region has applied `function`, of the module.
  bool hasApplied(mlir::Operation *function) const {
    return applied.contains(function);
  }

private:
  /// `call` came to its region from the module `from`.
  llvm::LogicalResult expand(mlir::Operation *call, mlir::ModuleOp from);
  llvm::FailureOr<mlir::func::FuncOp> find(mlir::Operation *call,
                                           mlir::ModuleOp from);
  llvm::FailureOr<mlir::Value> adapt(mlir::Operation *call,
                                     mlir::BlockArgument parameter,
                                     mlir::Value given);

  mlir::ModuleOp module;
  ModSources sources;
  llvm::SmallPtrSet<mlir::Operation *, 8> applied;
  // Of the call that is being expanded.
  mlir::Operation *attention = nullptr;
  mlir::FloatType score;
  llvm::SmallVector<mlir::func::FuncOp> stack; ///< Outermost first.
};

} // namespace attn

#endif // ATTN_LIB_MODS_MODINLINER_H
