//===- VisitKeys.cpp - The keys of a task, tile by tile -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ListedKeys.h"
#include "ScoreResults.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

namespace {
/// Results of pairs as the kernel writes them, heads x queries x keys from
/// `first` on (null: from the start).
struct WrittenPairs {
  Value scores, others, first;
};
} // namespace

/// An online attention of `op` over the keys of `range`, all in one tile, that
/// reads keys and values directly or through load regions. The range is widened
/// to whole pairs of values, where those lie side by side.
static OnlineAttentionOp createOnline(IRBuilder &b, AttentionOp op,
                                      const CacheRows &keys,
                                      const CacheRows &values, KeyRange &range,
                                      const OnlineOperands &with,
                                      const WrittenPairs &pairs = {}) {
  Type multiplied = tensorType(with.query).getElementType();
  Type accumulator = tensorType(with.state.values.front()).getElementType();
  bool inPairs = values.pairs && with.schedule.getDot() == 2;
  Location loc = b.getLoc();
  if (inPairs) // to a whole pair; the mask drops a key that is not in the range
    range.begin =
        b.sub(range.begin,
              b.createOrFold<arith::RemUIOp>(loc, range.begin, b.index(2)));
  Value count = b.sub(range.end, range.begin);
  auto matrix = [&](const CacheRows &cache) -> Value {
    if (!cache.isDirect(multiplied))
      return {};
    return b.slice(cache.rows, {range.begin, b.getIndexAttr(0)},
                   {count, b.getIndexAttr(cache.features())});
  };
  Value key = matrix(keys), value;
  if (inPairs) {
    Value two = b.index(2);
    Value first = b.createOrFold<arith::DivUIOp>(loc, range.begin, two);
    value = b.slice(values.pairs, {first, b.getIndexAttr(0)},
                    {b.createOrFold<arith::CeilDivUIOp>(loc, count, two),
                     b.getIndexAttr(2 * values.features())});
  } else if (with.schedule.getDot() == 1 || with.schedule.keysInLanes()) {
    value = matrix(values);
  }
  SmallVector<Value> offsets(with.offsets);
  offsets[3] = b.add(offsets[3], range.begin);
  SmallVector<Value> state(with.state.values);
  SmallVector<StringRef> aux(with.state.aux());
  if (with.output) {
    state.push_back(with.output);
    aux.push_back("output");
  }
  for (auto [name, whole] :
       {std::pair("scores", pairs.scores), {"other_scores", pairs.others}}) {
    if (!whole)
      continue;
    SmallVector<OpFoldResult> from(3, b.getIndexAttr(0)),
        sizes = tensor::getMixedSizes(b, loc, whole);
    from[2] = pairs.first ? b.sub(range.begin, pairs.first) : range.begin;
    sizes[2] = count;
    state.push_back(b.slice(whole, from, sizes));
    aux.push_back(name);
  }
  auto online = OnlineAttentionOp::create(
      b, loc, TypeRange(ValueRange(state)), with.query, key, value,
      op.getValueTableOperand(), key || value ? Value() : count, offsets,
      with.live, with.first, with.last, state, with.schedule,
      b.getF64FloatAttr(with.scale), b.getI64IntegerAttr(with.group),
      op.getNormalizerAttr(),
      aux.empty() ? ArrayAttr() : b.getStrArrayAttr(aux));
  // A sum that becomes a result, or divides one, shows what rounded
  // probabilities would hide.
  if (op.getAuxResult("lse") || op.getAuxResult("probabilities"))
    online->setAttr("attn.exact_sum", b.getUnitAttr());
  for (auto [from, to] : llvm::zip(op->getRegions(), online->getRegions())) {
    IRMapping mapping;
    from.cloneInto(&to, mapping);
  }
  for (auto [dot, given] :
       llvm::zip_equal(online.getScore().getOps<QueryDotOp>(), with.products)) {
    if (given.products)
      dot.getProductsMutable().assign(given.products);
    else
      dot.getQueriesMutable().assign(given.queries);
  }
  seeListedKeys(online, keys, with.entry);
  auto load = [&](Region &region, const CacheRows &cache) {
    Type index = b.getIndexType();
    OpBuilder inner(b.getContext());
    inner.createBlock(&region, {}, {index, index}, {b.getLoc(), b.getLoc()});
    IRBuilder body(inner, b.getLoc());
    Value row = body.add(region.getArgument(0), range.begin);
    YieldOp::create(
        body, b.getLoc(),
        cache.element(body, row, region.getArgument(1), accumulator));
  };
  if (!key)
    load(online.getLoadKey(), keys);
  if (!value)
    load(online.getLoadValue(), values);
  return online;
}

