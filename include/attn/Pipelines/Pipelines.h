//===- Pipelines.h - The eight stages from a model to machine code
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each stage is a pipeline of its own: `attn-opt --attn-tile`, or
// `attnc --stop-after=tile`. One line says what is alive after it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_PIPELINES_PIPELINES_H
#define ATTN_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include <vector>

namespace attn {

class Target;

/// Stage 2: what surrounds attention moves into it. Alive: attn, linalg.
void buildFusePipeline(mlir::OpPassManager &pm);

struct TileOptions : mlir::PassPipelineOptions<TileOptions> {
  Option<std::string> target{
      *this, "target",
      llvm::cl::desc("Target whose facts decide; empty: the module's own, else "
                     "x86-64-v4")};
};
/// Stage 3: schedules are chosen; queries, then keys are tiled.
/// Alive: attn.online_attention, scf, linalg.
void buildTilePipeline(mlir::OpPassManager &pm,
                       const TileOptions &options = {});

/// Stage 4: key tiles become contractions and row operations.
/// Alive: linalg, scf, math.
void buildDecomposePipeline(mlir::OpPassManager &pm);

/// Stage 5: linalg becomes register-shaped vector code. Alive: vector, scf.
void buildVectorizePipeline(mlir::OpPassManager &pm);

/// Stage 6: tensors become memory, outputs parameters.
/// Alive: memref, vector, scf.
void buildBufferizePipeline(mlir::OpPassManager &pm);

/// A stage by name, for drivers that stop after one.
struct Stage {
  llvm::StringRef name;
  std::function<void(mlir::OpPassManager &)> build;
};
/// The stages from `fuse` to `lower` for `target`, in order. (Stage 1, import,
/// is `buildImportPipeline`; stage 8, emit, writes files.)
std::vector<Stage> pipelineStages(const Target &target);

/// Registers `--attn-fuse` to `--attn-bufferize`, and `--attn-lower-to-cpu`.
void registerAttnPipelines();

} // namespace attn

#endif // ATTN_PIPELINES_PIPELINES_H
