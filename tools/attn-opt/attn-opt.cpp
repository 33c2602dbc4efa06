//===- attn-opt.cpp - Runs any pass or stage on a module
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Import/Passes.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Target/Passes.h"
#include "attn/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

#ifdef ATTN_INCLUDE_TESTS
namespace attn::test {
void registerTestMaskAnalysisPass();
} // namespace attn::test
#endif

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  registry.insert<attn::AttnDialect>();
  attn::registerAttnTransformsPasses();
  attn::registerAttnImportPasses();
  attn::registerImportPipeline();
  attn::registerAttnTargetPasses();
  attn::registerAttnPipelines();
#ifdef ATTN_INCLUDE_TESTS
  attn::test::registerTestMaskAnalysisPass();
#endif
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "attn-opt: runs passes and stages of attn-mlir\n", registry));
}
