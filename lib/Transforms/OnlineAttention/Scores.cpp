//===- Scores.cpp - Scores of a block of keys, and its mask
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Analysis/LoadBounds.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"

using namespace mlir;
using namespace attn;

void attn::chooseLaneWidth(Value result, Region &region) {
  if (needsWideLanes(region))
    result.getDefiningOp()->setAttr("attn.wide_positions",
                                    UnitAttr::get(result.getContext()));
}

/// The matrix that `rows` is a run of rows of, and where that begins.
static std::pair<Value, Value> wholeMatrix(IRBuilder &b, Value rows) {
  Value first = b.index(0);
  while (auto slice = rows.getDefiningOp<tensor::ExtractSliceOp>()) {
    bool sameColumns = slice.getSourceType().getRank() == 2 &&
                       slice.getType().getRank() == 2 &&
                       slice.hasUnitStride() &&
                       isConstantIntValue(slice.getMixedOffsets()[1], 0);
    if (!sameColumns)
      break;
    first = b.add(first, getValueOrCreateConstantIndexOp(
                             b, b.getLoc(), slice.getMixedOffsets()[0]));
    rows = slice.getSource();
  }
  return {rows, first};
}

SmallVector<std::pair<Value, int64_t>> KeyTile::rowsToFetch(IRBuilder &b,
                                                            Value row) {
  SmallVector<std::pair<Value, int64_t>> list;
  auto fetch = [&](Value rows, Value from, int64_t count) {
    if (!rows)
      return;
    auto [matrix, start] = wholeMatrix(b, rows);
    Value end = b.dim(matrix, 0);
    Value first = b.min(b.add(start, from), b.sub(end, b.index(1)));
    int64_t columns = cast<RankedTensorType>(matrix.getType()).getDimSize(1);
    list.push_back({b.slice(matrix, {first, zero},
                            {b.min(b.index(count), b.sub(end, first)),
                             b.getIndexAttr(columns)}),
                    count});
  };
  Value pairs = b.createOrFold<arith::DivUIOp>(b.getLoc(), row, b.index(pair));
  fetch(op.getKey(), b.add(row, blockKeys), blockKeys);
  fetch(op.getValue(), pairs, blockKeys / pair);
  return list;
}

/// A contraction of the packed query that fetches what is needed next.
Value KeyTile::contractQuery(IRBuilder &b, Value row, StringRef iterators,
                             AffineMap queryMap, AffineMap scoreMap,
                             ArrayRef<IRBuilder::Extent> extents,
                             IRBuilder::GenericBody body) {
  Value scores = b.filled(
      b.empty({b.getIndexAttr(blockKeys), b.getIndexAttr(width)}, element), 0);
  SmallVector<Value> inputs = {op.getQuery()};
  SmallVector<AffineMap> maps = {queryMap};
  SmallVector<int64_t> rows;
  AffineExpr none = b.getAffineConstantExpr(0);
  for (auto [matrix, count] : rowsToFetch(b, row)) {
    inputs.push_back(matrix);
    maps.push_back(
        AffineMap::get(iterators.size(), 0, {none, none}, b.getContext()));
    rows.push_back(count);
  }
  maps.push_back(scoreMap);
  Value result = b.generic(iterators, inputs, scores, maps, extents, body)[0];
  if (!rows.empty())
    result.getDefiningOp()->setAttr(fetchAttr, b.getDenseI64ArrayAttr(rows));
  return result;
}

/// key[row + r, :] . query^T[:, lane], for the block's rows r.
Value KeyTile::computeScores(IRBuilder &b, Value row) {
  if (pair > 1)
    return computePairScores(b, row);
  Value loaded = loadKeys(b, row);
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(3, 0, results, b.getContext());
  };
  return contractQuery(
      b, row, "ppr", map({b.d(2), b.d(1)}), map({b.d(0), b.d(1)}), {},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value r = b.indexOf(0);
        Value feature = b.indexOf(2);
        Value key = loaded ? b.extract(loaded, {r, feature})
                           : b.extract(op.getKey(),
                                       {clampKey(b, b.add(row, r)), feature});
        return {b.addf(b.mulf(key, args.front()), args.back())};
      });
}

