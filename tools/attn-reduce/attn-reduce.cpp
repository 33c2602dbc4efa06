//===- attn-reduce.cpp - Shrinks a module that shows a bug
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../common/RegisterEverything.h"
#include "SimplifyRegions.h"
#include "mlir/Tools/mlir-reduce/MlirReduceMain.h"

int main(int argc, char **argv) {
  attn::registerEveryPass();
  attn::registerRegionSimplification();
  mlir::DialectRegistry registry;
  attn::registerEveryDialect(registry);
  mlir::MLIRContext context(registry);
  return mlir::failed(mlir::mlirReduceMain(argc, argv, context));
}
