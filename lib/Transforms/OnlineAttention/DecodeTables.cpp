//===- DecodeTables.cpp - Few queries and rows of tables
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reading keys and values from memory is what decoding costs, and rows of
// tables are in the cache: what a table adds to a pair is computed as what the
// key or the value gives it, with a row of the table in its place. Products of
// queries with all rows are computed once for the task.
//
//===----------------------------------------------------------------------===//

#include "DecodeTile.h"
#include "attn/Support/Attributes.h"

using namespace mlir;
using namespace attn;

void DecodeTile::findTables(IRBuilder &b) {
  if (op.getScore().empty())
    return;
  for (Operation &inner : op.getScore().getOps()) {
    if (auto dot = dyn_cast<QueryDotOp>(inner))
      tableTerms.push_back(
          {dot, PairTable(b, op.getScore(), dot.getTable(), dot.getIndices())});
    auto dot = dyn_cast<KeyDotOp>(inner);
    if (!dot)
      continue;
    tableTerms.push_back(
        {dot, PairTable(b, op.getScore(), dot.getTable(), dot.getIndices())});
    if (!scratchKeys)
      scratchKeys = b.scratch({lanes, features}, element);
  }
}

void DecodeTile::copyKeys(IRBuilder &b, Value block) {
  if (!scratchKeys)
    return;
  bool nibbles = !op.getKey() && readsNibbles(op.getLoadKey());
  copiedKeys = fillRows(
      b, scratchKeys, features, nibbles,
      [&](IRBuilder &b, Value lane, Value feature) -> Value {
        Value key = keyOfLane(b, block, lane);
        if (op.getKey())
          return b.convert(b.extract(op.getKey(), {key, feature}), element);
        return b.inlineRegion(op.getLoadKey(), {key, feature});
      });
}

Value DecodeTile::multiplyTable(IRBuilder &b, const TableTerm &term,
                                Value block, Rows rows) {
  auto ofQuery = dyn_cast<QueryDotOp>(term.dot);
  if (ofQuery && ofQuery.getProducts())
    return {};
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(3, 0, results, b.getContext());
  };
  // (row, key, feature)
  Value factors = ofQuery ? rowsOf(b, ofQuery.getQueries(), rows) : copiedKeys;
  AffineMap place = ofQuery ? map({b.d(0), b.d(2)}) : map({b.d(1), b.d(2)});
  Value products = b.filled(
      b.empty({b.getIndexAttr(rows.count), b.getIndexAttr(lanes)}, element), 0);
  products = b.generic(
      "ppr", factors, products, {place, map({b.d(0), b.d(1)})},
      /*extents=*/{}, [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        SmallVector<Value> at = position(b, b.add(rows.first, b.indexOf(0)),
                                         keyOfLane(b, block, b.indexOf(1)));
        Value factor =
            term.table.element(b, term.table.slice(b, at[0], at[1]),
                               term.table.row(b, at), b.indexOf(2), element);
        return {b.addf(b.mulf(factor, args[0]), args[1])};
      })[0];
  mark(products, reduceLanesAttr);
  return products;
}

Value DecodeTile::lookUpProduct(IRBuilder &b, const TableTerm &term, Value row,
                                Value key) {
  return b.extract(cast<QueryDotOp>(term.dot).getProducts(),
                   {row, term.table.row(b, position(b, row, key))});
}

Value DecodeTile::addTableRows(IRBuilder &b, const KeyTileState &state) {
  Region &region = op.getValueRow();
  PairTable table(b, region, op.getValueTable(),
                  region.front().getTerminator()->getOperands());
  RowTiles tiles =
      RowTiles::forValues(group, op.getRows(), schedule.getRegisters(),
                          llvm::divideCeil(valueSize, lanes));
  Value acc = valueHalves ? splitHalves(b, state.acc) : state.acc;
  acc = forRows(
      b, tiles, acc,
      [&](IRBuilder &b, Rows rows, ValueRange args) -> SmallVector<Value> {
        // (row, [half,] feature, key)
        Value part = rowsOf(b, args[0], rows);
        unsigned key = cast<RankedTensorType>(part.getType()).getRank();
        auto whole = AffineMap::getMultiDimIdentityMap(key + 1, b.getContext());
        Value probabilities = b.slice(state.probabilities, {rows.first, zero},
                                      {b.getIndexAttr(rows.count), count});
        part = b.generic(
            std::string(key, 'p') + "r", probabilities, part,
            {AffineMap::get(key + 1, 0, {b.d(0), b.d(key)}, b.getContext()),
             whole.getMajorSubMap(key)},
            /*extents=*/{},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              SmallVector<Value> at =
                  position(b, b.add(rows.first, b.indexOf(0)), b.indexOf(key));
              Value feature = b.indexOf(key - 1);
              if (valueHalves)
                feature = featureOf(b, feature, b.indexOf(1));
              Value row = table.element(b, table.slice(b, at[0], at[1]),
                                        table.row(b, at), feature, element);
              return {b.addf(weighed(b, b.convert(args[0], element), row),
                             args[1])};
            })[0];
        return {insertRows(b, part, args[0], rows)};
      })[0];
  return valueHalves ? joinHalves(b, acc) : acc;
}
