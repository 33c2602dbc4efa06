//===- DecodeTask.cpp - Attention of few queries as parallel tasks
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DecodeTask.h"
#include "DecodeTile.h"
#include "HeadOperands.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include <cmath>

using namespace mlir;
using namespace attn;

namespace {
/// The state of a task's rows: acc `M x DV`, max and sum `M`.
struct RowState {
  Value acc, max, sum;
  SmallVector<Value> list() const { return {acc, max, sum}; }
};

class Decode {
public:
  Decode(IRBuilder &b, AttentionOp op, ScheduleAttr schedule, Value enabled);
  FailureOr<SmallVector<Value>> build(IRBuilder &b, ValueRange outputs);

private:
  using Slices = SmallVector<
      std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>>;
  /// Where the results of one key head lie in the outputs.
  Slices outputSlices(IRBuilder &b, Value batch, Value head);
  Slices partialSlices(IRBuilder &b, Value batch, Value head, Value split);

  void chooseSplits(IRBuilder &b);
  /// The number of rows of a task that exist.
  OpFoldResult liveRows(IRBuilder &b) {
    return getAsOpFoldResult(b.mul(queries, group));
  }
  Value packQuery(IRBuilder &b, AttentionOp task, Value live);
  FailureOr<RowState> attend(IRBuilder &b, AttentionOp task, Value live,
                             Value split);
  RowState emptyState(IRBuilder &b, Value live, int64_t sumColumns);
  Value addLanes(IRBuilder &b, Value sum, Value live);
  SmallVector<Value> finish(IRBuilder &b, const RowState &state, Value live,
                            ValueRange into);
  SmallVector<Value> keep(IRBuilder &b, const RowState &state, Value live,
                          ValueRange into);
  SmallVector<Value> mergeSplit(IRBuilder &b, ValueRange state,
                                ValueRange partials, Value split, Value live);
  SmallVector<Value> merge(IRBuilder &b, ValueRange outputs,
                           ValueRange partials);
  FailureOr<SmallVector<Value>> attendAll(IRBuilder &b, ValueRange outputs,
                                          SmallVector<Value> &partials);

  AttentionOp op;
  ScheduleAttr schedule;
  AttentionShape shape;
  HeadLayout at;
  Type element;
  int64_t group, rows;
  Value batches, keys, queries;
  Value splits, chunk; ///< Number of splits, and keys of one.
};
} // namespace

/// As many tasks as give every thread of a large machine some.
static constexpr int64_t enoughTasks = 64;

Decode::Decode(IRBuilder &b, AttentionOp op, ScheduleAttr schedule,
               Value enabled)
    : op(op), schedule(schedule), shape(getAttentionShape(op)),
      at(shape.layout), element(op.getAccumulatorType()),
      group(shape.groupSize()), rows(schedule.getQueryTile()) {
  batches = at.batch ? b.dim(op.getQuery(), *at.batch) : b.index(1);
  queries = b.dim(op.getQuery(), at.sequence);
  if (enabled)
    batches =
        arith::SelectOp::create(b, b.getLoc(), enabled, batches, b.index(0));
  keys = getValueOrCreateConstantIndexOp(b, b.getLoc(), op.getKeyCount(b));
  chooseSplits(b);
}

void Decode::chooseSplits(IRBuilder &b) {
  chunk = keys;
  splits = b.index(1);
  if (schedule.getSplit() == 0)
    return;
  Location loc = b.getLoc();
  auto ceilDiv = [&](Value a, Value by) {
    return b.createOrFold<arith::CeilDivUIOp>(loc, a, by);
  };
  Value tasks = b.max(b.mul(batches, shape.keyHeads), b.index(1));
  Value wanted = ceilDiv(b.index(enoughTasks), tasks);
  Value most = ceilDiv(b.max(keys, b.index(1)), b.index(schedule.getSplit()));
  Value tile = b.index(schedule.getKeyTile());
  Value each = ceilDiv(keys, b.min(wanted, most));
  chunk = b.max(b.createOrFold<arith::MulIOp>(loc, ceilDiv(each, tile), tile),
                tile);
  splits = b.max(ceilDiv(keys, chunk), b.index(1));
}

