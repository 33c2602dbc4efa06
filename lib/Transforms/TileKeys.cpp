//===- TileKeys.cpp - Attention of one query tile as a loop over key tiles
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnlineAttention/HeadOperands.h"
#include "OnlineAttention/QueryProducts.h"
#include "OnlineAttention/ScoreResults.h"
#include "attn/Support/Softmax.h"
#include "attn/Transforms/Passes.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

namespace attn {
#define GEN_PASS_DEF_TILEKEYS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct TileKeys : attn::impl::TileKeysBase<TileKeys> {
  void runOnOperation() override;
};

/// One attention tile: a head's queries, keys and values.
struct Tile {
  AttentionOp op;
  Value query; ///< queries x features.
  CacheRows keys, values;
  SmallVector<Value> offsets;
  Value live; ///< Number of queries.
  KeyRange range;
};
} // namespace

/// The slice of the task's shared output, or of rows of it, that `result` will
/// be inserted into, without its unit dimensions.
static FailureOr<Value> destination(IRBuilder &b, OpResult result,
                                    ArrayRef<int64_t> shape) {
  if (!result.hasOneUse())
    return failure();
  auto type = cast<RankedTensorType>(result.getType());
  Operation *user = *result.getUsers().begin();
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(user))
    return b.slice(insert.getDest(), insert.getMixedOffsets(),
                   insert.getMixedSizes(), type.clone(shape));
  auto insert = dyn_cast<tensor::ParallelInsertSliceOp>(user);
  if (!insert)
    return failure();
  SmallVector<OpFoldResult> sizes = insert.getMixedSizes();
  // Of all keys: their number may be computed behind this op only.
  if (shape.size() == 3)
    sizes.back() = getAsOpFoldResult(b.dim(insert.getDest(), sizes.size() - 1));
  return b.slice(insert.getDest(), insert.getMixedOffsets(), sizes,
                 type.clone(shape));
}

/// query^T times `factor`: `D x width`, with the last query repeated in the
/// lanes beyond `live`, so that they compute something harmless.
static Value packQuery(IRBuilder &b, Tile &tile, int64_t width, double factor) {
  int64_t features = cast<RankedTensorType>(tile.query.getType()).getDimSize(1);
  Type element = tile.op.getAccumulatorType();
  Value into =
      b.empty({b.getIndexAttr(features), b.getIndexAttr(width)}, element);
  Value last = b.sub(tile.live, b.index(1));
  return b.generic(
      "pp", {}, {}, into, {{0, 1}},
      [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
        Value feature = b.indexOf(0);
        Value lane = b.indexOf(1);
        Value row = b.min(lane, last);
        Value query = b.extract(tile.query, {row, feature});
        return {b.mulf(b.convert(query, element), b.floating(element, factor))};
      })[0];
}

/// The queries as they are, `width x D` of the accumulation type.
static Value packRows(IRBuilder &b, Tile &tile, int64_t width) {
  int64_t features = cast<RankedTensorType>(tile.query.getType()).getDimSize(1);
  Type element = tile.op.getAccumulatorType();
  Value into =
      b.empty({b.getIndexAttr(width), b.getIndexAttr(features)}, element);
  Value last = b.sub(tile.live, b.index(1));
  return b.generic(
      "pp", {}, {}, into, {{0, 1}},
      [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
        Value row = b.min(b.indexOf(0), last);
        Value feature = b.indexOf(1);
        return {b.convert(b.extract(tile.query, {row, feature}), element)};
      })[0];
}

/// query^T with pairs of features side by side, as they are (or negated):
/// `D/2 x 2 width` of bf16. Scaling would round.
static Value packQueryPairs(IRBuilder &b, const Tile &tile, int64_t width,
                            bool negate) {
  auto type = cast<RankedTensorType>(tile.query.getType());
  Value into = b.empty(
      {b.getIndexAttr(type.getDimSize(1) / 2), b.getIndexAttr(2 * width)},
      type.getElementType());
  Value last = b.sub(tile.live, b.index(1));
  auto map =
      AffineMap::get(3, 0, {b.d(0), b.d(1) * 2 + b.d(2)}, b.getContext());
  return b.generic("ppp", {}, into, map, {{1, width}, {2, 2}},
                   [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                     Location loc = b.getLoc();
                     Value pair = b.indexOf(0);
                     Value lane = b.indexOf(1);
                     Value second = b.indexOf(2);
                     Value feature = b.add(b.mul(pair, 2), second);
                     Value query =
                         b.extract(tile.query, {b.min(lane, last), feature});
                     if (negate)
                       query = arith::NegFOp::create(b, loc, query);
                     return {query};
                   })[0];
}

