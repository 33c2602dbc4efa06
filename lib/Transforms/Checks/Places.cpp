//===- Places.cpp - Checks of where new rows go
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"
#include "attn/IR/Updates.h"

using namespace mlir;
using namespace attn;

/// New rows lie between 0 and the last position of their sequence, on pages of
/// the pool.
LogicalResult CheckWriter::checkAppend(IRBuilder &b, AppendOp op) {
  unsigned sequence = op.getSequenceDim();
  BlockArgument positions = argumentOf(op.getPositions()), table;
  if (Value pages = op.getPageTable())
    table = argumentOf(pages);
  Value count = importSize(b, op.getRows(), sequence);
  Value length = importSize(b, op.getCache(), sequence);
  Value pool = importSize(b, op.getCache(), 0);
  if (!positions || bool(op.getPageTable()) != bool(table) || !count ||
      !length || !pool)
    return op.emitOpError()
           << "with positions, a page_table or a cache that are no arguments "
              "of "
              "the function '"
           << entry.getName() << "' is not supported, as nothing checks them";
  int64_t room = addRule(positions, "must leave room for the new rows in the "
                                    "cache"),
          page = table ? addRule(table, "must be a page of the pool") : 0;
  Value starts = mapping.lookup(positions);
  Value pages = table ? mapping.lookup(table) : Value();
  if (table)
    length = b.createOrFold<arith::MulIOp>(b.getLoc(), b.dim(pages, 1), length);
  using Predicate = arith::CmpIPredicate;
  using Values = SmallVector<Value>;
  status = b.loop(
      b.index(0), b.dim(starts, 0), 1, status,
      [&](IRBuilder &b, Value batch, ValueRange before) -> Values {
        Location loc = b.getLoc();
        Value start = b.extractIndex(starts, batch), end = b.add(start, count);
        Value below = b.compare(Predicate::slt, start, b.index(0));
        Value above = b.compare(Predicate::sgt, end, length);
        Value bad = arith::OrIOp::create(b, loc, below, above);
        Value now = failIf(b, before[0], bad, room, batch);
        if (!table)
          return {now};
        Value fine = arith::XOrIOp::create(
            b, loc, bad, arith::ConstantIntOp::create(b, loc, 1, 1));
        return Values(b.conditional(
            fine, now.getType(),
            [&](IRBuilder &b) -> Values {
              Value size = b.index(op.getPageSize());
              Value first = arith::DivUIOp::create(b, loc, start, size);
              Value last = arith::CeilDivUIOp::create(b, loc, end, size);
              // No row falls on no page.
              Value some = b.compare(Predicate::sgt, count, b.index(0));
              last = arith::SelectOp::create(b, loc, some, last, first);
              return Values(b.loop(
                  first, last, 1, now,
                  [&](IRBuilder &b, Value number, ValueRange before) -> Values {
                    Value at = b.extractIndex(pages, {batch, number});
                    Value row =
                        arith::MulIOp::create(b, loc, batch, b.dim(pages, 1));
                    return {failIf(b, before[0],
                                   b.compare(Predicate::uge, at, pool), page,
                                   b.add(row, number))};
                  }));
            },
            [&](IRBuilder &) -> Values { return {now}; }));
      })[0];
  return success();
}

/// A slice put into an argument lies in it, and is as large as its source.
LogicalResult CheckWriter::checkInsertion(IRBuilder &b,
                                          tensor::InsertSliceOp op,
                                          BlockArgument changed) {
  Location loc = b.getLoc();
  auto imported = [&](OpFoldResult part) -> Value {
    if (auto value = dyn_cast<Value>(part))
      return import(b, value);
    return b.index(cast<IntegerAttr>(cast<Attribute>(part)).getInt());
  };
  int64_t code = addRule(changed, "must have room for what is put into it");
  llvm::SmallBitVector dropped = op.getDroppedDims();
  unsigned from = 0;
  using Predicate = arith::CmpIPredicate;
  for (unsigned dim = 0; dim < op.getDestType().getRank(); ++dim) {
    Value offset = imported(op.getMixedOffsets()[dim]),
          size = imported(op.getMixedSizes()[dim]),
          step = imported(op.getMixedStrides()[dim]),
          length = importSize(b, op.getDest(), dim), actual = size;
    if (!dropped.test(dim))
      actual = importSize(b, op.getSource(), from++);
    if (!offset || !size || !step || !length || !actual)
      return op.emitOpError()
             << "into an argument of the function '" << entry.getName()
             << "' at a place that takes more than scalar arithmetic to "
                "compute is not supported, as nothing checks it";
    Value last =
        b.createOrFold<arith::MulIOp>(loc, b.sub(size, b.index(1)), step);
    Value end = b.add(b.add(offset, last), 1);
    Value some = b.compare(Predicate::sgt, size, b.index(0));
    Value bad = b.compare(Predicate::slt, offset, b.index(0));
    for (Value other : {b.compare(Predicate::sgt, end, length),
                        b.compare(Predicate::slt, step, b.index(1))})
      bad = arith::OrIOp::create(b, loc, bad, other);
    bad = arith::AndIOp::create(b, loc, bad, some);
    bad = arith::OrIOp::create(b, loc, bad,
                               b.compare(Predicate::ne, size, actual));
    status = failIf(b, status, bad, code, b.index(-1));
  }
  return success();
}
