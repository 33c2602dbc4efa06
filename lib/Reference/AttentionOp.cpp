//===- AttentionOp.cpp - The meaning of attn.attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CacheOperand.h"
#include "ScalarProgram.h"
#include <array>
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace attn;
using namespace attn::reference;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// One attention with the values it reads and writes.
class AttentionEvaluator {
public:
  AttentionEvaluator(AttentionOp op, Environment &env)
      : op(op), env(env), query(env[op.getQuery()]),
        layout(*parseHeadLayout(op.getLayout(), query.getRank())),
        key(op, layout), value(op, layout) {}

  LogicalResult evaluate();

private:
  LogicalResult setOperands();
  LogicalResult checkSizes();
  LogicalResult compileRegions();
  void makeResults();
  /// The arguments of regions for a pair: they see global positions.
  std::array<int64_t, 4> globalPosition(const Sequence &sequence, int64_t h,
                                        int64_t i, int64_t j) const {
    return {sequence.number + offsets[0], h + offsets[1], i + offsets[2],
            j + offsets[3]};
  }
  /// What the key of the pair `at` of query `i` has as its value: that of the
  /// cache, and what the table adds. Null after an error.
  const Scalar *valueOf(const Sequence &sequence, int64_t h, int64_t i,
                        unsigned at);
  /// How large what element `d` of `value`, as valueOf gave it last, is made of
  /// is: the terms are rounded, or weighted, each by itself.
  double sizeOf(const Scalar *value, int64_t d) const {
    return valueRow ? sizes[d] : std::fabs(value[d].f);
  }
  /// Query `i` of `sequence`.
  LogicalResult evaluateRow(const Sequence &sequence, int64_t h, int64_t i);
  /// Finds the pairs of the row, and scores them; -inf those that are masked.
  LogicalResult scoreRow(const Sequence &sequence, int64_t h, int64_t i);
  /// Turns scores into the weights of the values.
  void normalizeRow(double max, double sum);
  /// Notes how large the numbers of the row are.
  LogicalResult measureRow(const Sequence &sequence, int64_t h, int64_t i);
  /// Writes the row of the result `name`, scores or probabilities.
  void storePairs(const Sequence &sequence, StringRef name, Scalar *into);
  /// Adds up the weighted values.
  LogicalResult sumRow(const Sequence &sequence, int64_t h, int64_t i,
                       Scalar *output, Scalar *weighted);

  AttentionOp op;
  Environment &env;
  const Tensor &query;
  HeadLayout layout;
  CacheOperand key, value;
  int64_t batch, queryHeads, keyHeads, queries, keys, headSize, valueSize;
  int64_t offsets[4] = {0, 0, 0, 0};
  std::optional<ScalarProgram> score, mask, valueRow;
  PairRows rows;
  SmallVector<Tensor> results;
  std::optional<Magnitudes> magnitudes;
  // Of one row:
  std::vector<ListedKey> pairs; ///< With which keys.
  std::vector<bool> live;       ///< Whether the mask keeps them.
  std::vector<double> scores;   ///< Then the weights.
  std::vector<double> kept;     ///< What the result `scores` holds.
  std::vector<Scalar> sum;      ///< Of a value and a row of the table.
  std::vector<double> sizes;    ///< Of both, which may cancel.
};
} // namespace

LogicalResult AttentionEvaluator::setOperands() {
  auto optional = [&](Value operand) {
    return operand ? &env[operand] : nullptr;
  };
  const Tensor *pages = optional(op.getPageTableOperand());
  if (failed(key.set("key", env[op.getKey()],
                     optional(op.getKeyScalesOperand()),
                     optional(op.getKeyZeroPointsOperand()), pages)) ||
      failed(value.set("value", env[op.getValue()],
                       optional(op.getValueScalesOperand()),
                       optional(op.getValueZeroPointsOperand()), pages)))
    return failure();
  for (auto [index, offset] : llvm::enumerate(op.getOffsets()))
    offsets[index] = env.integer(offset);
  return success();
}