/// The output rows: acc, divided by the sum of a softmax.
static Value normalize(IRBuilder &b, const OnlineState &state, Value live,
                       Value into) {
  Value acc = state.get("acc"), sum = state.get("sum");
  auto type = cast<RankedTensorType>(acc.getType());
  OpFoldResult zero = b.getIndexAttr(0);
  Value rows =
      b.slice(acc, {zero, zero}, {live, b.getIndexAttr(type.getDimSize(1))});
  if (!sum)
    return b.generic("pp", rows, {{0, 1}}, into, {{0, 1}},
                     [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                       return {b.convert(args[0], args[1].getType())};
                     })[0];
  Value inverse = b.generic(
      "p", sum, {{0}},
      b.empty({b.getIndexAttr(type.getDimSize(0))}, type.getElementType()),
      {{0}}, [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {inverseOf(b, args[0])};
      })[0];
  Value factors = b.slice(inverse, {zero}, {live});
  return b.generic(
      "pp", {rows, factors}, {{0, 1}, {0}}, into, {{0, 1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {b.convert(b.mulf(args[0], args[1]), args[2].getType())};
      })[0];
}

/// The statistic of each row that `aux` calls `name`.
static Value statistic(IRBuilder &b, StringRef name, double unit,
                       const OnlineState &state, Value live, Value into) {
  SmallVector<Value> numbers;
  OnlineState row;
  for (auto [part, value] : llvm::zip_equal(state.names, state.values))
    if (part != "acc") {
      row.names.push_back(part);
      numbers.push_back(b.slice(value, {OpFoldResult(b.getIndexAttr(0))},
                                {OpFoldResult(live)}));
    }
  SmallVector<unsigned> dims = {0};
  SmallVector<ArrayRef<unsigned>> maps(numbers.size(), dims);
  return b.generic(
      "p", numbers, maps, into, {{0}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {rowStatistic(b, name, unit, row.with(args.drop_back()))};
      })[0];
}

/// The probabilities of each row, from its scores.
static Value probabilities(IRBuilder &b, StringRef normalizer,
                           const OnlineState &state, Value live, Value keys,
                           Value scores, Value into) {
  return b.loop(
      b.index(0), live, 1, into,
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        OnlineState numbers;
        for (auto [name, part] : llvm::zip_equal(state.names, state.values))
          if (name != "acc") {
            numbers.names.push_back(name);
            numbers.values.push_back(b.extract(part, row));
          }
        Value from = scores == into ? args[0] : scores;
        return {writeProbabilities(b, normalizer, numbers, from, args[0],
                                   b.index(0), row, keys)};
      })[0];
}

/// `output`, filled with zeros where no key is read, and nothing else written.
static Value zeroWithoutKeys(IRBuilder &b, const KeyRange &range,
                             Value output) {
  Value none = b.compare(arith::CmpIPredicate::sle, range.end, range.begin);
  if (matchPattern(none, m_Zero()))
    return output;
  return b.conditional(
      none, output.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> { return {b.filled(output, 0)}; },
      [&](IRBuilder &) -> SmallVector<Value> { return {output}; })[0];
}

/// The attention of `tile` computed with `width` query lanes; yields the op's
/// results in `destinations`.
static FailureOr<SmallVector<Value>>
attend(IRBuilder &b, Tile &tile, int64_t width, ArrayRef<Value> destinations) {
  AttentionOp op = tile.op;
  ScheduleAttr schedule = *op.getSchedule();
  int64_t valueSize = tile.values.features();
  Type element = op.getAccumulatorType();
  OnlineOperands with;
  with.schedule = schedule.withQueryTile(width);
  // exp(x) = exp2(x * log2 e), and the factor rides in the query where nobody
  // sees scores between the product and the exponential.
  double unit = scoreUnit(op.getNormalizer());
  PairResults pairs = findPairResults(op);
  bool natural = !op.getScore().empty() || pairs.any();
  double scale = op.getScaleValue() * (natural ? 1.0 : unit);
  if (schedule.getDot() == 1) {
    with.query = packQuery(b, tile, width, scale);
  } else {
    with.query = packQueryPairs(b, tile, width, /*negate=*/scale < 0);
    with.scale = std::abs(scale);
  }
  OpFoldResult lanes = b.getIndexAttr(width);
  with.state = OnlineState::namesFor(op);
  // A sink changes the state behind all keys, a table of values behind each
  // tile; a list's first block may be none.
  Value sinks = op.getSinksOperand();
  bool ends = op.getNormalizer() == "softmax" && !sinks && !getKeyLists(op) &&
              !op.getValueTableOperand();
  for (StringRef name : with.state.names) {
    SmallVector<OpFoldResult> sizes = {lanes};
    if (name == "acc")
      sizes.push_back(b.getIndexAttr(valueSize));
    Value part = b.empty(sizes, element);
    if (name != "acc" || !ends)
      part = b.filled(part, OnlineState::initial(name));
    with.state.values.push_back(part);
  }
  with.offsets = tile.offsets;
  with.live = tile.live;
  SmallVector<Value> into(destinations);
  KeyRange range = tile.range;
  if (pairs.scores)
    with.pairs.scores = into[*pairs.scores];
  if (pairs.probabilities)
    with.pairs.probabilities = into[*pairs.probabilities];
  with.all = {b.index(0),
              tile.keys.lists ? tile.keys.sequence : tile.keys.length(b)};
  if (ends) {
    with.first = with.last = arith::ConstantIntOp::create(b, b.getLoc(), 1, 1);
    with.output = zeroWithoutKeys(b, range, into[0]);
  }
  with.products = multiplyQueries(
      b, op, with, [&](IRBuilder &b) { return packRows(b, tile, width); },
      [&](IRBuilder &b) { return packQuery(b, tile, width, 1.0); });
  FailureOr<VisitedKeys> visited =
      visitKeys(b, op, tile.keys, tile.values, range, with);
  if (failed(visited))
    return failure();
  OnlineState state = with.state.with(visited->state);
  if (sinks) {
    Value sink = b.extract(sinks, b.index(0));
    addSinks(b, state, lanes, [&](IRBuilder &, Value) { return sink; });
  }
  Value output = visited->output;
  if (!output)
    output = normalize(b, state, tile.live, into[0]);
  SmallVector<Value> results = {output};
  if (!op.getAux())
    return results;
  for (auto [name, target] :
       llvm::zip_equal(op.getAux()->getAsValueRange<StringAttr>(),
                       ArrayRef(into).drop_front())) {
    if (name == "scores") {
      results.push_back(visited->pairs.scores);
    } else if (name == "probabilities") {
      Value own = visited->pairs.probabilities;
      bool inPlace = getKeyLists(op) || pairs.inPlace();
      results.push_back(
          areProbabilitiesDone(op)
              ? own
              : probabilities(b, op.getNormalizer(), state, tile.live,
                              with.all.end,
                              inPlace ? own : visited->pairs.scores, own));
    } else
      results.push_back(statistic(b, name, unit, state, tile.live, target));
  }
  return results;
}

