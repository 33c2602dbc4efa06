//===- DecodeSoftmax.cpp - Running maximum, probabilities and sums by row
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DecodeTile.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

void DecodeTile::updateMaximum(IRBuilder &b, Value scores, Value block,
                               Rows rows, KeyTileState &state) {
  if (state.rowMax) {
    Value raised = b.generic(
        "pp", scores, {{0, 1}}, rowsOf(b, state.rowMax, rows), {{0, 1}},
        [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
          return {raiseRowMax(b, op.getNormalizer(), args[0], args[1])};
        })[0];
    state.rowMax = insertRows(b, raised, state.rowMax, rows);
  }
  if (!state.max)
    return;
  Value none = b.filled(b.empty({}, b.getI1Type()), 0);
  Value grew =
      b.generic("rr", {scores, rowsOf(b, state.max, rows)}, {{0, 1}, {0}}, none,
                {{}}, [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value above = outgrows(b, args[0], args[1]);
                  return {arith::OrIOp::create(b, b.getLoc(), args[2], above)};
                })[0];
  rescaleWhere(b, b.extract(grew, {}), state,
               [&](IRBuilder &b, KeyTileState old) {
                 return rescale(b, scores, block, rows, old);
               });
}

/// The cold path: new maxima of these rows, and everything that the old ones
/// scaled.
KeyTileState DecodeTile::rescale(IRBuilder &b, Value scores, Value block,
                                 Rows rows, KeyTileState state) {
  Rows scratch = {b.index(0), rows.count};
  Value largest = b.filled(rowsOf(b, scratchMax, scratch),
                           -std::numeric_limits<double>::infinity());
  largest = b.generic("ppr", scores, {{0, 2}}, largest, {{0, 1}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        return {b.maxNumber(args[0], args[1])};
                      })[0];
  mark(largest, reduceLanesAttr);
  // Of each row the same number in all lanes: neither alpha nor the exponential
  // that it is waits for memory.
  ResultRange both =
      b.generic("pp", rowsOf(b, state.max, rows), {{0}},
                {largest, rowsOf(b, scratchRaised, scratch)}, {{0, 1}, {0, 1}},
                [&](IRBuilder &b, ValueRange args) {
                  return moveMaximum(b, args[1], args[0]);
                });
  Value alpha = both[0];
  for (int64_t row = 0; row < rows.count; ++row)
    state.max = tensor::InsertOp::create(
        b, b.getLoc(), b.extract(both[1], {b.index(row), b.index(0)}),
        state.max, b.add(rows.first, row));
  auto times = [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
    Value number = b.convert(args[1], element);
    return {b.convert(b.mulf(args[0], number), args[1].getType())};
  };
  Value sum = b.generic("pp", alpha, {{0, 1}}, rowsOf(b, state.sum, rows),
                        {{0, 1}}, times)[0];
  state.sum = insertRows(b, sum, state.sum, rows);
  AffineMap whole = b.getMultiDimIdentityMap(2),
            firstLane = AffineMap::get(
                2, 0, {b.d(0), b.getAffineConstantExpr(0)}, b.getContext());
  Value acc = b.generic("pp", alpha, rowsOf(b, state.acc, rows),
                        {firstLane, whole}, /*extents=*/{}, times)[0];
  state.acc = insertRows(b, acc, state.acc, rows);
  // Probabilities of the tile's blocks before this one.
  SmallVector<OpFoldResult> offsets = {rows.first, zero},
                            sizes = {b.getIndexAttr(rows.count), block};
  Value before = b.slice(state.probabilities, offsets, sizes);
  before = b.generic("pp", alpha, before, {firstLane, whole}, /*extents=*/{},
                     times)[0];
  state.probabilities = b.insert(before, state.probabilities, offsets, sizes);
  return state;
}

void DecodeTile::computeProbabilities(IRBuilder &b, Value scores, Value block,
                                      Rows rows, KeyTileState &state) {
  SmallVector<OpFoldResult> offsets = {rows.first, block},
                            sizes = {b.getIndexAttr(rows.count),
                                     b.getIndexAttr(lanes)};
  Value into = b.slice(state.probabilities, offsets, sizes);
  Type product = cast<RankedTensorType>(into.getType()).getElementType();
  // A value's factor rides in what multiplies it, not in the sum.
  auto multiplied = [&](IRBuilder &b, Value weight) -> Value {
    if (valueFactor) {
      Value key = keyOfLane(b, block, b.indexOf(1));
      weight = b.mulf(weight, valueFactor.of(b, key));
    }
    return b.convert(weight, product);
  };
  ResultRange results =
      state.max
          ? b.generic("pp", {scores, rowsOf(b, state.max, rows)}, {{0, 1}, {0}},
                      {into, rowsOf(b, state.sum, rows)}, {{0, 1}, {0, 1}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        Location loc = b.getLoc();
                        Value x =
                            arith::SubFOp::create(b, loc, args[0], args[1]);
                        Value p = math::Exp2Op::create(b, loc, x);
                        return {multiplied(b, p),
                                arith::AddFOp::create(b, loc, args[3], p)};
                      })
          : b.generic("pp", scores, {{0, 1}}, into, {{0, 1}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        Value weight = weightOf(b, op.getNormalizer(), args[0]);
                        return {multiplied(b, weight)};
                      });
  results[0].getDefiningOp()->setAttr(boundedLanesAttr, b.getUnitAttr());
  state.probabilities =
      b.insert(results[0], state.probabilities, offsets, sizes);
  if (state.sum)
    state.sum = insertRows(b, results[1], state.sum, rows);
}
