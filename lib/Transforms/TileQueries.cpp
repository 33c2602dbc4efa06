//===- TileQueries.cpp - Cut each attention into query tiles
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackedSequences.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"

namespace attn {
#define GEN_PASS_DEF_TILEQUERIES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct TileQueries : attn::impl::TileQueriesBase<TileQueries> {
  void runOnOperation() override;
};
} // namespace

static LogicalResult tileQueries(IRRewriter &rewriter, AttentionOp op) {
  if (!op.getSchedule())
    return op.emitOpError("has no schedule; run attn-choose-schedule first");
  if (getAttentionShape(op).isPacked)
    return tilePackedQueries(rewriter, op);
  SmallVector<OpFoldResult> sizes;
  if (getAttentionShape(op).layout.batch)
    sizes.push_back(rewriter.getIndexAttr(1));
  sizes.push_back(rewriter.getIndexAttr(1));
  sizes.push_back(rewriter.getIndexAttr(op.getSchedule()->getQueryTile()));
  scf::SCFTilingOptions options;
  options.setTileSizes(sizes);
  options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  rewriter.setInsertionPoint(op);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  rewriter.replaceOp(op, tiled->replacements);
  return success();
}

void TileQueries::runOnOperation() {
  SmallVector<AttentionOp> ops;
  getOperation().walk([&](AttentionOp op) {
    if (op.getOffsets().empty())
      ops.push_back(op);
  });
  IRRewriter rewriter(&getContext());
  for (AttentionOp op : ops)
    if (failed(tileQueries(rewriter, op)))
      return signalPassFailure();
}
