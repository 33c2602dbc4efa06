//===- TableValues.cpp - Probabilities times rows of a table
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where all pairs of a tile ask for one row of the value table, each query's
// sum of probabilities multiplies it. Elsewhere a query's rows are added one by
// one. A row that no live pair asks for changes nothing, whatever it holds: its
// probability is zero.
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"

using namespace mlir;
using namespace attn;

Value attn::weighed(IRBuilder &b, Value weight, Value row) {
  Location loc = b.getLoc();
  Value zero = b.floating(row.getType(), 0);
  Value some =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, weight, zero);
  return b.mulf(weight, arith::SelectOp::create(b, loc, some, row, zero));
}

Value KeyTile::addTableRows(IRBuilder &b, const KeyTileState &state) {
  Region &region = op.getValueRow();
  TileRows rows = findRows(b, region, op.getValueTable(),
                           region.front().getTerminator()->getOperands());
  if (!rows.single)
    return addRows(b, rows, state);
  return b.conditional(
      rows.single, state.acc.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {addSingleRow(b, rows, state)};
      },
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {addRows(b, rows, state)};
      })[0];
}

Value KeyTile::addSingleRow(IRBuilder &b, const TileRows &rows,
                            const KeyTileState &state) {
  // Of keys that lie side by side, each has its sum.
  Value depth =
      b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), count, b.index(pair));
  Value probabilities = b.slice(state.probabilities, {zero, zero},
                                {depth, b.getIndexAttr(width * pair)});
  Value sums = b.filled(b.empty({b.getIndexAttr(width * pair)}, element), 0);
  sums = b.generic("rp", probabilities, {{0, 1}}, sums, {{1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     return {b.addf(b.convert(args[0], element), args[1])};
                   })[0];
  return b.generic("pp", {}, {}, state.acc, {{0, 1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     Value lane = b.mul(b.indexOf(0), pair);
                     Value weight = b.extract(sums, lane);
                     for (int64_t other = 1; other < pair; ++other)
                       weight =
                           b.addf(weight, b.extract(sums, b.add(lane, other)));
                     Value row =
                         rows.element(b, rows.row, b.indexOf(1), element);
                     return {b.addf(weighed(b, weight, row), args[0])};
                   })[0];
}

Value KeyTile::addRows(IRBuilder &b, const TileRows &rows,
                       const KeyTileState &state) {
  // Each row of acc in registers, several at a time.
  int64_t vectors = llvm::divideCeil(valueSize, schedule.getLanes());
  int64_t several = 4;
  while (several > 1 && several * vectors > schedule.getRegisters())
    several /= 2;
  Value keys = b.empty({getAsOpFoldResult(count)}, element); // a shape
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(3, 0, results, b.getContext());
  };
  return b.loop(
      b.index(0), op.getLive(), several, state.acc,
      [&](IRBuilder &b, Value first, ValueRange args) -> SmallVector<Value> {
        SmallVector<OpFoldResult> offsets = {first, zero},
                                  sizes = {b.getIndexAttr(several),
                                           b.getIndexAttr(valueSize)};
        Value block = b.slice(args[0], offsets, sizes);
        block = b.generic(
            "ppr", keys, block, {map({b.d(2)}), map({b.d(0), b.d(1)})},
            /*extents=*/{},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              Value lane = b.add(first, b.indexOf(0)), key = b.indexOf(2);
              Value weight =
                  b.convert(probability(b, state, key, lane), element);
              Value row = rows.element(b, rowOf(b, rows, lane, key),
                                       b.indexOf(1), element);
              return {b.addf(weighed(b, weight, row), args[1])};
            })[0];
        return {b.insert(block, args[0], offsets, sizes)};
      })[0];
}
