//===- Scores.cpp - Scores of a block of keys, and its mask
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attn;

void attn::chooseLaneWidth(Value result, Region &region) {
  bool wide = false;
  region.walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      Type type = operand.getType();
      bool captured = !region.isAncestor(operand.getParentRegion());
      wide |= (captured && type.isIndex() &&
               !matchPattern(operand, m_Constant())) ||
              type.isInteger(64);
    }
  });
  if (wide)
    result.getDefiningOp()->setAttr("attn.wide_positions",
                                    UnitAttr::get(result.getContext()));
}

/// Rows and lanes beyond those that exist are not used.
static void markBounded(Value result) {
  result.getDefiningOp()->setAttr(boundedLanesAttr,
                                  UnitAttr::get(result.getContext()));
}

/// key[row + r, :] . query^T[:, lane], for the block's rows r.
Value KeyTile::computeScores(IRBuilder &b, Value row) {
  if (pair > 1)
    return computePairScores(b, row);
  Value loaded = loadKeys(b, row);
  Value scores = b.filled(
      b.empty({b.getIndexAttr(blockKeys), b.getIndexAttr(width)}, element), 0);
  return b.generic("ppr", op.getQuery(), {{2, 1}}, scores, {{0, 1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     Value r = linalg::IndexOp::create(b, b.getLoc(), 0);
                     Value feature = linalg::IndexOp::create(b, b.getLoc(), 2);
                     Value key =
                         loaded
                             ? b.extract(loaded, {r, feature})
                             : b.extract(op.getKey(),
                                         {clampKey(b, b.add(row, r)), feature});
                     return {b.addf(b.mulf(key, args[0]), args[1])};
                   })[0];
}

/// The same over pairs of features, which one instruction multiplies and adds.
Value KeyTile::computePairScores(IRBuilder &b, Value row) {
  Value loaded = loadKeys(b, row);
  Value scores = b.filled(
      b.empty({b.getIndexAttr(blockKeys), b.getIndexAttr(width)}, element), 0);
  // r, lane, pair of features, which of the two
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(4, 0, results, b.getContext());
  };
  return b.generic(
      "pprr", op.getQuery(), scores,
      {map({b.d(2), b.d(1) * 2 + b.d(3)}), map({b.d(0), b.d(1)})},
      /*extents=*/{{3, pair}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value r = linalg::IndexOp::create(b, loc, 0);
        Value feature = b.add(b.mul(linalg::IndexOp::create(b, loc, 2), 2),
                              linalg::IndexOp::create(b, loc, 3));
        Value key = loaded ? b.extract(loaded, {r, feature})
                           : b.extract(op.getKey(),
                                       {clampKey(b, b.add(row, r)), feature});
        return {
            b.addf(b.mulf(b.convert(key, element), b.convert(args[0], element)),
                   args[1])};
      })[0];
}

/// The score region in natural units, then back to those of the kernel.
Value KeyTile::applyScoreRegion(IRBuilder &b, Value scores, Value row) {
  bool written = op.getStatePart("scores") != nullptr;
  if (op.getScore().empty() && !written)
    return scores;
  double scale = op.getScale().convertToDouble();
  Value changed =
      b.generic("pp", {}, {}, scores, {{0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value r = linalg::IndexOp::create(b, b.getLoc(), 0);
                  Value lane = linalg::IndexOp::create(b, b.getLoc(), 1);
                  Value score = args[0];
                  if (scale != 1)
                    score = b.mulf(score, b.floating(element, scale));
                  if (!op.getScore().empty())
                    score = inlineScore(b, score, lane, b.add(row, r));
                  if (unit != 1 && !written)
                    score = b.mulf(score, b.floating(element, unit));
                  return {score};
                })[0];
  markBounded(changed);
  if (!op.getScore().empty())
    chooseLaneWidth(changed, op.getScore());
  return changed;
}

/// True unless the analysis proves that every pair of the block is live.
Value KeyTile::isPartlyMasked(IRBuilder &b, Value row) {
  Value end = b.add(row, blockKeys);
  Value ragged = b.compare(arith::CmpIPredicate::sgt, end, count);
  if (op.getMask().empty())
    return ragged;
  ValueRange offsets = op.getOffsets();
  MaskVerdict verdict = emitMaskVerdict(
      b, b.getLoc(), op.getMask(),
      MaskBox{offsets[0], offsets[1], offsets[2],
              b.add(offsets[2], op.getLive()), b.add(offsets[3], row),
              b.add(offsets[3], b.min(end, count))});
  Value yes = arith::ConstantIntOp::create(b, b.getLoc(), 1, 1);
  Value some = b.createOrFold<arith::XOrIOp>(b.getLoc(), verdict.allLive, yes);
  return b.createOrFold<arith::OrIOp>(b.getLoc(), some, ragged);
}

/// Scores of dead pairs become -inf, whatever they were.
Value KeyTile::applyMask(IRBuilder &b, Value scores, Value row) {
  Value masked = b.generic(
      "pp", {}, {}, scores, {{0, 1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value r = linalg::IndexOp::create(b, b.getLoc(), 0);
        Value lane = linalg::IndexOp::create(b, b.getLoc(), 1);
        Value key = b.add(row, r);
        Value live = b.compare(arith::CmpIPredicate::slt, key, count);
        if (!op.getMask().empty())
          live = arith::AndIOp::create(
              b, b.getLoc(), live,
              b.inlineRegion(op.getMask(),
                             position(b, lane, clampKey(b, key))));
        Value dead =
            b.floating(element, -std::numeric_limits<double>::infinity());
        return {arith::SelectOp::create(b, b.getLoc(), live, args[0], dead)};
      })[0];
  markBounded(masked);
  chooseLaneWidth(masked, op.getMask());
  return masked;
}

/// Whether the values of the block's keys hold a NaN or an infinity: v - v is
/// zero for every finite v.
Value KeyTile::hasNonFiniteValue(IRBuilder &b, Value row,
                                 const KeyTileState &state) {
  Location loc = b.getLoc();
  Value values = state.values ? state.values : op.getValue();
  Value first = b.createOrFold<arith::DivUIOp>(loc, row, b.index(pair));
  OpFoldResult rows = b.getIndexAttr(blockKeys / pair);
  if (!state.values) // scratch repeats the last key in a ragged block
    rows = b.min(b.index(blockKeys / pair),
                 b.createOrFold<arith::CeilDivUIOp>(loc, b.sub(count, row),
                                                    b.index(pair)));
  values =
      b.slice(values, {first, zero}, {rows, b.getIndexAttr(valueSize * pair)});
  Value no = b.filled(b.empty({}, b.getI1Type()), 0);
  Value some = b.generic(
      "rr", values, {{0, 1}}, no, {{}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value value = b.convert(args[0], element);
        Value difference = arith::SubFOp::create(b, loc, value, value);
        Value odd = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO,
                                          difference, difference);
        return {arith::OrIOp::create(b, loc, args[1], odd)};
      })[0];
  return b.extract(some, {});
}
