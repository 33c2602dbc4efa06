//===- Version.h - Which compiler this is -----------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_COMPILE_VERSION_H
#define ATTN_COMPILE_VERSION_H

#include <string>

namespace attn {

/// "attn-mlir 0.1.0 (LLVM 22.1.8)".
std::string compilerVersion();

} // namespace attn

#endif // ATTN_COMPILE_VERSION_H
