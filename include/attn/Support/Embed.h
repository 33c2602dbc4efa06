//===- Embed.h - Files carried inside a program -----------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SUPPORT_EMBED_H
#define ATTN_SUPPORT_EMBED_H

/// Puts the bytes of FILE, a string literal, into the program as NAME. What
/// depends on FILE must say so to the build (OBJECT_DEPENDS).
#define ATTN_EMBED(NAME, FILE)                                                 \
  __asm__(".section .rodata\n.balign 16\n.hidden " #NAME "\n.globl " #NAME     \
          "\n" #NAME ":\n.incbin \"" FILE "\"\n.hidden " #NAME                 \
          "_end\n.globl " #NAME "_end\n" #NAME "_end:\n.byte 0\n.previous\n"); \
  extern "C" __attribute__((visibility("hidden"))) const char NAME[];          \
  extern "C" __attribute__((visibility("hidden"))) const char NAME##_end[];

/// The arguments of a llvm::StringRef of them.
#define ATTN_EMBEDDED_TEXT(NAME) {NAME, size_t(NAME##_end - NAME)}

#endif // ATTN_SUPPORT_EMBED_H
