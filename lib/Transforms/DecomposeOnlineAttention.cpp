//===- DecomposeOnlineAttention.cpp - One key tile as linalg
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The schedule of one key tile on a CPU (docs/design.md, "The key tile"):
//
//   for each block of 8 keys:
//     scores^T = key . query^T            keys in rows, queries in lanes
//     score region; mask region where the block is not wholly live
//     maximum, lazily: rescale only if some lane grew by more than 60
//     probabilities^T = exp2(scores^T - max), kept for the whole tile
//   acc += probabilities . value          over the whole tile
//
// The scores of a block never leave registers, and acc is loaded and stored
// once a tile. Everything here is tensors; the loops below become registers and
// scratch memory in the stages after.
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Support/RegisterTile.h"
#include "attn/Transforms/Passes.h"
#include "mlir/IR/Matchers.h"

namespace attn {
#define GEN_PASS_DEF_DECOMPOSEONLINEATTENTION
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct DecomposeOnlineAttention
    : attn::impl::DecomposeOnlineAttentionBase<DecomposeOnlineAttention> {
  void runOnOperation() override;
};

/// The running state of a key tile, in the order of the block loop's iter_args.
struct State {
  Value max, sum, acc, probabilities;
  Value dirty; ///< i1: some partly masked block holds a non-finite value.

  static State from(ValueRange values) {
    return {values[0], values[1], values[2], values[3],
            values.size() > 4 ? values[4] : Value()};
  }
  SmallVector<Value> values() const {
    SmallVector<Value> list = {max, sum, acc, probabilities};
    if (dirty)
      list.push_back(dirty);
    return list;
  }
};

/// Writes the linalg of one `online_attention`.
class KeyTile {
public:
  KeyTile(IRBuilder &b, OnlineAttentionOp op);
  SmallVector<Value> build(IRBuilder &b);

private:
  Value computeScores(IRBuilder &b, Value row);
  Value applyScoreRegion(IRBuilder &b, Value scores, Value row);
  Value applyMask(IRBuilder &b, Value scores, Value row);
  Value isPartlyMasked(IRBuilder &b, Value row);
  Value hasNonFiniteValue(IRBuilder &b, Value row);
  void updateMaximum(IRBuilder &b, Value scores, Value row, State &state);
  State rescale(IRBuilder &b, Value blockMax, Value row, State state);
  void exponentiate(IRBuilder &b, Value scores, Value row, State &state);
  Value accumulate(IRBuilder &b, const State &state);
  /// Keys of the tile, relative to it, that queries [row, row + rows) may read.
  KeyRange rangeOfRows(IRBuilder &b, Value row, int64_t rows);
  Value accumulateMasked(IRBuilder &b, const State &state);
  Value contractValue(IRBuilder &b, const State &state, Value acc, Value row,
                      int64_t rows, Value column, int64_t columns);

  /// Arguments (b, h, i, j) of a region for the block's `lane` and `key`, both
  /// index values relative to the tile.
  SmallVector<Value> position(IRBuilder &b, Value lane, Value key);
  /// The last valid key for a row of the block: a ragged last block repeats it.
  Value clampKey(IRBuilder &b, Value row);

  OnlineAttentionOp op;
  ScheduleAttr schedule;
  Type element;
  int64_t features, width, valueSize, blockKeys;
  Value count; ///< Keys of this tile.
  Value scratchAlpha;
  OpFoldResult zero;
};
} // namespace

/// A lane's maximum may lag behind by this much, in powers of two: softmax does
/// not depend on the maximum, and 2^60 leaves f32 half of its exponents for the
/// sum.
static constexpr double maximumLag = 60.0;
/// See TileKeys.cpp: the maximum of a lane that has seen no live key.
static constexpr double noMaximum = -1e29;
static constexpr double log2e = 1.44269504088896340736;

KeyTile::KeyTile(IRBuilder &b, OnlineAttentionOp op)
    : op(op), schedule(op.getSchedule()), element(op.getAccumulatorType()),
      zero(b.getIndexAttr(0)) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  features = query.getDimSize(0);
  width = query.getDimSize(1);
  valueSize = cast<RankedTensorType>(op.getValue().getType()).getDimSize(1);
  blockKeys = schedule.getKeyBlock();
  count = b.dim(op.getKey(), 0);
}

