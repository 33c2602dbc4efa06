//===- ScoreResults.cpp - Scores and probabilities as results
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScoreResults.h"
#include "DecodeTile.h"
#include "attn/IR/KeyLists.h"
#include "attn/Support/Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

PairResults attn::findPairResults(AttentionOp op) {
  auto numberOf = [&](StringRef name) -> std::optional<unsigned> {
    if (auto result = dyn_cast_or_null<OpResult>(op.getAuxResult(name)))
      return result.getResultNumber();
    return std::nullopt;
  };
  return {numberOf("scores"), numberOf("probabilities"),
          yieldsOtherScores(op.getScore())};
}

bool attn::areProbabilitiesDone(AttentionOp op) {
  return getKeyLists(op) && op.getNormalizer() != "softmax";
}

Value attn::insertScores(IRBuilder &b, Value visitedScores, Value scores,
                         KeyRange all, KeyRange visited) {
  SmallVector<OpFoldResult> offsets(3, b.getIndexAttr(0)),
      sizes = tensor::getMixedSizes(b, b.getLoc(), scores);
  auto choose = [&](Value begin, Value end) {
    offsets[2] = begin;
    sizes[2] = b.sub(end, begin);
  };
  choose(visited.begin, visited.end);
  scores = b.insert(visitedScores, scores, offsets, sizes);
  for (auto [begin, end] :
       {std::pair(all.begin, visited.begin), std::pair(visited.end, all.end)}) {
    choose(begin, end);
    Value part = b.filled(b.slice(scores, offsets, sizes),
                          -std::numeric_limits<double>::infinity());
    scores = b.insert(part, scores, offsets, sizes);
  }
  return scores;
}

Value attn::writeProbabilities(IRBuilder &b, StringRef normalizer,
                               const OnlineState &row, Value scores, Value into,
                               Value head, Value query, Value keys) {
  Type element = cast<RankedTensorType>(scores.getType()).getElementType();
  Value max = row.get("max"), sum = row.get("sum");
  Value inverse = sum ? inverseOf(b, sum) : Value();
  auto probability = [&](IRBuilder &b, Value score) -> Value {
    Location loc = b.getLoc();
    double unit = scoreUnit(normalizer);
    Value x = unit == 1 ? score : b.mulf(score, b.floating(element, unit));
    if (!sum)
      return weightOf(b, normalizer, x);
    Value power =
        math::Exp2Op::create(b, loc, arith::SubFOp::create(b, loc, x, max));
    // Also where the row's sum is NaN, a masked key has none.
    Value dead = b.floating(element, -std::numeric_limits<double>::infinity());
    Value none =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x, dead);
    return arith::SelectOp::create(b, loc, none, b.floating(element, 0),
                                   b.mulf(power, inverse));
  };
  OpFoldResult size = getAsOpFoldResult(keys);
  auto place = [&](Value tensor) {
    auto rank = cast<RankedTensorType>(tensor.getType()).getRank();
    SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0)),
        sizes(rank, b.getIndexAttr(1));
    offsets[rank - 3] = head;
    offsets[rank - 2] = query;
    sizes[rank - 1] = size;
    return std::make_pair(offsets, sizes);
  };
  auto lineType = RankedTensorType::get(
      {getConstantIntValue(size).value_or(ShapedType::kDynamic)}, element);
  auto lineOf = [&](Value tensor) {
    auto [offsets, sizes] = place(tensor);
    return b.slice(tensor, offsets, sizes, lineType);
  };
  Value line = lineOf(into);
  if (scores == into)
    line = b.generic("p", {}, {}, line, {{0}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       return {probability(b, args[0])};
                     })[0];
  else
    line = b.generic("p", lineOf(scores), {{0}}, line, {{0}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       return {probability(b, args[0])};
                     })[0];
  auto [offsets, sizes] = place(into);
  return b.insert(line, into, offsets, sizes);
}

//===----------------------------------------------------------------------===//
// What a key tile writes
//===----------------------------------------------------------------------===//

