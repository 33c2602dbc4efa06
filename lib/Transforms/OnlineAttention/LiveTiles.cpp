//===- LiveTiles.cpp - A loop over the live tiles of a key range
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The keys that a query tile can see need not lie together. A tile of keys is
// then as long a run of live keys as there is, up to the schedule's key tile:
//
//   for each round:
//     look for the next run: keys that some box of queries may read
//     attend to the run found before, which is the last where there is no other
//
// Keys are judged by the mask analysis: first as many as `stride` for all
// queries at once, and where that says "perhaps", as few as `granule` for each
// strip of queries (for each head of a group). Rounds are counted by what there
// could be, so that the tiles' loop is an ordinary one; those behind the last
// run cost a comparison.
//
// Where queries are few, that is much beside what dead keys save. As many keys
// as `reach` are then judged before: all of this is in a loop over those that
// some query may read.
//
//===----------------------------------------------------------------------===//

#include "HeadOperands.h"
#include "attn/IR/StateParts.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn;

/// Keys that are judged together at first. Some hundred verdicts for the
/// longest sequences, and still few keys beside those that a sparse mask reads.
static constexpr int64_t stride = 128;
/// Keys that are judged together before, where queries are few: how many reads
/// a verdict takes hardly depends on that, and what comes after does.
static constexpr int64_t reach = 1024;
/// Keys and queries that are judged together in the end: blocks of a mask are
/// most often a multiple of it.
static constexpr int64_t mostTogether = 16;
/// What a verdict on either may read. A pair of a query and a key costs tens of
/// instructions (two products and an exponential), a read two or three.
static constexpr int64_t readsOfReach = 1024, readsOfStride = 512,
                         readsOfGranule = 64;

namespace {
/// Live keys [begin, end), positions of the sequence, and where to look on:
/// what lies before `fine` has been judged as a whole before.
struct Run {
  Value begin, end, next, fine;

  SmallVector<Value> list() const { return {begin, end, next, fine}; }
  static Run of(ValueRange values) {
    return {values[0], values[1], values[2], values[3]};
  }
};

class LiveTiles {
public:
  LiveTiles(IRBuilder &b, OnlineAttentionOp op);
  FailureOr<SmallVector<Value>> build(IRBuilder &b, Value &some);

private:
  MaskVerdict judge(IRBuilder &b, MaskBox box);
  MaskVerdict judgeEach(IRBuilder &b, Value count,
                        llvm::function_ref<MaskBox(IRBuilder &, Value)> boxAt);
  MaskVerdict judgeWhole(IRBuilder &b, Value begin, Value end, int64_t keys,
                         int64_t reads);
  Value isLive(IRBuilder &b, Value begin, Value end);
  Run step(IRBuilder &b, Run run);
  Run find(IRBuilder &b, Value from, Value fine);
  /// The first position behind `run` that it can't have.
  Value limitOf(IRBuilder &b, Run run);
  FailureOr<SmallVector<Value>> attend(IRBuilder &b, Run run, Value first,
                                       Value last, ValueRange state);
  SmallVector<Value> visit(IRBuilder &b, Value begin, Value end,
                           ValueRange state);
  SmallVector<Value> visitWithinReach(IRBuilder &b, ValueRange state);

  OnlineAttentionOp op;
  int64_t tile, granule, strip, heads, maxQueries;
  Value count, first, last; ///< Keys; positions of the first, behind the last.
  Value iBegin, iEnd;
  bool isTiled = true;
};
} // namespace

static Value truth(IRBuilder &b, bool value) {
  return arith::ConstantIntOp::create(b, b.getLoc(), value, 1);
}
static Value both(IRBuilder &b, Value x, Value y) {
  return b.createOrFold<arith::AndIOp>(b.getLoc(), x, y);
}
static Value either(IRBuilder &b, Value x, Value y) {
  return b.createOrFold<arith::OrIOp>(b.getLoc(), x, y);
}
static Value negate(IRBuilder &b, Value x) {
  return b.createOrFold<arith::XOrIOp>(b.getLoc(), x, truth(b, true));
}
static Value choose(IRBuilder &b, Value condition, Value x, Value y) {
  return b.createOrFold<arith::SelectOp>(b.getLoc(), condition, x, y);
}
/// The largest multiple of `size`, a power of two, that is at most `x`.
static Value alignDown(IRBuilder &b, Value x, int64_t size) {
  return b.createOrFold<arith::AndIOp>(b.getLoc(), x, b.index(-size));
}

