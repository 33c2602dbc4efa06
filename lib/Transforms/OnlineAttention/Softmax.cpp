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

void KeyTile::updateMaximum(IRBuilder &b, Value scores, Value row,
                            KeyTileState &state) {
  Value lowest = b.filled(b.empty({b.getIndexAttr(width)}, element),
                          -std::numeric_limits<double>::infinity());
  Value blockMax =
      b.generic("rp", scores, {{0, 1}}, lowest, {{1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {b.maxNumber(args[0], args[1])};
                })[0];
  Value none = b.filled(b.empty({}, b.getI1Type()), 0);
  Value grew =
      b.generic("r", {blockMax, state.max}, {{0}, {0}}, none, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value bound = arith::AddFOp::create(
                      b, b.getLoc(), args[1], b.floating(element, maximumLag));
                  Value above = arith::CmpFOp::create(
                      b, b.getLoc(), arith::CmpFPredicate::OGT, args[0], bound);
                  return {arith::OrIOp::create(b, b.getLoc(), args[2], above)};
                })[0];
  Value some = b.extract(grew, {});
  KeyTileState old = state;
  old.dirty = {};
  SmallVector<Value> values = old.values();
  ResultRange updated = b.conditional(
      some, TypeRange(ValueRange(values)),
      [&](IRBuilder &b) { return rescale(b, blockMax, row, old).values(); },
      [&](IRBuilder &) { return values; });
  Value dirty = state.dirty;
  state = KeyTileState::from(updated);
  state.dirty = dirty;
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
  ResultRange both =
      b.generic("p", blockMax, {{0}}, {scratchAlpha, state.max}, {{0}, {0}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Location loc = b.getLoc();
                  Value bound = arith::AddFOp::create(
                      b, loc, args[2], b.floating(element, maximumLag));
                  Value above = arith::CmpFOp::create(
                      b, loc, arith::CmpFPredicate::OGT, args[0], bound);
                  Value updated =
                      arith::SelectOp::create(b, loc, above, args[0], args[2]);
                  Value lag = arith::SubFOp::create(b, loc, args[2], updated);
                  return {math::Exp2Op::create(b, loc, lag), updated};
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
        Value rows = b.loop(
            b.index(0), row, 1, state.probabilities,
            [&](IRBuilder &b, Value k, ValueRange args) -> SmallVector<Value> {
              SmallVector<OpFoldResult> offsets = {k, zero},
                                        sizes = {b.getIndexAttr(1),
                                                 b.getIndexAttr(width)};
              Value one = b.slice(args[0], offsets, sizes);
              one = b.generic("pp", alpha, {{1}}, one, {{0, 1}}, times)[0];
              return {b.insert(one, args[0], offsets, sizes)};
            })[0];
        return {acc, rows};
      },
      [&](IRBuilder &) { return list; });
  state.acc = scaled[0];
  state.probabilities = scaled[1];
  return state;
}

void KeyTile::exponentiate(IRBuilder &b, Value scores, Value row,
                           KeyTileState &state) {
  SmallVector<OpFoldResult> offsets = {row, zero},
                            sizes = {b.getIndexAttr(blockKeys),
                                     b.getIndexAttr(width)};
  Value into = b.slice(state.probabilities, offsets, sizes);
  Value block =
      b.generic("pp", {scores, state.max}, {{0, 1}, {1}}, into, {{0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value x =
                      arith::SubFOp::create(b, b.getLoc(), args[0], args[1]);
                  return {math::Exp2Op::create(b, b.getLoc(), x)};
                })[0];
  state.sum = b.generic(
      "rp", block, {{0, 1}}, state.sum, {{1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {arith::AddFOp::create(b, b.getLoc(), args[1], args[0])};
      })[0];
  state.probabilities = b.insert(block, state.probabilities, offsets, sizes);
}
