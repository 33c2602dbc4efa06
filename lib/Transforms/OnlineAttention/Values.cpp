//===- Values.cpp - Probabilities times values
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "OnlineState.h"
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

Value KeyTile::invert(IRBuilder &b, Value sum) {
  return b.generic("p", sum, {{0}}, b.empty({b.getIndexAttr(width)}, element),
                   {{0}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     return {inverseOf(b, args[0])};
                   })[0];
}

bool KeyTile::isAlone(ArrayRef<OpFoldResult> sizes) {
  return getConstantIntValue(sizes[0]) == width &&
         getConstantIntValue(sizes[1]) == valueSize;
}

Value KeyTile::initialBlock(IRBuilder &b, Value acc,
                            ArrayRef<OpFoldResult> offsets,
                            ArrayRef<OpFoldResult> sizes) {
  if (!op.getFirst())
    return b.slice(acc, offsets, sizes);
  if (isAlone(sizes)) // the block is acc
    return b.conditional(
        op.getFirst(), acc.getType(),
        [&](IRBuilder &b) -> SmallVector<Value> { return {b.filled(acc, 0)}; },
        [&](IRBuilder &) -> SmallVector<Value> { return {acc}; })[0];
  // A tensor of its own stays in registers.
  Value fresh = b.empty(sizes, element);
  return b.conditional(
      op.getFirst(), fresh.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {b.generic("pp", {}, {}, fresh, {{0, 1}},
                          [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                            return {b.floating(element, 0)};
                          })[0]};
      },
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {b.slice(acc, offsets, sizes)};
      })[0];
}

/// output[offsets][sizes] = block / sum, where the first row is row `row` of
/// the tile.
Value KeyTile::normalize(IRBuilder &b, Value block, Value row, Value output,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes) {
  Value factors = b.slice(inverse, {row}, {sizes[0]});
  Value into = b.slice(output, offsets, sizes);
  Value rows = b.generic(
      "pp", {block, factors}, {{0, 1}, {0}}, into, {{0, 1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {b.convert(b.mulf(args[0], args[1]), args[2].getType())};
      })[0];
  return b.insert(rows, output, offsets, sizes);
}

/// acc[row : row + rows, column : column + columns] += P^T . V over the tile.
/// `into` is acc, and the output if there is one: where the op ends a state,
/// rows that are all live go there instead.
SmallVector<Value>
KeyTile::contractValue(IRBuilder &b, const KeyTileState &state, ValueRange into,
                       Value row, int64_t rows, Value column, int64_t columns) {
  SmallVector<OpFoldResult> offsets = {row, column},
                            sizes = {b.getIndexAttr(rows),
                                     b.getIndexAttr(columns)};
  Value block = initialBlock(b, into[0], offsets, sizes);
  // Of the tile's keys, those that some query of these rows may read: near the
  // edge of a causal mask or a window that is half of them.
  KeyRange range = rangeOfRows(b, row, rows);
  if (schedule.getMatrix()) { // others are multiplied as squares
    range.begin = b.max(range.begin, wholeDepth(b));
    range.end = b.max(range.begin, range.end);
  }
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
  auto keep = [&](IRBuilder &b) {
    SmallVector<Value> list(into);
    list[0] = b.insert(block, into[0], offsets, sizes);
    return list;
  };
  if (!state.output || isAlone(sizes))
    return keep(b);
  Value whole =
      b.compare(arith::CmpIPredicate::sle, b.add(row, rows), op.getLive());
  return b.conditional(
      b.createOrFold<arith::AndIOp>(b.getLoc(), op.getLast(), whole),
      into.getTypes(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {into[0], normalize(b, block, row, into[1], offsets, sizes)};
      },
      keep);
}

SmallVector<Value> KeyTile::accumulate(IRBuilder &b,
                                       const KeyTileState &state) {
  return schedule.getMatrix() ? accumulateSquares(b, state)
                              : accumulateVectors(b, state);
}

SmallVector<Value> KeyTile::accumulateVectors(IRBuilder &b,
                                              const KeyTileState &state) {
  SmallVector<Value> results = {state.acc};
  if (state.output)
    results.push_back(state.output);
  // Columns outside, so that one block of value columns serves all rows.
  for (const RegisterTile &tile : registerTiles(
           width, valueSize, schedule.getLanes(), schedule.getRegisters())) {
    results =
        b.loop(b.index(tile.columnBegin), b.index(tile.columnEnd), tile.columns,
               results, [&](IRBuilder &b, Value column, ValueRange args) {
                 return SmallVector<Value>(b.loop(
                     b.index(0), op.getLive(), tile.rows, args,
                     [&](IRBuilder &b, Value row, ValueRange args) {
                       return contractValue(b, state, args, row, tile.rows,
                                            column, tile.columns);
                     }));
               });
    if (state.output)
      results[1] = normalizeTail(b, results, tile);
  }
  return results;
}

/// The live rows of a block that has others too, or is alone, from acc.
Value KeyTile::normalizeTail(IRBuilder &b, ValueRange results,
                             const RegisterTile &tile) {
  bool alone =
      isAlone({b.getIndexAttr(tile.rows), b.getIndexAttr(tile.columns)});
  Value tail = alone ? Value(op.getLive())
                     : b.createOrFold<arith::RemUIOp>(b.getLoc(), op.getLive(),
                                                      b.index(tile.rows));
  Value some = b.compare(arith::CmpIPredicate::ne, tail, b.index(0));
  Value output = results[1];
  return b.conditional(
      b.createOrFold<arith::AndIOp>(b.getLoc(), op.getLast(), some),
      output.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value row = b.sub(op.getLive(), tail);
        SmallVector<OpFoldResult> offsets = {row,
                                             b.getIndexAttr(tile.columnBegin)},
                                  sizes = {tail,
                                           b.getIndexAttr(tile.columnEnd -
                                                          tile.columnBegin)};
        return {normalize(b, b.slice(results[0], offsets, sizes), row, output,
                          offsets, sizes)};
      },
      [&](IRBuilder &) -> SmallVector<Value> { return {output}; })[0];
}

Value KeyTile::normalizeAll(IRBuilder &b, Value acc, Value output) {
  return b.conditional(
      op.getLast(), output.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        SmallVector<OpFoldResult> offsets = {zero, zero},
                                  sizes = {op.getLive(),
                                           b.getIndexAttr(valueSize)};
        return {normalize(b, b.slice(acc, offsets, sizes), b.index(0), output,
                          offsets, sizes)};
      },
      [&](IRBuilder &) -> SmallVector<Value> { return {output}; })[0];
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
SmallVector<Value> KeyTile::accumulateMasked(IRBuilder &b,
                                             const KeyTileState &state) {
  Value acc = state.acc;
  if (op.getFirst())
    acc = b.conditional(
        op.getFirst(), acc.getType(),
        [&](IRBuilder &b) -> SmallVector<Value> { return {b.filled(acc, 0)}; },
        [&](IRBuilder &) -> SmallVector<Value> { return {acc}; })[0];
  acc = b.loop(
      b.index(0), op.getLive(), 1, acc,
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
                                    Value feature = b.indexOf(1);
                                    Value v = value(b, state, key, feature);
                                    return {b.addf(b.mulf(p, v), args[0])};
                                  })[0];
                    return {b.insert(block, args[0], offsets, sizes)};
                  },
                  [&](IRBuilder &) { return SmallVector<Value>(args); }));
            }));
      })[0];
  if (!state.output)
    return {acc};
  return {acc, normalizeAll(b, acc, state.output)};
}
