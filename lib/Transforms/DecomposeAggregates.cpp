//===- DecomposeAggregates.cpp - What is not attention, as linalg
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"

namespace attn {
#define GEN_PASS_DEF_DECOMPOSEAGGREGATES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct DecomposeAggregates
    : attn::impl::DecomposeAggregatesBase<DecomposeAggregates> {
  void runOnOperation() override;
};
} // namespace

void DecomposeAggregates::runOnOperation() {
  SmallVector<linalg::AggregatedOpInterface> ops;
  getOperation().walk(
      [&](linalg::AggregatedOpInterface op) { ops.push_back(op); });
  IRRewriter rewriter(&getContext());
  for (linalg::AggregatedOpInterface op : ops) {
    rewriter.setInsertionPoint(op);
    FailureOr<SmallVector<Value>> results = op.decomposeOperation(rewriter);
    if (failed(results)) {
      op.emitOpError("cannot be decomposed");
      return signalPassFailure();
    }
    rewriter.replaceOp(op, *results);
  }
}
