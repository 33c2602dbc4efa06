//===- Softmax.cpp - Running maximum, probabilities and sum
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/Softmax.h"
#include "KeyTile.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

Value attn::outgrows(IRBuilder &b, Value score, Value maximum) {
  Location loc = b.getLoc();
  Value bound = arith::AddFOp::create(
      b, loc, maximum, b.floating(maximum.getType(), maximumLag));
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, score, bound);
}

SmallVector<Value> attn::moveMaximum(IRBuilder &b, Value score, Value maximum) {
  Location loc = b.getLoc();
  Value above = outgrows(b, score, maximum);
  Value updated = arith::SelectOp::create(b, loc, above, score, maximum);
  Value lag = arith::SubFOp::create(b, loc, maximum, updated);
  return {math::Exp2Op::create(b, loc, lag), updated};
}

void attn::rescaleWhere(
    IRBuilder &b, Value condition, KeyTileState &state,
    llvm::function_ref<KeyTileState(IRBuilder &, KeyTileState)> rescale) {
  // What the cold path may change.
  KeyTileState old = state;
  old.values = old.dirty = old.rowMax = {};
  old.scores = old.scoreTile = old.others = old.otherTile = {};
  ResultRange updated = b.conditional(
      condition, TypeRange(ValueRange(old.list())),
      [&](IRBuilder &b) { return rescale(b, old).list(); },
      [&](IRBuilder &) { return old.list(); });
  old = old.with(updated);
  old.values = state.values;
  old.dirty = state.dirty;
  old.rowMax = state.rowMax;
  old.scores = state.scores;
  old.scoreTile = state.scoreTile;
  old.others = state.others;
  old.otherTile = state.otherTile;
  state = old;
}

void KeyTile::updateMaximum(IRBuilder &b, Value scores, Value row,
                            KeyTileState &state) {
  if (!state.max && !state.rowMax)
    return;
  Value lowest = b.filled(b.empty({b.getIndexAttr(width)}, element),
                          -std::numeric_limits<double>::infinity());
  Value blockMax =
      b.generic("rp", scores, {{0, 1}}, lowest, {{1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {raiseRowMax(b, op.getNormalizer(), args[0], args[1])};
                })[0];
  if (scoreScale != 1)
    blockMax =
        b.generic("p", {}, {}, blockMax, {{0}},
                  [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                    return {b.mulf(args[0], b.floating(element, scoreScale))};
                  })[0];
  if (state.rowMax)
    state.rowMax = b.generic(
        "p", blockMax, {{0}}, state.rowMax, {{0}},
        [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
          return {raiseRowMax(b, op.getNormalizer(), args[0], args[1])};
        })[0];
  if (!state.max)
    return;
  Value none = b.filled(b.empty({}, b.getI1Type()), 0);
  Value grew =
      b.generic("r", {blockMax, state.max}, {{0}, {0}}, none, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value above = outgrows(b, args[0], args[1]);
                  return {arith::OrIOp::create(b, b.getLoc(), args[2], above)};
                })[0];
  Value some = b.extract(grew, {});
  rescaleWhere(b, some, state, [&](IRBuilder &b, KeyTileState old) {
    return rescale(b, blockMax, row, old);
  });
}

/// The cold path: a new maximum, and everything that the old one scaled.
KeyTileState KeyTile::rescale(IRBuilder &b, Value blockMax, Value row,
                              KeyTileState state) {
  Value anyLive = b.filled(b.empty({}, b.getI1Type()), 0);
  anyLive = b.extract(
      b.generic("r", state.max, {{0}}, anyLive, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value live = arith::CmpFOp::create(
                      b, b.getLoc(), arith::CmpFPredicate::OGT, args[0],
                      b.floating(element, lowestMaximum));
                  return {arith::OrIOp::create(b, b.getLoc(), args[1], live)};
                })[0],
      {});
  // Both results in one op: alpha needs the old maximum, which the new one
  // overwrites.
  ResultRange both = b.generic("p", blockMax, {{0}}, {scratchAlpha, state.max},
                               {{0}, {0}}, [&](IRBuilder &b, ValueRange args) {
                                 return moveMaximum(b, args[0], args[2]);
                               });
  Value alpha = both[0];
  state.max = both[1];
  auto times = [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
    return {b.mulf(args[0], args[1])};
  };
  state.sum = b.generic("p", alpha, {{0}}, state.sum, {{0}}, times)[0];
  SmallVector<Value> list = {state.acc, state.probabilities};
  ResultRange scaled = b.conditional(
      anyLive, TypeRange(ValueRange(list)),
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value acc =
            b.generic("pp", alpha, {{0}}, state.acc, {{0, 1}}, times)[0];
        Value rows = scaleProbabilities(b, alpha, row, state.probabilities);
        return {acc, rows};
      },
      [&](IRBuilder &) { return list; });
  state.acc = scaled[0];
  state.probabilities = scaled[1];
  return state;
}

