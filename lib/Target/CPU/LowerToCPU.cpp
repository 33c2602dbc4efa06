//===- LowerToCPU.cpp - Stage 7 on x86-64
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream conversions, in the order that the packaged MLIR wants, around two
// passes of ours: exp2 is expanded last of all arithmetic, and parallel calls
// are written once their arguments are LLVM values.
//
//===----------------------------------------------------------------------===//

#include "attn/Target/CPU/CPUTarget.h"
#include "attn/Target/Passes.h"
#include "attn/Transforms/Canonicalize.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace attn;

void CPUTarget::buildLoweringPipeline(OpPassManager &pm) const {
  pm.addPass(createOutlineParallel());
  pm.addPass(createPlaceScratch());
  pm.addPass(createLowerTiles());
  pm.addPass(createLowerNibbles());
  pm.addPass(createLowerDots());
  // No target computes in bf16 or f16: f32 between two conversions.
  arith::ArithEmulateUnsupportedFloatsOptions emulation;
  emulation.sourceTypeStrs = {"bf16", "f16"};
  emulation.targetTypeStr = "f32";
  pm.addPass(arith::createArithEmulateUnsupportedFloats(emulation));
  pm.addPass(math::createMathExtendToSupportedTypes());
  pm.addPass(createExpandExp2());
  pm.addPass(createApproximateMath());
  pm.addPass(createExpandConversions());
  pm.addPass(createQuickCanonicalizer());
  pm.addPass(createCSEPass());
  pm.addNestedPass<func::FuncOp>(createConvertVectorToSCFPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  ConvertVectorToLLVMPassOptions vectorOptions;
  vectorOptions.x86Vector = true;
  pm.addPass(createConvertVectorToLLVMPass(vectorOptions));
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createHalvesToIntegers());
  pm.addPass(createQuickCanonicalizer());
  pm.addPass(createCSEPass());
  pm.addPass(createEmitParallelCalls());
}
