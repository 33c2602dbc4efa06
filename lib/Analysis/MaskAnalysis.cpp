//===- MaskAnalysis.cpp - Which keys a mask region keeps
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/MaskAnalysis.h"
#include "MaskEvaluator.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace attn;
using namespace attn::mask;

namespace {
/// A block to emit to of which only what the results need is kept: the
/// evaluation computes more than any one question asks for.
struct Scratch {
  explicit Scratch(Location loc)
      : builder(loc->getContext()), scalars(builder, loc) {
    builder.setInsertionPointToEnd(&block);
  }
  /// Erases all ops but those that `results` need.
  void keep(ArrayRef<Value> results);
  /// How many there are of these, without constants; those of loops once.
  unsigned countNeeded(ArrayRef<Value> results);
  /// Moves the ops that `results` need to the insertion point of `target`.
  void moveTo(OpBuilder &target, ArrayRef<Value> results);

  Block block;
  OpBuilder builder;
  ScalarBuilder scalars;
};

struct ScalarRange {
  Scalar begin, end;
};
} // namespace

void Scratch::keep(ArrayRef<Value> results) {
  llvm::SmallPtrSet<Operation *, 2> needed;
  for (Value result : results)
    needed.insert(result.getDefiningOp());
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (!needed.contains(&op) && isOpTriviallyDead(&op))
      op.erase();
}

unsigned Scratch::countNeeded(ArrayRef<Value> results) {
  keep(results);
  unsigned count = 0;
  block.walk([&](Operation *op) {
    count += !op->hasTrait<OpTrait::ConstantLike>() &&
             !op->hasTrait<OpTrait::IsTerminator>();
  });
  return count;
}

void Scratch::moveTo(OpBuilder &target, ArrayRef<Value> results) {
  keep(results);
  for (Operation &op : llvm::make_early_inc_range(block)) {
    op.remove();
    target.insert(&op);
  }
}

/// The positions of a box that holds a query and at least `minKeys` keys.
static Box positionsOf(const MaskBox &box, int64_t minKeys) {
  int64_t most = positionBounds.max + 1;
  Scalar iEnd = ScalarBuilder::of(box.iEnd, {1, most});
  Scalar jEnd = ScalarBuilder::of(box.jEnd, {minKeys, most});
  auto last = [](Scalar end) {
    Bounds bounds = {end.bounds.min - 1, end.bounds.max - 1};
    return Scalar{end.base, end.offset - 1, bounds};
  };
  return {ScalarBuilder::of(box.iBegin, positionBounds), last(iEnd),
          ScalarBuilder::of(box.jBegin, positionBounds), last(jEnd)};
}

static ScalarRange keyRange(MaskEvaluator &evaluator, ScalarBuilder &scalars,
                            const Box &box) {
  auto keys = evaluator.zones.keys(evaluator.evaluate().whenTrue);
  if (!keys)
    return {box.jFirst, box.jFirst};
  // Where the first key lies behind the last, the range is empty.
  Scalar end = scalars.max(scalars.add(keys->second, 1), box.jFirst);
  return {scalars.min(keys->first, end), end};
}

MaskVerdict attn::emitMaskVerdict(OpBuilder &builder, Location loc,
                                  Region &mask, const MaskBox &box) {
  if (mask.empty()) {
    Value yes = ScalarBuilder(builder, loc).materialize(Bit(true));
    return {yes, yes};
  }
  Scratch scratch(loc);
  MaskEvaluator evaluator(scratch.scalars, mask, box, positionsOf(box, 1));
  Predicate live = evaluator.evaluate();
  Bit some = evaluator.zones.any(live.whenTrue);
  Bit all = scratch.scalars.negate(evaluator.zones.any(live.whenFalse));
  MaskVerdict verdict = {scratch.scalars.materialize(some),
                         scratch.scalars.materialize(all)};
  scratch.moveTo(builder, {verdict.someLive, verdict.allLive});
  return verdict;
}

KeyRange attn::emitKeyRange(OpBuilder &builder, Location loc, Region &mask,
                            const MaskBox &queries) {
  if (mask.empty())
    return {queries.jBegin, queries.jEnd};
  Scratch scratch(loc);
  Box box = positionsOf(queries, 0);
  MaskEvaluator evaluator(scratch.scalars, mask, queries, box);
  ScalarRange range = keyRange(evaluator, scratch.scalars, box);
  KeyRange result = {scratch.scalars.materialize(range.begin),
                     scratch.scalars.materialize(range.end)};
  scratch.moveTo(builder, {result.begin, result.end});
  return result;
}

