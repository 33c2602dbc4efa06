//===- DecodeValues.cpp - Probabilities of few rows times values
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DecodeTile.h"

using namespace mlir;
using namespace attn;

/// Pairs of the block's keys side by side, for instructions that multiply them.
Value DecodeTile::contractValue(IRBuilder &b, const KeyTileState &state,
                                Value acc, Rows rows, int64_t column,
                                int64_t columns) {
  SmallVector<OpFoldResult> offsets = {rows.first, b.getIndexAttr(column)},
                            sizes = {b.getIndexAttr(rows.count),
                                     b.getIndexAttr(columns)};
  Value into = b.slice(acc, offsets, sizes);
  // Whole pairs: the other key of a last pair has probability zero.
  Value depth = count;
  if (pair > 1)
    depth = b.createOrFold<arith::MulIOp>(
        b.getLoc(),
        b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), count, b.index(pair)),
        b.index(pair));
  Value probabilities = b.slice(state.probabilities, {rows.first, zero},
                                {b.getIndexAttr(rows.count), depth});
  if (pair == 1) {
    into = b.generic("ppr", probabilities, {{0, 2}}, into, {{0, 1}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       Value feature = b.add(indexOf(b, 1), b.index(column));
                       Value value = b.convert(
                           valueElement(b, indexOf(b, 2), feature), element);
                       return {b.addf(b.mulf(args[0], value), args[1])};
                     })[0];
  } else {
    auto map = [&](ArrayRef<AffineExpr> results) {
      return AffineMap::get(4, 0, results, b.getContext());
    };
    Value half =
        b.createOrFold<arith::DivUIOp>(b.getLoc(), depth, b.index(pair));
    Value shape = b.empty({getAsOpFoldResult(half)}, element); // never read
    into = b.generic("pprr", {probabilities, shape}, into,
                     {map({b.d(0), b.d(2) * 2 + b.d(3)}), map({b.d(2)}),
                      map({b.d(0), b.d(1)})},
                     /*extents=*/{{3, pair}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       Value key =
                           b.add(b.mul(indexOf(b, 2), 2), indexOf(b, 3));
                       Value last = b.sub(count, b.index(1));
                       Value feature = b.add(indexOf(b, 1), b.index(column));
                       Value value = valueElement(b, b.min(key, last), feature);
                       return {b.addf(b.mulf(b.convert(args[0], element),
                                             b.convert(value, element)),
                                      args[2])};
                     })[0];
  }
  return b.insert(into, acc, offsets, sizes);
}

Value DecodeTile::accumulate(IRBuilder &b, const KeyTileState &state) {
  // Whole rows of values, for as many rows of queries as have registers. Where
  // values are converted on the way, that is what costs: once for all rows, in
  // as few, equally wide blocks of columns as the registers allow.
  int64_t vectors = llvm::divideCeil(valueSize, lanes);
  int64_t most = schedule.getRegisters();
  bool converted =
      !op.getValue() || getElementTypeOrSelf(op.getValue()) !=
                            getElementTypeOrSelf(state.probabilities);
  RowTiles tiles = this->tiles;
  if (converted)
    most = std::max<int64_t>(1, most / tiles.many);
  else
    tiles = RowTiles::forValues(group, op.getRows(), most, vectors);
  int64_t wide =
      llvm::divideCeil(vectors, llvm::divideCeil(vectors, most)) * lanes;
  Value acc = state.acc;
  for (int64_t column = 0; column < valueSize; column += wide)
    acc = forRows(
        b, tiles, acc,
        [&](IRBuilder &b, Rows rows, ValueRange args) -> SmallVector<Value> {
          return {contractValue(b, state, args[0], rows, column,
                                std::min(wide, valueSize - column))};
        })[0];
  return acc;
}

Value DecodeTile::accumulateMasked(IRBuilder &b, const KeyTileState &state) {
  auto addKey = [&](IRBuilder &b, Value row, Value key,
                    Value acc) -> SmallVector<Value> {
    SmallVector<OpFoldResult> offsets = {row, zero},
                              sizes = {b.getIndexAttr(1),
                                       b.getIndexAttr(valueSize)};
    Value p = b.convert(b.extract(state.probabilities, {row, key}), element);
    Value into = b.slice(acc, offsets, sizes);
    into = b.generic("pp", {}, {}, into, {{0, 1}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       Value value = b.convert(
                           valueElement(b, key, indexOf(b, 1)), element);
                       return {b.addf(b.mulf(p, value), args[0])};
                     })[0];
    return {b.insert(into, acc, offsets, sizes)};
  };
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
                  [&](IRBuilder &b) { return addKey(b, row, key, args[0]); },
                  [&](IRBuilder &) { return SmallVector<Value>(args); }));
            }));
      })[0];
}