/// Puts `op` in a loop over its key tiles; returns its results.
static FailureOr<SmallVector<Value>> tileOverKeys(IRBuilder &b,
                                                  OnlineAttentionOp op) {
  IRRewriter rewriter(b);
  rewriter.setInsertionPoint(op);
  scf::SCFTilingOptions options;
  options.setTileSizes({b.getIndexAttr(op.getSchedule().getKeyTile())});
  options.setReductionTilingStrategy(ReductionTilingStrategy::FullReduction);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  // A tile updates the whole state, but for its scores; upstream inserts it
  // into itself, which folds where sizes are known, and would be a copy
  // elsewhere.
  for (LoopLikeOpInterface loop : tiled->loops) {
    auto yields = loop.getYieldedValuesMutable();
    for (auto [name, yielded] : llvm::zip_equal(op.getStateNames(), *yields))
      if (auto insert = yielded.get().getDefiningOp<tensor::InsertSliceOp>();
          insert && name == "output") {
        yielded.set(insert.getSource());
        rewriter.eraseOp(insert);
      }
  }
  rewriter.eraseOp(op);
  return tiled->replacements;
}

/// The keys of `entry`, as far as they lie in `range`.
static KeyRange blockOf(IRBuilder &b, const KeyLists &lists, Value number,
                        KeyRange range) {
  Value entry = b.extractIndex(lists.entries, number);
  Value first = b.mul(entry, lists.keyBlock);
  Value begin = b.min(b.max(first, range.begin), range.end);
  Value end = b.min(b.add(first, lists.keyBlock), range.end);
  return {begin, b.max(end, begin)};
}

/// Takes what `pairs` says, and the output, from the `results` of a tile,
/// behind its state.
static WrittenPairs takePairs(SmallVector<Value> &results,
                              const WrittenPairs &pairs) {
  WrittenPairs taken;
  if (pairs.others)
    taken.others = results.pop_back_val();
  if (pairs.scores)
    taken.scores = results.pop_back_val();
  return taken;
}

namespace {
/// A loop over the keys that a list names.
class ListVisitor {
public:
  ListVisitor(AttentionOp op, const CacheRows &keys, const CacheRows &values,
              const OnlineOperands &with)
      : op(op), keys(keys), values(values), with(with),
        lists(*getKeyLists(op)) {}

  FailureOr<VisitedKeys> run(IRBuilder &b, KeyRange range);

private:
  using Position =
      llvm::function_ref<std::pair<Value, Value>(IRBuilder &, Value)>;
  /// The state, and results of pairs, behind those of `before`.
  SmallVector<Value> visitRange(IRBuilder &b, KeyRange range, Value entry,
                                ValueRange before, Position position);
  VisitedKeys unpack(ValueRange carried) const;
  SmallVector<Value> pack(const VisitedKeys &visited) const;

  AttentionOp op;
  const CacheRows &keys, &values;
  const OnlineOperands &with;
  KeyLists lists;
  LogicalResult status = success();
};
} // namespace

VisitedKeys ListVisitor::unpack(ValueRange carried) const {
  VisitedKeys visited;
  size_t count = with.state.values.size();
  visited.state.assign(carried.begin(), carried.begin() + count);
  for (auto [wanted, part] :
       {std::pair(with.pairs.scores, &visited.pairs.scores),
        {with.pairs.probabilities, &visited.pairs.probabilities}})
    if (wanted)
      *part = carried[count++];
  return visited;
}

SmallVector<Value> ListVisitor::pack(const VisitedKeys &visited) const {
  SmallVector<Value> carried(visited.state);
  for (Value part : {visited.pairs.scores, visited.pairs.probabilities})
    if (part)
      carried.push_back(part);
  return carried;
}