LiveTiles::LiveTiles(IRBuilder &b, OnlineAttentionOp op)
    : op(op), tile(op.getSchedule().getKeyTile()) {
  granule = std::min<int64_t>(mostTogether, llvm::bit_floor(uint64_t(tile)));
  int64_t rows = op.getRows();
  int64_t alignment = rows & -rows;
  strip = std::min(mostTogether, alignment);
  maxQueries = llvm::divideCeil(rows, op.getGroup());
  if (op.getSchedule().keysInLanes())
    strip = maxQueries;
  heads = op.getMask().getArgument(1).use_empty() ? 1 : op.getGroup();
  ValueRange offsets = op.getOffsets();
  count = getValueOrCreateConstantIndexOp(b, b.getLoc(), op.getKeyCount(b));
  first = offsets[3];
  last = b.add(first, count);
  iBegin = offsets[2];
  iEnd = b.add(iBegin, b.createOrFold<arith::CeilDivUIOp>(
                           b.getLoc(), op.getLive(), b.index(op.getGroup())));
}

//===----------------------------------------------------------------------===//
// Verdicts
//===----------------------------------------------------------------------===//

MaskVerdict LiveTiles::judge(IRBuilder &b, MaskBox box) {
  return emitMaskVerdict(b, b.getLoc(), op.getMask(), box);
}

/// The verdict on all of `count` boxes; once some pair is live and some is not,
/// the rest is not looked at.
MaskVerdict
LiveTiles::judgeEach(IRBuilder &b, Value count,
                     llvm::function_ref<MaskBox(IRBuilder &, Value)> boxAt) {
  if (isConstantIntValue(count, 1))
    return judge(b, boxAt(b, b.index(0)));
  ResultRange results = b.loop(
      b.index(0), count, 1, {truth(b, false), truth(b, true)},
      [&](IRBuilder &b, Value number, ValueRange sofar) -> SmallVector<Value> {
        Value open = either(b, negate(b, sofar[0]), sofar[1]);
        return SmallVector<Value>(b.conditional(
            open, sofar.getTypes(),
            [&](IRBuilder &b) -> SmallVector<Value> {
              MaskVerdict verdict = judge(b, boxAt(b, number));
              return {either(b, sofar[0], verdict.someLive),
                      both(b, sofar[1], verdict.allLive)};
            },
            [&](IRBuilder &) -> SmallVector<Value> { return sofar; }));
      });
  return {results[0], results[1]};
}

/// The verdict on keys [begin, end), at most `keys`, and all queries.
MaskVerdict LiveTiles::judgeWhole(IRBuilder &b, Value begin, Value end,
                                  int64_t keys, int64_t reads) {
  ValueRange offsets = op.getOffsets();
  return judgeEach(b, b.index(heads), [&](IRBuilder &b, Value head) {
    return MaskBox{offsets[0], b.add(offsets[1], head),
                   iBegin,     iEnd,
                   begin,      end,
                   maxQueries, keys,
                   reads};
  });
}

/// Whether some query may read keys [begin, end), at most `granule`.
Value LiveTiles::isLive(IRBuilder &b, Value begin, Value end) {
  ValueRange offsets = op.getOffsets();
  Value strips = b.index(1);
  if (strip < maxQueries)
    strips = b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), b.sub(iEnd, iBegin),
                                                b.index(strip));
  auto boxAt = [&](IRBuilder &b, Value number) {
    MaskBox box = {offsets[0], offsets[1], iBegin,  iEnd,          begin,
                   end,        strip,      granule, readsOfGranule};
    if (heads > 1) {
      box.h = b.add(box.h, number);
    } else if (strip < maxQueries) {
      box.iBegin = b.add(iBegin, b.mul(number, strip));
      box.iEnd = b.min(b.add(box.iBegin, strip), iEnd);
    }
    return box;
  };
  Value boxes = heads > 1 ? b.index(heads) : strips;
  if (isConstantIntValue(boxes, 1))
    return judge(b, boxAt(b, b.index(0))).someLive;
  return b.loop(
      b.index(0), boxes, 1, truth(b, false),
      [&](IRBuilder &b, Value number, ValueRange sofar) -> SmallVector<Value> {
        return SmallVector<Value>(b.conditional(
            sofar[0], sofar.getTypes(),
            [&](IRBuilder &) -> SmallVector<Value> { return sofar; },
            [&](IRBuilder &b) -> SmallVector<Value> {
              return {judge(b, boxAt(b, number)).someLive};
            }));
      })[0];
}

