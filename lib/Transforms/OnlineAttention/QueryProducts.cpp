//===- QueryProducts.cpp - A tile's queries times rows of a table
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A task multiplies its queries with the whole table once, before all keys:
// that costs as much as so many keys as the table has rows. Pairs then look
// products up. Where the rows are too many, or of unknown number, pairs are
// multiplied one by one.
//
//===----------------------------------------------------------------------===//

#include "QueryProducts.h"
#include "PairTable.h"
#include "attn/Analysis/DistanceTerms.h"
#include "attn/Support/Attributes.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;

/// Of a task's products, in bytes.
static constexpr int64_t mostBytes = 1 << 20;

static AffineMap mapOf(IRBuilder &b, ArrayRef<AffineExpr> results) {
  return AffineMap::get(3, 0, results, b.getContext());
}

namespace {
/// Of one attn.query_dot of `op`.
class ProductsWriter {
public:
  ProductsWriter(IRBuilder &b, AttentionOp op, const OnlineOperands &with,
                 QueryDotOp dot)
      : with(with), element(dot.getType()), rows(with.schedule.getQueryTile()),
        features(getAttentionShape(op).headSize),
        lanes(with.schedule.getLanes()),
        table(b, op.getScore(), dot.getTable(), dot.getIndices()) {}

  /// The rows of the table, unless they are too many.
  std::optional<int64_t> rowCount() const {
    std::optional<int64_t> count = table.rowCount();
    if (count &&
        *count * rows * element.getIntOrFloatBitWidth() / 8 <= mostBytes)
      return count;
    return std::nullopt;
  }
  Value byRow(IRBuilder &b, Value columns);
  Value byQuery(IRBuilder &b, Value queries);

private:
  Value multiply(IRBuilder &b, Value queries, AffineMap map, Value part,
                 unsigned rowDim, Value first, ValueRange slice);

  const OnlineOperands &with;
  Type element;
  int64_t rows, features, lanes;
  PairTable table;
};
} // namespace

/// `part` and the products of `queries`, read through `map`, with the rows of
/// the table from `first` on, along dimension `rowDim`.
Value ProductsWriter::multiply(IRBuilder &b, Value queries, AffineMap map,
                               Value part, unsigned rowDim, Value first,
                               ValueRange slice) {
  Value last = b.index(*table.rowCount() - 1);
  return b.generic(
      "ppr", queries, part, {map, mapOf(b, {b.d(0), b.d(1)})}, /*extents=*/{},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value row = b.min(b.add(first, b.indexOf(rowDim)), last);
        Value factor = table.element(b, slice, row, b.indexOf(2), element);
        return {b.addf(b.mulf(factor, args[0]), args[1])};
      })[0];
}

/// R' x M with queries in the lanes, from D x M.
Value ProductsWriter::byRow(IRBuilder &b, Value columns) {
  int64_t count = *table.rowCount(), block = with.schedule.getKeyBlock();
  int64_t padded = llvm::alignTo(count, block);
  SmallVector<Value> slice = table.slice(b, with.offsets[0], with.offsets[1]);
  OpFoldResult zero = b.getIndexAttr(0), height = b.getIndexAttr(block),
               width = b.getIndexAttr(rows);
  return b.loop(
      b.index(0), b.index(padded), block,
      b.empty({b.getIndexAttr(padded), width}, element),
      [&](IRBuilder &b, Value first, ValueRange args) -> SmallVector<Value> {
        Value part = b.filled(b.empty({height, width}, element), 0);
        part = multiply(b, columns, mapOf(b, {b.d(2), b.d(1)}), part,
                        /*rowDim=*/0, first, slice);
        return {b.insert(part, args[0], {first, zero}, {height, width})};
      })[0];
}

/// M x R' with keys in the lanes, from M x D.
Value ProductsWriter::byQuery(IRBuilder &b, Value queries) {
  int64_t count = *table.rowCount();
  int64_t padded = llvm::alignTo(count, lanes), group = with.group;
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1),
               width = b.getIndexAttr(lanes);
  return b.loop(
      b.index(0), with.live, 1,
      b.empty({b.getIndexAttr(rows), b.getIndexAttr(padded)}, element),
      [&](IRBuilder &b, Value query, ValueRange args) {
        Value head = b.add(
            with.offsets[1],
            b.createOrFold<arith::RemUIOp>(b.getLoc(), query, b.index(group)));
        SmallVector<Value> slice = table.slice(b, with.offsets[0], head);
        Value own =
            b.slice(queries, {query, zero}, {one, b.getIndexAttr(features)});
        return SmallVector<Value>(b.loop(
            b.index(0), b.index(padded), lanes, args,
            [&](IRBuilder &b, Value first,
                ValueRange args) -> SmallVector<Value> {
              Value part = b.filled(b.empty({one, width}, element), 0);
              part = multiply(b, own, mapOf(b, {b.d(0), b.d(2)}), part,
                              /*rowDim=*/1, first, slice);
              part.getDefiningOp()->setAttr(reduceLanesAttr, b.getUnitAttr());
              return {b.insert(part, args[0], {query, first}, {one, width})};
            }));
      })[0];
}

/// Whether the part of a table that `dot` takes its rows from may be another
/// one for each block of a list: products are computed before these are
/// visited.
static bool choosesByEntry(AttentionOp op, QueryDotOp dot) {
  return getKeyLists(op) &&
         llvm::any_of(
             ValueRange(dot.getIndices()).drop_back(),
             [&](Value index) { return dependsOnEntry(op.getScore(), index); });
}

SmallVector<QueryProducts>
attn::multiplyQueries(IRBuilder &b, AttentionOp op, const OnlineOperands &with,
                      llvm::function_ref<Value(IRBuilder &)> rows,
                      llvm::function_ref<Value(IRBuilder &)> columns) {
  SmallVector<QueryProducts> list;
  if (op.getScore().empty())
    return list;
  Value ownRows, ownColumns;
  auto once = [&](Value &value, llvm::function_ref<Value(IRBuilder &)> make) {
    if (!value)
      value = make(b);
    return value;
  };
  for (auto dot : op.getScore().getOps<QueryDotOp>()) {
    ProductsWriter writer(b, op, with, dot);
    bool byEntry = choosesByEntry(op, dot);
    if (byEntry || !writer.rowCount()) {
      remark::missed(dot.getLoc(),
                     remark::RemarkOpts::name("score").category("attn"))
          << "a query is multiplied with a row of the table for each pair: " +
                 std::string(byEntry ? "an entry chooses the part of the table"
                                     : "the table has too many rows, or an "
                                       "unknown number");
      list.push_back({{}, once(ownRows, rows)});
    } else if (with.schedule.keysInLanes()) {
      list.push_back({writer.byQuery(b, once(ownRows, rows)), {}});
    } else {
      list.push_back({writer.byRow(b, once(ownColumns, columns)), {}});
    }
  }
  return list;
}
