//===- Embedded.cpp - Files carried inside the compiler -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The build says where ATTN_RUNTIME_OBJECT and ATTN_ABI_HEADER lie; attnc then
// needs neither, and can be moved.
//
//===----------------------------------------------------------------------===//

#include "Embedded.h"

#define ATTN_EMBED(NAME, FILE)                                                 \
  __asm__(".section .rodata\n.balign 16\n.hidden " #NAME "\n.globl " #NAME     \
          "\n" #NAME ":\n.incbin \"" FILE "\"\n.hidden " #NAME                 \
          "_end\n.globl " #NAME "_end\n" #NAME "_end:\n.byte 0\n.previous\n"); \
  extern "C" __attribute__((visibility("hidden"))) const char NAME[];          \
  extern "C" __attribute__((visibility("hidden"))) const char NAME##_end[];

ATTN_EMBED(attn_embedded_runtime, ATTN_RUNTIME_OBJECT)
ATTN_EMBED(attn_embedded_abi, ATTN_ABI_HEADER)

llvm::StringRef attn::runtimeObject() {
  return {attn_embedded_runtime,
          size_t(attn_embedded_runtime_end - attn_embedded_runtime)};
}

llvm::StringRef attn::abiHeader() {
  return {attn_embedded_abi, size_t(attn_embedded_abi_end - attn_embedded_abi)};
}