//===----------------------------------------------------------------------===//
// Runs
//===----------------------------------------------------------------------===//

Value LiveTiles::limitOf(IRBuilder &b, Run run) {
  return b.min(alignDown(b, b.add(run.begin, tile), granule), last);
}

/// Judges the keys behind `run`. Where they are dead and the run is empty, it
/// moves there; where it is not, that is its end, and `next` lies behind it.
Run LiveTiles::step(IRBuilder &b, Run run) {
  using arith::CmpIPredicate;
  Value isFine = b.compare(CmpIPredicate::slt, run.end, run.fine);
  auto behind = [&](int64_t size) {
    return b.add(alignDown(b, run.end, size), size);
  };
  Value end = b.min(choose(b, isFine, behind(granule), behind(stride)), last);
  Type bit = b.getI1Type();
  ResultRange verdict = b.conditional(
      isFine, {bit, bit},
      [&](IRBuilder &b) -> SmallVector<Value> {
        return {isLive(b, run.end, end), truth(b, true)};
      },
      [&](IRBuilder &b) -> SmallVector<Value> {
        MaskVerdict whole = judgeWhole(b, run.end, end, stride, readsOfStride);
        return {whole.someLive, whole.allLive};
      });
  Value some = verdict[0], taken = both(b, some, verdict[1]);
  Value isEmpty = b.compare(CmpIPredicate::eq, run.begin, run.end);
  Value moves = both(b, negate(b, some), isEmpty);
  Run after;
  after.begin = choose(b, moves, end, run.begin);
  after.end = choose(b, moves, end,
                     choose(b, taken, b.min(end, limitOf(b, run)), run.end));
  after.next = choose(b, some, after.end, end);
  after.fine = choose(b, both(b, some, negate(b, verdict[1])), end, run.fine);
  return after;
}