//===----------------------------------------------------------------------===//
// One task
//===----------------------------------------------------------------------===//

/// Query row `i * group + g` of the task: `M x D`, scaled; of bf16 where pairs
/// of it are multiplied, which a scale would round.
Value Decode::packQuery(IRBuilder &b, AttentionOp task, Value live) {
  Value source = task.getQuery();
  bool exact = schedule.getDot() == 1;
  Type type = exact ? element
                    : cast<RankedTensorType>(source.getType()).getElementType();
  double scale = op.getScaleValue() * (op.getScore().empty() ? log2e : 1.0);
  SmallVector<OpFoldResult> offsets(2, b.getIndexAttr(0)),
      sizes = {getAsOpFoldResult(live), b.getIndexAttr(shape.headSize)};
  Value all =
      b.empty({b.getIndexAttr(rows), b.getIndexAttr(shape.headSize)}, type);
  Value some = b.generic(
      "pp", {}, {}, b.slice(all, offsets, sizes), {{0, 1}},
      [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value row = linalg::IndexOp::create(b, loc, 0), size = b.index(group);
        SmallVector<Value> indices(at.rank(), b.index(0));
        indices[at.sequence] = b.createOrFold<arith::DivUIOp>(loc, row, size);
        indices[at.head] = b.createOrFold<arith::RemUIOp>(loc, row, size);
        indices[at.feature] = linalg::IndexOp::create(b, loc, 1);
        Value query = b.convert(b.extract(source, indices), type);
        if (exact)
          return {b.mulf(query, b.floating(type, scale))};
        return {scale < 0 ? arith::NegFOp::create(b, loc, query) : query};
      })[0];
  return b.insert(some, all, offsets, sizes);
}

/// The live rows of a new tensor, holding `value`.
static Value filledRows(IRBuilder &b, int64_t rows, ArrayRef<int64_t> columns,
                        Type element, Value live, double value) {
  SmallVector<OpFoldResult> all = {b.getIndexAttr(rows)},
                            sizes = {getAsOpFoldResult(live)},
                            offsets(columns.size() + 1, b.getIndexAttr(0));
  for (int64_t size : columns) {
    all.push_back(b.getIndexAttr(size));
    sizes.push_back(b.getIndexAttr(size));
  }
  Value tensor = b.empty(all, element);
  return b.insert(b.filled(b.slice(tensor, offsets, sizes), value), tensor,
                  offsets, sizes);
}

/// `sumColumns` columns in the sum; none if 0.
RowState Decode::emptyState(IRBuilder &b, Value live, int64_t sumColumns) {
  SmallVector<int64_t> sums;
  if (sumColumns > 0)
    sums.push_back(sumColumns);
  return {filledRows(b, rows, shape.valueSize, element, live, 0),
          filledRows(b, rows, {}, element, live, lowestMaximum),
          filledRows(b, rows, sums, element, live, 0)};
}

/// The sum of each live row's lanes.
Value Decode::addLanes(IRBuilder &b, Value sum, Value live) {
  int64_t few = RowTiles::forScores(group, rows, schedule.getRegisters()).few;
  Value into = b.empty({b.getIndexAttr(rows)}, element);
  OpFoldResult count = b.getIndexAttr(few), zero = b.getIndexAttr(0),
               lanes = b.getIndexAttr(schedule.getLanes());
  return b.loop(
      b.index(0), live, few, into,
      [&](IRBuilder &b, Value first, ValueRange args) -> SmallVector<Value> {
        Value part = b.slice(sum, {first, zero}, {count, lanes});
        Value sums = b.filled(b.slice(args[0], {first}, {count}), 0);
        sums =
            b.generic("pr", part, {{0, 1}}, sums, {{0}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        return {b.addf(args[0], args[1])};
                      })[0];
        sums.getDefiningOp()->setAttr(reduceLanesAttr, b.getUnitAttr());
        return {b.insert(sums, args[0], {first}, {count})};
      })[0];
}

