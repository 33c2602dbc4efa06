//===- ListedKeys.cpp - What regions and results make of lists ------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ListedKeys.h"
#include "KeyTile.h"
#include "ScoreResults.h"
#include "attn/Support/Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// Lets a region whose keys are numbers in a list see their positions.
static void seePositions(Region &region, const CacheRows &keys, Location loc) {
  if (region.empty())
    return;
  Block &block = region.front();
  Value number = block.getArgument(block.getNumArguments() - 1);
  OpBuilder builder = OpBuilder::atBlockBegin(&block);
  IRBuilder b(builder, loc);
  Operation *first = &block.front();
  Value position = keys.existingKey(b, number);
  number.replaceUsesWithIf(position, [&](OpOperand &use) {
    Operation *user = use.getOwner();
    while (user->getBlock() != &block)
      user = user->getParentOp();
    return user == first || first->isBeforeInBlock(user);
  });
}

/// Puts numbers in the place of attn.entry: `entry`, where one names all keys;
/// or else what each key's number in a list comes from.
static void seeEntries(Region &region, Value entry, const CacheRows &keys,
                       Location loc) {
  for (auto number : llvm::make_early_inc_range(region.getOps<EntryOp>())) {
    OpBuilder builder(number);
    BlockArgument key =
        region.getArgument(region.getNumArguments() - 1); // of the list
    Value own = entry ? entry
                      : builder.createOrFold<arith::DivUIOp>(
                            loc, key,
                            arith::ConstantIndexOp::create(
                                builder, loc, keys.lists->keyBlock));
    number.replaceAllUsesWith(own);
    number.erase();
  }
}

/// Masks what a list names beyond the keys.
static void maskNoKeys(Region &mask, const CacheRows &keys, Location loc) {
  OpBuilder outer(mask.getContext());
  if (mask.empty()) {
    SmallVector<Type> types(4, outer.getIndexType());
    outer.createBlock(&mask, {}, types, SmallVector<Location>(4, loc));
    Value yes = arith::ConstantIntOp::create(outer, loc, 1, 1);
    YieldOp::create(outer, loc, yes);
  }
  Operation *yield = mask.front().getTerminator();
  outer.setInsertionPoint(yield);
  IRBuilder b(outer, loc);
  Value key = keys.listedKey(b, mask.front().getArgument(3));
  // As an unsigned number, what is negative is too large.
  Value exists = b.compare(arith::CmpIPredicate::ult, key, keys.sequence);
  yield->setOperand(
      0, b.createOrFold<arith::AndIOp>(loc, yield->getOperand(0), exists));
}

void attn::seeListedKeys(OnlineAttentionOp online, const CacheRows &keys,
                         Value entry) {
  Location loc = online.getLoc();
  if (keys.lists) {
    seePositions(online.getScore(), keys, loc);
    seePositions(online.getMask(), keys, loc);
    seePositions(online.getValueRow(), keys, loc);
    if (keys.mayListNone())
      maskNoKeys(online.getMask(), keys, loc);
  }
  for (Region *region :
       {&online.getScore(), &online.getMask(), &online.getValueRow()})
    if (!region->empty())
      seeEntries(*region, entry, keys, loc);
}

//===----------------------------------------------------------------------===//
// Results of pairs
//===----------------------------------------------------------------------===//

PairTensors attn::clearPairs(IRBuilder &b, AttentionOp op,
                             PairTensors results) {
  if (results.scores)
    results.scores = b.filled(results.scores, -infinity);
  if (results.probabilities)
    results.probabilities =
        b.filled(results.probabilities,
                 op.getNormalizer() == "softmax" ? -infinity : 0.0);
  return results;
}

/// log(exp(a) + exp(b)); -inf is the logarithm of nothing.
static Value addInLogarithms(IRBuilder &b, Value sum, Value score) {
  Location loc = b.getLoc();
  Type type = score.getType();
  auto isNothing = [&](IRBuilder &b, Value x) -> Value {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, x,
                                 b.floating(type, -infinity));
  };
  // Most keys are listed once.
  return b.conditional(
      isNothing(b, sum), type,
      [&](IRBuilder &) -> SmallVector<Value> { return {score}; },
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value high = arith::MaximumFOp::create(b, loc, sum, score),
              low = arith::MinimumFOp::create(b, loc, sum, score);
        Value ratio = math::Exp2Op::create(
            b, loc,
            b.mulf(arith::SubFOp::create(b, loc, low, high),
                   b.floating(type, log2e)));
        Value more = b.mulf(
            math::Log2Op::create(b, loc, b.addf(ratio, b.floating(type, 1))),
            b.floating(type, 1 / log2e));
        return {arith::SelectOp::create(b, loc, isNothing(b, score), sum,
                                        b.addf(high, more))};
      })[0];
}

/// Calls `write(old, number)` for each pair of `numbers`, and puts what it
/// gives where the pair belongs in `result`.
static Value
scatter(IRBuilder &b, const ListedPairs &range, Value numbers, Value result,
        llvm::function_ref<Value(IRBuilder &, Value, Value)> write) {
  Location loc = b.getLoc();
  int64_t group = cast<RankedTensorType>(result.getType()).getDimSize(0);
  return b.loop(
      b.index(0), range.live, 1, result,
      [&](IRBuilder &b, Value row, ValueRange args) {
        Value size = b.index(group);
        Value head = b.createOrFold<arith::RemUIOp>(loc, row, size);
        Value query = b.createOrFold<arith::DivUIOp>(loc, row, size);
        return SmallVector<Value>(b.loop(
            b.index(0), range.count, 1, args,
            [&](IRBuilder &b, Value key,
                ValueRange args) -> SmallVector<Value> {
              auto [position, exists] = range.position(b, key);
              SmallVector<Value> at = {head, query, position};
              Value old = b.extract(args[0], at);
              Value now = write(b, old, b.extract(numbers, {head, query, key}));
              if (exists)
                now = arith::SelectOp::create(b, loc, exists, now, old);
              return {tensor::InsertOp::create(b, loc, now, args[0], at)};
            }));
      })[0];
}

PairTensors attn::writeListedPairs(IRBuilder &b, AttentionOp op,
                                   ListedPairs range, PairTensors results) {
  if (results.scores)
    results.scores = scatter(
        b, range, range.others ? range.others : range.scores, results.scores,
        [](IRBuilder &, Value, Value score) { return score; });
  if (!results.probabilities)
    return results;
  if (op.getNormalizer() == "softmax") {
    results.probabilities =
        scatter(b, range, range.scores, results.probabilities, addInLogarithms);
    return results;
  }
  Type element = op.getAccumulatorType();
  double unit = scoreUnit(op.getNormalizer());
  Value weights =
      b.generic("ppp", {}, {}, range.scores, {{0, 1, 2}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value x = unit == 1
                                ? args[0]
                                : b.mulf(args[0], b.floating(element, unit));
                  return {weightOf(b, op.getNormalizer(), x)};
                })[0];
  results.probabilities = scatter(b, range, weights, results.probabilities,
                                  [](IRBuilder &b, Value sum, Value weight) {
                                    return b.addf(sum, weight);
                                  });
  return results;
}
