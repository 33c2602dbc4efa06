//===- DecodeSplits.cpp - Keys of few queries as several tasks, merged ----===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Decode.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

/// As many tasks as give every thread of a large machine some.
static constexpr int64_t enoughTasks = 64;

//===----------------------------------------------------------------------===//
// Splitting
//===----------------------------------------------------------------------===//

static Value ceilDiv(IRBuilder &b, Value a, Value by) {
  return b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), a, by);
}

/// `areFew`: one task has rows for them, and they have one list.
void Decode::chooseRuns(IRBuilder &b, bool areFew) {
  run = rows / group;
  if (areFew && !lists)
    return;
  if (!areFew && lists)
    run = lists->getQueryStep(run);
  // Without a query there is no list.
  runs = ceilDiv(b, queries, b.index(run));
  if (isConstantIntValue(runs, 1))
    runs = Value();
}

void Decode::chooseSplits(IRBuilder &b) {
  chunk = keys;
  splits = b.index(1);
  if (!splitsKeys())
    return;
  Location loc = b.getLoc();
  Value tasks = b.mul(batches, shape.queryHeads / group);
  if (runs)
    tasks = b.createOrFold<arith::MulIOp>(loc, tasks, runs);
  Value wanted = ceilDiv(b, b.index(enoughTasks), b.max(tasks, b.index(1)));
  if (lists) {
    // A list may have all entries.
    unsigned dim = cast<RankedTensorType>(lists->entries.getType()).getRank();
    Value entries = b.max(b.dim(lists->entries, dim - 1), b.index(1));
    Value most = ceilDiv(b, b.mul(entries, lists->keyBlock),
                         b.index(schedule.getSplit()));
    splits = b.min(wanted, b.min(most, entries));
    return;
  }
  Value most =
      ceilDiv(b, b.max(keys, b.index(1)), b.index(schedule.getSplit()));
  Value tile = b.index(schedule.getKeyTile());
  Value each = ceilDiv(b, keys, b.min(wanted, most));
  chunk = b.max(
      b.createOrFold<arith::MulIOp>(loc, ceilDiv(b, each, tile), tile), tile);
  splits = b.max(ceilDiv(b, keys, chunk), b.index(1));
}

KeyRange Decode::splitList(IRBuilder &b, Value count, int64_t size,
                           int64_t alignment, Value split) {
  Location loc = b.getLoc();
  // As many parts as are worth it: of a short list, the first has all.
  Value most = ceilDiv(b, b.mul(count, size), b.index(schedule.getSplit()));
  Value parts = b.max(b.min(splits, most), b.index(1));
  Value each = b.mul(ceilDiv(b, ceilDiv(b, count, parts), b.index(alignment)),
                     alignment);
  Value begin = b.min(b.createOrFold<arith::MulIOp>(loc, split, each), count);
  return {begin, b.min(b.add(begin, each), count)};
}

Decode::Queries Decode::queriesOf(IRBuilder &b, Value number) {
  if (!runs)
    return {b.index(0), queries};
  Value first = b.mul(number, run);
  if (run == 1) // a size that is known
    return {first, b.index(1)};
  return {first, b.min(b.sub(queries, first), b.index(run))};
}

//===----------------------------------------------------------------------===//
// Partial results
//===----------------------------------------------------------------------===//

Decode::Slices Decode::partialSlices(IRBuilder &b, const Work &work) {
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  SmallVector<OpFoldResult> offsets = {work.batch, work.head, work.part, zero},
                            sizes = {one, one, one, liveRows(b, work.queries)};
  Slices slices(OnlineState::namesFor(op).names.size(), {offsets, sizes});
  slices[0].first.push_back(zero);
  slices[0].second.push_back(b.getIndexAttr(shape.valueSize));
  if (mayBeEmpty())
    slices.push_back({{work.batch, work.head, work.part}, {one, one, one}});
  return slices;
}

