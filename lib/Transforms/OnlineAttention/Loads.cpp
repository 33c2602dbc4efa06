//===- Loads.cpp - Keys and values that must be converted first
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A block of keys is converted into scratch that stays in the first-level
// cache; every query of the tile then reads it from there, so the conversion
// costs one vector in as many as the tile has queries. The values of a tile are
// kept until its contraction. Rows past the last key repeat it.
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "Nibbles.h"

using namespace mlir;
using namespace attn;

Value attn::fillRows(IRBuilder &b, Value into, int64_t features, bool nibbles,
                     ElementAt element) {
  if (!nibbles || features % 2)
    return b.generic("pp", {}, {}, into, {{0, 1}},
                     [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                       return {element(b, b.indexOf(0), b.indexOf(1))};
                     })[0];
  auto map =
      AffineMap::get(3, 0, {b.d(0), b.d(1) * 2 + b.d(2)}, b.getContext());
  return b.generic("ppp", {}, into, map, {{1, features / 2}, {2, 2}},
                   [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                     Value feature = featureOf(b, b.indexOf(1), b.indexOf(2));
                     return {element(b, b.indexOf(0), feature)};
                   })[0];
}

Value KeyTile::loadKeys(IRBuilder &b, Value row) {
  return op.getKey() ? Value() : fillKeys(b, row, scratchKeys);
}

Value KeyTile::fillKeys(IRBuilder &b, Value row, Value into) {
  bool nibbles = !op.getKey() && readsNibbles(op.getLoadKey());
  return fillRows(b, into, features, nibbles,
                  [&](IRBuilder &b, Value r, Value feature) -> Value {
                    Value key = clampKey(b, b.add(row, r));
                    if (op.getKey())
                      return b.extract(op.getKey(), {key, feature});
                    return b.convert(
                        keyFactor.element(b, op.getLoadKey(), key, feature),
                        product);
                  });
}

void KeyTile::loadValues(IRBuilder &b, Value row, KeyTileState &state) {
  if (!state.values)
    return;
  Value first = b.createOrFold<arith::DivUIOp>(b.getLoc(), row, b.index(pair));
  SmallVector<OpFoldResult> offsets = {first, zero},
                            sizes = {b.getIndexAttr(blockKeys / pair),
                                     b.getIndexAttr(valueSize * pair)};
  Value block = b.slice(state.values, offsets, sizes);
  auto value = [&](IRBuilder &b, Value key, Value feature) -> Value {
    key = clampKey(b, b.add(row, key));
    return b.convert(valueFactor.element(b, op.getLoadValue(), key, feature),
                     product);
  };
  if (pair == 1) {
    block = fillRows(b, block, valueSize,
                     !op.getValue() && readsNibbles(op.getLoadValue()), value);
  } else {
    auto map =
        AffineMap::get(3, 0, {b.d(0), b.d(1) * 2 + b.d(2)}, b.getContext());
    block = b.generic("ppp", {}, block, map, {{1, valueSize}, {2, pair}},
                      [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                        Value key = b.add(b.mul(b.indexOf(0), 2), b.indexOf(2));
                        return {value(b, key, b.indexOf(1))};
                      })[0];
  }
  state.values = b.insert(block, state.values, offsets, sizes);
}

Value KeyTile::multiplyRows(IRBuilder &b, Value block, Value row,
                            const RowFactor &factor) {
  if (!factor)
    return block;
  return b.generic("pp", {}, {}, block, {{0, 1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     Value key = clampKey(b, b.add(row, b.indexOf(0)));
                     return {b.mulf(args[0], factor.of(b, key))};
                   })[0];
}