/// The same over pairs of features, which one instruction multiplies and adds.
Value KeyTile::computePairScores(IRBuilder &b, Value row) {
  Value loaded = loadKeys(b, row);
  // r, lane, pair of features, which of the two
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(4, 0, results, b.getContext());
  };
  return contractQuery(
      b, row, "pprr", map({b.d(2), b.d(1) * 2 + b.d(3)}), map({b.d(0), b.d(1)}),
      /*extents=*/{{3, pair}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value r = b.indexOf(0);
        Value feature = b.add(b.mul(b.indexOf(2), 2), b.indexOf(3));
        Value key = loaded ? b.extract(loaded, {r, feature})
                           : b.extract(op.getKey(),
                                       {clampKey(b, b.add(row, r)), feature});
        return {b.addf(
            b.mulf(b.convert(key, element), b.convert(args.front(), element)),
            args.back())};
      });
}

/// The score region in natural units, then back to those of the kernel.
SmallVector<Value> KeyTile::applyScoreRegion(IRBuilder &b, Value scores,
                                             Value row) {
  bool written = op.getStatePart("scores") != nullptr;
  if (op.getScore().empty() && !written)
    return {scores};
  double scale = op.getScale().convertToDouble();
  SmallVector<Value> into = {scores};
  if (yieldsOtherScores(op.getScore()))
    into.push_back(
        b.empty(tensor::getMixedSizes(b, b.getLoc(), scores), element));
  SmallVector<unsigned> pair = {0, 1};
  SmallVector<ArrayRef<unsigned>> maps(into.size(), pair);
  SmallVector<Value> changed(
      b.generic("pp", {}, {}, into, maps,
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value r = b.indexOf(0);
                  Value lane = b.indexOf(1);
                  SmallVector<Value> results = {args[0]};
                  Value &score = results[0];
                  if (scale != 1)
                    score = b.mulf(score, b.floating(element, scale));
                  if (!op.getScore().empty())
                    results = inlineScore(b, score, lane, b.add(row, r));
                  if (unit != 1 && !written)
                    results[0] = b.mulf(results[0], b.floating(element, unit));
                  return results;
                }));
  mark(changed[0], boundedLanesAttr);
  if (!op.getScore().empty())
    chooseLaneWidth(changed[0], op.getScore());
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
              b.add(offsets[3], b.min(end, count)), width, blockKeys,
              readsOfBlock});
  Value yes = arith::ConstantIntOp::create(b, b.getLoc(), 1, 1);
  Value some = b.createOrFold<arith::XOrIOp>(b.getLoc(), verdict.allLive, yes);
  return b.createOrFold<arith::OrIOp>(b.getLoc(), some, ragged);
}

/// Scores of dead pairs become -inf, whatever they were.
Value KeyTile::applyMask(IRBuilder &b, Value scores, Value row) {
  Value masked = b.generic(
      "pp", {}, {}, scores, {{0, 1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value r = b.indexOf(0);
        Value lane = b.indexOf(1);
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
  mark(masked, boundedLanesAttr);
  chooseLaneWidth(masked, op.getMask());
  return masked;
}

/// Whether the values of the block's keys hold a NaN or an infinity: v - v is
/// zero for every finite v.
/// Whether a number is NaN or infinite.
static Value isNonFinite(IRBuilder &b, Value number) {
  Location loc = b.getLoc();
  Value difference = arith::SubFOp::create(b, loc, number, number);
  return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, difference,
                               difference);
}

/// The same of factors that multiply values: zero times them is NaN as well.
Value KeyTile::hasNonFiniteFactor(IRBuilder &b, Value row) {
  Value no = b.filled(b.empty({}, b.getI1Type()), 0);
  Value keys = b.empty({b.getIndexAttr(blockKeys)}, element); // a shape
  Value some =
      b.generic("r", keys, {{0}}, no, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value key = clampKey(b, b.add(row, b.indexOf(0)));
                  Value odd = isNonFinite(b, valueFactor.of(b, key));
                  return {arith::OrIOp::create(b, b.getLoc(), args[1], odd)};
                })[0];
  return b.extract(some, {});
}

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
  Value some =
      b.generic("rr", values, {{0, 1}}, no, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value odd = isNonFinite(b, b.convert(args[0], element));
                  return {arith::OrIOp::create(b, b.getLoc(), args[1], odd)};
                })[0];
  Value odd = b.extract(some, {});
  if (valueFactor)
    odd = arith::OrIOp::create(b, loc, odd, hasNonFiniteFactor(b, row));
  return odd;
}
