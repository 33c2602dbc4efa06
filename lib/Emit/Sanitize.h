//===- Sanitize.h - Instruments generated code ------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_EMIT_SANITIZE_H
#define ATTN_LIB_EMIT_SANITIZE_H

#include "attn/Emit/ObjectCode.h"
#include "llvm/IR/PassManager.h"

namespace attn {

/// Marks the functions of `module` for `sanitizer`, and adds what runs before
/// other passes: object sizes are visible before memory is promoted and merged.
void addEarlySanitizerPasses(Sanitizer sanitizer, llvm::Module &module,
                             llvm::ModulePassManager &passes);

/// Adds what runs on the code as it will be emitted.
void addLateSanitizerPasses(Sanitizer sanitizer,
                            llvm::ModulePassManager &passes);

} // namespace attn

#endif // ATTN_LIB_EMIT_SANITIZE_H