SmallVector<Value> KeyTile::position(IRBuilder &b, Value lane, Value key) {
  Value last = b.sub(op.getLive(), b.index(1));
  return {op.getOffsets()[0], op.getOffsets()[1],
          b.add(op.getOffsets()[2], b.min(lane, last)),
          b.add(op.getOffsets()[3], key)};
}

Value KeyTile::clampKey(IRBuilder &b, Value row) {
  return b.min(row, b.sub(count, b.index(1)));
}

//===----------------------------------------------------------------------===//
// Scores
//===----------------------------------------------------------------------===//

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

//===----------------------------------------------------------------------===//
// Maximum, probabilities, sum
//===----------------------------------------------------------------------===//

void KeyTile::updateMaximum(IRBuilder &b, Value scores, Value row,
                            State &state) {
  Value lowest = b.filled(b.empty({b.getIndexAttr(width)}, element),
                          -std::numeric_limits<double>::infinity());
  Value blockMax =
      b.generic("rp", scores, {{0, 1}}, lowest, {{1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {b.maxNumber(args[0], args[1])};
                })[0];
  Value none = b.filled(b.empty({}, b.getI1Type()), 0);
  Value grew =
      b.generic("r", {blockMax, state.max}, {{0}, {0}}, none, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value bound = arith::AddFOp::create(
                      b, b.getLoc(), args[1], b.floating(element, maximumLag));
                  Value above = arith::CmpFOp::create(
                      b, b.getLoc(), arith::CmpFPredicate::OGT, args[0], bound);
                  return {arith::OrIOp::create(b, b.getLoc(), args[2], above)};
                })[0];
  Value some = b.extract(grew, {});
  State old = state;
  old.dirty = {};
  SmallVector<Value> values = old.values();
  ResultRange updated = b.conditional(
      some, TypeRange(ValueRange(values)),
      [&](IRBuilder &b) { return rescale(b, blockMax, row, old).values(); },
      [&](IRBuilder &) { return values; });
  Value dirty = state.dirty;
  state = State::from(updated);
  state.dirty = dirty;
}

/// The cold path: a new maximum, and everything that the old one scaled.
State KeyTile::rescale(IRBuilder &b, Value blockMax, Value row, State state) {
  Value anyLive = b.filled(b.empty({}, b.getI1Type()), 0);
  anyLive = b.extract(
      b.generic("r", state.max, {{0}}, anyLive, {{}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value live = arith::CmpFOp::create(
                      b, b.getLoc(), arith::CmpFPredicate::OGT, args[0],
                      b.floating(element, noMaximum));
                  return {arith::OrIOp::create(b, b.getLoc(), args[1], live)};
                })[0],
      {});
  // Both results in one op: alpha needs the old maximum, which the new one
  // overwrites.
  ResultRange both =
      b.generic("p", blockMax, {{0}}, {scratchAlpha, state.max}, {{0}, {0}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Location loc = b.getLoc();
                  Value bound = arith::AddFOp::create(
                      b, loc, args[2], b.floating(element, maximumLag));
                  Value above = arith::CmpFOp::create(
                      b, loc, arith::CmpFPredicate::OGT, args[0], bound);
                  Value updated =
                      arith::SelectOp::create(b, loc, above, args[0], args[2]);
                  Value lag = arith::SubFOp::create(b, loc, args[2], updated);
                  return {math::Exp2Op::create(b, loc, lag), updated};
                });
  Value alpha = both[0];
  state.max = both[1];
  auto times = [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
    return {b.mulf(args[0], args[1])};
  };
  state.sum = b.generic("p", alpha, {{0}}, state.sum, {{0}}, times)[0];
  SmallVector<Value> list = {state.acc, state.probabilities};
  ResultRange scaled = b.conditional(
      anyLive, TypeRange(ValueRange(list)),
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value acc =
            b.generic("pp", alpha, {{0}}, state.acc, {{0, 1}}, times)[0];
        Value rows = b.loop(
            b.index(0), row, 1, state.probabilities,
            [&](IRBuilder &b, Value k, ValueRange args) -> SmallVector<Value> {
              SmallVector<OpFoldResult> offsets = {k, zero},
                                        sizes = {b.getIndexAttr(1),
                                                 b.getIndexAttr(width)};
              Value one = b.slice(args[0], offsets, sizes);
              one = b.generic("pp", alpha, {{1}}, one, {{0, 1}}, times)[0];
              return {b.insert(one, args[0], offsets, sizes)};
            })[0];
        return {acc, rows};
      },
      [&](IRBuilder &) { return list; });
  state.acc = scaled[0];
  state.probabilities = scaled[1];
  return state;
}

