//===- TileQueries.cpp - Cut each attention into query tiles
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnlineAttention/DecodeTask.h"
#include "PackedSequences.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/KeyLists.h"
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

/// Gives results the sizes that operands tell, where the type has them as
/// unknown: what replaces the op has them too.
static LogicalResult refineResults(IRRewriter &rewriter, AttentionOp op) {
  ReifiedRankedShapedTypeDims shapes;
  rewriter.setInsertionPoint(op);
  if (failed(reifyResultShapes(rewriter, op, shapes)))
    return failure();
  rewriter.setInsertionPointAfter(op);
  for (auto [result, shape] : llvm::zip(op->getResults(), shapes)) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<int64_t> sizes;
    SmallVector<Value> unknown;
    dispatchIndexOpFoldResults(shape, unknown, sizes);
    RankedTensorType refined = type.clone(sizes);
    if (refined == type)
      continue;
    result.setType(refined);
    auto forgotten =
        tensor::CastOp::create(rewriter, op.getLoc(), type, result);
    rewriter.replaceAllUsesExcept(result, forgotten, forgotten);
  }
  return success();
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

/// The attention of the first query alone. (A slice, not a cast to one query:
/// this code must mean something with more queries too.)
static AttentionOp cloneForOneQuery(IRBuilder &b, AttentionOp op) {
  HeadLayout layout = getAttentionShape(op).layout;
  SmallVector<OpFoldResult> offsets(layout.rank(), b.getIndexAttr(0)), sizes;
  for (unsigned dim = 0; dim < layout.rank(); ++dim)
    sizes.push_back(dim == layout.sequence
                        ? OpFoldResult(b.getIndexAttr(1))
                        : getAsOpFoldResult(b.dim(op.getQuery(), dim)));
  Value query = b.slice(op.getQuery(), offsets, sizes);
  auto one = cast<AttentionOp>(b.clone(*op));
  one.getQueryMutable().assign(query);
  for (OpResult result : one->getResults()) {
    // Statistics are (batch,) head, query in every layout.
    unsigned dim = result.getResultNumber() == 0 ? layout.sequence
                                                 : (layout.batch ? 2 : 1);
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[dim] = 1;
    result.setType(type.clone(shape));
  }
  return one;
}

/// Writes the results of `few` queries into `outputs`. One query, as a decoder
/// has, is worth code of its own: all its rows are known.
static FailureOr<SmallVector<Value>> decodeFew(IRRewriter &rewriter,
                                               AttentionOp op,
                                               ScheduleAttr schedule,
                                               ValueRange outputs, Value few) {
  IRBuilder b(rewriter, op.getLoc());
  AttentionShape shape = getAttentionShape(op);
  SmallVector<Value> results(outputs);
  Value single = few;
  std::optional<KeyLists> lists = getKeyLists(op);
  if (lists)
    return emitDecode(rewriter, op, schedule, results, few);
  if (schedule.getQueryTile() > shape.groupSize()) {
    Value queries = b.dim(op.getQuery(), shape.layout.sequence);
    single = b.compare(arith::CmpIPredicate::eq, queries, b.index(1));
    Value several = arith::AndIOp::create(
        b, b.getLoc(), few,
        b.compare(arith::CmpIPredicate::ne, queries, b.index(1)));
    FailureOr<SmallVector<Value>> written =
        emitDecode(rewriter, op, schedule, results, several);
    if (failed(written))
      return failure();
    results = *written;
    b.setInsertionPointAfter(results.back().getDefiningOp());
  }
  AttentionOp one = cloneForOneQuery(b, op);
  FailureOr<SmallVector<Value>> written = emitDecode(
      b, one, schedule.withQueryTile(shape.groupSize()), results, single);
  rewriter.eraseOp(one);
  return written;
}

/// Products with tables take queries as they are: where a score region has
/// some, it scales its score itself.
static void scaleInRegion(IRRewriter &rewriter, AttentionOp op) {
  if (op.getScore().empty() || op.getScore().getOps<QueryDotOp>().empty())
    return;
  double scale = op.getScaleValue();
  op.setScaleAttr(rewriter.getF64FloatAttr(1.0));
  if (scale == 1.0)
    return;
  BlockArgument score = op.getScore().getArgument(0);
  rewriter.setInsertionPointToStart(score.getOwner());
  IRBuilder b(rewriter, op.getLoc());
  Value scaled = b.mulf(score, b.floating(score.getType(), scale));
  rewriter.replaceAllUsesExcept(score, scaled, scaled.getDefiningOp());
}

/// A row of a decode schedule is a query of one of the heads that share keys.
static LogicalResult verifyRows(AttentionOp op) {
  int64_t heads = getHeadsTogether(op);
  for (std::optional<ScheduleAttr> schedule :
       {op.getSchedule(), op.getDecodeSchedule()})
    if (schedule && schedule->keysInLanes() && schedule->getQueryTile() < heads)
      return op.emitOpError("expects a decode schedule of a row for each of ")
             << heads << " heads that share keys, got a query_tile of "
             << schedule->getQueryTile();
  return success();
}

static LogicalResult tileQueries(IRRewriter &rewriter, AttentionOp op) {
  if (!op.getSchedule())
    return op.emitOpError("has no schedule; run attn-choose-schedule first");
  if (failed(verifyRows(op)))
    return failure();
  scaleInRegion(rewriter, op);
  if (getAttentionShape(op).isPacked)
    return tilePackedQueries(rewriter, op);
  if (failed(refineResults(rewriter, op)))
    return failure();
  rewriter.setInsertionPoint(op);
  if (op.getSchedule()->keysInLanes()) {
    FailureOr<SmallVector<Value>> outputs = emptyResults(rewriter, op);
    if (failed(outputs))
      return failure();
    rewriter.setInsertionPointAfter(outputs->back().getDefiningOp());
    FailureOr<SmallVector<Value>> results =
        emitDecode(rewriter, op, *op.getSchedule(), *outputs, /*enabled=*/{});
    if (failed(results))
      return failure();
    rewriter.replaceOp(op, *results);
    return success();
  }

  // Where the number of queries is known at run time only, several parallel
  // loops write the same results, and all but one of them have no task.
  std::optional<ScheduleAttr> decode = op.getDecodeSchedule();
  IRBuilder b(rewriter, op.getLoc());
  Value few = decode ? hasFewQueries(b, op) : Value();
  op.removeDecodeScheduleAttr();
  SmallVector<OpFoldResult> sizes;
  if (getAttentionShape(op).layout.batch)
    sizes.push_back(rewriter.getIndexAttr(1));
  sizes.push_back(rewriter.getIndexAttr(1));
  int64_t queries = op.getSchedule()->getQueryTile();
  if (std::optional<KeyLists> lists = getKeyLists(op))
    queries = lists->getQueryStep(queries);
  sizes.push_back(rewriter.getIndexAttr(queries));
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
  rewriter.setInsertionPointAfter(tiled->replacements.back().getDefiningOp());
  FailureOr<SmallVector<Value>> results =
      decodeFew(rewriter, op, *decode, tiled->replacements, few);
  if (failed(results))
    return failure();
  rewriter.replaceOp(op, *results);
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
