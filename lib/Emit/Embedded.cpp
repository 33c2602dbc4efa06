//===- Embedded.cpp - Files carried inside the compiler -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The build says where ATTN_ABI_HEADER and ATTN_RUNTIME_<architecture> lie;
// attnc then needs none of them, and can be moved.
//
//===----------------------------------------------------------------------===//

#include "Embedded.h"
#include "attn/Support/Embed.h"
#include "llvm/TargetParser/Host.h"

ATTN_EMBED(attn_embedded_abi, ATTN_ABI_HEADER)
#ifdef ATTN_RUNTIME_x86_64
ATTN_EMBED(attn_embedded_x86_64, ATTN_RUNTIME_x86_64)
#endif
#ifdef ATTN_RUNTIME_aarch64
ATTN_EMBED(attn_embedded_aarch64, ATTN_RUNTIME_aarch64)
#endif
#ifdef ATTN_RUNTIME_riscv64
ATTN_EMBED(attn_embedded_riscv64, ATTN_RUNTIME_riscv64)
#endif
ATTN_EMBED(attn_embedded_watched, ATTN_RUNTIME_WATCHED)

llvm::StringRef attn::watchedRuntimeObject(const llvm::Triple &triple) {
  llvm::Triple here(llvm::sys::getProcessTriple());
  if (triple.getArch() != here.getArch())
    return {};
  return ATTN_EMBEDDED_TEXT(attn_embedded_watched);
}

llvm::StringRef attn::runtimeObject(const llvm::Triple &triple) {
  switch (triple.getArch()) {
#ifdef ATTN_RUNTIME_x86_64
  case llvm::Triple::x86_64:
    return ATTN_EMBEDDED_TEXT(attn_embedded_x86_64);
#endif
#ifdef ATTN_RUNTIME_aarch64
  case llvm::Triple::aarch64:
    return ATTN_EMBEDDED_TEXT(attn_embedded_aarch64);
#endif
#ifdef ATTN_RUNTIME_riscv64
  case llvm::Triple::riscv64:
    return ATTN_EMBEDDED_TEXT(attn_embedded_riscv64);
#endif
  default:
    return {};
  }
}

llvm::StringRef attn::abiHeader() {
  return ATTN_EMBEDDED_TEXT(attn_embedded_abi);
}
