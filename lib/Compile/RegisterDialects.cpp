//===- RegisterDialects.cpp - What the stages are made of -----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Subsets.h"
#include "attn/Compile/Compile.h"
#include "attn/IR/AttnDialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"

void attn::registerCompilerDialects(mlir::DialectRegistry &registry) {
  registerQuickSubsets(registry);
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<AttnDialect>();
}
