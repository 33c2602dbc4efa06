//===- TileMerges.cpp - Merges of partial attentions as parallel tasks
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A task is a tile of queries of one head. It reads the log-sum-exps twice, for
// the maximum and for the weights, and each partial output once: what bounds it
// is memory. Its state stays in the first-level cache.
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Support/Softmax.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

namespace attn {
#define GEN_PASS_DEF_TILEMERGES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

/// Queries of a task: their state fits a first-level cache beside a shard's
/// rows.
static constexpr int64_t taskRows = 32;

namespace {
struct TileMerges : attn::impl::TileMergesBase<TileMerges> {
  void runOnOperation() override;
};

class Merge {
public:
  explicit Merge(MergePartialsOp op)
      : op(op), element(op.getAccumulatorType()),
        at(*parseHeadLayout(op.getLayout(),
                            op.getResult().getType().getRank())),
        features(op.getResult().getType().getDimSize(at.feature)) {}
  void run(IRBuilder &b);

private:
  /// Where something of the task's rows lies, in front of what is in a row.
  struct Place {
    SmallVector<OpFoldResult> offsets, sizes;
  };
  Place rowsOfOutput(IRBuilder &b);
  Place rowsOfLse(IRBuilder &b);
  /// The task's rows of shard `s`, or of the tensor if that is no stack.
  Value rowsOf(IRBuilder &b, Value tensor, Place place, bool stack, Value s,
               bool isOutput);
  /// Scratch memory of a task. Empty tensors of one type would be one.
  Value scratch(IRBuilder &b, ArrayRef<int64_t> shape) {
    return bufferization::AllocTensorOp::create(
        b, b.getLoc(), RankedTensorType::get(shape, element), ValueRange());
  }
  /// One number for each row of a task; those of rows that exist are `value`.
  Value filledRows(IRBuilder &b, double value) {
    Value all = scratch(b, taskRows);
    return insertAlive(b, b.filled(alive(b, all), value), all);
  }
  Value alive(IRBuilder &b, Value rows) {
    return b.slice(rows, OpFoldResult(b.getIndexAttr(0)), live);
  }
  Value insertAlive(IRBuilder &b, Value part, Value rows) {
    return b.insert(part, rows, OpFoldResult(b.getIndexAttr(0)), live);
  }

  using ShardBody = llvm::function_ref<SmallVector<Value>(IRBuilder &, unsigned,
                                                          Value, ValueRange)>;
  /// Runs over all shards of all operands, in their order.
  SmallVector<Value> forEachShard(IRBuilder &b, ValueRange state,
                                  ShardBody body);
  Value findBase(IRBuilder &b);
  SmallVector<Value> addShard(IRBuilder &b, unsigned operand, Value s,
                              ValueRange state, Value base);
  SmallVector<Value> finish(IRBuilder &b, ValueRange state, Value base,
                            ValueRange into);

