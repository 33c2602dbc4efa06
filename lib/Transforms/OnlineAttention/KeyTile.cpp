//===- KeyTile.cpp - The loops of one key tile
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"

using namespace mlir;
using namespace attn;

KeyTile::KeyTile(IRBuilder &b, OnlineAttentionOp op)
    : op(op), schedule(op.getSchedule()), element(op.getAccumulatorType()),
      features(op.getHeadSize()), width(op.getRows()),
      valueSize(op.getValueSize()), blockKeys(schedule.getKeyBlock()),
      pair(schedule.getDot()),
      keyFactor(pair > 1 && op.getScore().getOps<KeyDotOp>().empty()
                    ? RowFactor(op.getLoadKey())
                    : RowFactor()),
      valueFactor(pair > 1 && !op.getValueTable() ? RowFactor(op.getLoadValue())
                                                  : RowFactor()),
      product(cast<RankedTensorType>(op.getQuery().getType()).getElementType()),
      unit(scoreUnit(op.getNormalizer())),
      scoreScale(op.getScore().empty() && !op.getStatePart("scores")
                     ? op.getScale().convertToDouble()
                     : 1),
      zero(b.getIndexAttr(0)) {
  count = getValueOrCreateConstantIndexOp(b, b.getLoc(), op.getKeyCount(b));
}

KeyTileState KeyTileState::before(OnlineAttentionOp op) {
  KeyTileState state;
  state.max = op.getStatePart("max");
  state.sum = op.getStatePart("sum");
  state.rowMax = op.getStatePart("row_max");
  state.acc = op.getAcc();
  state.scores = op.getStatePart("scores");
  state.others = op.getStatePart("other_scores");
  state.output = op.getStatePart("output");
  return state;
}

SmallVector<Value> KeyTileState::resultsOf(OnlineAttentionOp op) {
  SmallVector<Value> results;
  for (StringRef name : op.getStateNames())
    results.push_back(name == "acc"            ? acc
                      : name == "max"          ? max
                      : name == "sum"          ? sum
                      : name == "scores"       ? scores
                      : name == "other_scores" ? others
                      : name == "output"       ? output
                                               : rowMax);
  return results;
}

Value attn::boundPosition(IRBuilder &b, Value position, Value last) {
  Value bounded = b.min(position, last);
  if (auto least = bounded.getDefiningOp<arith::MinSIOp>())
    least->setAttr(boundAttr, b.getUnitAttr());
  return bounded;
}

SmallVector<Value> KeyTile::position(IRBuilder &b, Value lane, Value key) {
  Value last = b.sub(op.getLive(), b.index(1));
  return {op.getOffsets()[0], op.getOffsets()[1],
          b.add(op.getOffsets()[2], boundPosition(b, lane, last)),
          b.add(op.getOffsets()[3], key)};
}

Value KeyTile::clampKey(IRBuilder &b, Value row) {
  return boundPosition(b, row, b.sub(count, b.index(1)));
}

KeyTileState KeyTile::visitBlock(IRBuilder &b, Value scores, Value row,
                                 KeyTileState now) {
  scores = multiplyRows(b, scores, row, keyFactor);
  SmallVector<Value> list = applyScoreRegion(b, scores, row);
  const SmallVector<Value> block = list;
  if (now.dirty)
    list.push_back(now.dirty);
  ResultRange results = b.conditional(
      isPartlyMasked(b, row), TypeRange(ValueRange(list)),
      [&](IRBuilder &b) -> SmallVector<Value> {
        SmallVector<Value> values;
        for (Value some : block)
          values.push_back(applyMask(b, some, row));
        if (now.dirty)
          values.push_back(b.createOrFold<arith::OrIOp>(
              b.getLoc(), now.dirty, hasNonFiniteValue(b, row, now)));
        return values;
      },
      [&](IRBuilder &) { return list; });
  if (now.dirty)
    now.dirty = results.back();
  Value kept = keepScores(b, results.take_front(block.size()), row, now);
  updateMaximum(b, kept, row, now);
  computeProbabilities(b, kept, row, now);
  return now;
}

KeyTileState KeyTile::visitBlocks(IRBuilder &b, KeyTileState before) {
  using ScoresAt = llvm::function_ref<Value(IRBuilder &, Value)>;
  auto visit = [&](IRBuilder &b, Value begin, Value end, ValueRange state,
                   ScoresAt scores) {
    return b.loop(begin, end, blockKeys, state,
                  [&](IRBuilder &b, Value row, ValueRange args) {
                    KeyTileState now = before.with(args);
                    loadValues(b, row, now);
                    return visitBlock(b, scores(b, row), row, now).list();
                  });
  };
  if (!schedule.getMatrix())
    return before.with(
        visit(b, b.index(0), count, before.list(),
              [&](IRBuilder &b, Value row) { return computeScores(b, row); }));
  return before.with(
      b.loop(b.index(0), count, schedule.getMatrix(), before.list(),
             [&](IRBuilder &b, Value first, ValueRange args) {
               Value squares = computeSquares(b, first);
               Value end = b.min(b.add(first, schedule.getMatrix()), count);
               return SmallVector<Value>(
                   visit(b, first, end, args, [&](IRBuilder &b, Value row) {
                     return readScores(b, squares, b.sub(row, first));
                   }));
             }));
}

SmallVector<Value> KeyTile::build(IRBuilder &b) {
  auto tile = [&](int64_t columns) {
    return b.empty({b.getIndexAttr(schedule.getKeyTile() / pair),
                    b.getIndexAttr(columns * pair)},
                   product);
  };
  KeyTileState state = KeyTileState::before(op);
  state.probabilities = tile(width);
  if (!op.getValue())
    state.values = tile(valueSize);
  for (auto [result, own] : {std::pair(state.scores, &state.scoreTile),
                             {state.others, &state.otherTile}})
    if (result)
      *own = b.scratch({schedule.getKeyTile(), width}, element);
  // Outside the loops: an empty tensor in the cold path would become an
  // allocation in the key loop.
  scratchAlpha = b.scratch(width, element);
  if (!op.getKey())
    scratchKeys =
        b.empty({b.getIndexAttr(blockKeys), b.getIndexAttr(features)}, product);
  if (int64_t keys = schedule.getMatrix())
    scratchSquares = b.scratch({keys, width}, element);
  tabulateDistances(b);
  multiplyTables(b);
  bool masked = !op.getMask().empty();
  if (masked)
    state.dirty = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  state = visitBlocks(b, state);
  if (op.getLast())
    inverse = invert(b, state.sum);
  SmallVector<Value> results;
  if (masked) {
    SmallVector<Value> into = {state.acc};
    if (state.output)
      into.push_back(state.output);
    results = b.conditional(
        state.dirty, TypeRange(ValueRange(into)),
        [&](IRBuilder &b) { return accumulateMasked(b, state); },
        [&](IRBuilder &b) { return accumulate(b, state); });
  } else {
    results = accumulate(b, state);
  }
  state.acc = results[0];
  if (op.getValueTable())
    state.acc = addTableRows(b, state);
  if (state.output)
    state.output = results[1];
  if (state.scores)
    state.scores = writePairs(b, state.scoreTile, state.scores);
  if (state.others)
    state.others = writePairs(b, state.otherTile, state.others);
  return state.resultsOf(op);
}
