//===- RaiseAttention.cpp - Raise matmul-softmax-matmul to attn.attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Three steps: `matchAttention` says what is computed, `assignDims` which
// dimension is which, and `raise` writes the op.
//
//===----------------------------------------------------------------------===//

#include "ImportRemarks.h"
#include "RegionEmitter.h"
#include "TensorUses.h"
#include "attn/Conversion/Import/Passes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

namespace attn {
#define GEN_PASS_DEF_RAISEATTENTION
#include "attn/Conversion/Import/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using namespace attn::raising;

namespace {
struct RaiseAttention : attn::impl::RaiseAttentionBase<RaiseAttention> {
  void runOnOperation() override;

private:
  void tryRaise(linalg::LinalgOp contraction);

  llvm::MapVector<Operation *, Mismatch> softmaxes;
};
} // namespace

/// Replaces `match.result` by an attention.
static FailureOr<AttentionOp> raise(OpBuilder &builder, TensorExprs &exprs,
                                    const AttentionMatch &match,
                                    Mismatch &mismatch) {
  FailureOr<AttentionDims> dims =
      assignDims(match, collectLoads(exprs, match), mismatch);
  if (failed(dims))
    return failure();
  Location loc = match.softmax->getLoc();
  auto operand = [&](const IndexedTensor &source, ArrayRef<Index> wanted) {
    return relayout(builder, loc, source, wanted);
  };
  auto query = operand(dims->query, dims->wantedQuery());
  auto key = operand(dims->key, dims->wantedKey());
  auto value = operand(dims->value, dims->wantedValue());
  if (failed(query) || failed(key) || failed(value)) {
    mismatch.reason = "its operands don't have the dimensions of an attention";
    return failure();
  }
  auto queryType = cast<RankedTensorType>(query->getType());
  auto valueType = cast<RankedTensorType>(value->getType());
  for (Type type : {key->getType(), value->getType(), match.result.getType()})
    if (getElementTypeOrSelf(type) != queryType.getElementType() ||
        !isa<FloatType>(queryType.getElementType())) {
      mismatch.reason = "query, key, value and result differ in element type";
      return failure();
    }

  SmallVector<int64_t> shape(queryType.getShape());
  shape.back() = valueType.getShape().back();
  auto op = AttentionOp::create(
      builder, loc,
      TypeRange{RankedTensorType::get(shape, queryType.getElementType())},
      *query, *key, *value);
  if (!dims->layout.empty())
    op.setLayout(dims->layout);
  FailureOr<Value> result = failure();
  if (succeeded(emitRegions(builder, op, exprs, match, *dims, mismatch))) {
    result = relayout(builder, loc, {op.getOutput(), dims->wantedResult()},
                      dims->result);
    if (failed(result) || result->getType() != match.result.getType()) {
      mismatch.reason =
          "its result doesn't have the dimensions of an attention";
      result = failure();
    }
  }
  if (failed(result)) {
    op.erase();
    return failure();
  }
  Value(match.result).replaceAllUsesWith(*result);
  return op;
}

void RaiseAttention::tryRaise(linalg::LinalgOp contraction) {
  TensorExprs exprs;
  Mismatch mismatch;
  Value result = followViews(contraction->getResult(0));
  FailureOr<AttentionMatch> match = matchAttention(exprs, result, mismatch);
  FailureOr<AttentionOp> op = failure();
  if (succeeded(match)) {
    mismatch.culprit = findOtherUse(
        match->dot->op, [&](Operation *op) { return op == contraction; });
    if (mismatch.culprit) {
      mismatch.reason = "its scores or probabilities have another use";
    } else {
      OpBuilder builder(result.getDefiningOp());
      op = raise(builder, exprs, *match, mismatch);
    }
  }
  if (failed(op)) {
    if (softmaxes.contains(mismatch.softmax) && !mismatch.reason.empty())
      softmaxes[mismatch.softmax] = mismatch;
    return;
  }
  softmaxes.erase(match->softmax);
  remarkRaised(getOperation(), op->getLoc(),
               llvm::formatv("raised to attn.attention, query {0}, key {1}, "
                             "scale {2}{3}{4}",
                             op->getQuery().getType(), op->getKey().getType(),
                             op->getScaleValue(),
                             op->getScore().empty() ? "" : ", score region",
                             op->getMask().empty() ? "" : ", mask region"));
}

void RaiseAttention::runOnOperation() {
  func::FuncOp function = getOperation();
  SmallVector<linalg::LinalgOp> contractions;
  softmaxes.clear();
  TensorExprs exprs;
  function.walk([&](Operation *op) {
    if (Operation *softmax = getSoftmaxOf(exprs, op))
      softmaxes[softmax] = {
          "no multiplication of its result with values follows", softmax,
          nullptr};
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (linalgOp && linalgOp.getNumReductionLoops() > 0 &&
        linalgOp.hasPureTensorSemantics() && op->getNumResults() == 1)
      contractions.push_back(linalgOp);
  });
  for (linalg::LinalgOp contraction : contractions)
    tryRaise(contraction);
  for (auto &[softmax, mismatch] : softmaxes)
    remarkNotRaised(function, softmax->getLoc(),
                    "softmax not raised to attn.attention: " + mismatch.reason,
                    mismatch.culprit);
  IRRewriter rewriter(&getContext());
  (void)runRegionDCE(rewriter, function->getRegions());
}