LogicalResult AttentionEvaluator::checkSizes() {
  batch = layout.batch ? query.getDim(*layout.batch) : 1;
  queryHeads = query.getDim(layout.head);
  keyHeads = key.getHeads();
  queries = query.getDim(layout.sequence);
  keys = key.getLength();
  headSize = query.getDim(layout.feature);
  valueSize = value.getSize();
  int64_t keyBatch = batch;
  if (Value table = op.getPageTableOperand()) {
    keyBatch = key.getBatch();
    if (env[table].getDim(0) != batch)
      return op.emitOpError() << "expects a page_table for a batch of " << batch
                              << ", got one for " << env[table].getDim(0);
  }
  for (const CacheOperand *other : {&key, &value})
    if (other->getBatch() != keyBatch)
      return op.emitOpError() << "expects one batch size, got " << keyBatch
                              << " and " << other->getBatch();
  if (value.getLength() != keys)
    return op.emitOpError() << "expects key and value of one length, got "
                            << keys << " and " << value.getLength();
  return success();
}

LogicalResult AttentionEvaluator::compileRegions() {
  for (auto [region, program] : {std::pair{&op.getScore(), &score},
                                 {&op.getMask(), &mask},
                                 {&op.getValueRow(), &valueRow}}) {
    if (region->empty())
      continue;
    auto compiled = ScalarProgram::compile(region->front(), env,
                                           /*numIndices=*/0, &rows);
    if (failed(compiled))
      return failure();
    *program = std::move(*compiled);
  }
  return success();
}

void AttentionEvaluator::makeResults() {
  SmallVector<int64_t> output(layout.rank()), rows;
  if (layout.batch) {
    output[*layout.batch] = batch;
    rows.push_back(batch);
  }
  output[layout.head] = queryHeads;
  output[layout.sequence] = queries;
  output[layout.feature] = valueSize;
  rows.append({queryHeads, queries});
  results.emplace_back(
      cast<RankedTensorType>(op.getOutput().getType()).getElementType(),
      output);
  if (env.getOptions().magnitudes) {
    std::vector<double> all(batch * queryHeads * queries, notANumber);
    magnitudes = {all, all, all, all, results[0], headSize};
  }
  if (!op.getAux())
    return;
  for (StringRef name : op.getAux()->getAsValueRange<StringAttr>()) {
    SmallVector<int64_t> shape = rows;
    if (name == "scores" || name == "probabilities")
      shape.push_back(keys);
    results.emplace_back(op.getAccumulatorType(), shape);
  }
}

LogicalResult AttentionEvaluator::scoreRow(const Sequence &sequence, int64_t h,
                                           int64_t i) {
  double scale = op.getScaleValue();
  rows.magnitude = 0;
  int64_t keyHead = h / (queryHeads / keyHeads);
  const Scalar *q =
      HeadView(query, layout).row(sequence.batch, h, sequence.firstQuery + i);
  if (failed(listKeys(op, env, sequence, h, i, pairs)))
    return failure();
  scores.assign(pairs.size(), -infinity);
  kept.assign(pairs.size(), -infinity);
  live.assign(pairs.size(), true);
  for (auto [pair, listed] : llvm::enumerate(pairs)) {
    std::array<int64_t, 4> at = globalPosition(sequence, h, i, listed.key);
    rows.entry = listed.entry;
    if (mask) {
      for (int position = 0; position < 4; ++position)
        mask->inputs()[position].i = at[position];
      if (failed(mask->run()))
        return failure();
      live[pair] = mask->result(0).i;
    }
    // A masked key is not read: what it holds can change nothing.
    if (!live[pair])
      continue;
    const Scalar *k =
        key.row(sequence.batch, keyHead, sequence.firstKey + listed.key);
    if (!k)
      return failure();
    double &x = scores[pair];
    x = scale * dot(q, k, headSize);
    if (score) {
      rows.query = q, rows.key = k;
      score->inputs()[0].f = x;
      for (int position = 0; position < 4; ++position)
        score->inputs()[position + 1].i = at[position];
      if (failed(score->run()))
        return failure();
      x = score->result(0).f;
    }
    kept[pair] = yieldsOtherScores(op.getScore()) ? score->result(1).f : x;
  }
  return success();
}

