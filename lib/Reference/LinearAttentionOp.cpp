//===- LinearAttentionOp.cpp - The meaning of attn.linear_attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Token by token, as the op's description has it. Compiled code computes chunks
// of tokens at once, by other equations.
//
//===----------------------------------------------------------------------===//

#include "Views.h"
#include "attn/IR/RecurrenceShape.h"
#include <cmath>

using namespace mlir;
using namespace attn;
using namespace attn::reference;

namespace {
/// The operands of one op, and one state of it after another.
class Recurrence {
public:
  Recurrence(LinearAttentionOp op, const RecurrenceShape &shape,
             const Environment &env)
      : shape(shape), tokens(env[op.getQuery()].getDim(shape.layout.sequence)),
        query(env[op.getQuery()], shape.layout),
        key(env[op.getKey()], shape.layout),
        value(env[op.getValue()], shape.layout),
        decay(op.getDecay() ? &env[op.getDecay()] : nullptr),
        beta(op.getBeta() ? &env[op.getBeta()] : nullptr),
        scale(op.getScaleValue()), update(shape.valueSize) {}

  /// Runs all tokens of a key/value head; `state` becomes the final one.
  void run(int64_t b, int64_t h, Scalar *state, const MutableHeadView &output);

private:
  void forget(int64_t b, int64_t h, int64_t t, Scalar *state);
  void write(int64_t b, int64_t h, int64_t t, Scalar *state);
  void read(const Scalar *query, const Scalar *state, Scalar *output);
  /// The number of a gate that belongs to a token of a head.
  double gate(const Tensor &gates, int64_t b, int64_t h, int64_t t) const;

  const RecurrenceShape &shape;
  int64_t tokens;
  HeadView query, key, value;
  const Tensor *decay, *beta;
  double scale;
  std::vector<double> update;
};
} // namespace

double Recurrence::gate(const Tensor &gates, int64_t b, int64_t h,
                        int64_t t) const {
  const HeadLayout &at = shape.layout;
  SmallVector<int64_t> strides = gates.getStrides();
  int64_t index = h * strides[at.head] + t * strides[at.sequence];
  return gates[index + (at.batch ? b * strides[*at.batch] : 0)].f;
}

void Recurrence::forget(int64_t b, int64_t h, int64_t t, Scalar *state) {
  if (!decay)
    return;
  const Scalar *features = shape.decay == DecayKind::Feature
                               ? HeadView(*decay, shape.layout).row(b, h, t)
                               : nullptr;
  double one = 0;
  if (shape.decay == DecayKind::Head)
    one = (*decay)[h].f;
  else if (shape.decay == DecayKind::Token)
    one = gate(*decay, b, h, t);
  for (int64_t d = 0; d < shape.keySize; ++d) {
    double remains = std::exp(features ? features[d].f : one);
    for (int64_t v = 0; v < shape.valueSize; ++v)
      state[d * shape.valueSize + v].f *= remains;
  }
}

void Recurrence::write(int64_t b, int64_t h, int64_t t, Scalar *state) {
  const Scalar *k = key.row(b, h, t), *v = value.row(b, h, t);
  int64_t width = shape.valueSize;
  for (int64_t column = 0; column < width; ++column) {
    update[column] = v[column].f;
    if (!beta)
      continue;
    for (int64_t d = 0; d < shape.keySize; ++d)
      update[column] -= state[d * width + column].f * k[d].f;
    update[column] *= gate(*beta, b, h, t);
  }
  for (int64_t d = 0; d < shape.keySize; ++d)
    for (int64_t column = 0; column < width; ++column)
      state[d * width + column].f += k[d].f * update[column];
}

void Recurrence::read(const Scalar *q, const Scalar *state, Scalar *output) {
  for (int64_t column = 0; column < shape.valueSize; ++column) {
    double sum = 0;
    for (int64_t d = 0; d < shape.keySize; ++d)
      sum += q[d].f * state[d * shape.valueSize + column].f;
    output[column].f = scale * sum;
  }
}

void Recurrence::run(int64_t b, int64_t h, Scalar *state,
                     const MutableHeadView &output) {
  for (int64_t t = 0; t < tokens; ++t) {
    forget(b, h, t, state);
    write(b, h, t, state);
    for (int64_t g = 0; g < shape.groupSize(); ++g) {
      int64_t head = h * shape.groupSize() + g;
      read(query.row(b, head, t), state, output.row(b, head, t));
    }
  }
}

/// Sizes that only the call knows.
static LogicalResult verifySizes(LinearAttentionOp op, const HeadLayout &at,
                                 const Environment &env) {
  const Tensor &query = env[op.getQuery()];
  auto differs = [&](Value operand, unsigned dim, unsigned of) {
    return operand && env[operand].getRank() > 1 &&
           env[operand].getDim(dim) != query.getDim(of);
  };
  for (Value operand : std::initializer_list<Value>{
           op.getKey(), op.getValue(), op.getDecay(), op.getBeta()})
    if (differs(operand, at.sequence, at.sequence) ||
        (at.batch && differs(operand, *at.batch, *at.batch)))
      return op.emitOpError("has operands of different lengths or batches");
  if (at.batch && differs(op.getState(), 0, *at.batch))
    return op.emitOpError("has a state of another batch");
  return success();
}

LogicalResult attn::reference::evaluateLinearAttention(LinearAttentionOp op,
                                                       Environment &env) {
  RecurrenceShape shape = getRecurrenceShape(op);
  const HeadLayout &at = shape.layout;
  if (failed(verifySizes(op, at, env)))
    return failure();
  const Tensor &query = env[op.getQuery()];
  shape.batch = at.batch ? query.getDim(*at.batch) : 1;
  shape.tokens = query.getDim(at.sequence);

  Tensor output(getElementTypeOrSelf(op.getOutput().getType()),
                shape.headsOf(shape.queryHeads, shape.valueSize));
  Tensor state = op.getState() ? env[op.getState()]
                               : Tensor::filled(op.getAccumulatorType(),
                                                shape.state(), {0.0});
  MutableHeadView view(output, at);
  Recurrence recurrence(op, shape, env);
  int64_t size = shape.keySize * shape.valueSize;
  for (int64_t b = 0; b < shape.batch; ++b)
    for (int64_t h = 0; h < shape.keyHeads; ++h)
      recurrence.run(b, h, state.data() + (b * shape.keyHeads + h) * size,
                     view);
  env.define(op.getOutput(), std::move(output));
  if (op.getFinalState())
    env.define(op.getFinalState(), std::move(state));
  return success();
}