/// The first run from position `from` on; empty if there is none.
Run LiveTiles::find(IRBuilder &b, Value from, Value fine) {
  Location loc = b.getLoc();
  Run none = {from, from, from, fine};
  SmallVector<Type> types(4, b.getIndexType());
  auto loop = scf::WhileOp::create(
      b, loc, types, none.list(),
      [&](OpBuilder &inner, Location, ValueRange values) {
        IRBuilder b(inner, loc);
        Run run = Run::of(values);
        Value open = both(
            b, b.compare(arith::CmpIPredicate::eq, run.next, run.end),
            b.compare(arith::CmpIPredicate::slt, run.end, limitOf(b, run)));
        scf::ConditionOp::create(b, loc, open, values);
      },
      [&](OpBuilder &inner, Location, ValueRange values) {
        IRBuilder b(inner, loc);
        scf::YieldOp::create(b, loc, step(b, Run::of(values)).list());
      });
  return Run::of(loop.getResults());
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<Value>> LiveTiles::attend(IRBuilder &b, Run run,
                                                Value begins, Value ends,
                                                ValueRange state) {
  IRMapping mapping;
  mapping.map(op.getState(), state);
  auto whole = cast<OnlineAttentionOp>(b.clone(*op, mapping));
  OpFoldResult offset = b.sub(run.begin, first),
               size = b.sub(run.end, run.begin);
  FailureOr<TilingResult> tiled = whole.getTiledImplementation(b, offset, size);
  if (failed(tiled))
    return failure();
  auto part = cast<OnlineAttentionOp>(tiled->tiledOps.front());
  if (op.getFirst())
    part.getFirstMutable().assign(begins);
  if (op.getLast())
    part.getLastMutable().assign(ends);
  SmallVector<Value> results;
  for (auto [name, result, before] :
       llvm::zip_equal(op.getStateNames(), part.getResults(), state)) {
    if (!isOfPairs(name)) {
      results.push_back(result);
      continue;
    }
    SmallVector<OpFoldResult> offsets(3, b.getIndexAttr(0)),
        sizes = tensor::getMixedSizes(b, b.getLoc(), result);
    offsets[2] = offset;
    results.push_back(b.insert(result, before, offsets, sizes));
  }
  whole.erase();
  return results;
}

/// Whether some key of [begin, end) was live, and the state behind those.
SmallVector<Value> LiveTiles::visit(IRBuilder &b, Value begin, Value end,
                                    ValueRange state) {
  // Each run but the first and the last has two granules at least: its own, and
  // a dead one behind it, if it is not as long as it may be. One more round
  // finds the first.
  int64_t least = std::min(tile / granule, int64_t(2)) * granule;
  Value rounds = b.add(b.createOrFold<arith::CeilDivUIOp>(
                           b.getLoc(), b.sub(end, begin), b.index(least)),
                       5);
  last = end;
  Run none = {begin, begin, begin, begin};
  SmallVector<Value> carried = none.list();
  carried.push_back(truth(b, false)); // whether there was a tile
  llvm::append_range(carried, state);
  SmallVector<Value> results(b.loop(
      b.index(0), rounds, 1, carried,
      [&](IRBuilder &b, Value, ValueRange values) -> SmallVector<Value> {
        Run run = Run::of(values);
        Value begun = values[4];
        ValueRange state = values.drop_front(5);
        Run next = find(b, run.next, run.fine);
        using arith::CmpIPredicate;
        Value some = b.compare(CmpIPredicate::slt, run.begin, run.end);
        Value isLast = b.compare(CmpIPredicate::sge, next.begin, next.end);
        SmallVector<Value> after = next.list();
        after.push_back(either(b, begun, some));
        llvm::append_range(
            after,
            b.conditional(
                some, state.getTypes(),
                [&](IRBuilder &b) -> SmallVector<Value> {
                  auto tiled = attend(b, run, negate(b, begun), isLast, state);
                  isTiled = succeeded(tiled);
                  return isTiled ? *tiled : SmallVector<Value>(state);
                },
                [&](IRBuilder &) -> SmallVector<Value> { return state; }));
        return after;
      }));
  results.erase(results.begin(), results.begin() + 4);
  return results;
}

/// The same of all keys; `state` begins with whether one was live before.
SmallVector<Value> LiveTiles::visitWithinReach(IRBuilder &b, ValueRange state) {
  Value end = last;
  return b.loop(
      alignDown(b, first, reach), end, reach, state,
      [&](IRBuilder &b, Value box, ValueRange state) {
        Value from = b.max(box, first), to = b.min(b.add(box, reach), end);
        Value some = judgeWhole(b, from, to, reach, readsOfReach).someLive;
        return SmallVector<Value>(b.conditional(
            some, state.getTypes(),
            [&](IRBuilder &b) {
              SmallVector<Value> now = visit(b, from, to, state.drop_front());
              now.front() = either(b, now.front(), state.front());
              return now;
            },
            [&](IRBuilder &) -> SmallVector<Value> { return state; }));
      });
}

FailureOr<SmallVector<Value>> LiveTiles::build(IRBuilder &b, Value &some) {
  SmallVector<Value> state;
  for (auto [name, part] : llvm::zip_equal(op.getStateNames(), op.getState()))
    state.push_back(
        isOfPairs(name)
            ? b.filled(part, -std::numeric_limits<double>::infinity())
            : part);
  SmallVector<Value> results;
  if (op.getSchedule().keysInLanes() && !op.getFirst()) {
    state.insert(state.begin(), truth(b, false));
    results = visitWithinReach(b, state);
  } else {
    results = visit(b, first, last, state);
  }
  if (!isTiled)
    return failure();
  some = results.front();
  results.erase(results.begin());
  // What the last tile would have written.
  for (auto [name, result] : llvm::zip_equal(op.getStateNames(), results)) {
    if (name != "output")
      continue;
    Value output = result;
    result = b.conditional(
        some, output.getType(),
        [&](IRBuilder &) -> SmallVector<Value> { return {output}; },
        [&](IRBuilder &b) -> SmallVector<Value> {
          return {b.filled(output, 0)};
        })[0];
  }
  op.erase();
  return results;
}

FailureOr<SmallVector<Value>>
attn::tileOverLiveKeys(IRBuilder &b, OnlineAttentionOp op, Value &some) {
  return LiveTiles(b, op).build(b, some);
}
