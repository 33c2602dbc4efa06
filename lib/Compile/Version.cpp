//===- Version.cpp - Which compiler this is -------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Compile/Version.h"
#include "llvm/Config/llvm-config.h"

std::string attn::compilerVersion() {
  return "attn-mlir " ATTN_VERSION " (LLVM " LLVM_VERSION_STRING ")";
}
