//===- TableTerms.cpp - Products with rows of tables, of a tile's pairs
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A product belongs to a pair of key and query, like a score, so the products
// of a tile lie as scores do: keys in rows, queries in lanes. Where all pairs
// ask for one row (they are further apart than a clipped distance tells apart),
// it is one row of products with the queries, or one number for each key.
// Elsewhere products of queries with all rows are looked up; those of keys,
// which would be more than the pairs, are computed for each pair, features in
// the lanes.
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Support/Attributes.h"

using namespace mlir;
using namespace attn;

KeyTile::TileRows KeyTile::findRows(IRBuilder &b, Region &region, Value table,
                                    ValueRange indices) {
  ValueRange offsets = op.getOffsets();
  TileRows rows{PairTable(b, region, table, indices), {}, {}, {}, {}};
  rows.slice = rows.table.slice(b, offsets[0], offsets[1]);
  if (!rows.table.isOfDistance())
    return rows;
  Type narrow = b.getI32Type();
  rows.byPlace =
      tabulate(b, narrow, [&](IRBuilder &b, Value distance) -> Value {
        return arith::IndexCastOp::create(
            b, b.getLoc(), narrow,
            rows.table.rowAtDistance(b, offsets[0], offsets[1], distance));
      });
  chooseLaneWidth(rows.byPlace, region);
  Value first = b.extract(rows.byPlace, b.index(0));
  Value none = b.filled(b.empty({}, b.getI1Type()), 0);
  Value differs = b.extract(
      b.generic("r", rows.byPlace, {{0}}, none, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value other =
                      b.compare(arith::CmpIPredicate::ne, args[0], first);
                  return {arith::OrIOp::create(b, b.getLoc(), args[1], other)};
                })[0],
      {});
  Value yes = arith::ConstantIntOp::create(b, b.getLoc(), 1, 1);
  rows.single = arith::XOrIOp::create(b, b.getLoc(), differs, yes);
  rows.row = arith::IndexCastOp::create(b, b.getLoc(), b.getIndexType(), first);
  return rows;
}

Value KeyTile::rowOf(IRBuilder &b, const TileRows &rows, Value lane,
                     Value key) {
  if (!rows.byPlace)
    return rows.table.row(b, position(b, lane, clampKey(b, key)));
  return b.extractIndex(rows.byPlace, placeOf(b, lane, key));
}

/// Row `key` of a tensor of the tile.
static Value keySlice(IRBuilder &b, Value tile, Value key, OpFoldResult column,
                      int64_t columns) {
  return b.slice(tile, {key, column},
                 {b.getIndexAttr(1), b.getIndexAttr(columns)});
}

static Value insertKey(IRBuilder &b, Value part, Value tile, Value key,
                       OpFoldResult column, int64_t columns) {
  return b.insert(part, tile, {key, column},
                  {b.getIndexAttr(1), b.getIndexAttr(columns)});
}

void KeyTile::multiplyTables(IRBuilder &b) {
  if (op.getScore().empty())
    return;
  Value all = b.index(schedule.getKeyTile() - 1);
  for (Operation &inner : op.getScore().getOps()) {
    auto ofQuery = dyn_cast<QueryDotOp>(inner);
    auto ofKey = dyn_cast<KeyDotOp>(inner);
    if (!ofQuery && !ofKey)
      continue;
    TileRows rows = findRows(
        b, op.getScore(), ofQuery ? ofQuery.getTable() : ofKey.getTable(),
        ofQuery ? ofQuery.getIndices() : ofKey.getIndices());
    Value into = b.scratch({schedule.getKeyTile(), width}, element);
    if (ofKey) {
      tableTerms.push_back(
          {ofKey.getResult(), multiplyKeys(b, rows, into), all});
      continue;
    }
    // One row serves all keys where they ask for it.
    Value keys = count, last = all;
    if (rows.single) {
      Location loc = b.getLoc();
      keys = arith::SelectOp::create(b, loc, rows.single,
                                     b.min(count, b.index(1)), count);
      last = arith::SelectOp::create(b, loc, rows.single, b.index(0), all);
    }
    Value products =
        ofQuery.getProducts()
            ? lookUpProducts(b, rows, ofQuery.getProducts(), into, keys)
            : multiplyQueries(b, rows, ofQuery.getQueries(), into, keys);
    tableTerms.push_back({ofQuery.getResult(), products, last});
  }
}

/// Products of the tile's queries with the rows that the first `keys` keys ask
/// for, from those with all rows.
Value KeyTile::lookUpProducts(IRBuilder &b, const TileRows &rows,
                              Value products, Value into, Value keys) {
  return b.loop(
      b.index(0), keys, 1, into,
      [&](IRBuilder &b, Value key, ValueRange args) -> SmallVector<Value> {
        Value row = keySlice(b, args[0], key, zero, width);
        row = b.generic(
            "pp", {}, {}, row, {{0, 1}},
            [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
              Value lane = b.indexOf(1);
              return {b.extract(products, {rowOf(b, rows, lane, key), lane})};
            })[0];
        chooseLaneWidth(row, op.getScore());
        return {insertKey(b, row, args[0], key, zero, width)};
      })[0];
}

