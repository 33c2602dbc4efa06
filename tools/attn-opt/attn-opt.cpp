//===- attn-opt.cpp - Runs any pass or stage on a module
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../common/RegisterEverything.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

#ifdef ATTN_INCLUDE_TESTS
namespace attn::test {
void registerTestMaskAnalysisPass();
} // namespace attn::test
#endif

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  attn::registerEveryDialect(registry);
  attn::registerEveryPass();
#ifdef ATTN_INCLUDE_TESTS
  attn::test::registerTestMaskAnalysisPass();
#endif
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "attn-opt: runs passes and stages of attn-mlir\n", registry));
}