FailureOr<RowState> Decode::attend(IRBuilder &b, AttentionOp task, Value live,
                                   Value split) {
  OnlineOperands with;
  with.schedule = schedule;
  with.query = packQuery(b, task, live);
  if (schedule.getDot() != 1)
    with.scale =
        std::abs(op.getScaleValue() * (op.getScore().empty() ? log2e : 1.0));
  RowState state = emptyState(b, live, schedule.getLanes());
  with.acc = state.acc;
  with.max = state.max;
  with.sum = state.sum;
  with.offsets = llvm::to_vector(task.getOffsets());
  with.live = live;
  with.group = group;

  ValueRange from = task.getOffsets();
  KeyRange range =
      emitGroupKeyRange(b, op.getMask(),
                        MaskBox{from[0], from[1], from[2],
                                b.add(from[2], queries), b.index(0), keys},
                        group);
  Value first = b.createOrFold<arith::MulIOp>(b.getLoc(), split, chunk);
  Value last = b.min(b.add(first, chunk), keys);
  range.begin = b.min(b.max(range.begin, first), last);
  range.end = b.max(b.min(range.end, last), range.begin);
  OnlineAttentionOp online =
      createOnline(b, task, keyRows(b, task), valueRows(b, task), range, with);

  IRRewriter rewriter(b);
  rewriter.setInsertionPoint(online);
  scf::SCFTilingOptions options;
  options.setTileSizes({b.getIndexAttr(schedule.getKeyTile())});
  options.setReductionTilingStrategy(ReductionTilingStrategy::FullReduction);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(online.getOperation()), options);
  if (failed(tiled))
    return failure();
  SmallVector<Value> results = tiled->replacements;
  rewriter.eraseOp(online);
  return RowState{results[0], results[1], addLanes(b, results[2], live)};
}

//===----------------------------------------------------------------------===//
// Results of a task
//===----------------------------------------------------------------------===//

Decode::Slices Decode::outputSlices(IRBuilder &b, Value batch, Value head) {
  Slices slices;
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  for (OpResult result : op->getResults()) {
    bool isOutput = result.getResultNumber() == 0;
    // Statistics are (batch,) head, query in every layout.
    unsigned headDim = isOutput ? at.head : (at.batch ? 1 : 0);
    unsigned queryDim = isOutput ? at.sequence : headDim + 1;
    auto rank = cast<RankedTensorType>(result.getType()).getRank();
    SmallVector<OpFoldResult> offsets(rank, zero), sizes(rank, one);
    if (at.batch)
      offsets[0] = batch;
    offsets[headDim] = b.mul(head, group);
    sizes[headDim] = b.getIndexAttr(group);
    sizes[queryDim] = getAsOpFoldResult(queries);
    if (isOutput)
      sizes[at.feature] = b.getIndexAttr(shape.valueSize);
    slices.push_back({offsets, sizes});
  }
  return slices;
}

Decode::Slices Decode::partialSlices(IRBuilder &b, Value batch, Value head,
                                     Value split) {
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  SmallVector<OpFoldResult> offsets = {batch, head, split, zero},
                            sizes = {one, one, one, liveRows(b)};
  Slices slices(3, {offsets, sizes});
  slices[0].first.push_back(zero);
  slices[0].second.push_back(b.getIndexAttr(shape.valueSize));
  return slices;
}

