//===- TileRecurrences.cpp - Linear attention as chunks of tokens
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Recurrence/RecurrenceTask.h"
#include "attn/Transforms/Passes.h"
#include "mlir/IR/TypeUtilities.h"

namespace attn {
#define GEN_PASS_DEF_TILERECURRENCES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct TileRecurrences : attn::impl::TileRecurrencesBase<TileRecurrences> {
  void runOnOperation() override;
};
} // namespace

static void lower(IRBuilder &b, LinearAttentionOp op) {
  RecurrenceShape shape = getRecurrenceShape(op);
  ReifiedRankedShapedTypeDims shapes;
  (void)op.reifyResultShapes(b, shapes);
  SmallVector<Value> results;
  for (auto [result, sizes] : llvm::zip_equal(op->getResults(), shapes))
    results.push_back(b.empty(sizes, getElementTypeOrSelf(result.getType())));

  // The last task may have fewer columns.
  int64_t width = std::min(op.getSchedule()->getColumns(), shape.valueSize);
  int64_t whole = shape.valueSize / width * width;
  SmallVector<ColumnRun> runs = {{0, whole, width}};
  if (whole < shape.valueSize)
    runs.push_back({whole, shape.valueSize, shape.valueSize - whole});
  RecurrenceTask task(op);
  for (const ColumnRun &run : runs)
    results = task.build(b, run, results);
  op->replaceAllUsesWith(results);
  op.erase();
}

void TileRecurrences::runOnOperation() {
  SmallVector<LinearAttentionOp> ops;
  getOperation().walk([&](LinearAttentionOp op) { ops.push_back(op); });
  for (LinearAttentionOp op : ops) {
    if (!op.getSchedule()) {
      op.emitOpError("has no schedule; run attn-choose-schedule first");
      return signalPassFailure();
    }
    OpBuilder builder(op);
    IRBuilder b(builder, op.getLoc());
    lower(b, op);
  }
}
