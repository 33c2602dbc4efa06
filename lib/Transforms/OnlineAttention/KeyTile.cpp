//===- KeyTile.cpp - The loops of one key tile
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"

using namespace mlir;
using namespace attn;

KeyTile::KeyTile(IRBuilder &b, OnlineAttentionOp op)
    : op(op), schedule(op.getSchedule()), element(op.getAccumulatorType()),
      zero(b.getIndexAttr(0)) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  features = query.getDimSize(0);
  width = query.getDimSize(1);
  valueSize = cast<RankedTensorType>(op.getValue().getType()).getDimSize(1);
  blockKeys = schedule.getKeyBlock();
  count = b.dim(op.getKey(), 0);
}

SmallVector<Value> KeyTile::position(IRBuilder &b, Value lane, Value key) {
  Value last = b.sub(op.getLive(), b.index(1));
  return {op.getOffsets()[0], op.getOffsets()[1],
          b.add(op.getOffsets()[2], b.min(lane, last)),
          b.add(op.getOffsets()[3], key)};
}

Value KeyTile::clampKey(IRBuilder &b, Value row) {
  return b.min(row, b.sub(count, b.index(1)));
}

SmallVector<Value> KeyTile::build(IRBuilder &b) {
  KeyTileState state{
      op.getMax(),
      op.getSum(),
      op.getAcc(),
      b.empty({b.getIndexAttr(schedule.getKeyTile()), b.getIndexAttr(width)},
              element),
      {}};
  // Outside the loops: an empty tensor in the cold path would become an
  // allocation in the key loop.
  scratchAlpha = b.empty({b.getIndexAttr(width)}, element);
  bool masked = !op.getMask().empty();
  if (masked)
    state.dirty = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  state = KeyTileState::from(
      b.loop(b.index(0), count, blockKeys, state.values(),
             [&](IRBuilder &b, Value row, ValueRange args) {
               KeyTileState state = KeyTileState::from(args);
               Value scores = applyScoreRegion(b, computeScores(b, row), row);
               SmallVector<Value> list = {scores};
               if (masked)
                 list.push_back(state.dirty);
               ResultRange results = b.conditional(
                   isPartlyMasked(b, row), TypeRange(ValueRange(list)),
                   [&](IRBuilder &b) -> SmallVector<Value> {
                     SmallVector<Value> values = {applyMask(b, scores, row)};
                     if (masked)
                       values.push_back(b.createOrFold<arith::OrIOp>(
                           b.getLoc(), state.dirty, hasNonFiniteValue(b, row)));
                     return values;
                   },
                   [&](IRBuilder &) { return list; });
               if (masked)
                 state.dirty = results[1];
               updateMaximum(b, results[0], row, state);
               exponentiate(b, results[0], row, state);
               return state.values();
             }));
  Value acc;
  if (masked)
    acc = b.conditional(
        state.dirty, state.acc.getType(),
        [&](IRBuilder &b) -> SmallVector<Value> {
          return {accumulateMasked(b, state)};
        },
        [&](IRBuilder &b) -> SmallVector<Value> {
          return {accumulate(b, state)};
        })[0];
  else
    acc = accumulate(b, state);
  return {acc, state.max, state.sum};
}