/// Writes acc / sum, and the log-sum-exp in natural units, of each row. Rows
/// without a live key are zero and -inf.
SmallVector<Value> Decode::finish(IRBuilder &b, const RowState &state,
                                  Value live, ValueRange into) {
  return b.loop(
      b.index(0), live, 1, into,
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value size = b.index(group);
        Value query = b.createOrFold<arith::DivUIOp>(loc, row, size);
        Value head = b.createOrFold<arith::RemUIOp>(loc, row, size);
        Value sum = b.extract(state.sum, row);
        Value some = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE,
                                           sum, b.floating(element, 0));
        Value inverse = arith::SelectOp::create(
            b, loc, some,
            arith::DivFOp::create(b, loc, b.floating(element, 1), sum),
            b.floating(element, 0));
        auto type = cast<RankedTensorType>(args[0].getType());
        SmallVector<OpFoldResult> offsets(at.rank(), b.getIndexAttr(0)),
            sizes(at.rank(), b.getIndexAttr(1));
        offsets[at.head] = head;
        offsets[at.sequence] = query;
        sizes[at.feature] = b.getIndexAttr(shape.valueSize);
        Value line =
            b.slice(args[0], offsets, sizes, type.clone({shape.valueSize}));
        Value from =
            b.slice(state.acc, {row, b.getIndexAttr(0)},
                    {b.getIndexAttr(1), b.getIndexAttr(shape.valueSize)},
                    RankedTensorType::get({shape.valueSize}, element));
        line = b.generic(
            "p", from, {{0}}, line, {{0}},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              return {b.convert(b.mulf(args[0], inverse), args[1].getType())};
            })[0];
        SmallVector<Value> results = {b.insert(line, args[0], offsets, sizes)};
        for (Value lse : args.drop_front()) {
          Value log = math::Log2Op::create(b, loc, sum);
          Value value = b.mulf(b.addf(b.extract(state.max, row), log),
                               b.floating(element, 1.0 / log2e));
          SmallVector<Value> position = {head, query};
          if (at.batch)
            position.insert(position.begin(), b.index(0));
          results.push_back(
              tensor::InsertOp::create(b, loc, value, lse, position));
        }
        return results;
      });
}

/// Writes the state of each row into the partial results of a split.
SmallVector<Value> Decode::keep(IRBuilder &b, const RowState &state, Value live,
                                ValueRange into) {
  SmallVector<Value> results;
  for (auto [part, target] : llvm::zip(state.list(), into)) {
    auto type = cast<RankedTensorType>(part.getType());
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
        sizes = {getAsOpFoldResult(live)};
    SmallVector<int64_t> shape = {
        getConstantIntValue(sizes[0]).value_or(ShapedType::kDynamic)};
    if (type.getRank() == 2) {
      sizes.push_back(b.getIndexAttr(type.getDimSize(1)));
      shape.push_back(type.getDimSize(1));
    }
    Value from = b.slice(part, offsets, sizes);
    OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
    SmallVector<OpFoldResult> where(3, zero), extent(3, one);
    where.append(offsets);
    extent.append(sizes);
    Value line = b.slice(target, where, extent, type.clone(shape));
    SmallVector<unsigned> dims = {0};
    if (type.getRank() == 2)
      dims.push_back(1);
    line =
        b.generic(type.getRank() == 2 ? "pp" : "p", from, {dims}, line, {dims},
                  [](IRBuilder &, ValueRange args) -> SmallVector<Value> {
                    return {args[0]};
                  })[0];
    results.push_back(b.insert(line, target, where, extent));
  }
  return results;
}

//===----------------------------------------------------------------------===//
// The parallel loops
//===----------------------------------------------------------------------===//

static SmallVector<Value> slicesOf(
    IRBuilder &b, ValueRange tensors,
    ArrayRef<std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>>
        slices) {
  SmallVector<Value> parts;
  for (auto [tensor, slice] : llvm::zip_equal(tensors, slices))
    parts.push_back(b.slice(tensor, slice.first, slice.second));
  return parts;
}

/// Ends a task of `forall` with `parts` of its outputs.
static void endTask(
    IRBuilder &b, scf::ForallOp forall, ValueRange parts,
    ArrayRef<std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>>
        slices) {
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  for (auto [part, shared, slice] :
       llvm::zip_equal(parts, forall.getRegionIterArgs(), slices)) {
    SmallVector<OpFoldResult> strides(slice.first.size(), b.getIndexAttr(1));
    tensor::ParallelInsertSliceOp::create(b, b.getLoc(), part, shared,
                                          slice.first, slice.second, strides);
  }
}