/// Rows before `row` of the tile's probabilities, times alpha of their query.
Value KeyTile::scaleProbabilities(IRBuilder &b, Value alpha, Value row,
                                  Value probabilities) {
  Value rows = b.createOrFold<arith::DivUIOp>(b.getLoc(), row, b.index(pair));
  return b.loop(
      b.index(0), rows, 1, probabilities,
      [&](IRBuilder &b, Value k, ValueRange args) -> SmallVector<Value> {
        SmallVector<OpFoldResult> offsets = {k, zero},
                                  sizes = {b.getIndexAttr(1),
                                           b.getIndexAttr(width * pair)};
        Value one = b.slice(args[0], offsets, sizes);
        auto times = [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
          return {
              b.convert(b.mulf(args[0], b.convert(args[1], element)), product)};
        };
        if (pair == 1) {
          one = b.generic("pp", alpha, {{1}}, one, {{0, 1}}, times)[0];
        } else {
          auto map = [&](ArrayRef<AffineExpr> results) {
            return AffineMap::get(3, 0, results, b.getContext());
          };
          one = b.generic("ppp", alpha, one,
                          {map(b.d(1)), map({b.d(0), b.d(1) * 2 + b.d(2)})},
                          /*extents=*/{{2, pair}}, times)[0];
        }
        return {b.insert(one, args[0], offsets, sizes)};
      })[0];
}

/// The weights of a block's scores, in `into`.
Value KeyTile::weigh(IRBuilder &b, Value scores, Value into,
                     const KeyTileState &state) {
  if (!state.max)
    return b.generic("pp", scores, {{0, 1}}, into, {{0, 1}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       Value score = args[0];
                       if (scoreScale != 1)
                         score = b.mulf(score, b.floating(element, scoreScale));
                       return {weightOf(b, op.getNormalizer(), score)};
                     })[0];
  return b.generic("pp", {scores, state.max}, {{0, 1}, {1}}, into, {{0, 1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     return {exponential(b, args[0], args[1])};
                   })[0];
}

void KeyTile::computeProbabilities(IRBuilder &b, Value scores, Value row,
                                   KeyTileState &state) {
  Value first = b.createOrFold<arith::DivUIOp>(b.getLoc(), row, b.index(pair));
  SmallVector<OpFoldResult> offsets = {first, zero},
                            sizes = {b.getIndexAttr(blockKeys / pair),
                                     b.getIndexAttr(width * pair)};
  Value into = b.slice(state.probabilities, offsets, sizes);
  // Pairs are rounded and rearranged on the way to memory, and their sum is
  // not.
  Value exact =
      pair == 1 ? into
                : b.empty({b.getIndexAttr(blockKeys), b.getIndexAttr(width)},
                          element);
  Value block = weigh(b, scores, exact, state);
  if (state.sum)
    state.sum = b.generic(
        "rp", block, {{0, 1}}, state.sum, {{1}},
        [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
          return {arith::AddFOp::create(b, b.getLoc(), args[1], args[0])};
        })[0];
  block = multiplyRows(b, block, row, valueFactor);
  if (pair > 1) {
    auto map = [&](ArrayRef<AffineExpr> results) {
      return AffineMap::get(3, 0, results, b.getContext());
    };
    block = b.generic("ppp", block, into,
                      {map({b.d(0) * 2 + b.d(2), b.d(1)}),
                       map({b.d(0), b.d(1) * 2 + b.d(2)})},
                      /*extents=*/{{2, pair}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        return {b.convert(args[0], product)};
                      })[0];
  }
  state.probabilities = b.insert(block, state.probabilities, offsets, sizes);
}

/// 2^(score - max), where the score is scaled on the way if it is not yet.
Value KeyTile::exponential(IRBuilder &b, Value score, Value max) {
  Location loc = b.getLoc();
  Value x = scoreScale == 1
                ? Value(arith::SubFOp::create(b, loc, score, max))
                : Value(math::FmaOp::create(
                      b, loc, score, b.floating(element, scoreScale),
                      arith::NegFOp::create(b, loc, max)));
  auto power = math::Exp2Op::create(b, loc, x);
  // What only rounded probabilities depend on, a lower degree will do for.
  if (pair > 1 && !op->hasAttr("attn.exact_sum"))
    power->setAttr("attn.rounded_to_bf16", b.getUnitAttr());
  return power;
}
