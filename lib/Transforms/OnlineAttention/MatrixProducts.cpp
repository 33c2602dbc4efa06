//===- MatrixProducts.cpp - Both products of a key tile on matrix registers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores are squares of keys times queries, from rows of K and pairs of
// features of Q, as everywhere. They go through scratch, of which blocks of
// keys come back as vectors. The product with the values multiplies rows of
// queries with the pairs of keys that the values have already: so the
// probabilities of a tile, pairs of keys in rows and queries in lanes, are
// transposed once.
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Support/Contraction.h"

using namespace mlir;
using namespace attn;

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

Value KeyTile::computeSquares(IRBuilder &b, Value row) {
  int64_t keys = schedule.getMatrix();
  SmallVector<OpFoldResult> block = {b.getIndexAttr(keys),
                                     b.getIndexAttr(features)};
  auto multiply = [&](IRBuilder &b, Value rows) {
    return multiplySquares(b, {rows, {0, 2}}, {op.getQuery(), {2, 1}},
                           b.filled(scratchSquares, 0.0), pair, /*loop=*/2);
  };
  auto copied = [&](IRBuilder &b) {
    return multiply(b, fillKeys(b, row, b.empty(block, product)));
  };
  if (!op.getKey())
    return copied(b);
  // The last keys are fewer than a register has rows.
  Value whole = b.compare(arith::CmpIPredicate::sle, b.add(row, keys), count);
  return b.conditional(
      whole, scratchSquares.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {multiply(b, b.slice(op.getKey(), {row, zero}, block))};
      },
      [&](IRBuilder &b) -> SmallVector<Value> { return {copied(b)}; })[0];
}

Value KeyTile::readScores(IRBuilder &b, Value squares, Value row) {
  Value block =
      b.empty({b.getIndexAttr(blockKeys), b.getIndexAttr(width)}, element);
  return fillRows(b, block, width, /*nibbles=*/false,
                  [&](IRBuilder &b, Value key, Value lane) {
                    return b.extract(squares, {b.add(row, key), lane});
                  });
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

Value KeyTile::wholeDepth(IRBuilder &b) {
  return b.sub(count, b.createOrFold<arith::RemUIOp>(b.getLoc(), count,
                                                     b.index(matrixDepth)));
}

Value KeyTile::rowsOfQueries(IRBuilder &b, Value probabilities, Value begin,
                             Value end) {
  Value rows = b.empty(
      {b.getIndexAttr(width), b.getIndexAttr(schedule.getKeyTile())}, product);
  auto map =
      AffineMap::get(3, 0, {b.d(0), b.d(1) * 2 + b.d(2)}, b.getContext());
  return b.loop(
      begin, end, matrixDepth, rows,
      [&](IRBuilder &b, Value key, ValueRange args) -> SmallVector<Value> {
        SmallVector<OpFoldResult> offsets = {zero, key},
                                  sizes = {b.getIndexAttr(width),
                                           b.getIndexAttr(matrixDepth)};
        Value first =
            b.createOrFold<arith::DivUIOp>(b.getLoc(), key, b.index(pair));
        Value block =
            b.generic("ppp", {}, b.slice(args[0], offsets, sizes), map,
                      {{1, matrixDepth / pair}, {2, pair}},
                      [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                        Value lane = b.indexOf(0), second = b.indexOf(2);
                        return {b.extract(probabilities,
                                          {b.add(first, b.indexOf(1)),
                                           b.add(b.mul(lane, pair), second)})};
                      })[0];
        return {b.insert(block, args[0], offsets, sizes)};
      })[0];
}

SmallVector<Value> KeyTile::accumulateSquares(IRBuilder &b,
                                              const KeyTileState &state) {
  Location loc = b.getLoc();
  // Vectors begin: they know of a state without acc, and of the last keys.
  KeyTileState vectors = state;
  vectors.output = {};
  Value acc = accumulateVectors(b, vectors)[0];
  // Whole registers, of which some keys may have no probability in these rows.
  Value depth = b.index(matrixDepth);
  KeyRange range = rangeOfRows(b, b.index(0), width);
  Value begin = b.sub(range.begin,
                      b.createOrFold<arith::RemUIOp>(loc, range.begin, depth));
  Value end = b.mul(b.createOrFold<arith::CeilDivUIOp>(loc, range.end, depth),
                    matrixDepth);
  end = b.max(b.min(end, wholeDepth(b)), begin);
  Value rows = rowsOfQueries(b, state.probabilities, begin, end);
  OpFoldResult keys = b.sub(end, begin);
  rows = b.slice(rows, {zero, begin}, {b.getIndexAttr(width), keys});
  Value pairs =
      b.createOrFold<arith::DivUIOp>(loc, b.sub(end, begin), b.index(pair));
  Value first = b.createOrFold<arith::DivUIOp>(loc, begin, b.index(pair));
  auto multiply = [&](IRBuilder &b, Value acc, Value column, int64_t columns) {
    SmallVector<OpFoldResult> offsets = {zero, column},
                              sizes = {b.getIndexAttr(width),
                                       b.getIndexAttr(columns)};
    Value values = b.slice(state.values ? state.values : op.getValue(),
                           {first, b.mul(column, pair)},
                           {pairs, b.getIndexAttr(columns * pair)});
    Value block = multiplySquares(b, {rows, {0, 2}}, {values, {2, 1}},
                                  b.slice(acc, offsets, sizes), pair,
                                  /*loop=*/2);
    return b.insert(block, acc, offsets, sizes);
  };
  int64_t columns = schedule.getMatrix(), whole = valueSize / columns * columns;
  acc = b.loop(
      b.index(0), b.index(whole), columns, acc,
      [&](IRBuilder &b, Value column, ValueRange args) -> SmallVector<Value> {
        return {multiply(b, args[0], column, columns)};
      })[0];
  if (whole < valueSize)
    acc = multiply(b, acc, b.index(whole), valueSize - whole);
  if (!state.output)
    return {acc};
  return {acc, normalizeAll(b, acc, state.output)};
}