  MergePartialsOp op;
  Type element;
  HeadLayout at;
  int64_t features;
  SmallVector<OpFoldResult> position; ///< Of the task: (batch,) head, query.
  OpFoldResult live;                  ///< Its queries.
};
} // namespace

Merge::Place Merge::rowsOfOutput(IRBuilder &b) {
  Place place;
  place.offsets.assign(at.rank(), b.getIndexAttr(0));
  place.sizes.assign(at.rank(), b.getIndexAttr(1));
  if (at.batch)
    place.offsets[*at.batch] = position.front();
  place.offsets[at.head] = position[position.size() - 2];
  place.offsets[at.sequence] = position.back();
  place.sizes[at.sequence] = live;
  place.sizes[at.feature] = b.getIndexAttr(features);
  return place;
}

Merge::Place Merge::rowsOfLse(IRBuilder &b) {
  Place place{position, {}};
  place.sizes.assign(position.size(), b.getIndexAttr(1));
  place.sizes.back() = live;
  return place;
}

Value Merge::rowsOf(IRBuilder &b, Value tensor, Place place, bool stack,
                    Value s, bool isOutput) {
  if (stack) {
    place.offsets.insert(place.offsets.begin(), s);
    place.sizes.insert(place.sizes.begin(), b.getIndexAttr(1));
  }
  SmallVector<int64_t> shape = {
      getConstantIntValue(live).value_or(ShapedType::kDynamic)};
  if (isOutput)
    shape.push_back(features);
  return b.slice(tensor, place.offsets, place.sizes,
                 cast<RankedTensorType>(tensor.getType()).clone(shape));
}

SmallVector<Value> Merge::forEachShard(IRBuilder &b, ValueRange state,
                                       ShardBody body) {
  SmallVector<Value> values(state);
  for (unsigned operand = 0; operand < op.getOutputs().size(); ++operand) {
    if (!op.isStack(operand)) {
      values = body(b, operand, Value(), values);
      continue;
    }
    ResultRange results =
        b.loop(b.index(0), b.dim(op.getLses()[operand], 0), 1, values,
               [&](IRBuilder &b, Value s, ValueRange state) {
                 return body(b, operand, s, state);
               });
    values.assign(results.begin(), results.end());
  }
  return values;
}

/// What is subtracted from each row's log-sum-exps: the largest, or 0 where no
/// shard has a live key. A NaN is left to the weights.
Value Merge::findBase(IRBuilder &b) {
  Value rows = filledRows(b, -INFINITY);
  Place place = rowsOfLse(b);
  rows = forEachShard(
      b, rows,
      [&](IRBuilder &b, unsigned operand, Value s,
          ValueRange state) -> SmallVector<Value> {
        Value lses = rowsOf(b, op.getLses()[operand], place,
                            op.isStack(operand), s, /*isOutput=*/false);
        Value larger =
            b.generic("p", lses, {{0}}, alive(b, state[0]), {{0}},
                      [](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        return {b.maxNumber(args[0], args[1])};
                      })[0];
        return {insertAlive(b, larger, state[0])};
      })[0];
  Value base = b.generic(
      "p", {}, {}, alive(b, rows), {{0}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value none =
            arith::CmpFOp::create(b, b.getLoc(), arith::CmpFPredicate::OEQ,
                                  args[0], b.floating(element, -INFINITY));
        return {arith::SelectOp::create(b, b.getLoc(), none,
                                        b.floating(element, 0), args[0])};
      })[0];
  return insertAlive(b, base, rows);
}

/// `state` is the weighted sum of outputs, the sum of weights, and room for the
/// weights of one shard.
SmallVector<Value> Merge::addShard(IRBuilder &b, unsigned operand, Value s,
                                   ValueRange state, Value base) {
  bool stack = op.isStack(operand);
  Value lses = rowsOf(b, op.getLses()[operand], rowsOfLse(b), stack, s,
                      /*isOutput=*/false);
  ResultRange weighted =
      b.generic("p", {lses, alive(b, base)}, {{0}, {0}},
                {alive(b, state[1]), alive(b, state[2])}, {{0}, {0}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value above =
                      arith::SubFOp::create(b, b.getLoc(), args[0], args[1]);
                  Value weight = math::Exp2Op::create(
                      b, b.getLoc(), b.mulf(above, b.floating(element, log2e)));
                  return {b.addf(args[2], weight), weight};
                });
  Value sums = insertAlive(b, weighted[0], state[1]),
        weights = insertAlive(b, weighted[1], state[2]);
  Value outputs = rowsOf(b, op.getOutputs()[operand], rowsOfOutput(b), stack, s,
                         /*isOutput=*/true);
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1),
               width = b.getIndexAttr(features);
  auto line = RankedTensorType::get({features}, element);
  Value sum = b.loop(
      b.index(0), getValueOrCreateConstantIndexOp(b, b.getLoc(), live), 1,
      state[0],
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        // Of a shard without a live key nothing is read, whatever it holds.
        Value some = arith::CmpFOp::create(
            b, b.getLoc(), arith::CmpFPredicate::UNE, b.extract(lses, row),
            b.floating(element, -INFINITY));
        return SmallVector<Value>(b.conditional(
            some, args[0].getType(),
            [&](IRBuilder &b) -> SmallVector<Value> {
              Value weight = b.extract(weights, row);
              Value from = b.slice(
                  outputs, {row, zero}, {one, width},
                  cast<RankedTensorType>(outputs.getType()).clone({features}));
              Value into = b.slice(args[0], {row, zero}, {one, width}, line);
              into = b.generic(
                  "p", from, {{0}}, into, {{0}},
                  [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                    Value output = b.convert(args[0], element);
                    return {b.addf(b.mulf(output, weight), args[1])};
                  })[0];
              return {b.insert(into, args[0], {row, zero}, {one, width})};
            },
            [&](IRBuilder &) -> SmallVector<Value> { return {args[0]}; }));
      })[0];
  return {sum, sums, weights};
}