SmallVector<Value> ListVisitor::visitRange(IRBuilder &b, KeyRange range,
                                           Value entry, ValueRange before,
                                           Position position) {
  auto attend = [&](IRBuilder &b, KeyRange range, ValueRange state,
                    const WrittenPairs &pairs) {
    OnlineOperands inside = with;
    inside.state = with.state.with(state);
    inside.entry = entry;
    return createOnline(b, op, keys, values, range, inside, pairs);
  };
  if (!with.pairs.any()) {
    FailureOr<SmallVector<Value>> after =
        tileOverKeys(b, attend(b, range, before, {}));
    if (succeeded(after))
      return *after;
    status = failure();
    return SmallVector<Value>(before);
  }
  // A tile's scores belong to keys that may lie anywhere.
  int64_t tile = with.schedule.getKeyTile(), group = with.group;
  int64_t rows = with.schedule.getQueryTile();
  bool areOthers = yieldsOtherScores(op.getScore());
  Type element = op.getAccumulatorType();
  return b.loop(
      range.begin, range.end, tile, before,
      [&](IRBuilder &b, Value first, ValueRange args) {
        VisitedKeys now = unpack(args);
        auto scratch = [&](bool isWanted) {
          return isWanted
                     ? b.scratch({group, int64_t(llvm::divideCeil(rows, group)),
                                  tile},
                                 element)
                     : Value();
        };
        WrittenPairs pairs;
        pairs.scores = scratch(!areOthers || with.pairs.probabilities);
        pairs.others = scratch(areOthers && with.pairs.scores);
        pairs.first = first;
        KeyRange part = {first, b.min(b.add(first, tile), range.end)};
        Value count = b.sub(part.end, part.begin);
        now.state = attend(b, part, now.state, pairs).getResults();
        WrittenPairs written = takePairs(now.state, pairs);
        now.pairs =
            writeListedPairs(b, op,
                             {written.scores, written.others, with.live, count,
                              [&](IRBuilder &b, Value key) {
                                return position(b, b.add(first, key));
                              }},
                             now.pairs);
        return pack(now);
      });
}

FailureOr<VisitedKeys> ListVisitor::run(IRBuilder &b, KeyRange range) {
  SmallVector<Value> carried =
      pack({with.state.values, {}, {}, clearPairs(b, op, with.pairs)});
  KeyRange entries = with.entries;
  if (!entries.end)
    entries = {b.index(0), b.dim(lists.entries, 0)};
  if (keys.lists) {
    carried =
        visitRange(b, range, {}, carried, [&](IRBuilder &b, Value number) {
          Value exists;
          if (keys.mayListNone())
            exists = b.compare(arith::CmpIPredicate::ult,
                               keys.listedKey(b, number), keys.sequence);
          return std::pair(keys.existingKey(b, number), exists);
        });
  } else {
    // What the mask leaves out of all blocks is masked in the results.
    if (with.pairs.any())
      range = with.all;
    carried =
        b.loop(entries.begin, entries.end, 1, carried,
               [&](IRBuilder &b, Value number, ValueRange now) {
                 return visitRange(b, blockOf(b, lists, number, range), number,
                                   now, [](IRBuilder &, Value key) {
                                     return std::pair(key, Value());
                                   });
               });
  }
  if (failed(status))
    return failure();
  VisitedKeys visited = unpack(carried);
  KeyRange listed = keys.lists ? range : entries;
  visited.some = b.compare(arith::CmpIPredicate::slt, listed.begin, listed.end);
  return visited;
}

FailureOr<VisitedKeys> attn::visitKeys(IRBuilder &b, AttentionOp op,
                                       const CacheRows &keys,
                                       const CacheRows &values, KeyRange &range,
                                       const OnlineOperands &with) {
  if (getKeyLists(op))
    return ListVisitor(op, keys, values, with).run(b, range);
  // Probabilities are made of scores that are a result too, or stand in their
  // place.
  WrittenPairs pairs;
  bool areOthers = yieldsOtherScores(op.getScore());
  bool inPlace = areOthers || !with.pairs.scores;
  pairs.scores = inPlace ? with.pairs.probabilities : with.pairs.scores;
  pairs.others = areOthers ? with.pairs.scores : Value();
  OnlineAttentionOp online =
      createOnline(b, op, keys, values, range, with, pairs);
  Value some = b.compare(arith::CmpIPredicate::slt, range.begin, range.end);
  FailureOr<SmallVector<Value>> results =
      summarizeMask(op.getMask()).hasHoles ? tileOverLiveKeys(b, online, some)
                                           : tileOverKeys(b, online);
  if (failed(results))
    return failure();
  VisitedKeys visited{*results, some, {}, with.pairs};
  WrittenPairs written = takePairs(visited.state, pairs);
  for (auto [whole, part] :
       {std::pair(&visited.pairs.scores, areOthers ? written.others
                                         : inPlace ? Value()
                                                   : written.scores),
        {&visited.pairs.probabilities, inPlace ? written.scores : Value()}})
    if (part)
      *whole = insertScores(b, part, *whole, with.all, range);
  if (with.output)
    visited.output = visited.state.pop_back_val();
  return visited;
}
