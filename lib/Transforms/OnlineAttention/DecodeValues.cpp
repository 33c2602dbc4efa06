//===- DecodeValues.cpp - Probabilities of few rows times values
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DecodeTile.h"

using namespace mlir;
using namespace attn;

/// The part of the accumulators that `rows` and `columns` from `column` on are,
/// as rows or as their halves.
static std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>
partOf(IRBuilder &b, Value row, int64_t rows, int64_t column, int64_t columns,
       bool halves) {
  SmallVector<OpFoldResult> offsets = {row}, sizes = {b.getIndexAttr(rows)};
  if (halves) {
    offsets.push_back(b.getIndexAttr(0));
    sizes.push_back(b.getIndexAttr(2));
  }
  offsets.push_back(b.getIndexAttr(column / (halves ? 2 : 1)));
  sizes.push_back(b.getIndexAttr(columns / (halves ? 2 : 1)));
  return {offsets, sizes};
}

/// Pairs of the block's keys side by side, for instructions that multiply them.
Value DecodeTile::contractValue(IRBuilder &b, const KeyTileState &state,
                                Value acc, Rows rows, int64_t column,
                                int64_t columns) {
  bool paired = pair > 1;
  if (valueHalves)
    acc = splitHalves(b, acc);
  auto [offsets, sizes] =
      partOf(b, rows.first, rows.count, column, columns, valueHalves);
  Value into = b.slice(acc, offsets, sizes);
  // Whole pairs: the other key of a last pair has probability zero.
  Value depth = count, pairs;
  if (paired) {
    pairs =
        b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), count, b.index(pair));
    depth = b.mul(pairs, pair);
  }
  Value probabilities = b.slice(state.probabilities, {rows.first, zero},
                                {b.getIndexAttr(rows.count), depth});
  // (row, [half,] feature, key[, second]); the keys are pairs if there is a
  // second.
  unsigned place = sizes.size() - 1, key = place + 1, second = key + 1;
  std::string iterators = std::string(key, 'p') + (paired ? "rr" : "r");
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(iterators.size(), 0, results, b.getContext());
  };
  SmallVector<Value> inputs = {probabilities};
  SmallVector<AffineMap> maps = {
      map({b.d(0), paired ? b.d(key) * 2 + b.d(second) : b.d(key)})};
  SmallVector<IRBuilder::Extent> extents;
  if (paired) {
    inputs.push_back(b.empty({getAsOpFoldResult(pairs)}, element)); // a shape
    maps.push_back(map({b.d(key)}));
    extents = {{second, pair}};
  }
  maps.push_back(
      AffineMap::getMultiDimIdentityMap(iterators.size(), b.getContext())
          .getMajorSubMap(key));
  into = b.generic(
      iterators, inputs, into, maps, extents,
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value at = b.indexOf(key);
        if (paired)
          at = b.min(b.add(b.mul(at, pair), b.indexOf(second)),
                     b.sub(count, b.index(1)));
        Value feature =
            b.add(b.indexOf(place), b.index(column / (valueHalves ? 2 : 1)));
        if (valueHalves)
          feature = featureOf(b, feature, b.indexOf(1));
        Value value = b.convert(valueElement(b, at, feature), product);
        return {b.addf(
            b.mulf(b.convert(args.front(), element), b.convert(value, element)),
            args.back())};
      })[0];
  acc = b.insert(into, acc, offsets, sizes);
  return valueHalves ? joinHalves(b, acc) : acc;
}