/// `op` and where it is, as far as its location tells.
static std::string describe(Operation *op) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  stream << op->getName();
  if (auto at = op->getLoc()->findInstanceOf<FileLineColLoc>())
    stream << " at " << at.getFilename().getValue() << ':' << at.getLine()
           << ':' << at.getColumn();
  return text;
}

/// Whether `value` is computed from one of `sources`.
static bool dependsOn(Value value, ArrayRef<Value> sources) {
  llvm::SmallPtrSet<Operation *, 16> seen;
  SmallVector<Value> todo = {value};
  while (!todo.empty()) {
    Value next = todo.pop_back_val();
    if (!next)
      continue;
    if (llvm::is_contained(sources, next))
      return true;
    Operation *op = next.getDefiningOp();
    if (op && seen.insert(op).second)
      op->walk([&](Operation *inner) {
        llvm::append_range(todo, inner->getOperands());
      });
  }
  return false;
}

/// Whether keys between two live ones may all be dead, and smaller boxes than
/// all keys show it: a case depends on the keys of the box, beyond its bounds,
/// or on what was read; or cases lie apart.
static bool hasHoles(MaskEvaluator &evaluator, const Cases &live,
                     const MaskBox &box) {
  if (evaluator.zones.any(live).isTrue())
    return false;
  SmallVector<Value> sources = {box.jBegin, box.jEnd};
  llvm::append_range(sources, evaluator.reduced);
  for (const Case &single : live) {
    if (dependsOn(single.possible.value, sources))
      return true;
    for (const auto &bounds : {single.zone.lower, single.zone.upper})
      for (const std::optional<Scalar> &bound : bounds)
        if (bound && dependsOn(bound->base, sources))
          return true;
  }
  return evaluator.zones.mayHaveGap(live);
}

MaskSummary attn::summarizeMask(Region &mask) {
  MaskSummary summary;
  if (mask.empty()) {
    summary.hasVerdict = true;
    summary.text = "no mask: every key is live";
    return summary;
  }
  Location loc = mask.front().getTerminator()->getLoc();
  Scratch scratch(loc);
  auto position = [&] {
    return scratch.block.addArgument(scratch.builder.getIndexType(), loc);
  };
  constexpr int64_t side = 16;
  MaskBox values = {position(),     position(), position(), position(),
                    position(),     position(), side,       side,
                    /*maxReads=*/64};
  Box box = positionsOf(values, 1);
  MaskEvaluator evaluator(scratch.scalars, mask, values, box);
  Predicate live = evaluator.evaluate();
  Bit some = evaluator.zones.any(live.whenTrue);
  Bit masked = evaluator.zones.any(live.whenFalse);
  if (some.isFalse() || masked.isFalse()) {
    summary.hasKeyRange = some.isFalse();
    summary.hasVerdict = true;
    summary.text = some.isFalse() ? "no key is live" : "every key is live";
    return summary;
  }

  auto keys = evaluator.zones.keys(live.whenTrue);
  summary.hasKeyRange =
      !keys || !(keys->first == box.jFirst && keys->second == box.jLast);
  summary.hasVerdict = !some.isTrue() || !masked.isTrue();
  summary.hasHoles = hasHoles(evaluator, live.whenTrue, values);
  if (summary.hasKeyRange && evaluator.numBounds > 0)
    summary.text =
        llvm::formatv("key range is closed form from {0} comparison{1}",
                      evaluator.numBounds, evaluator.numBounds == 1 ? "" : "s");
  else
    summary.text = summary.hasHoles ? "no comparison bounds the key range"
                                    : "all keys are visited";
  if (summary.hasVerdict)
    summary.text += "; partly masked blocks by interval arithmetic";
  if (summary.hasHoles) {
    summary.text += "; runs of live keys are looked for at run time";
    if (unsigned count = evaluator.numReductions)
      summary.text += llvm::formatv(", with {0} load{1} over a box", count,
                                    count == 1 ? "" : "s");
    unsigned operations = scratch.countNeeded(
        {scratch.scalars.materialize(some),
         scratch.scalars.materialize(scratch.scalars.negate(masked))});
    summary.text += llvm::formatv("; {0} operations for a box of {1} x {1}",
                                  operations, side);
  }
  if (evaluator.notUnderstood)
    summary.text +=
        "; evaluated per element: " + describe(evaluator.notUnderstood) +
        " is not understood";
  return summary;
}
