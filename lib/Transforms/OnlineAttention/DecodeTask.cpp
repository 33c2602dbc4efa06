//===- DecodeTask.cpp - Attention of few queries as parallel tasks
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Decode.h"
#include "DecodeTile.h"
#include "HeadOperands.h"
#include "QueryProducts.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"
#include <cmath>

using namespace mlir;
using namespace attn;

Decode::Decode(IRBuilder &b, AttentionOp op, ScheduleAttr schedule,
               Value enabled)
    : op(op), schedule(schedule), shape(getAttentionShape(op)),
      at(shape.layout), element(op.getAccumulatorType()),
      group(getHeadsTogether(op)), rows(schedule.getQueryTile()),
      lists(getKeyLists(op)), pairs(findPairResults(op)) {
  batches = at.batch ? b.dim(op.getQuery(), *at.batch) : b.index(1);
  queries = b.dim(op.getQuery(), at.sequence);
  if (enabled)
    batches =
        arith::SelectOp::create(b, b.getLoc(), enabled, batches, b.index(0));
  keys = getValueOrCreateConstantIndexOp(b, b.getLoc(), op.getKeyCount(b));
  chooseRuns(b, /*areFew=*/enabled != nullptr);
  chooseSplits(b);
}

//===----------------------------------------------------------------------===//
// One task
//===----------------------------------------------------------------------===//

/// Query row `i * group + g` of the task: `M x D`, scaled; of bf16 where pairs
/// of it are multiplied, which a scale would round.
Value Decode::packQuery(IRBuilder &b, AttentionOp task, Value live) {
  bool exact = schedule.getDot() == 1;
  Type type = exact ? element : getElementTypeOrSelf(task.getQuery());
  // In the order in which keys are read.
  return packRows(b, task, live, type, op.getScaleValue() * scoreFactor(),
                  hasHalves(op.getKey(), shape.headSize));
}

/// The same as `type`, times `scale` or its sign if that is narrow; with
/// features in the order of halves, or in their own.
Value Decode::packRows(IRBuilder &b, AttentionOp task, Value live, Type type,
                       double scale, bool halves) {
  Value source = task.getQuery();
  bool exact = type == element;
  Value all = b.scratch({rows, shape.headSize}, type);
  if (halves)
    all = splitHalves(b, all);
  auto target = cast<RankedTensorType>(all.getType());
  unsigned last = target.getRank() - 1;
  SmallVector<OpFoldResult> offsets(target.getRank(), b.getIndexAttr(0)),
      sizes = getAsIndexOpFoldResult(b.getContext(), target.getShape());
  sizes[0] = getAsOpFoldResult(live);
  Value some = b.generic(
      std::string(last + 1, 'p'), {}, b.slice(all, offsets, sizes),
      b.getMultiDimIdentityMap(last + 1), /*extents=*/{},
      [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value row = b.indexOf(0), size = b.index(group);
        SmallVector<Value> indices(at.rank(), b.index(0));
        indices[at.sequence] = b.createOrFold<arith::DivUIOp>(loc, row, size);
        indices[at.head] = b.createOrFold<arith::RemUIOp>(loc, row, size);
        Value feature = b.indexOf(last);
        indices[at.feature] =
            halves ? featureOf(b, feature, b.indexOf(1)) : feature;
        Value query = b.convert(b.extract(source, indices), type);
        if (exact)
          return {b.mulf(query, b.floating(type, scale))};
        return {scale < 0 ? arith::NegFOp::create(b, loc, query) : query};
      })[0];
  all = b.insert(some, all, offsets, sizes);
  return halves ? joinHalves(b, all) : all;
}

/// The sum, or the maximum, of each live row's lanes.
Value Decode::joinLanes(IRBuilder &b, StringRef name, Value wide, Value live) {
  bool isSum = name == "sum";
  int64_t few = RowTiles::forScores(group, rows, schedule.getRegisters()).few;
  Value into = b.scratch(rows, element);
  OpFoldResult count = b.getIndexAttr(few), zero = b.getIndexAttr(0),
               lanes = b.getIndexAttr(schedule.getLanes());
  return b.loop(
      b.index(0), live, few, into,
      [&](IRBuilder &b, Value first, ValueRange args) -> SmallVector<Value> {
        Value part = b.slice(wide, {first, zero}, {count, lanes});
        Value joined = b.filled(b.slice(args[0], {first}, {count}),
                                OnlineState::initial(name));
        joined =
            b.generic("pr", part, {{0, 1}}, joined, {{0}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        return {isSum ? b.addf(args[0], args[1])
                                      : raiseRowMax(b, op.getNormalizer(),
                                                    args[0], args[1])};
                      })[0];
        joined.getDefiningOp()->setAttr(reduceLanesAttr, b.getUnitAttr());
        return {b.insert(joined, args[0], {first}, {count})};
      })[0];
}

