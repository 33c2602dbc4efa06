//===- AttentionOp.cpp - The meaning of attn.attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include "Views.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include <cmath>

using namespace mlir;
using namespace attn;
using namespace attn::reference;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// One attention with the values it reads and writes.
class AttentionEvaluator {
public:
  AttentionEvaluator(AttentionOp op, Environment &env) : op(op), env(env) {}

  LogicalResult evaluate();

private:
  LogicalResult checkSizes();
  void makeResults();
  LogicalResult evaluateRow(int64_t b, int64_t h, int64_t i);
  /// Puts the score of every live key into `scores`, and -inf for the others.
  LogicalResult scoreRow(int64_t b, int64_t h, int64_t i);
  /// Turns scores into the weights of the values.
  void normalizeRow(double max, double sum);

  AttentionOp op;
  Environment &env;
  const Tensor *query, *key, *value;
  HeadLayout layout;
  int64_t batch, queryHeads, keyHeads, queries, keys, headSize, valueSize;
  int64_t offsets[4] = {0, 0, 0, 0};
  std::optional<ScalarProgram> score, mask;
  SmallVector<Tensor> results;
  std::vector<double> scores; ///< Of one row; then its weights.
  std::vector<char> live;     ///< Of one row.
};
} // namespace

LogicalResult AttentionEvaluator::checkSizes() {
  auto size = [&](const Tensor *tensor, unsigned dim) {
    return tensor->getDim(dim);
  };
  batch = layout.batch ? size(query, *layout.batch) : 1;
  queryHeads = size(query, layout.head);
  keyHeads = size(key, layout.head);
  queries = size(query, layout.sequence);
  keys = size(key, layout.sequence);
  headSize = size(query, layout.feature);
  valueSize = size(value, layout.feature);
  if (layout.batch)
    for (const Tensor *other : {key, value})
      if (size(other, *layout.batch) != batch)
        return op.emitOpError() << "expects one batch size, got " << batch
                                << " and " << size(other, *layout.batch);
  if (size(value, layout.sequence) != keys)
    return op.emitOpError() << "expects key and value of one length, got "
                            << keys << " and " << size(value, layout.sequence);
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
  results.emplace_back(query->getElementType(), output);
  if (!op.getAux())
    return;
  for (StringRef name : op.getAux()->getAsValueRange<StringAttr>()) {
    SmallVector<int64_t> shape = rows;
    if (name == "scores" || name == "probabilities")
      shape.push_back(keys);
    results.emplace_back(op.getAccumulatorType(), shape);
  }
}

LogicalResult AttentionEvaluator::scoreRow(int64_t b, int64_t h, int64_t i) {
  double scale = op.getScaleValue();
  int64_t keyHead = h / (queryHeads / keyHeads);
  const Scalar *q = HeadView(*query, layout).row(b, h, i);
  HeadView keyView(*key, layout);
  for (int64_t j = 0; j < keys; ++j) {
    // Regions see global positions.
    int64_t at[] = {b + offsets[0], h + offsets[1], i + offsets[2],
                    j + offsets[3]};
    live[j] = true;
    scores[j] = -infinity;
    if (mask) {
      for (int position = 0; position < 4; ++position)
        mask->inputs()[position].i = at[position];
      if (failed(mask->run()))
        return failure();
      live[j] = mask->result(0).i;
    }
    // A masked key is not read: what it holds can change nothing.
    if (!live[j])
      continue;
    scores[j] = scale * dot(q, keyView.row(b, keyHead, j), headSize);
    if (score) {
      score->inputs()[0].f = scores[j];
      for (int position = 0; position < 4; ++position)
        score->inputs()[position + 1].i = at[position];
      if (failed(score->run()))
        return failure();
      scores[j] = score->result(0).f;
    }
  }
  return success();
}

void AttentionEvaluator::normalizeRow(double max, double sum) {
  StringRef normalizer = op.getNormalizer();
  for (int64_t j = 0; j < keys; ++j) {
    double &x = scores[j];
    if (!live[j])
      x = 0;
    else if (normalizer == "softmax")
      x = sum == 0 ? 0 : std::exp(x - max) / sum;
    else if (normalizer == "sigmoid")
      x = 1 / (1 + std::exp(-x));
    else if (normalizer == "relu")
      x = x < 0 ? 0 : x;
    else if (normalizer == "relu2")
      x = x < 0 ? 0 : x * x;
  }
}

LogicalResult AttentionEvaluator::evaluateRow(int64_t b, int64_t h, int64_t i) {
  if (failed(scoreRow(b, h, i)))
    return failure();
  // A row without a live key, or with all scores -inf, keeps max = -inf and an
  // empty sum: its weights are zero. A NaN reaches the sum, and so the row.
  double max = -infinity, sum = 0;
  for (double x : scores)
    max = std::fmax(max, x);
  for (int64_t j = 0; j < keys; ++j)
    if (live[j] && (max != -infinity || std::isnan(scores[j])))
      sum += std::exp(scores[j] - max);

  int64_t row = (b * queryHeads + h) * queries + i;
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
        aux[row].f = std::isnan(sum) ? sum : max;
      else
        for (int64_t j = 0; j < keys; ++j)
          aux[row * keys + j].f = scores[j];
    }
  };
  store("lse");
  store("row_max");
  store("scores");
  normalizeRow(max, sum);
  store("probabilities");

  int64_t keyHead = h / (queryHeads / keyHeads);
  HeadView valueView(*value, layout);
  Scalar *output = MutableHeadView(results[0], layout).row(b, h, i);
  for (int64_t d = 0; d < valueSize; ++d)
    output[d].f = 0;
  for (int64_t j = 0; j < keys; ++j) {
    if (!live[j])
      continue;
    const Scalar *v = valueView.row(b, keyHead, j);
    for (int64_t d = 0; d < valueSize; ++d)
      output[d].f += scores[j] * v[d].f;
  }
  return success();
}

LogicalResult AttentionEvaluator::evaluate() {
  for (auto [index, name] : llvm::enumerate(AttentionOp::getGroupNames()))
    if (name != "offsets" && !op.getGroup(index).empty())
      return op.emitOpError() << "operand group '" << name
                              << "' is not known to the reference interpreter";
  query = &env[op.getQuery()];
  key = &env[op.getKey()];
  value = &env[op.getValue()];
  layout = *parseHeadLayout(op.getLayout(), query->getRank());
  if (failed(checkSizes()))
    return failure();
  for (auto [index, offset] : llvm::enumerate(op.getOffsets()))
    offsets[index] = env.integer(offset);
  for (auto [region, program] :
       {std::pair{&op.getScore(), &score}, std::pair{&op.getMask(), &mask}}) {
    if (region->empty())
      continue;
    auto compiled = ScalarProgram::compile(region->front(), env);
    if (failed(compiled))
      return failure();
    *program = std::move(*compiled);
  }
  makeResults();
  scores.resize(keys);
  live.resize(keys);
  SmallVector<int64_t> rows = selectRows(env.getOptions(), queries);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t h = 0; h < queryHeads; ++h)
      for (int64_t i : rows)
        if (failed(evaluateRow(b, h, i)))
          return failure();
  for (auto [result, tensor] : llvm::zip(op.getResults(), results))
    env.define(result, std::move(tensor));
  return success();
}

LogicalResult attn::reference::evaluateAttention(AttentionOp op,
                                                 Environment &env) {
  return AttentionEvaluator(op, env).evaluate();
}
