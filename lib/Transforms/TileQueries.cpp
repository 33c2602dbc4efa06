//===- TileQueries.cpp - Cut each attention into query tiles
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnlineAttention/DecodeTask.h"
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

/// A tensor to write each result into.
static FailureOr<SmallVector<Value>> emptyResults(IRRewriter &rewriter,
                                                  AttentionOp op) {
  ReifiedRankedShapedTypeDims shapes;
  if (failed(reifyResultShapes(rewriter, op, shapes)))
    return failure();
  SmallVector<Value> tensors;
  for (auto [result, shape] : llvm::zip(op->getResults(), shapes))
    tensors.push_back(tensor::EmptyOp::create(
        rewriter, op.getLoc(), shape,
        cast<RankedTensorType>(result.getType()).getElementType()));
  return tensors;
}

/// Makes the parallel loop empty where `skip` is true at run time.
static void skipWhere(IRRewriter &rewriter, scf::ForallOp forall, Value skip) {
  rewriter.setInsertionPoint(forall);
  SmallVector<OpFoldResult> bounds = forall.getMixedUpperBound();
  Location loc = forall.getLoc();
  Value count = getValueOrCreateConstantIndexOp(rewriter, loc, bounds.back());
  Value none = arith::ConstantIndexOp::create(rewriter, loc, 0);
  bounds.back() =
      arith::SelectOp::create(rewriter, loc, skip, none, count).getResult();
  SmallVector<int64_t> constants;
  SmallVector<Value> values;
  dispatchIndexOpFoldResults(bounds, values, constants);
  forall.getDynamicUpperBoundMutable().assign(values);
  forall.setStaticUpperBound(constants);
}

static LogicalResult tileQueries(IRRewriter &rewriter, AttentionOp op) {
  if (!op.getSchedule())
    return op.emitOpError("has no schedule; run attn-choose-schedule first");
  if (getAttentionShape(op).isPacked) {
    if (op.getSchedule()->keysInLanes())
      return op.emitOpError("of packed sequences by a decode schedule is not "
                            "supported");
    return tilePackedQueries(rewriter, op);
  }
  rewriter.setInsertionPoint(op);
  auto decodeInto = [&](ScheduleAttr schedule, ValueRange outputs,
                        Value enabled) -> LogicalResult {
    rewriter.setInsertionPointAfter(outputs.back().getDefiningOp());
    FailureOr<SmallVector<Value>> results =
        emitDecode(rewriter, op, schedule, outputs, enabled);
    if (failed(results))
      return failure();
    rewriter.replaceOp(op, *results);
    return success();
  };
  if (op.getSchedule()->keysInLanes()) {
    FailureOr<SmallVector<Value>> outputs = emptyResults(rewriter, op);
    if (failed(outputs))
      return failure();
    return decodeInto(*op.getSchedule(), *outputs, /*enabled=*/{});
  }

  // Where the number of queries is known at run time only, two parallel loops
  // write the same results, and one of them has no task.
  std::optional<ScheduleAttr> decode = op.getDecodeSchedule();
  IRBuilder b(rewriter, op.getLoc());
  Value few = decode ? hasFewQueries(b, op) : Value();
  op.removeDecodeScheduleAttr();
  SmallVector<OpFoldResult> sizes;
  if (getAttentionShape(op).layout.batch)
    sizes.push_back(rewriter.getIndexAttr(1));
  sizes.push_back(rewriter.getIndexAttr(1));
  sizes.push_back(rewriter.getIndexAttr(op.getSchedule()->getQueryTile()));
  scf::SCFTilingOptions options;
  options.setTileSizes(sizes);
  options.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  if (!decode) {
    rewriter.replaceOp(op, tiled->replacements);
    return success();
  }
  skipWhere(rewriter, cast<scf::ForallOp>(tiled->loops.front().getOperation()),
            few);
  op.getValuePairsMutable().clear();
  return decodeInto(*decode, tiled->replacements, few);
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