KeyRange Decode::rangeOf(IRBuilder &b, AttentionOp task, Queries some) {
  CacheRows rows = keyRows(b, task);
  if (rows.lists) // where they are no positions
    return {b.index(0), rows.length(b)};
  ValueRange from = task.getOffsets();
  return emitGroupKeyRange(b, op.getMask(),
                           MaskBox{from[0], from[1], from[2],
                                   b.add(from[2], some.count), b.index(0),
                                   keys},
                           group);
}

FailureOr<OnlineState> Decode::attend(IRBuilder &b, AttentionOp task,
                                      Queries some, Value split,
                                      PairTensors &results,
                                      Value &visitedSome) {
  Value live = b.mul(some.count, group);
  OnlineOperands with;
  with.schedule = schedule;
  with.query = packQuery(b, task, live);
  if (schedule.getDot() != 1)
    with.scale = std::abs(op.getScaleValue() * scoreFactor());
  with.state = emptyState(b, live, /*lanes=*/true);
  with.offsets = llvm::to_vector(task.getOffsets());
  with.live = live;
  with.group = group;

  KeyRange range = rangeOf(b, task, some);
  with.all = {b.index(0), keys};
  if (!lists) {
    Value first = b.createOrFold<arith::MulIOp>(b.getLoc(), split, chunk);
    Value last = b.min(b.add(first, chunk), keys);
    range.begin = b.min(b.max(range.begin, first), last);
    range.end = b.max(b.min(range.end, last), range.begin);
    with.all = {first, last};
  } else if (splitsKeys()) {
    CacheRows found = keyRows(b, task);
    if (found.lists)
      range = splitList(b, range.end, 1, schedule.getKeyTile(), split);
    else
      with.entries = splitList(b, b.dim(getKeyLists(task)->entries, 0),
                               lists->keyBlock, 1, split);
  }
  with.pairs = results;
  auto unscaled = [&](IRBuilder &b) {
    return packRows(b, task, live, element, 1.0, /*halves=*/false);
  };
  with.products = multiplyQueries(b, task, with, unscaled, unscaled);
  FailureOr<VisitedKeys> visited =
      visitKeys(b, task, keyRows(b, task), valueRows(b, task), range, with);
  if (failed(visited))
    return failure();
  results = visited->pairs;
  visitedSome = visited->some;
  OnlineState state = with.state.with(visited->state);
  for (auto [name, part] : llvm::zip_equal(state.names, state.values))
    if (name == "sum" || name == "row_max")
      part = joinLanes(b, name, part, live);
  return state;
}

FailureOr<SmallVector<Value>> Decode::attendInto(IRBuilder &b, const Work &work,
                                                 ValueRange outputs,
                                                 ValueRange partials) {
  // The heads of one group, as one attention of one key head.
  const Queries &some = work.queries;
  SmallVector<OpFoldResult> offsets, sizes;
  if (at.batch) {
    offsets.push_back(work.batch);
    sizes.push_back(b.getIndexAttr(1));
  }
  offsets.append({b.mul(work.head, group), getAsOpFoldResult(some.first)});
  sizes.append({b.getIndexAttr(group), getAsOpFoldResult(some.count)});
  FailureOr<TilingResult> tiled = op.getTiledImplementation(b, offsets, sizes);
  if (failed(tiled))
    return failure();
  auto task = cast<AttentionOp>(tiled->tiledOps.front());
  Value live = b.mul(some.count, group);
  SmallVector<Value> whole(outputs);
  PairTensors written;
  for (auto [number, part] : {std::pair(pairs.scores, &written.scores),
                              {pairs.probabilities, &written.probabilities}})
    if (number)
      *part = withoutBatch(b, whole[*number]);
  Value visited;
  FailureOr<OnlineState> state =
      attend(b, task, some, work.split, written, visited);
  if (failed(state))
    return failure();
  Value sinks = task.getSinksOperand();
  task.erase();

  bool inPlace = lists || pairs.inPlace();
  if (pairs.probabilities && inPlace)
    whole[*pairs.probabilities] =
        withBatch(b, written.probabilities, whole[*pairs.probabilities]);
  // Of results that are done, nothing goes through the branches below.
  Value scoreTarget = takeScores(whole);
  Value scores = inPlace ? Value() : written.scores;
  SmallVector<Value> done;
  if (partials.empty()) {
    done = finish(b, *state, sinks, scores, live, whole);
  } else {
    SmallVector<Value> all(whole),
        kept = slicesOf(b, partials, partialSlices(b, work));
    llvm::append_range(all, kept);
    auto both = [](ArrayRef<Value> first, ArrayRef<Value> second) {
      SmallVector<Value> list(first);
      list.append(second.begin(), second.end());
      return list;
    };
    Value single = b.compare(arith::CmpIPredicate::eq, splits, b.index(1));
    done = b.conditional(
        single, TypeRange(ValueRange(all)),
        [&](IRBuilder &b) {
          return both(finish(b, *state, sinks, scores, live, whole), kept);
        },
        [&](IRBuilder &b) {
          return both(whole, keep(b, *state, visited, live, kept));
        });
  }
  if (scoreTarget)
    done.insert(done.begin() + *pairs.scores,
                withBatch(b, written.scores, scoreTarget));
  return done;
}