/// Puts `scores` into `kept`, and gives them in the unit in which they are
/// exponentiated. Both in one op that is no copy: a copy would be folded, and
/// the scores be wanted in memory instead of registers.
static Value keepAndScale(IRBuilder &b, Value scores, Value &kept,
                          double unit) {
  auto type = cast<RankedTensorType>(scores.getType());
  Type element = type.getElementType();
  if (unit == 1) {
    kept = b.generic("pp", scores, {{0, 1}}, kept, {{0, 1}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       return {arith::AddFOp::create(b, b.getLoc(), args[0],
                                                     b.floating(element, 0))};
                     })[0];
    return scores;
  }
  Value scaled =
      b.empty(getAsIndexOpFoldResult(b.getContext(), type.getShape()), element);
  ResultRange both =
      b.generic("pp", scores, {{0, 1}}, {kept, scaled}, {{0, 1}, {0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {args[0], b.mulf(args[0], b.floating(element, unit))};
                });
  kept = both[0];
  return both[1];
}

/// The same, with a part of `tile` for what is kept.
static Value keepInTile(IRBuilder &b, Value scores, Value &tile,
                        ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes, double unit) {
  Value into = b.slice(tile, offsets, sizes);
  Value scaled = keepAndScale(b, scores, into, unit);
  tile = b.insert(into, tile, offsets, sizes);
  return scaled;
}

/// The same of what a score region yields, with parts of the tiles of `state`:
/// others are in natural units already.
static Value keepYielded(IRBuilder &b, ValueRange yielded, KeyTileState &state,
                         ArrayRef<OpFoldResult> offsets,
                         ArrayRef<OpFoldResult> sizes, double unit) {
  if (state.others)
    keepInTile(b, yielded[1], state.otherTile, offsets, sizes, /*unit=*/1);
  if (!state.scores)
    return yielded[0];
  return keepInTile(b, yielded[0], state.scoreTile, offsets, sizes, unit);
}

Value KeyTile::keepScores(IRBuilder &b, ValueRange scores, Value row,
                          KeyTileState &state) {
  return keepYielded(b, scores, state, {row, zero},
                     {b.getIndexAttr(blockKeys), b.getIndexAttr(width)}, unit);
}

/// The tile's scores have keys in rows and the result has queries: as many
/// queries as a short vector holds are transposed together.
Value KeyTile::writePairs(IRBuilder &b, Value tile, Value result) {
  constexpr int64_t together = 8;
  auto write = [&](IRBuilder &b, Value first, int64_t queries, Value into) {
    SmallVector<OpFoldResult> offsets = {zero, first, zero},
                              sizes = {b.getIndexAttr(1),
                                       b.getIndexAttr(queries),
                                       getAsOpFoldResult(count)};
    auto keys = getConstantIntValue(sizes[2]).value_or(ShapedType::kDynamic);
    Value part = b.slice(into, offsets, sizes,
                         RankedTensorType::get({queries, keys}, element));
    part = b.generic("pp", {}, {}, part, {{0, 1}},
                     [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                       Value query = b.add(first, b.indexOf(0));
                       return {b.extract(tile, {b.indexOf(1), query})};
                     })[0];
    return SmallVector<Value>{b.insert(part, into, offsets, sizes)};
  };
  Value live = op.getLive();
  Value over =
      b.createOrFold<arith::RemUIOp>(b.getLoc(), live, b.index(together));
  Value whole = b.sub(live, over);
  result = b.loop(b.index(0), whole, together, result,
                  [&](IRBuilder &b, Value first, ValueRange args) {
                    return write(b, first, together, args[0]);
                  })[0];
  return b.loop(whole, live, 1, result,
                [&](IRBuilder &b, Value first, ValueRange args) {
                  return write(b, first, 1, args[0]);
                })[0];
}

Value DecodeTile::keepScores(IRBuilder &b, ValueRange scores, Value block,
                             Rows rows, KeyTileState &state) {
  return keepYielded(b, scores, state, {rows.first, block},
                     {b.getIndexAttr(rows.count), b.getIndexAttr(lanes)}, unit);
}

Value DecodeTile::writePairs(IRBuilder &b, Value tile, Value result) {
  return b.loop(
      b.index(0), op.getLive(), 1, result,
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value size = b.index(group);
        OpFoldResult one = b.getIndexAttr(1), keys = getAsOpFoldResult(count);
        SmallVector<OpFoldResult> offsets = {
            b.createOrFold<arith::RemUIOp>(loc, row, size),
            b.createOrFold<arith::DivUIOp>(loc, row, size), zero};
        SmallVector<OpFoldResult> sizes = {one, one, keys};
        auto line = RankedTensorType::get(
            {getConstantIntValue(keys).value_or(ShapedType::kDynamic)},
            element);
        Value into = b.slice(args[0], offsets, sizes, line);
        Value from = b.slice(tile, {row, zero}, {one, keys}, line);
        into = b.generic("p", from, {{0}}, into, {{0}},
                         [](IRBuilder &, ValueRange args) {
                           return SmallVector<Value>{args[0]};
                         })[0];
        return {b.insert(into, args[0], offsets, sizes)};
      })[0];
}
