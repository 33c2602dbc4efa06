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

using Slice = std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>;

/// Offsets and sizes of the first query, at dimension `dim` of `tensor`.
static Slice firstQuery(IRBuilder &b, Value tensor, unsigned dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  Slice slice;
  for (int64_t at = 0; at < type.getRank(); ++at) {
    slice.first.push_back(b.getIndexAttr(0));
    slice.second.push_back(at == dim ? OpFoldResult(b.getIndexAttr(1))
                                     : getAsOpFoldResult(b.dim(tensor, at)));
  }
  return slice;
}

/// The dimension of the queries in each result.
static SmallVector<unsigned> queryDims(AttentionOp op) {
  HeadLayout layout = getAttentionShape(op).layout;
  // Statistics are (batch,) head, query in every layout.
  SmallVector<unsigned> dims(op->getNumResults(), layout.batch ? 2 : 1);
  dims[0] = layout.sequence;
  return dims;
}

/// The attention of the first query alone.
static AttentionOp cloneForOneQuery(IRBuilder &b, AttentionOp op) {
  HeadLayout layout = getAttentionShape(op).layout;
  auto [offsets, sizes] = firstQuery(b, op.getQuery(), layout.sequence);
  Value query = b.slice(op.getQuery(), offsets, sizes);
  auto one = cast<AttentionOp>(b.clone(*op));
  one.getQueryMutable().assign(query);
  for (auto [result, dim] : llvm::zip(one->getResults(), queryDims(op))) {
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
  // Slices, not casts: with more queries, this code must mean something too.
  SmallVector<Slice> slices;
  SmallVector<Value> parts;
  for (auto [result, dim] : llvm::zip(results, queryDims(op))) {
    slices.push_back(firstQuery(b, result, dim));
    parts.push_back(b.slice(result, slices.back().first, slices.back().second));
  }
  auto ofOne = ScheduleAttr::get(
      op.getContext(), schedule.getKind(), shape.groupSize(),
      schedule.getKeyTile(), schedule.getKeyBlock(), schedule.getLanes(),
      schedule.getRegisters(), schedule.getDot(), schedule.getSplit());
  FailureOr<SmallVector<Value>> written =
      emitDecode(b, one, ofOne, parts, single);
  if (failed(written))
    return failure();
  b.setInsertionPointAfter(written->back().getDefiningOp());
  for (auto [result, part, slice] : llvm::zip(results, *written, slices))
    result = b.insert(part, result, slice.first, slice.second);
  rewriter.eraseOp(one);
  return results;
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