/// Writes what is left of a split into its partial results.
SmallVector<Value> Decode::keep(IRBuilder &b, const OnlineState &state,
                                Value visited, Value live, ValueRange into) {
  if (!mayBeEmpty())
    return keepState(b, state, live, into);
  SmallVector<Value> kept = b.conditional(
      visited, into.drop_back().getTypes(),
      [&](IRBuilder &b) { return keepState(b, state, live, into.drop_back()); },
      [&](IRBuilder &) -> SmallVector<Value> { return into.drop_back(); });
  Value mark = arith::SelectOp::create(
      b, b.getLoc(), visited, b.floating(element, 1), b.floating(element, 0));
  Value zero = b.index(0);
  kept.push_back(tensor::InsertOp::create(b, b.getLoc(), mark, into.back(),
                                          ValueRange{zero, zero, zero}));
  return kept;
}

/// Writes the state of each row.
SmallVector<Value> Decode::keepState(IRBuilder &b, const OnlineState &state,
                                     Value live, ValueRange into) {
  SmallVector<Value> results;
  for (auto [part, target] : llvm::zip_equal(state.values, into)) {
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
// Merging
//===----------------------------------------------------------------------===//

/// Merges a split's statistics of each row into `state`, which holds two parts
/// more, the weights of what was there and of what is new: those are found too.
/// On vectors of rows: exp2 of a scalar is a call.
void Decode::mergeStatistics(IRBuilder &b, OnlineState &state,
                             ValueRange partials, Value split, Value live) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {zero, zero, split, zero},
                            sizes = {one, one, one, getAsOpFoldResult(live)};
  auto ofSplit = [&](StringRef name) {
    unsigned index = llvm::find(state.names, name) - state.names.begin();
    auto type = cast<RankedTensorType>(partials[index].getType());
    return b.slice(partials[index], offsets, sizes,
                   type.clone({getConstantIntValue(sizes[3]).value_or(
                       ShapedType::kDynamic)}));
  };
  auto update = [&](ArrayRef<StringRef> from, ArrayRef<StringRef> names,
                    IRBuilder::GenericBody body) {
    SmallVector<Value> inputs, outputs;
    for (StringRef name : from)
      inputs.push_back(ofSplit(name));
    for (StringRef name : names)
      outputs.push_back(b.slice(state.get(name), {zero}, {sizes[3]}));
    SmallVector<unsigned> rows = {0};
    SmallVector<ArrayRef<unsigned>> in(inputs.size(), rows),
        out(outputs.size(), rows);
    ResultRange results = b.generic("p", inputs, in, outputs, out, body);
    for (auto [name, result] : llvm::zip_equal(names, results))
      state.set(name, b.insert(result, state.get(name), {zero}, {sizes[3]}));
  };
  if (state.get("row_max"))
    update({"row_max"}, {"row_max"},
           [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
             return {raiseRowMax(b, op.getNormalizer(), args[0], args[1])};
           });
  if (state.get("sum"))
    update({"max", "sum"}, {"max", "sum", "old", "added"},
           [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
             Location loc = b.getLoc();
             Value max = b.maxNumber(args[0], args[2]);
             auto weight = [&](Value maximum) -> Value {
               return math::Exp2Op::create(
                   b, loc, arith::SubFOp::create(b, loc, maximum, max));
             };
             Value old = weight(args[2]), added = weight(args[0]);
             return {max, b.addf(b.mulf(args[3], old), b.mulf(args[1], added)),
                     old, added};
           });
}

/// Adds a split's rows to those before it.
SmallVector<Value> Decode::mergeSplit(IRBuilder &b, OnlineState state,
                                      ValueRange partials, Value split,
                                      Value live) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  mergeStatistics(b, state, partials, split, live);
  Value merged = b.loop(
      b.index(0), live, 1, state.get("acc"),
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        OpFoldResult width = b.getIndexAttr(shape.valueSize);
        auto line = RankedTensorType::get({shape.valueSize}, element);
        Value into = b.slice(args[0], {row, zero}, {one, width}, line);
        Value from = b.slice(partials[0], {zero, zero, split, row, zero},
                             {one, one, one, one, width}, line);
        Value old, added;
        if (state.get("sum")) {
          old = b.extract(state.get("old"), row);
          added = b.extract(state.get("added"), row);
        }
        into = b.generic(
            "p", from, {{0}}, into, {{0}},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              if (!old)
                return {b.addf(args[0], args[1])};
              return {b.addf(b.mulf(args[0], added), b.mulf(args[1], old))};
            })[0];
        return {b.insert(into, args[0], {row, zero}, {one, width})};
      })[0];
  state.set("acc", merged);
  return state.values;
}

