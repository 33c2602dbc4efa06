//===- Pipelines.cpp - The stages from a model to machine code
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Pipelines/Pipelines.h"
#include "attn/Mods/Passes.h"
#include "attn/Target/Passes.h"
#include "attn/Target/Target.h"
#include "attn/Transforms/Canonicalize.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Affine/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace attn;

void attn::buildFusePipeline(OpPassManager &pm) {
  // For modules that attn-opt begins with here.
  pm.addPass(createInlineMods());
  pm.addPass(createSplitCasts());
  pm.addPass(createQuickCanonicalizer());
  pm.addPass(createCSEPass());
}

void attn::buildTilePipeline(OpPassManager &pm, const TileOptions &options) {
  AttachTargetOptions attach;
  attach.target = options.target;
  pm.addPass(createAttachTarget(attach));
  pm.addPass(createSplitCasts());
  pm.addNestedPass<func::FuncOp>(createGuardArithmetic());
  pm.addNestedPass<func::FuncOp>(createGuardLoads());
  pm.addPass(createUpdateInPlace());
  pm.addPass(createEmitChecks());
  pm.addNestedPass<func::FuncOp>(createExpandAppends());
  pm.addPass(createTileProjections());
  pm.addNestedPass<func::FuncOp>(createTileMerges());
  pm.addNestedPass<func::FuncOp>(createChooseSchedule());
  pm.addNestedPass<func::FuncOp>(createTileRecurrences());
  pm.addNestedPass<func::FuncOp>(createPackValues());
  pm.addNestedPass<func::FuncOp>(createTileQueries());
  pm.addNestedPass<func::FuncOp>(createTileKeys());
  pm.addPass(createQuickCanonicalizer());
}

void attn::buildDecomposePipeline(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createDecomposeOnlineAttention());
  pm.addNestedPass<func::FuncOp>(createDecomposeAggregates());
  pm.addPass(createUnpackNibbles());
  pm.addPass(createUnpackBooleans());
  pm.addPass(createQuickCanonicalizer());
}

void attn::buildVectorizePipeline(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createVectorize());
  // No loop-invariant code motion on tensors: it would move fills and empty
  // tensors out of the parallel loop, and each move is a silent copy later.
  pm.addPass(createQuickCanonicalizer());
  pm.addPass(createCSEPass());
}

void attn::buildBufferizePipeline(OpPassManager &pm) {
  pm.addPass(createOutputsToArguments());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  // The first canonicalization drops the results that are their own operands.
  pm.addPass(createQuickCanonicalizer());
  pm.addPass(bufferization::createDropEquivalentBufferResultsPass());
  pm.addPass(createQuickCanonicalizer());
  pm.addPass(createCSEPass());
  pm.addPass(createQuickCanonicalizer());
  pm.addNestedPass<func::FuncOp>(createExpandCopies());
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToLoopsPass());
  pm.addNestedPass<func::FuncOp>(createMaskReshapedReads());
  pm.addPass(memref::createFoldMemRefAliasOpsPass());
  pm.addPass(createQuickCanonicalizer());
  pm.addNestedPass<func::FuncOp>(bufferization::createBufferHoistingPass());
  pm.addNestedPass<func::FuncOp>(bufferization::createBufferLoopHoistingPass());
}

std::vector<Stage> attn::pipelineStages(const Target &target) {
  return {
      {"fuse", buildFusePipeline},
      {"tile",
       [&](OpPassManager &pm) {
         TileOptions options;
         options.target = target.getSpec().name;
         buildTilePipeline(pm, options);
       }},
      {"decompose", buildDecomposePipeline},
      {"vectorize", buildVectorizePipeline},
      {"bufferize", buildBufferizePipeline},
      {"lower", [&](OpPassManager &pm) { target.buildLoweringPipeline(pm); }}};
}

void attn::registerAttnPipelines() {
  PassPipelineRegistration<>(
      "attn-fuse", "Stage 2: fuse what surrounds attention", buildFusePipeline);
  PassPipelineRegistration<TileOptions>(
      "attn-tile", "Stage 3: choose schedules, tile queries and keys",
      [](OpPassManager &pm, const TileOptions &options) {
        buildTilePipeline(pm, options);
      });
  PassPipelineRegistration<>("attn-decompose",
                             "Stage 4: key tiles to contractions",
                             buildDecomposePipeline);
  PassPipelineRegistration<>("attn-vectorize", "Stage 5: linalg to vectors",
                             buildVectorizePipeline);
  PassPipelineRegistration<>("attn-bufferize", "Stage 6: tensors to memory",
                             buildBufferizePipeline);
  PassPipelineRegistration<>(
      "attn-lower-to-cpu", "Stage 7: to the LLVM dialect",
      [](OpPassManager &pm) {
        lookupTarget("x86-64-v4")->buildLoweringPipeline(pm);
      });
}
