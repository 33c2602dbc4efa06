//===- DecodeScores.cpp - Scores of a block of keys in the lanes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DecodeTile.h"
#include "attn/Support/Attributes.h"

using namespace mlir;
using namespace attn;

/// query[row, :] . key[block + lane, :]
Value DecodeTile::computeScores(IRBuilder &b, Value block, Rows rows) {
  Value query = rowsOf(b, op.getQuery(), rows);
  Value scores = b.filled(
      b.empty({b.getIndexAttr(rows.count), b.getIndexAttr(lanes)}, element), 0);
  // (row, key, [half,] depth[, second]); the depth counts pairs if there is a
  // second.
  unsigned depth = keyHalves ? 3 : 2, second = depth + 1;
  bool paired = pair > 1;
  std::string iterators = "pp" + std::string(depth + paired - 1, 'r');
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(iterators.size(), 0, results, b.getContext());
  };
  SmallVector<AffineExpr> place = {b.d(0)};
  if (keyHalves) {
    query = splitHalves(b, query);
    place.push_back(b.d(2));
  }
  place.push_back(paired ? b.d(depth) * 2 + b.d(second) : b.d(depth));
  SmallVector<IRBuilder::Extent> extents;
  if (paired)
    extents = {{depth, features / (keyHalves ? 2 * pair : pair)},
               {second, pair}};
  scores = b.generic(
      iterators, query, scores, {map(place), map({b.d(0), b.d(1)})}, extents,
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value key = keyOfLane(b, block, b.indexOf(1));
        Value feature = b.indexOf(depth);
        if (paired)
          feature = b.add(b.mul(feature, pair), b.indexOf(second));
        if (keyHalves)
          feature = featureOf(b, feature, b.indexOf(2));
        Value factor = b.convert(keyElement(b, key, feature), product);
        return {b.addf(
            b.mulf(b.convert(factor, element), b.convert(args[0], element)),
            args[1])};
      })[0];
  mark(scores, reduceLanesAttr);
  mark(scores, boundedLanesAttr);
  return scores;
}

bool DecodeTile::areFinished() {
  return !keyFactor && op.getScale().convertToDouble() == 1 &&
         op.getScore().empty();
}

/// What all features of a key share; the score region in natural units, and
/// back to those of the kernel.
SmallVector<Value> DecodeTile::finishScores(IRBuilder &b, Value scores,
                                            Value block, Rows rows) {
  if (areFinished())
    return {scores};
  double scale = op.getScale().convertToDouble();
  bool hasRegion = !op.getScore().empty();
  SmallVector<Value> terms, computed;
  for (const TableTerm &term : tableTerms)
    if (Value products = multiplyTable(b, term, block, rows)) {
      terms.push_back(term.dot->getResult(0));
      computed.push_back(products);
    }
  SmallVector<unsigned> pair = {0, 1};
  SmallVector<ArrayRef<unsigned>> maps(computed.size(), pair);
  SmallVector<Value> into = {scores};
  if (yieldsOtherScores(op.getScore()))
    into.push_back(
        b.empty(tensor::getMixedSizes(b, b.getLoc(), scores), element));
  SmallVector<ArrayRef<unsigned>> outputMaps(into.size(), pair);
  SmallVector<Value> finished(
      b.generic("pp", computed, maps, into, outputMaps,
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value key = keyOfLane(b, block, b.indexOf(1));
                  Value score = args[computed.size()];
                  if (keyFactor)
                    score = b.mulf(score, keyFactor.of(b, key));
                  if (scale != 1)
                    score = b.mulf(score, b.floating(element, scale));
                  if (!hasRegion)
                    return {score};
                  SmallVector<Value> arguments = {score};
                  Value row = b.add(rows.first, b.indexOf(0));
                  arguments.append(position(b, row, key));
                  SmallVector<std::pair<Value, Value>> known = llvm::to_vector(
                      llvm::map_range(llvm::zip(terms, args), [](auto pair) {
                        return std::pair(std::get<0>(pair), std::get<1>(pair));
                      }));
                  for (const TableTerm &term : tableTerms)
                    if (!llvm::is_contained(terms, term.dot->getResult(0)))
                      known.push_back({term.dot->getResult(0),
                                       lookUpProduct(b, term, row, key)});
                  SmallVector<Value> results =
                      inlineScoreRegion(b, op.getScore(), arguments, known);
                  if (unit != 1 && !op.getStatePart("scores"))
                    results[0] = b.mulf(results[0], b.floating(element, unit));
                  return results;
                }));
  mark(finished[0], boundedLanesAttr);
  if (hasRegion)
    chooseLaneWidth(finished[0], op.getScore());
  return finished;
}

/// True unless the analysis proves that every pair of the block is live.
Value DecodeTile::isPartlyMasked(IRBuilder &b, Value block) {
  Location loc = b.getLoc();
  Value end = b.add(block, lanes);
  Value partly = b.compare(arith::CmpIPredicate::sgt, end, count);
  Region &mask = op.getMask();
  if (mask.empty())
    return partly;
  ValueRange offsets = op.getOffsets();
  Value queries =
      b.createOrFold<arith::CeilDivUIOp>(loc, op.getLive(), b.index(group));
  Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
  return forDistinctHeads(
      b, mask, group, partly,
      [&](IRBuilder &b, Value head, ValueRange partly) -> SmallVector<Value> {
        MaskVerdict verdict = emitMaskVerdict(
            b, loc, mask,
            MaskBox{offsets[0], b.add(offsets[1], head), offsets[2],
                    b.add(offsets[2], queries), b.add(offsets[3], block),
                    b.add(offsets[3], b.min(end, count)),
                    int64_t(llvm::divideCeil(op.getRows(), group)), lanes,
                    readsOfBlock});
        Value some = b.createOrFold<arith::XOrIOp>(loc, verdict.allLive, yes);
        return {b.createOrFold<arith::OrIOp>(loc, partly[0], some)};
      })[0];
}

/// Scores of dead pairs become -inf, whatever they were.
Value DecodeTile::applyMask(IRBuilder &b, Value scores, Value block,
                            Rows rows) {
  Value masked = b.generic(
      "pp", {}, {}, scores, {{0, 1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value key = b.add(block, b.indexOf(1));
        Value live = b.compare(arith::CmpIPredicate::slt, key, count);
        if (!op.getMask().empty()) {
          Value row = b.add(rows.first, b.indexOf(0));
          Value bounded = keyOfLane(b, block, b.indexOf(1));
          live = arith::AndIOp::create(
              b, b.getLoc(), live,
              b.inlineRegion(op.getMask(), position(b, row, bounded)));
        }
        Value dead =
            b.floating(element, -std::numeric_limits<double>::infinity());
        return {arith::SelectOp::create(b, b.getLoc(), live, args[0], dead)};
      })[0];
  mark(masked, boundedLanesAttr);
  chooseLaneWidth(masked, op.getMask());
  return masked;
}
