//===- DecomposeOnlineAttention.cpp - Key tiles as linalg
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnlineAttention/DecodeTile.h"
#include "attn/Transforms/Passes.h"

namespace attn {
#define GEN_PASS_DEF_DECOMPOSEONLINEATTENTION
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct DecomposeOnlineAttention
    : attn::impl::DecomposeOnlineAttentionBase<DecomposeOnlineAttention> {
  void runOnOperation() override;
};
} // namespace

void DecomposeOnlineAttention::runOnOperation() {
  SmallVector<OnlineAttentionOp> ops;
  getOperation().walk([&](OnlineAttentionOp op) { ops.push_back(op); });
  IRRewriter rewriter(&getContext());
  for (OnlineAttentionOp op : ops) {
    WalkResult whole = op.walk([](QueryDotOp dot) {
      if (dot.getProducts() || dot.getQueries())
        return WalkResult::advance();
      dot.emitOpError("has neither products nor queries; run attn-tile-keys "
                      "first");
      return WalkResult::interrupt();
    });
    if (whole.wasInterrupted())
      return signalPassFailure();
    rewriter.setInsertionPoint(op);
    IRBuilder b(rewriter, op.getLoc());
    SmallVector<Value> state = op.getSchedule().keysInLanes()
                                   ? DecodeTile(b, op).build(b)
                                   : KeyTile(b, op).build(b);
    rewriter.replaceOp(op, state);
  }
}
