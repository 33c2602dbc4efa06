//===- Embedded.h - Files carried inside the compiler -----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_EMIT_EMBEDDED_H
#define ATTN_LIB_EMIT_EMBEDDED_H

#include "llvm/ADT/StringRef.h"
#include "llvm/TargetParser/Triple.h"

namespace attn {

/// The object file of lib/Runtime for the architecture of `triple`, to be
/// linked into every library; empty if this build has none.
llvm::StringRef runtimeObject(const llvm::Triple &triple);

/// The same, instrumented by the thread sanitizer; empty but for the
/// architecture of this process.
llvm::StringRef watchedRuntimeObject(const llvm::Triple &triple);

/// The text of include/attn/Runtime/ABI.h.
llvm::StringRef abiHeader();

} // namespace attn

#endif // ATTN_LIB_EMIT_EMBEDDED_H
