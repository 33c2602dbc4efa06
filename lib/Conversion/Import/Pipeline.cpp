//===- Pipeline.cpp - Stage 1: import
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Conversion/Import/Passes.h"
#include "attn/Mods/Passes.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void attn::buildImportPipeline(OpPassManager &pm) {
  pm.addPass(createInlineMods());
  pm.addPass(createSplitCasts());
  OpPassManager &functions = pm.nest<func::FuncOp>();
  functions.addPass(createRaiseAttention());
  functions.addPass(createRaiseProjections());
  functions.addPass(createCanonicalizerPass());
  functions.addPass(createCSEPass());
}

void attn::registerImportPipeline() {
  PassPipelineRegistration<>(
      "attn-import", "Stage 1: find attention in linalg ops of front ends",
      buildImportPipeline);
}