void AttentionEvaluator::normalizeRow(double max, double sum) {
  StringRef normalizer = op.getNormalizer();
  for (unsigned pair = 0; pair < pairs.size(); ++pair) {
    double &x = scores[pair];
    if (!live[pair])
      x = 0;
    else if (normalizer == "softmax")
      x = sum == 0 || x == -infinity ? 0 : std::exp(x - max) / sum;
    else if (normalizer == "sigmoid")
      x = 1 / (1 + std::exp(-x));
    else if (normalizer == "relu")
      x = x < 0 ? 0 : x;
    else if (normalizer == "relu2")
      x = x < 0 ? 0 : x * x;
    else if (x == -infinity)
      x = 0;
  }
}

LogicalResult AttentionEvaluator::measureRow(const Sequence &sequence,
                                             int64_t h, int64_t i) {
  int64_t keyHead = h / (queryHeads / keyHeads);
  int64_t position = sequence.firstQuery + i;
  int64_t row = (sequence.batch * queryHeads + h) * queries + position;
  const Scalar *q = HeadView(query, layout).row(sequence.batch, h, position);
  double product = 0, largest = 0, score = 0;
  Scalar *weighted = MutableHeadView(magnitudes->weighted, layout)
                         .row(sequence.batch, h, position);
  for (int64_t d = 0; d < valueSize; ++d)
    weighted[d].f = 0;
  for (unsigned pair = 0; pair < pairs.size(); ++pair) {
    if (!live[pair])
      continue;
    const Scalar *k = key.row(sequence.batch, keyHead,
                              sequence.firstKey + pairs[pair].key),
                 *v = valueOf(sequence, h, i, pair);
    if (!k || !v)
      return failure();
    double sum = 0;
    for (int64_t d = 0; d < headSize; ++d)
      sum += std::fabs(q[d].f * k[d].f);
    product = std::fmax(product, std::fabs(op.getScaleValue()) * sum);
    score = std::fmax(score, std::fabs(scores[pair]));
    for (int64_t d = 0; d < valueSize; ++d)
      largest = std::fmax(largest, sizeOf(v, d));
  }
  magnitudes->product[row] = product + rows.magnitude;
  magnitudes->score[row] = score;
  magnitudes->value[row] = largest;
  magnitudes->keys[row] =
      std::max<double>(sequence.keys, llvm::count(live, true));
  return success();
}

const Scalar *AttentionEvaluator::valueOf(const Sequence &sequence, int64_t h,
                                          int64_t i, unsigned at) {
  ListedKey listed = pairs[at];
  const Scalar *v = value.row(sequence.batch, h / (queryHeads / keyHeads),
                              sequence.firstKey + listed.key);
  if (!v || !valueRow)
    return v;
  for (auto [input, position] :
       llvm::enumerate(globalPosition(sequence, h, i, listed.key)))
    valueRow->inputs()[input].i = position;
  rows.entry = listed.entry;
  if (failed(valueRow->run()))
    return nullptr;
  const Tensor &table = env[op.getValueTableOperand()];
  SmallVector<int64_t> indices;
  for (unsigned index = 0; index + 1 < table.getRank(); ++index)
    indices.push_back(valueRow->result(index).i);
  const Scalar *row = tableRow(table, indices);
  if (!row) {
    op.emitOpError("expects a value_table with rows");
    return nullptr;
  }
  sum.resize(valueSize);
  sizes.resize(valueSize);
  for (int64_t d = 0; d < valueSize; ++d) {
    sum[d].f = v[d].f + row[d].f;
    sizes[d] = std::fabs(v[d].f) + std::fabs(row[d].f);
  }
  return sum.data();
}

LogicalResult AttentionEvaluator::sumRow(const Sequence &sequence, int64_t h,
                                         int64_t i, Scalar *output,
                                         Scalar *weighted) {
  for (int64_t d = 0; d < valueSize; ++d)
    output[d].f = 0;
  for (unsigned pair = 0; pair < pairs.size(); ++pair) {
    if (!live[pair])
      continue;
    const Scalar *v = valueOf(sequence, h, i, pair);
    if (!v)
      return failure();
    for (int64_t d = 0; d < valueSize; ++d)
      output[d].f += scores[pair] * v[d].f;
    for (int64_t d = 0; weighted && d < valueSize; ++d)
      weighted[d].f += std::fabs(scores[pair]) * sizeOf(v, d);
  }
  return success();
}