static LogicalResult tileKeys(AttentionOp op) {
  OpBuilder builder(op);
  IRBuilder b(builder, op.getLoc());
  AttentionShape shape = getAttentionShape(op);
  const HeadLayout &at = shape.layout;
  if (shape.queryHeads != 1 || (at.batch && shape.batch != 1))
    return op.emitOpError(
        "has several heads or batches; run attn-tile-queries first");
  if (op.getOffsets().empty())
    return op.emitOpError("has no offsets; run attn-tile-queries first");
  if (!op.getSchedule())
    return op.emitOpError("has no schedule; run attn-choose-schedule first");

  Tile tile{op,
            asMatrix(b, op.getQuery(), at),
            keyRows(b, op),
            valueRows(b, op),
            llvm::to_vector(op.getOffsets()),
            {},
            {}};
  tile.live = b.dim(tile.query, 0);
  tile.range = {b.index(0), tile.keys.length(b)};
  if (!tile.keys.lists) // where they are positions
    tile.range = emitKeyRange(
        b, b.getLoc(), op.getMask(),
        MaskBox{tile.offsets[0], tile.offsets[1], tile.offsets[2],
                b.add(tile.offsets[2], tile.live), tile.range.begin,
                tile.range.end, op.getSchedule()->getQueryTile(), /*maxKeys=*/0,
                /*maxReads=*/64});

  SmallVector<Value> destinations;
  SmallVector<OpOperand *> inserts;
  for (OpResult result : op->getResults()) {
    SmallVector<int64_t> sizes = {shape.queries};
    if (result.getResultNumber() == 0)
      sizes.push_back(shape.valueSize);
    else if (cast<RankedTensorType>(result.getType()).getRank() ==
             int64_t(at.rank()))
      sizes = {1, shape.queries, shape.keys}; // scores or probabilities
    FailureOr<Value> into = destination(b, result, sizes);
    if (failed(into))
      return op.emitOpError("is not a task of an scf.forall");
    destinations.push_back(*into);
    inserts.push_back(&*result.use_begin());
  }

  // One copy of the kernel for each number of query vectors, widest first: a
  // ragged last tile of queries does not pay for lanes that it lacks.
  int64_t lanes = op.getSchedule()->getLanes();
  LogicalResult status = success();
  auto types = TypeRange(ValueRange(destinations));
  std::function<SmallVector<Value>(IRBuilder &, int64_t)> dispatch =
      [&](IRBuilder &b, int64_t width) -> SmallVector<Value> {
    auto copy = [&](IRBuilder &b) -> SmallVector<Value> {
      FailureOr<SmallVector<Value>> results =
          attend(b, tile, width, destinations);
      if (succeeded(results))
        return *results;
      status = failure();
      return destinations;
    };
    if (width == lanes || (!ShapedType::isDynamic(shape.queries) &&
                           shape.queries > width - lanes))
      return copy(b);
    Value wide =
        b.compare(arith::CmpIPredicate::sgt, tile.live, b.index(width - lanes));
    return b.conditional(wide, types, copy, [&](IRBuilder &b) {
      return dispatch(b, width - lanes);
    });
  };
  SmallVector<Value> results = dispatch(b, op.getSchedule()->getQueryTile());
  if (failed(status))
    return failure();
  for (auto [insert, result] : llvm::zip(inserts, results))
    insert->set(result);
  op.erase();
  return success();
}

void TileKeys::runOnOperation() {
  SmallVector<AttentionOp> ops;
  getOperation().walk([&](AttentionOp op) { ops.push_back(op); });
  for (AttentionOp op : ops)
    if (failed(tileKeys(op)))
      return signalPassFailure();
}