/// The same, multiplied pair by pair.
Value KeyTile::multiplyQueries(IRBuilder &b, const TileRows &rows,
                               Value queries, Value into, Value keys) {
  int64_t lanes = schedule.getLanes();
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(3, 0, results, b.getContext());
  };
  return b.loop(
      b.index(0), keys, 1, into,
      [&](IRBuilder &b, Value key, ValueRange args) -> SmallVector<Value> {
        Value tile = args[0];
        for (int64_t first = 0; first < width; first += lanes) {
          OpFoldResult column = b.getIndexAttr(first);
          Value part = b.filled(
              b.empty({b.getIndexAttr(1), b.getIndexAttr(lanes)}, element), 0);
          Value some =
              b.slice(queries, {column, zero},
                      {b.getIndexAttr(lanes), b.getIndexAttr(features)});
          part = b.generic(
              "ppr", some, part, {map({b.d(1), b.d(2)}), map({b.d(0), b.d(1)})},
              /*extents=*/{},
              [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                Value lane = b.add(b.indexOf(1), first);
                Value factor = rows.element(b, rowOf(b, rows, lane, key),
                                            b.indexOf(2), element);
                return {b.addf(b.mulf(factor, args[0]), args[1])};
              })[0];
          mark(part, reduceLanesAttr);
          tile = insertKey(b, part, tile, key, column, lanes);
        }
        return {tile};
      })[0];
}

Value KeyTile::keyRow(IRBuilder &b, Value loaded, Value row, Value key) {
  OpFoldResult size = b.getIndexAttr(features);
  if (loaded)
    return b.slice(loaded, {key, zero}, {b.getIndexAttr(1), size});
  return b.slice(op.getKey(), {b.add(row, key), zero},
                 {b.getIndexAttr(1), size});
}

/// Products of the tile's keys with the rows that its queries ask for.
Value KeyTile::multiplyKeys(IRBuilder &b, const TileRows &rows, Value into) {
  int64_t lanes = schedule.getLanes();
  using Multiply = llvm::function_ref<Value(IRBuilder &, Value, Value, Value)>;
  // `multiply` gets a row of features, the number of its key, and the tile.
  auto forKeys = [&](IRBuilder &b, Multiply multiply) {
    return b.loop(b.index(0), count, blockKeys, into,
                  [&](IRBuilder &b, Value row, ValueRange args) {
                    Value loaded = loadKeys(b, row);
                    Value keys = b.min(b.index(blockKeys), b.sub(count, row));
                    return SmallVector<Value>(
                        b.loop(b.index(0), keys, 1, args,
                               [&](IRBuilder &b, Value r,
                                   ValueRange args) -> SmallVector<Value> {
                                 return {multiply(b, keyRow(b, loaded, row, r),
                                                  b.add(row, r), args[0])};
                               }));
                  })[0];
  };
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(3, 0, results, b.getContext());
  };
  auto forPairs = [&](IRBuilder &b) {
    return forKeys(b, [&](IRBuilder &b, Value features, Value key, Value tile) {
      for (int64_t first = 0; first < width; first += lanes) {
        OpFoldResult column = b.getIndexAttr(first);
        Value part = b.filled(
            b.empty({b.getIndexAttr(1), b.getIndexAttr(lanes)}, element), 0);
        part = b.generic(
            "ppr", features, part,
            {map({b.d(0), b.d(2)}), map({b.d(0), b.d(1)})}, /*extents=*/{},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              Value lane = b.add(b.indexOf(1), first);
              Value factor = rows.element(b, rowOf(b, rows, lane, key),
                                          b.indexOf(2), element);
              return {
                  b.addf(b.mulf(factor, b.convert(args[0], element)), args[1])};
            })[0];
        mark(part, reduceLanesAttr);
        tile = insertKey(b, part, tile, key, column, lanes);
      }
      return tile;
    });
  };
  if (!rows.single)
    return forPairs(b);
  return b.conditional(
      rows.single, into.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value row = rows.table.wholeRow(b, rows.slice, rows.row);
        return {forKeys(
            b,
            [&](IRBuilder &b, Value features, Value key, Value tile) -> Value {
              Value sum = b.filled(b.empty({b.getIndexAttr(1)}, element), 0);
              sum = b.generic(
                  "pr", {features, row}, {{0, 1}, {0, 1}}, sum, {{0}},
                  [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                    return {b.addf(b.mulf(b.convert(args[0], element),
                                          b.convert(args[1], element)),
                                   args[2])};
                  })[0];
              mark(sum, reduceLanesAttr);
              Value product = b.extract(sum, b.index(0));
              Value part = b.generic(
                  "pp", {}, {}, keySlice(b, tile, key, zero, width), {{0, 1}},
                  [&](IRBuilder &, ValueRange) -> SmallVector<Value> {
                    return {product};
                  })[0];
              return insertKey(b, part, tile, key, zero, width);
            })};
      },
      [&](IRBuilder &b) -> SmallVector<Value> { return {forPairs(b)}; })[0];
}