/// The same if the split has any.
SmallVector<Value> Decode::addSplit(IRBuilder &b, OnlineState state,
                                    ValueRange partials, Value split,
                                    Value live) {
  if (!mayBeEmpty())
    return mergeSplit(b, state, partials, split, live);
  Value mark = b.extract(partials.back(), {b.index(0), b.index(0), split});
  Value some = arith::CmpFOp::create(b, b.getLoc(), arith::CmpFPredicate::UNE,
                                     mark, b.floating(element, 0));
  return b.conditional(
      some, TypeRange(ValueRange(state.values)),
      [&](IRBuilder &b) { return mergeSplit(b, state, partials, split, live); },
      [&](IRBuilder &) { return state.values; });
}

SmallVector<Value> Decode::merge(IRBuilder &b, ValueRange outputs,
                                 ValueRange partials) {
  Value several = b.compare(arith::CmpIPredicate::sgt, splits, b.index(1));
  Value count =
      arith::SelectOp::create(b, b.getLoc(), several, batches, b.index(0));
  SmallVector<OpFoldResult> bounds = {
      getAsOpFoldResult(count), b.getIndexAttr(shape.queryHeads / group),
      runs ? getAsOpFoldResult(runs) : b.getIndexAttr(1)};
  auto forall =
      scf::ForallOp::create(b, b.getLoc(), bounds, outputs, std::nullopt);
  OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder inner(inside, b.getLoc());
  SmallVector<Value> ivs = forall.getInductionVars();
  Queries some = queriesOf(inner, ivs[2]);
  Slices slices = outputSlices(inner, {ivs[0], ivs[1], some, Value(), Value()});
  Value live = inner.mul(some.count, group);
  SmallVector<Value> heads;
  for (Value partial : partials) {
    auto type = cast<RankedTensorType>(partial.getType());
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
        sizes = {b.getIndexAttr(1), b.getIndexAttr(1),
                 getAsOpFoldResult(splits)};
    offsets[0] = ivs[0];
    offsets[1] = ivs[1];
    if (runs)
      offsets[2] =
          inner.createOrFold<arith::MulIOp>(b.getLoc(), ivs[2], splits);
    if (type.getRank() >= 4)
      sizes.push_back(liveRows(inner, some));
    if (type.getRank() == 5)
      sizes.push_back(b.getIndexAttr(shape.valueSize));
    heads.push_back(inner.slice(partial, offsets, sizes));
  }
  OnlineState state = emptyState(inner, live, /*lanes=*/false);
  if (state.get("sum"))
    for (auto [name, value] : {std::pair("old", 0.0), {"added", 1.0}}) {
      state.names.push_back(name);
      state.values.push_back(filledRows(inner, rows, {}, element, live, value));
    }
  state = state.with(
      inner.loop(inner.index(0), splits, 1, state.values,
                 [&](IRBuilder &b, Value split, ValueRange args) {
                   return addSplit(b, state.with(args), heads, split, live);
                 }));
  Value sinks;
  if (Value all = op.getSinksOperand())
    sinks = inner.slice(all, {getAsOpFoldResult(inner.mul(ivs[1], group))},
                        {inner.getIndexAttr(group)});
  SmallVector<Value> parts =
      slicesOf(inner, forall.getRegionIterArgs(), slices);
  Value whole = takeScores(parts);
  Value scores = pairs.inPlace() ? Value() : withoutBatch(inner, whole);
  parts = finish(inner, state, sinks, scores, live, parts);
  if (whole)
    parts.insert(parts.begin() + *pairs.scores, whole);
  endTask(inner, forall, parts, slices);
  return SmallVector<Value>(forall.getResults());
}