void AttentionEvaluator::storePairs(const Sequence &sequence, StringRef name,
                                    Scalar *into) {
  bool isScores = name == "scores";
  // Other keys are masked, those of other sequences as well.
  for (int64_t j = 0; j < keys; ++j)
    into[j].f = isScores ? -infinity : 0;
  for (unsigned pair = 0; pair < pairs.size(); ++pair) {
    double &number = into[sequence.firstKey + pairs[pair].key].f;
    number = isScores ? kept[pair] : number + scores[pair];
  }
}

LogicalResult AttentionEvaluator::evaluateRow(const Sequence &sequence,
                                              int64_t h, int64_t i) {
  if (failed(scoreRow(sequence, h, i)))
    return failure();
  // A row without a live key, or with all scores -inf, keeps max = -inf and an
  // empty sum: its weights are zero. A NaN reaches the sum, and so the row.
  double rowMax = -infinity, sum = 0;
  for (double x : scores)
    rowMax = std::fmax(rowMax, x);
  double max = rowMax;
  if (Value sinks = op.getSinksOperand()) {
    // A key that is always live and has no value.
    double sink = env[sinks][h].f;
    max = std::isnan(sink) ? sink : std::fmax(max, sink);
    if (max != -infinity)
      sum = std::exp(sink - max);
  }
  for (auto [score, isLive] : llvm::zip(scores, live))
    if (isLive && (max != -infinity || std::isnan(score)))
      sum += std::exp(score - max);

  bool hasNaN = llvm::any_of(scores, [](double x) { return std::isnan(x); });
  int64_t position = sequence.firstQuery + i;
  int64_t row = (sequence.batch * queryHeads + h) * queries + position;
  auto store = [&](StringRef wanted) {
    if (!op.getAux())
      return;
    for (auto [index, name] :
         llvm::enumerate(op.getAux()->getAsValueRange<StringAttr>())) {
      Tensor &aux = results[index + 1];
      if (name != wanted)
        continue;
      if (name == "lse")
        aux[row].f = sum == 0 ? -infinity : max + std::log(sum);
      else if (name == "row_max")
        aux[row].f = hasNaN ? notANumber : rowMax;
      else
        storePairs(sequence, name, aux.data() + row * keys);
    }
  };
  store("lse");
  store("row_max");
  store("scores");
  if (magnitudes && failed(measureRow(sequence, h, i)))
    return failure();
  normalizeRow(max, sum);
  store("probabilities");

  auto rowOf = [&](Tensor &tensor) {
    return MutableHeadView(tensor, layout).row(sequence.batch, h, position);
  };
  return sumRow(sequence, h, i, rowOf(results[0]),
                magnitudes ? rowOf(magnitudes->weighted) : nullptr);
}

LogicalResult AttentionEvaluator::evaluate() {
  if (failed(setOperands()) || failed(checkSizes()) || failed(compileRegions()))
    return failure();
  FailureOr<SmallVector<Sequence>> sequences =
      listSequences(op, env, batch, queries, keys);
  if (failed(sequences))
    return failure();
  makeResults();
  for (const Sequence &sequence : *sequences)
    for (int64_t h = 0; h < queryHeads; ++h)
      for (int64_t row : selectRows(env.getOptions(), queries))
        if (int64_t i = row - sequence.firstQuery;
            i >= 0 && i < sequence.queries &&
            failed(evaluateRow(sequence, h, i)))
          return failure();
  if (magnitudes)
    env.getOptions().magnitudes->push_back(std::move(*magnitudes));
  for (auto [result, tensor] : llvm::zip(op.getResults(), results))
    env.define(result, std::move(tensor));
  return success();
}

LogicalResult attn::reference::evaluateAttention(AttentionOp op,
                                                 Environment &env) {
  return AttentionEvaluator(op, env).evaluate();
}
