//===- PackValues.cpp - Pairs of keys side by side, once for all queries
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnlineAttention/DecodeTask.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/IR/KeyLists.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"

namespace attn {
#define GEN_PASS_DEF_PACKVALUES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct PackValues : attn::impl::PackValuesBase<PackValues> {
  void runOnOperation() override;
};
} // namespace

/// Pairs of one task: enough to be worth a task, few enough to balance.
static constexpr int64_t taskPairs = 256;

/// Rows [first, first + pairs) of the packed head `source`, into `into`.
static Value packRows(IRBuilder &b, Value source, Value first, Value into) {
  int64_t features = cast<RankedTensorType>(source.getType()).getDimSize(1);
  Value last = b.sub(b.dim(source, 0), b.index(1));
  auto map =
      AffineMap::get(3, 0, {b.d(0), b.d(1) * 2 + b.d(2)}, b.getContext());
  return b.generic("ppp", {}, into, map, {{1, features}, {2, 2}},
                   [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                     Value pair = b.indexOf(0);
                     Value feature = b.indexOf(1);
                     Value second = b.indexOf(2);
                     Value key = b.add(b.mul(b.add(pair, first), 2), second);
                     return {b.extract(source, {b.min(key, last), feature})};
                   })[0];
}

static void packValues(AttentionOp op) {
  OpBuilder builder(op);
  IRBuilder b(builder, op.getLoc());
  HeadLayout at = getAttentionShape(op).layout;
  auto type = cast<RankedTensorType>(op.getValue().getType());
  auto size = [&](unsigned dim) {
    return tensor::getMixedSize(b, b.getLoc(), op.getValue(), dim);
  };
  AffineExpr d0 = b.d(0), d1 = b.d(1);
  auto apply = [&](IRBuilder &b, AffineExpr expr,
                   ArrayRef<OpFoldResult> operands) {
    return affine::makeComposedFoldedAffineApply(b, b.getLoc(), expr, operands);
  };
  OpFoldResult keys = size(at.sequence);
  OpFoldResult pairs = apply(b, d0.ceilDiv(2), {keys});
  // Few queries read the values as they are.
  if (op.getDecodeSchedule())
    pairs = arith::SelectOp::create(
                b, b.getLoc(), hasFewQueries(b, op), b.index(0),
                getValueOrCreateConstantIndexOp(b, b.getLoc(), pairs))
                .getResult();
  SmallVector<OpFoldResult> sizes, bounds;
  if (at.batch)
    sizes.push_back(size(*at.batch));
  sizes.push_back(size(at.head));
  bounds = sizes;
  bounds.push_back(apply(b, d0.ceilDiv(taskPairs), {pairs}));
  int64_t features = type.getDimSize(at.feature);
  sizes.append({pairs, b.getIndexAttr(2 * features)});
  Value packed = b.empty(sizes, type.getElementType());
  auto forall = scf::ForallOp::create(b, b.getLoc(), bounds, packed,
                                      /*mapping=*/std::nullopt);
  OpBuilder inner = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder body(inner, b.getLoc());
  SmallVector<Value> ivs = forall.getInductionVars();
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
      extents(type.getRank(), b.getIndexAttr(1)), strides = extents;
  if (at.batch)
    offsets[*at.batch] = ivs.front();
  offsets[at.head] = ivs[ivs.size() - 2];
  extents[at.sequence] = keys;
  extents[at.feature] = b.getIndexAttr(features);
  Value source =
      body.slice(op.getValue(), offsets, extents,
                 type.clone({type.getDimSize(at.sequence), features}));

  Value shared = forall.getRegionIterArgs()[0];
  OpFoldResult first = apply(body, d0 * taskPairs, {ivs.back()});
  OpFoldResult count = affine::makeComposedFoldedAffineMin(
      body, b.getLoc(),
      AffineMap::get(2, 0, {b.getAffineConstantExpr(taskPairs), d1 - d0},
                     b.getContext()),
      {first, pairs});
  SmallVector<OpFoldResult> into(ivs.begin(), ivs.end()),
      part(ivs.size() + 1, b.getIndexAttr(1));
  into.back() = first;
  into.push_back(b.getIndexAttr(0));
  part[ivs.size() - 1] = count;
  part.back() = b.getIndexAttr(2 * features);
  Value target = body.slice(shared, into, part,
                            type.clone({ShapedType::kDynamic, 2 * features}));
  Value result = packRows(
      body, source, getValueOrCreateConstantIndexOp(body, b.getLoc(), first),
      target);
  body.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(
      body, b.getLoc(), result, shared, into, part,
      SmallVector<OpFoldResult>(part.size(), b.getIndexAttr(1)));
  op.getValuePairsMutable().assign(forall.getResult(0));
}

/// Whether the kernel of `op` multiplies pairs of keys that nothing put side by
/// side yet.
static bool wantsPairs(AttentionOp op) {
  std::optional<ScheduleAttr> schedule = op.getSchedule();
  if (!schedule)
    return false;
  bool elsewhere =
      !op.getPageTable().empty() || !op.getKeyStarts().empty() ||
      llvm::any_of(ValueRange{op.getKey(), op.getValue()}, [](Value cache) {
        return !getElementTypeOrSelf(cache).isBF16(); // converted on the way
      });
  // A list may name one key of a pair.
  if (std::optional<KeyLists> lists = getKeyLists(op))
    elsewhere |= lists->keyBlock % 2 != 0 ||
                 readsKeyByKey(*lists, op.getSchedule()->getLanes());
  return schedule->getDot() == 2 && !schedule->keysInLanes() &&
         op.getOffsets().empty() && op.getValuePairs().empty() && !elsewhere;
}

void PackValues::runOnOperation() {
  SmallVector<AttentionOp> ops;
  getOperation().walk([&](AttentionOp op) {
    if (wantsPairs(op))
      ops.push_back(op);
  });
  for (AttentionOp op : ops)
    packValues(op);
}
