//===- RegisterEverything.h - What the developers' tools know ---*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// attn-opt, attn-reduce and attn-lsp-server take any module that MLIR can
// write. attnc, whose start-up a user waits for, registers only what it needs.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_COMMON_REGISTEREVERYTHING_H
#define ATTN_TOOLS_COMMON_REGISTEREVERYTHING_H

#include "attn/Conversion/Import/Passes.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Mods/Passes.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Target/Passes.h"
#include "attn/Transforms/Passes.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"

namespace attn {

/// Every upstream dialect, and ours.
inline void registerEveryDialect(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<AttnDialect>();
}

/// Every upstream pass, and our passes and stages.
inline void registerEveryPass() {
  mlir::registerAllPasses();
  registerAttnTransformsPasses();
  registerAttnImportPasses();
  registerAttnModsPasses();
  registerAttnTargetPasses();
  registerImportPipeline();
  registerAttnPipelines();
}

} // namespace attn

#endif // ATTN_TOOLS_COMMON_REGISTEREVERYTHING_H
