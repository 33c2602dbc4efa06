//===- PackedWrappers.h - Calling an entry with an array --------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_EMIT_PACKEDWRAPPERS_H
#define ATTN_LIB_EMIT_PACKEDWRAPPERS_H

#include "attn/Emit/Description.h"
#include "llvm/IR/Function.h"
#include "llvm/Support/Error.h"

namespace attn {

/// The functions over `void **` that the runtime calls; what they take is said
/// at `attn_rt_entry` in lib/Runtime/Runtime.h. Null: the entry has none.
struct PackedFunctions {
  llvm::Function *invoke = nullptr;
  llvm::Function *workspaceSize = nullptr;
  llvm::Function *prepare = nullptr;
  llvm::Function *check = nullptr;
};

/// Adds them to a module that defines, by MLIR's C calling convention (tensors
/// as pointers to descriptors, scalars by value),
///
///   _mlir_ciface_E(inputs, outputs, [prepared], workspace, env)
///   _mlir_ciface_E_workspace_size(inputs, outputs, i64 workers) -> i64
///   _mlir_ciface_E_prepare(weights, prepared)
///   _mlir_ciface_E_check(inputs) -> i64
///
/// the last three if there is need. Fails, naming the function, if one is
/// missing or takes another number of arguments.
llvm::Expected<PackedFunctions>
addPackedWrappers(llvm::Module &module, const EntryDescription &entry,
                  const EntryLowering &lowering);

} // namespace attn

#endif // ATTN_LIB_EMIT_PACKEDWRAPPERS_H
