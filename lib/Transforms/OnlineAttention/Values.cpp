//===- Values.cpp - Probabilities times values
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Support/Contraction.h"
#include "attn/Support/RegisterTile.h"

using namespace mlir;
using namespace attn;

KeyRange KeyTile::rangeOfRows(IRBuilder &b, Value row, int64_t rows) {
  if (op.getMask().empty())
    return {b.index(0), count};
  ValueRange offsets = op.getOffsets();
  Value end = b.min(b.add(row, rows), op.getLive());
  Value keysEnd = b.add(offsets[3], count);
  KeyRange range =
      emitKeyRange(b, b.getLoc(), op.getMask(),
                   MaskBox{offsets[0], offsets[1], b.add(offsets[2], row),
                           b.add(offsets[2], end), b.index(0), keysEnd});
  // Relative to the tile.
  Value begin = b.max(b.sub(range.begin, offsets[3]), b.index(0));
  return {begin, b.max(b.sub(range.end, offsets[3]), begin)};
}

/// acc[row : row + rows, column : column + columns] += P^T . V over the tile.
Value KeyTile::contractValue(IRBuilder &b, const KeyTileState &state, Value acc,
                             Value row, int64_t rows, Value column,
                             int64_t columns) {
  SmallVector<OpFoldResult> offsets = {row, column},
                            sizes = {b.getIndexAttr(rows),
                                     b.getIndexAttr(columns)};
  Value block = b.slice(acc, offsets, sizes);
  // Of the tile's keys, those that some query of these rows may read: near the
  // edge of a causal mask or a window that is half of them.
  KeyRange range = rangeOfRows(b, row, rows);
  // Whole pairs: the other key of a pair has probability zero.
  Value begin = range.begin, end = range.end;
  if (pair > 1) {
    Location loc = b.getLoc();
    begin = b.createOrFold<arith::DivUIOp>(loc, begin, b.index(pair));
    end = b.createOrFold<arith::CeilDivUIOp>(loc, end, b.index(pair));
  }
  OpFoldResult depth = b.sub(end, begin);
  auto part = [&](Value tensor, Value column, int64_t columns) {
    return b.slice(tensor, {begin, b.mul(column, pair)},
                   {depth, b.getIndexAttr(columns * pair)});
  };
  Value probabilities = part(state.probabilities, row, rows);
  Value values =
      part(state.values ? state.values : op.getValue(), column, columns);
  block = multiplyAccumulate(b, {probabilities, {2, 0}}, {values, {2, 1}},
                             block, pair);
  return b.insert(block, acc, offsets, sizes);
}

Value KeyTile::accumulate(IRBuilder &b, const KeyTileState &state) {
  Value acc = state.acc;
  // Columns outside, so that one block of value columns serves all rows.
  for (const RegisterTile &tile : registerTiles(
           width, valueSize, schedule.getLanes(), schedule.getRegisters())) {
    acc =
        b.loop(b.index(tile.columnBegin), b.index(tile.columnEnd), tile.columns,
               acc, [&](IRBuilder &b, Value column, ValueRange args) {
                 return SmallVector<Value>(b.loop(
                     b.index(0), op.getLive(), tile.rows, args,
                     [&](IRBuilder &b, Value row,
                         ValueRange args) -> SmallVector<Value> {
                       return {contractValue(b, state, args[0], row, tile.rows,
                                             column, tile.columns)};
                     }));
               })[0];
  }
  return acc;
}

/// P^T[key, row] of the tile.
Value KeyTile::probability(IRBuilder &b, const KeyTileState &state, Value key,
                           Value row) {
  if (pair == 1)
    return b.extract(state.probabilities, {key, row});
  Location loc = b.getLoc();
  Value size = b.index(pair);
  Value column =
      b.add(b.mul(row, pair), b.createOrFold<arith::RemUIOp>(loc, key, size));
  Value p = b.extract(state.probabilities,
                      {b.createOrFold<arith::DivUIOp>(loc, key, size), column});
  return b.convert(p, element);
}

/// V[key, feature] of the tile.
Value KeyTile::value(IRBuilder &b, const KeyTileState &state, Value key,
                     Value feature) {
  Value values = state.values ? state.values : op.getValue();
  if (pair > 1) {
    Location loc = b.getLoc();
    Value size = b.index(pair);
    feature = b.add(b.mul(feature, pair),
                    b.createOrFold<arith::RemUIOp>(loc, key, size));
    key = b.createOrFold<arith::DivUIOp>(loc, key, size);
  }
  return b.convert(b.extract(values, {key, feature}), element);
}

/// The same, row by row, leaving out what the mask leaves out: 0 * NaN is NaN,
/// so a masked key with a non-finite value must not be multiplied at all.
Value KeyTile::accumulateMasked(IRBuilder &b, const KeyTileState &state) {
  return b.loop(
      b.index(0), op.getLive(), 1, state.acc,
      [&](IRBuilder &b, Value row, ValueRange args) {
        return SmallVector<Value>(b.loop(
            b.index(0), count, 1, args,
            [&](IRBuilder &b, Value key,
                ValueRange args) -> SmallVector<Value> {
              Value live = b.inlineRegion(op.getMask(), position(b, row, key));
              return SmallVector<Value>(b.conditional(
                  live, args.getTypes(),
                  [&](IRBuilder &b) -> SmallVector<Value> {
                    SmallVector<OpFoldResult> offsets = {row, zero},
                                              sizes = {
                                                  b.getIndexAttr(1),
                                                  b.getIndexAttr(valueSize)};
                    Value block = b.slice(args[0], offsets, sizes);
                    Value p = probability(b, state, key, row);
                    block =
                        b.generic("pp", {}, {}, block, {{0, 1}},
                                  [&](IRBuilder &b,
                                      ValueRange args) -> SmallVector<Value> {
                                    Value feature = linalg::IndexOp::create(
                                        b, b.getLoc(), 1);
                                    Value v = value(b, state, key, feature);
                                    return {b.addf(b.mulf(p, v), args[0])};
                                  })[0];
                    return {b.insert(block, args[0], offsets, sizes)};
                  },
                  [&](IRBuilder &) { return SmallVector<Value>(args); }));
            }));
      })[0];
}