/// Every split of every head; returns the outputs, and the partial results in
/// `partials`.
FailureOr<SmallVector<Value>> Decode::attendAll(IRBuilder &b,
                                                ValueRange outputs,
                                                SmallVector<Value> &partials) {
  SmallVector<Value> shared(outputs);
  shared.append(partials);
  SmallVector<OpFoldResult> bounds = {getAsOpFoldResult(batches),
                                      b.getIndexAttr(shape.keyHeads),
                                      getAsOpFoldResult(splits)};
  auto forall =
      scf::ForallOp::create(b, b.getLoc(), bounds, shared, std::nullopt);
  OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder inner(inside, b.getLoc());
  SmallVector<Value> ivs = forall.getInductionVars();
  Slices slices = outputSlices(inner, ivs[0], ivs[1]);

  // The heads of one group, as one attention of one key head.
  SmallVector<OpFoldResult> offsets, sizes;
  if (at.batch) {
    offsets.push_back(ivs[0]);
    sizes.push_back(b.getIndexAttr(1));
  }
  offsets.append({inner.mul(ivs[1], group), b.getIndexAttr(0)});
  sizes.append({b.getIndexAttr(group), getAsOpFoldResult(queries)});
  FailureOr<TilingResult> tiled =
      op.getTiledImplementation(inner, offsets, sizes);
  if (failed(tiled))
    return failure();
  auto task = cast<AttentionOp>(tiled->tiledOps.front());
  Value live = inner.mul(queries, group);
  FailureOr<RowState> state = attend(inner, task, live, ivs[2]);
  if (failed(state))
    return failure();
  task.erase();

  ValueRange arguments = forall.getRegionIterArgs();
  ValueRange targets = arguments.take_front(outputs.size());
  SmallVector<Value> parts;
  if (partials.empty()) {
    parts = finish(inner, *state, live, slicesOf(inner, targets, slices));
  } else {
    Slices partialPlaces = partialSlices(inner, ivs[0], ivs[1], ivs[2]);
    SmallVector<Value> whole = slicesOf(inner, targets, slices),
                       kept =
                           slicesOf(inner, arguments.drop_front(outputs.size()),
                                    partialPlaces);
    SmallVector<Value> all(whole);
    all.append(kept);
    auto both = [](ArrayRef<Value> first, ArrayRef<Value> second) {
      SmallVector<Value> list(first);
      list.append(second.begin(), second.end());
      return list;
    };
    Value single =
        inner.compare(arith::CmpIPredicate::eq, splits, inner.index(1));
    parts = inner.conditional(
        single, TypeRange(ValueRange(all)),
        [&](IRBuilder &b) {
          return both(finish(b, *state, live, whole), kept);
        },
        [&](IRBuilder &b) { return both(whole, keep(b, *state, live, kept)); });
    llvm::append_range(slices, partialPlaces);
  }
  endTask(inner, forall, parts, slices);
  SmallVector<Value> results(forall.getResults());
  partials.assign(results.begin() + outputs.size(), results.end());
  results.truncate(outputs.size());
  return results;
}

/// Adds a split's rows to those before it. `state` is acc, max, sum, and
/// scratch for the weights of what was there and of what is new.
SmallVector<Value> Decode::mergeSplit(IRBuilder &b, ValueRange state,
                                      ValueRange partials, Value split,
                                      Value live) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {zero, zero, split, zero},
                            sizes = {one, one, one, getAsOpFoldResult(live)};
  auto ofSplit = [&](Value partial) {
    auto type = cast<RankedTensorType>(partial.getType());
    return b.slice(partial, offsets, sizes,
                   type.clone({getConstantIntValue(sizes[3]).value_or(
                       ShapedType::kDynamic)}));
  };
  SmallVector<Value> inputs = {ofSplit(partials[1]), ofSplit(partials[2])},
                     outputs;
  for (Value part : state.drop_front())
    outputs.push_back(b.slice(part, {zero}, {sizes[3]}));
  // On vectors of rows: exp2 of a scalar is a call.
  ResultRange merged = b.generic(
      "p", inputs, {{0}, {0}}, outputs, {{0}, {0}, {0}, {0}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value max = b.maxNumber(args[0], args[2]);
        auto weight = [&](Value maximum) -> Value {
          return math::Exp2Op::create(
              b, loc, arith::SubFOp::create(b, loc, maximum, max));
        };
        Value old = weight(args[2]), added = weight(args[0]);
        return {max, b.addf(b.mulf(args[3], old), b.mulf(args[1], added)), old,
                added};
      });
  SmallVector<Value> next(state);
  for (auto [part, rows] :
       llvm::zip(MutableArrayRef(next).drop_front(), merged))
    part = b.insert(rows, part, {zero}, {sizes[3]});
  next[0] = b.loop(
      b.index(0), live, 1, next[0],
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        OpFoldResult width = b.getIndexAttr(shape.valueSize);
        auto line = RankedTensorType::get({shape.valueSize}, element);
        Value into = b.slice(args[0], {row, zero}, {one, width}, line);
        Value from = b.slice(partials[0], {zero, zero, split, row, zero},
                             {one, one, one, one, width}, line);
        Value old = b.extract(next[3], row), added = b.extract(next[4], row);
        into = b.generic(
            "p", from, {{0}}, into, {{0}},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              return {b.addf(b.mulf(args[0], added), b.mulf(args[1], old))};
            })[0];
        return {b.insert(into, args[0], {row, zero}, {one, width})};
      })[0];
  return next;
}