Value DecodeTile::accumulate(IRBuilder &b, const KeyTileState &state) {
  // Whole rows of values, for as many rows of queries as have registers. Where
  // values are converted or paired on the way, that is what costs: once for all
  // rows of queries, as wide as the registers allow. What is left of each row
  // is then in the cache.
  int64_t vectors = llvm::divideCeil(valueSize, lanes);
  int64_t most = schedule.getRegisters();
  bool direct = pair == 1 && op.getValue() &&
                getElementTypeOrSelf(op.getValue()) == product;
  RowTiles tiles = this->tiles;
  if (direct)
    tiles = RowTiles::forValues(group, op.getRows(), most, vectors);
  else
    most = std::max<int64_t>(1, most / tiles.many);
  // Halves of rows and pairs of values are whole vectors, if they can be.
  int64_t unit = (valueHalves ? 2 : 1) * pair;
  int64_t wide = std::min(most < unit ? most : most / unit * unit, vectors);
  wide *= lanes;
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

/// The live rows of `from` in `into`, in one op that no pattern takes for a
/// copy: the two must not become one.
Value DecodeTile::keepRows(IRBuilder &b, Value from, Value into) {
  SmallVector<OpFoldResult> offsets = {zero, zero},
                            sizes = {op.getLive(), b.getIndexAttr(valueSize)};
  Value kept = b.generic(
      "pp", b.slice(from, offsets, sizes), {{0, 1}},
      b.slice(into, offsets, sizes), {{0, 1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {arith::AddFOp::create(b, b.getLoc(), args[0],
                                      b.floating(args[0].getType(), 0))};
      })[0];
  return b.insert(kept, into, offsets, sizes);
}

/// The live rows of `from` in `into`. Rarely: one by one, so that no
/// pattern drops what was written there before, and with it the place.
Value DecodeTile::takeBack(IRBuilder &b, Value from, Value into) {
  return b.loop(
      b.index(0), op.getLive(), 1, into,
      [&](IRBuilder &b, Value row, ValueRange args) {
        return SmallVector<Value>(
            b.loop(b.index(0), b.index(valueSize), 1, args,
                   [&](IRBuilder &b, Value column,
                       ValueRange args) -> SmallVector<Value> {
                     Value x = b.extract(from, {row, column});
                     return {tensor::InsertOp::create(b, b.getLoc(), x, args[0],
                                                      ValueRange{row, column})};
                   }));
      })[0];
}

/// Whether some live row holds a NaN.
Value DecodeTile::hasNaN(IRBuilder &b, Value acc) {
  Value rows =
      b.slice(acc, {zero, zero}, {op.getLive(), b.getIndexAttr(valueSize)});
  Value no = b.filled(b.empty({}, b.getI1Type()), 0);
  Value some =
      b.generic("rr", rows, {{0, 1}}, no, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Location loc = b.getLoc();
                  Value odd = arith::CmpFOp::create(
                      b, loc, arith::CmpFPredicate::UNO, args[0], args[0]);
                  return {arith::OrIOp::create(b, loc, args[1], odd)};
                })[0];
  return b.extract(some, {});
}

/// The weight of a masked key is zero, and zero times NaN or infinity is NaN.
/// Looking at all values would cost as much as a third of multiplying them; the
/// sums are few: where they are NaN, that may be why, and they are taken back
/// and summed once more without masked keys.
Value DecodeTile::accumulateChecked(IRBuilder &b, KeyTileState state) {
  Value before = b.conditional(
      state.dirty, scratchAcc.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {keepRows(b, state.acc, scratchAcc)};
      },
      [&](IRBuilder &) -> SmallVector<Value> { return {scratchAcc}; })[0];
  Value after = accumulate(b, state);
  auto same = [&](IRBuilder &) -> SmallVector<Value> { return {after}; };
  return b.conditional(
      state.dirty, after.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return SmallVector<Value>(b.conditional(
            hasNaN(b, after), after.getType(),
            [&](IRBuilder &b) -> SmallVector<Value> {
              state.acc = takeBack(b, before, after);
              return {accumulateMasked(b, state)};
            },
            same));
      },
      same)[0];
}

Value DecodeTile::accumulateMasked(IRBuilder &b, const KeyTileState &state) {
  auto addKey = [&](IRBuilder &b, Value row, Value key,
                    Value acc) -> SmallVector<Value> {
    if (valueHalves)
      acc = splitHalves(b, acc);
    auto [offsets, sizes] = partOf(b, row, 1, 0, valueSize, valueHalves);
    unsigned place = sizes.size() - 1;
    Value p = b.convert(b.extract(state.probabilities, {row, key}), element);
    Value into = b.slice(acc, offsets, sizes);
    into =
        b.generic(std::string(place + 1, 'p'), {}, into,
                  AffineMap::getMultiDimIdentityMap(place + 1, b.getContext()),
                  /*extents=*/{},
                  [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                    Value feature = b.indexOf(place);
                    if (valueHalves)
                      feature = featureOf(b, feature, b.indexOf(1));
                    Value value =
                        b.convert(valueElement(b, key, feature), element);
                    return {b.addf(b.mulf(p, value), args[0])};
                  })[0];
    acc = b.insert(into, acc, offsets, sizes);
    return {valueHalves ? joinHalves(b, acc) : acc};
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