//===----------------------------------------------------------------------===//
// The parallel loops
//===----------------------------------------------------------------------===//

/// Every split of every head; returns the outputs, and the partial results in
/// `partials`.
FailureOr<SmallVector<Value>> Decode::attendAll(IRBuilder &b,
                                                ValueRange outputs,
                                                SmallVector<Value> &partials) {
  SmallVector<Value> shared(outputs);
  shared.append(partials);
  Value parts = splits;
  if (runs)
    parts = b.createOrFold<arith::MulIOp>(b.getLoc(), runs, splits);
  SmallVector<OpFoldResult> bounds = {getAsOpFoldResult(batches),
                                      b.getIndexAttr(shape.queryHeads / group),
                                      getAsOpFoldResult(parts)};
  auto forall =
      scf::ForallOp::create(b, b.getLoc(), bounds, shared, std::nullopt);
  OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder inner(inside, b.getLoc());
  SmallVector<Value> ivs = forall.getInductionVars();
  Location loc = b.getLoc();
  Value number = ivs[2], split = ivs[2];
  if (runs) {
    number = inner.createOrFold<arith::DivUIOp>(loc, ivs[2], splits);
    split = inner.createOrFold<arith::RemUIOp>(loc, ivs[2], splits);
  }
  Work work = {ivs[0], ivs[1], queriesOf(inner, number), split, ivs[2]};
  Slices slices = outputSlices(inner, work);
  ValueRange arguments = forall.getRegionIterArgs();
  FailureOr<SmallVector<Value>> done =
      attendInto(inner, work,
                 slicesOf(inner, arguments.take_front(outputs.size()), slices),
                 arguments.drop_front(outputs.size()));
  if (failed(done))
    return failure();
  if (!partials.empty())
    llvm::append_range(slices, partialSlices(inner, work));
  endTask(inner, forall, *done, slices);
  SmallVector<Value> results(forall.getResults());
  partials.assign(results.begin() + outputs.size(), results.end());
  results.truncate(outputs.size());
  return results;
}

FailureOr<SmallVector<Value>> Decode::build(IRBuilder &b, ValueRange outputs) {
  SmallVector<Value> partials;
  if (splitsKeys()) {
    // What is not split has no partial results.
    Value parts = splits;
    if (runs)
      parts = arith::SelectOp::create(
          b, b.getLoc(),
          b.compare(arith::CmpIPredicate::sgt, splits, b.index(1)),
          b.createOrFold<arith::MulIOp>(b.getLoc(), runs, splits), b.index(0));
    OpFoldResult height = runs ? b.getIndexAttr(run * group)
                               : liveRows(b, queriesOf(b, Value())),
                 width = b.getIndexAttr(shape.valueSize),
                 heads = b.getIndexAttr(shape.queryHeads / group),
                 batch = getAsOpFoldResult(batches),
                 count = getAsOpFoldResult(parts);
    for (StringRef name : OnlineState::namesFor(op).names) {
      SmallVector<OpFoldResult> sizes = {batch, heads, count, height};
      if (name == "acc")
        sizes.push_back(width);
      partials.push_back(b.scratch(sizes, element));
    }
    if (mayBeEmpty())
      partials.push_back(b.scratch({batch, heads, count}, element));
  }
  FailureOr<SmallVector<Value>> results = attendAll(b, outputs, partials);
  if (failed(results) || partials.empty())
    return results;
  return merge(b, *results, partials);
}

Value attn::hasFewQueries(IRBuilder &b, AttentionOp op) {
  AttentionShape shape = getAttentionShape(op);
  Value queries = b.dim(op.getQuery(), shape.layout.sequence);
  int64_t most = op.getDecodeSchedule()->getQueryTile() / getHeadsTogether(op);
  return b.compare(arith::CmpIPredicate::sle, queries, b.index(most));
}

FailureOr<SmallVector<Value>>
attn::emitDecode(OpBuilder &builder, AttentionOp op, ScheduleAttr schedule,
                 ValueRange outputs, Value enabled) {
  IRBuilder b(builder, op.getLoc());
  return Decode(b, op, schedule, enabled).build(b, outputs);
}

FailureOr<SmallVector<Value>>
attn::emitDecodeTask(IRBuilder &b, AttentionOp op, ScheduleAttr schedule,
                     Value head, Value first, Value count, ValueRange outputs) {
  Decode decode(b, op, schedule.withSplit(0), /*enabled=*/{});
  Value zero = b.index(0);
  return decode.attendInto(b, {zero, head, {first, count}, zero, zero}, outputs,
                           /*partials=*/{});
}
