//===- Scores.cpp - Scores of a block of keys, and its mask
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Support/Softmax.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attn;

/// Positions in lanes are 32 bits wide, since lengths are below 2^31; a region
/// that captures an index of unknown size (a window's width, say) needs 64.
static void chooseLaneWidth(Value result, Region &region) {
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

/// key[row + r, :] . query^T[:, lane], for the block's rows r.
Value KeyTile::computeScores(IRBuilder &b, Value row) {
  Value scores = b.filled(
      b.empty({b.getIndexAttr(blockKeys), b.getIndexAttr(width)}, element), 0);
  return b.generic("ppr", op.getQuery(), {{2, 1}}, scores, {{0, 1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     Value r = linalg::IndexOp::create(b, b.getLoc(), 0);
                     Value feature = linalg::IndexOp::create(b, b.getLoc(), 2);
                     Value key = b.extract(
                         op.getKey(), {clampKey(b, b.add(row, r)), feature});
                     return {b.addf(b.mulf(key, args[0]), args[1])};
                   })[0];
}

/// The score region in natural units, then back to base 2.
Value KeyTile::applyScoreRegion(IRBuilder &b, Value scores, Value row) {
  if (op.getScore().empty())
    return scores;
  return b.generic("pp", {}, {}, scores, {{0, 1}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     Value r = linalg::IndexOp::create(b, b.getLoc(), 0);
                     Value lane = linalg::IndexOp::create(b, b.getLoc(), 1);
                     SmallVector<Value> arguments = {args[0]};
                     arguments.append(
                         position(b, lane, clampKey(b, b.add(row, r))));
                     return {b.mulf(b.inlineRegion(op.getScore(), arguments),
                                    b.floating(element, log2e))};
                   })[0];
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
  chooseLaneWidth(masked, op.getMask());
  return masked;
}

/// Whether the values of the block's keys hold a NaN or an infinity: v - v is
/// zero for every finite v.
Value KeyTile::hasNonFiniteValue(IRBuilder &b, Value row) {
  Value rows = b.min(b.index(blockKeys), b.sub(count, row));
  Value values =
      b.slice(op.getValue(), {row, zero}, {rows, b.getIndexAttr(valueSize)});
  Value no = b.filled(b.empty({}, b.getI1Type()), 0);
  Value some = b.generic(
      "rr", values, {{0, 1}}, no, {{}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value difference = arith::SubFOp::create(b, loc, args[0], args[0]);
        Value odd = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO,
                                          difference, difference);
        return {arith::OrIOp::create(b, loc, args[1], odd)};
      })[0];
  return b.extract(some, {});
}