void KeyTile::exponentiate(IRBuilder &b, Value scores, Value row,
                           State &state) {
  SmallVector<OpFoldResult> offsets = {row, zero},
                            sizes = {b.getIndexAttr(blockKeys),
                                     b.getIndexAttr(width)};
  Value into = b.slice(state.probabilities, offsets, sizes);
  Value block =
      b.generic("pp", {scores, state.max}, {{0, 1}, {1}}, into, {{0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value x =
                      arith::SubFOp::create(b, b.getLoc(), args[0], args[1]);
                  return {math::Exp2Op::create(b, b.getLoc(), x)};
                })[0];
  state.sum = b.generic(
      "rp", block, {{0, 1}}, state.sum, {{1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {arith::AddFOp::create(b, b.getLoc(), args[1], args[0])};
      })[0];
  state.probabilities = b.insert(block, state.probabilities, offsets, sizes);
}

//===----------------------------------------------------------------------===//
// Probabilities times values
//===----------------------------------------------------------------------===//

KeyRange KeyTile::rangeOfRows(IRBuilder &b, Value row, int64_t rows) {
  if (op.getMask().empty())
    return {b.index(0), count};
  ValueRange offsets = op.getOffsets();
  Value end = b.min(b.add(row, rows), op.getLive());
  Value keysEnd = b.add(offsets[3], count);
  KeyRange range =
      emitKeyRange(b, b.getLoc(), op.getMask(),
                   MaskBox{offsets[0], offsets[1], b.add(offsets[2], row),
                           b.add(offsets[2], end), b.index(0), keysEnd});
  // Relative to the tile.
  Value begin = b.max(b.sub(range.begin, offsets[3]), b.index(0));
  return {begin, b.max(b.sub(range.end, offsets[3]), begin)};
}

/// acc[row : row + rows, column : column + columns] += P^T . V over the tile.
Value KeyTile::contractValue(IRBuilder &b, const State &state, Value acc,
                             Value row, int64_t rows, Value column,
                             int64_t columns) {
  SmallVector<OpFoldResult> offsets = {row, column},
                            sizes = {b.getIndexAttr(rows),
                                     b.getIndexAttr(columns)};
  Value block = b.slice(acc, offsets, sizes);
  // Of the tile's keys, those that some query of these rows may read: near the
  // edge of a causal mask or a window that is half of them.
  KeyRange range = rangeOfRows(b, row, rows);
  OpFoldResult depth = b.sub(range.end, range.begin);
  Value probabilities = b.slice(state.probabilities, {range.begin, row},
                                {depth, b.getIndexAttr(rows)});
  Value values = b.slice(op.getValue(), {range.begin, column},
                         {depth, b.getIndexAttr(columns)});
  block = b.generic("ppr", {probabilities, values}, {{2, 0}, {2, 1}}, block,
                    {{0, 1}},
                    [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                      return {b.addf(b.mulf(args[0], args[1]), args[2])};
                    })[0];
  return b.insert(block, acc, offsets, sizes);
}

Value KeyTile::accumulate(IRBuilder &b, const State &state) {
  Value acc = state.acc;
  // Columns outside, so that one block of value columns serves all rows.
  for (const RegisterTile &tile : registerTiles(
           width, valueSize, schedule.getLanes(), schedule.getRegisters())) {
    acc =
        b.loop(b.index(tile.columnBegin), b.index(tile.columnEnd), tile.columns,
               acc, [&](IRBuilder &b, Value column, ValueRange args) {
                 return SmallVector<Value>(b.loop(
                     b.index(0), op.getLive(), tile.rows, args,
                     [&](IRBuilder &b, Value row,
                         ValueRange args) -> SmallVector<Value> {
                       return {contractValue(b, state, args[0], row, tile.rows,
                                             column, tile.columns)};
                     }));
               })[0];
  }
  return acc;
}

/// The same, row by row, leaving out what the mask leaves out: 0 * NaN is NaN,
/// so a masked key with a non-finite value must not be multiplied at all.
Value KeyTile::accumulateMasked(IRBuilder &b, const State &state) {
  return b.loop(
      b.index(0), op.getLive(), 1, state.acc,
      [&](IRBuilder &b, Value row, ValueRange args) {
        return SmallVector<Value>(b.loop(
            b.index(0), count, 1, args,
            [&](IRBuilder &b, Value key,
                ValueRange args) -> SmallVector<Value> {
              Value live = b.inlineRegion(op.getMask(), position(b, row, key));
              return SmallVector<Value>(b.conditional(
                  live, args.getTypes(),
                  [&](IRBuilder &b) -> SmallVector<Value> {
                    SmallVector<OpFoldResult> offsets = {row, zero},
                                              sizes = {
                                                  b.getIndexAttr(1),
                                                  b.getIndexAttr(valueSize)};
                    Value block = b.slice(args[0], offsets, sizes);
                    Value p = b.extract(state.probabilities, {key, row});
                    Value v = b.slice(op.getValue(), {key, zero}, sizes);
                    block = b.generic(
                        "pp", v, {{0, 1}}, block, {{0, 1}},
                        [&](IRBuilder &b,
                            ValueRange args) -> SmallVector<Value> {
                          return {b.addf(b.mulf(p, args[0]), args[1])};
                        })[0];
                    return {b.insert(block, args[0], offsets, sizes)};
                  },
                  [&](IRBuilder &) { return SmallVector<Value>(args); }));
            }));
      })[0];
}

SmallVector<Value> KeyTile::build(IRBuilder &b) {
  State state{
      op.getMax(),
      op.getSum(),
      op.getAcc(),
      b.empty({b.getIndexAttr(schedule.getKeyTile()), b.getIndexAttr(width)},
              element),
      {}};
  // Outside the loops: an empty tensor in the cold path would become an
  // allocation in the key loop.
  scratchAlpha = b.empty({b.getIndexAttr(width)}, element);
  bool masked = !op.getMask().empty();
  if (masked)
    state.dirty = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  state = State::from(
      b.loop(b.index(0), count, blockKeys, state.values(),
             [&](IRBuilder &b, Value row, ValueRange args) {
               State state = State::from(args);
               Value scores = applyScoreRegion(b, computeScores(b, row), row);
               SmallVector<Value> list = {scores};
               if (masked)
                 list.push_back(state.dirty);
               ResultRange results = b.conditional(
                   isPartlyMasked(b, row), TypeRange(ValueRange(list)),
                   [&](IRBuilder &b) -> SmallVector<Value> {
                     SmallVector<Value> values = {applyMask(b, scores, row)};
                     if (masked)
                       values.push_back(b.createOrFold<arith::OrIOp>(
                           b.getLoc(), state.dirty, hasNonFiniteValue(b, row)));
                     return values;
                   },
                   [&](IRBuilder &) { return list; });
               if (masked)
                 state.dirty = results[1];
               updateMaximum(b, results[0], row, state);
               exponentiate(b, results[0], row, state);
               return state.values();
             }));
  Value acc;
  if (masked)
    acc = b.conditional(
        state.dirty, state.acc.getType(),
        [&](IRBuilder &b) -> SmallVector<Value> {
          return {accumulateMasked(b, state)};
        },
        [&](IRBuilder &b) -> SmallVector<Value> {
          return {accumulate(b, state)};
        })[0];
  else
    acc = accumulate(b, state);
  return {acc, state.max, state.sum};
}

void DecomposeOnlineAttention::runOnOperation() {
  SmallVector<OnlineAttentionOp> ops;
  getOperation().walk([&](OnlineAttentionOp op) { ops.push_back(op); });
  IRRewriter rewriter(&getContext());
  for (OnlineAttentionOp op : ops) {
    rewriter.setInsertionPoint(op);
    IRBuilder b(rewriter, op.getLoc());
    KeyTile tile(b, op);
    rewriter.replaceOp(op, tile.build(b));
  }
}
