//===- TileProjections.cpp - Projections as register-tiled contractions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Projection/ProjectionTiler.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Target/TargetSpec.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace attn {
#define GEN_PASS_DEF_TILEPROJECTIONS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct TileProjections : attn::impl::TileProjectionsBase<TileProjections> {
  void runOnOperation() override;
};
} // namespace

//===----------------------------------------------------------------------===//
// The two ops
//===----------------------------------------------------------------------===//

/// A tensor of the result's type to write into.
static Value emptyLike(IRBuilder &b, OpResult result) {
  ReifiedRankedShapedTypeDims shapes;
  (void)reifyResultShapes(b, result.getOwner(), shapes);
  return b.empty(shapes[result.getResultNumber()],
                 cast<RankedTensorType>(result.getType()).getElementType());
}

static void lowerProject(IRBuilder &b, ProjectHeadsOp op,
                         const TargetSpec &spec, WeightPacker &packer) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  HeadLayout at = *parseHeadLayout(op.getLayout(), input.getRank() + 1);
  bool batched = input.getRank() == 3;
  for (auto [index, weight] : llvm::enumerate(op.getWeights())) {
    Projection p;
    p.input = op.getInput();
    p.weight = weight;
    p.bias = op.getBiases().empty() ? Value() : op.getBiases()[index];
    p.activation = op.getActivation();
    if (op.getRotated() && llvm::is_contained(*op.getRotated(), index))
      p.rotary = {op.getRotary()[0], op.getRotary()[1], op.getPositions(),
                  op.getPairs() == "interleaved"};
    p.output = emptyLike(b, op->getResult(index));
    if (batched)
      p.inputBatch = 0;
    p.inputRow = batched ? 1 : 0;
    p.inputDepth = batched ? 2 : 1;
    p.outputBatch = at.batch;
    p.outputHead = at.head;
    p.outputRow = at.sequence;
    p.outputColumn = at.feature;
    op.getResult(index).replaceAllUsesWith(
        ProjectionTiler(b.getContext(), p, spec).build(b, packer));
  }
  op.erase();
}

static void lowerMerge(IRBuilder &b, MergeHeadsOp op, const TargetSpec &spec,
                       WeightPacker &packer) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  HeadLayout at = *parseHeadLayout(op.getLayout(), input.getRank());
  Projection p;
  p.input = op.getInput();
  p.weight = op.getWeight();
  p.bias = op.getBias();
  p.activation = op.getActivation();
  p.output = emptyLike(b, op->getOpResult(0));
  p.inputBatch = at.batch;
  p.inputGroup = at.head;
  p.inputRow = at.sequence;
  p.inputDepth = at.feature;
  if (at.batch)
    p.outputBatch = 0;
  p.outputRow = at.batch ? 1 : 0;
  p.outputColumn = at.batch ? 2 : 1;
  op.getResult().replaceAllUsesWith(
      ProjectionTiler(b.getContext(), p, spec).build(b, packer));
  op.erase();
}

void TileProjections::runOnOperation() {
  ModuleOp module = getOperation();
  std::optional<TargetSpec> spec = getTargetSpec(module);
  if (!spec) {
    module.emitError("has no target; run attn-attach-target first");
    return signalPassFailure();
  }
  SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
  for (func::FuncOp function : functions) {
    SmallVector<Operation *> ops;
    WalkResult result = function.walk([&](Operation *op) {
      if (!isa<ProjectHeadsOp, MergeHeadsOp>(op))
        return WalkResult::advance();
      auto type = cast<RankedTensorType>(op->getOperand(0).getType());
      Type element = type.getElementType();
      if (!element.isF32() && !element.isF64() && !element.isBF16() &&
          !element.isF16()) {
        op->emitOpError() << "of " << element
                          << " is not supported on the CPU; supported: f32, "
                             "bf16, f16, f64";
        return WalkResult::interrupt();
      }
      ops.push_back(op);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    if (ops.empty())
      continue;
    WeightPacker packer(function);
    for (Operation *op : ops) {
      OpBuilder builder(op);
      IRBuilder b(builder, op->getLoc());
      if (auto project = dyn_cast<ProjectHeadsOp>(op))
        lowerProject(b, project, *spec, packer);
      else
        lowerMerge(b, cast<MergeHeadsOp>(op), *spec, packer);
    }
    packer.finish();
  }
}