/// Divides the rows by their sums, and writes the log-sum-exps if asked for.
SmallVector<Value> Merge::finish(IRBuilder &b, ValueRange state, Value base,
                                 ValueRange into) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1),
               width = b.getIndexAttr(features);
  return b.loop(
      b.index(0), getValueOrCreateConstantIndexOp(b, b.getLoc(), live), 1, into,
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value sum = b.extract(state[1], row), none = b.floating(element, 0);
        Value some =
            arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, sum, none);
        Value inverse = arith::SelectOp::create(
            b, loc, some,
            arith::DivFOp::create(b, loc, b.floating(element, 1), sum), none);
        auto type = cast<RankedTensorType>(args[0].getType());
        Value from = b.slice(state[0], {row, zero}, {one, width},
                             RankedTensorType::get({features}, element));
        Value line =
            b.slice(args[0], {row, zero}, {one, width}, type.clone({features}));
        line = b.generic(
            "p", from, {{0}}, line, {{0}},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              return {b.convert(b.mulf(args[0], inverse), args[1].getType())};
            })[0];
        SmallVector<Value> results = {
            b.insert(line, args[0], {row, zero}, {one, width})};
        for (Value lses : args.drop_front()) {
          Value log = math::LogOp::create(b, loc, sum);
          results.push_back(tensor::InsertOp::create(
              b, loc, b.addf(b.extract(base, row), log), lses, row));
        }
        return results;
      });
}

void Merge::run(IRBuilder &b) {
  ReifiedRankedShapedTypeDims shapes;
  (void)op.reifyResultShapes(b, shapes);
  SmallVector<Value> targets = {
      b.empty(shapes[0], op.getResult().getType().getElementType())};
  if (op.getLse())
    targets.push_back(b.empty(shapes[1], element));

  AffineExpr d0 = b.getAffineDimExpr(0);
  OpFoldResult queries = shapes[0][at.sequence];
  SmallVector<OpFoldResult> bounds;
  if (at.batch)
    bounds.push_back(shapes[0][*at.batch]);
  bounds.append(
      {shapes[0][at.head], affine::makeComposedFoldedAffineApply(
                               b, b.getLoc(), d0.ceilDiv(taskRows), queries)});
  auto forall =
      scf::ForallOp::create(b, b.getLoc(), bounds, targets, std::nullopt);
  OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder inner(inside, b.getLoc());
  position = getAsOpFoldResult(forall.getInductionVars());
  position.back() = affine::makeComposedFoldedAffineApply(
      inner, b.getLoc(), d0 * taskRows, position.back());
  live = affine::makeComposedFoldedAffineMin(
      inner, b.getLoc(),
      AffineMap::get(
          2, 0, {b.getAffineConstantExpr(taskRows), b.getAffineDimExpr(1) - d0},
          b.getContext()),
      {position.back(), queries});

  Value base = findBase(inner);
  OpFoldResult zero = b.getIndexAttr(0), width = b.getIndexAttr(features);
  Value sum = scratch(inner, {taskRows, features});
  Value zeros = inner.filled(inner.slice(sum, {zero, zero}, {live, width}), 0);
  SmallVector<Value> state = {
      inner.insert(zeros, sum, {zero, zero}, {live, width}),
      filledRows(inner, 0), scratch(inner, taskRows)};
  state = forEachShard(
      inner, state,
      [&](IRBuilder &b, unsigned operand, Value s, ValueRange state) {
        return addShard(b, operand, s, state, base);
      });

  SmallVector<Place> places = {rowsOfOutput(inner), rowsOfLse(inner)};
  SmallVector<Value> parts;
  for (auto [index, shared] : llvm::enumerate(forall.getRegionIterArgs()))
    parts.push_back(rowsOf(inner, shared, places[index], /*stack=*/false,
                           Value(), /*isOutput=*/index == 0));
  parts = finish(inner, state, base, parts);
  inner.setInsertionPointToStart(forall.getTerminator().getBody());
  for (auto [index, shared] : llvm::enumerate(forall.getRegionIterArgs()))
    tensor::ParallelInsertSliceOp::create(
        inner, b.getLoc(), parts[index], shared, places[index].offsets,
        places[index].sizes,
        SmallVector<OpFoldResult>(places[index].offsets.size(),
                                  b.getIndexAttr(1)));
  op->replaceAllUsesWith(forall.getResults());
  op.erase();
}

void TileMerges::runOnOperation() {
  SmallVector<MergePartialsOp> ops;
  getOperation().walk([&](MergePartialsOp op) { ops.push_back(op); });
  for (MergePartialsOp op : ops) {
    OpBuilder builder(op);
    IRBuilder b(builder, op.getLoc());
    Merge(op).run(b);
  }
}