SmallVector<Value> Decode::merge(IRBuilder &b, ValueRange outputs,
                                 ValueRange partials) {
  Value several = b.compare(arith::CmpIPredicate::sgt, splits, b.index(1));
  Value count =
      arith::SelectOp::create(b, b.getLoc(), several, batches, b.index(0));
  SmallVector<OpFoldResult> bounds = {count, b.getIndexAttr(shape.keyHeads)};
  auto forall =
      scf::ForallOp::create(b, b.getLoc(), bounds, outputs, std::nullopt);
  OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder inner(inside, b.getLoc());
  SmallVector<Value> ivs = forall.getInductionVars();
  Slices slices = outputSlices(inner, ivs[0], ivs[1]);
  Value live = inner.mul(queries, group);
  SmallVector<Value> heads;
  for (Value partial : partials) {
    auto type = cast<RankedTensorType>(partial.getType());
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
        sizes = {b.getIndexAttr(1), b.getIndexAttr(1),
                 getAsOpFoldResult(splits)};
    offsets[0] = ivs[0];
    offsets[1] = ivs[1];
    sizes.push_back(liveRows(inner));
    if (type.getRank() == 5)
      sizes.push_back(b.getIndexAttr(shape.valueSize));
    heads.push_back(inner.slice(partial, offsets, sizes));
  }
  SmallVector<Value> state = emptyState(inner, live, 0).list();
  for (double value : {0, 1}) // weights
    state.push_back(filledRows(inner, rows, {}, element, live, value));
  SmallVector<Value> merged =
      inner.loop(inner.index(0), splits, 1, state,
                 [&](IRBuilder &b, Value split, ValueRange args) {
                   return mergeSplit(b, args, heads, split, live);
                 });
  SmallVector<Value> parts =
      finish(inner, {merged[0], merged[1], merged[2]}, live,
             slicesOf(inner, forall.getRegionIterArgs(), slices));
  endTask(inner, forall, parts, slices);
  return SmallVector<Value>(forall.getResults());
}

FailureOr<SmallVector<Value>> Decode::build(IRBuilder &b, ValueRange outputs) {
  SmallVector<Value> partials;
  if (schedule.getSplit() != 0) {
    OpFoldResult height = liveRows(b), width = b.getIndexAttr(shape.valueSize),
                 heads = b.getIndexAttr(shape.keyHeads),
                 batch = getAsOpFoldResult(batches),
                 count = getAsOpFoldResult(splits);
    partials = {b.empty({batch, heads, count, height, width}, element),
                b.empty({batch, heads, count, height}, element),
                b.empty({batch, heads, count, height}, element)};
  }
  FailureOr<SmallVector<Value>> results = attendAll(b, outputs, partials);
  if (failed(results) || partials.empty())
    return results;
  return merge(b, *results, partials);
}

Value attn::hasFewQueries(IRBuilder &b, AttentionOp op) {
  AttentionShape shape = getAttentionShape(op);
  Value queries = b.dim(op.getQuery(), shape.layout.sequence);
  int64_t most = op.getDecodeSchedule()->getQueryTile() / shape.groupSize();
  return b.compare(arith::CmpIPredicate::sle, queries, b.index(most));
}

FailureOr<SmallVector<Value>>
attn::emitDecode(OpBuilder &builder, AttentionOp op, ScheduleAttr schedule,
                 ValueRange outputs, Value enabled) {
  IRBuilder b(builder, op.getLoc());
  return Decode(b, op, schedule, enabled).build(b, outputs);
}
