//===- ProjectionOps.cpp - The meaning of attn.project_heads and
// attn.merge_heads
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Views.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace attn;
using namespace attn::reference;

static double identity(double x) { return x; }
static double relu(double x) { return x < 0 ? 0 : x; }
static double gelu(double x) { return 0.5 * x * (1 + std::erf(x * M_SQRT1_2)); }

static double (*activationOf(StringRef name))(double) {
  return llvm::StringSwitch<double (*)(double)>(name)
      .Case("relu", relu)
      .Case("gelu", gelu)
      .Default(identity);
}

/// Turns the pairs of one head's `row` by the angles of a row of the tables.
static void rotate(ProjectHeadsOp op, const Environment &env, int64_t position,
                   Scalar *row) {
  const Tensor &cos = env[op.getRotary()[0]], &sin = env[op.getRotary()[1]];
  int64_t pairs = cos.getDim(1);
  bool half = op.getPairs().value_or("half") == "half";
  for (int64_t n = 0; n < pairs; ++n) {
    double &a = row[half ? n : 2 * n].f,
           &c = row[half ? n + pairs : 2 * n + 1].f;
    double x = a, y = c, cosine = cos[position * pairs + n].f,
           sine = sin[position * pairs + n].f;
    a = x * cosine - y * sine;
    c = x * sine + y * cosine;
  }
}

/// The row of the tables for position `s` of batch `b`; fails where there is
/// none.
static FailureOr<int64_t>
findPosition(ProjectHeadsOp op, const Environment &env, int64_t b, int64_t s) {
  int64_t position = s;
  if (Value operand = op.getPositions()) {
    const Tensor &positions = env[operand];
    int64_t length = positions.getShape().back();
    position = positions[(positions.getRank() == 2 ? b * length : 0) + s].i;
  }
  int64_t rows = env[op.getRotary()[0]].getDim(0);
  if (position < 0 || position >= rows)
    return op.emitOpError() << "expects positions below the " << rows
                            << " rows of rotary, got " << position;
  return position;
}

LogicalResult attn::reference::evaluateProjectHeads(ProjectHeadsOp op,
                                                    Environment &env) {
  const Tensor &input = env[op.getInput()];
  bool batched = input.getRank() == 3;
  int64_t batch = batched ? input.getDim(0) : 1;
  int64_t positions = input.getDim(input.getRank() - 2);
  int64_t width = input.getDim(input.getRank() - 1);
  HeadLayout at = *parseHeadLayout(op.getLayout(), input.getRank() + 1);
  auto activation = activationOf(op.getActivation());

  for (auto [index, operand] : llvm::enumerate(op.getWeights())) {
    const Tensor &weight = env[operand];
    const Tensor *bias =
        op.getBiases().empty() ? nullptr : &env[op.getBiases()[index]];
    int64_t heads = op.getHeads()[index];
    int64_t headSize = weight.getDim(0) / heads;
    SmallVector<int64_t> shape(at.rank());
    if (at.batch)
      shape[*at.batch] = batch;
    shape[at.sequence] = positions;
    shape[at.head] = heads;
    shape[at.feature] = headSize;
    Tensor result(input.getElementType(), shape);
    MutableHeadView view(result, at);
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t s = 0; s < positions; ++s)
        for (int64_t n = 0; n < weight.getDim(0); ++n) {
          double sum = dot(input.data() + (b * positions + s) * width,
                           weight.data() + n * width, width);
          if (bias)
            sum += (*bias)[n].f;
          view.row(b, n / headSize, s)[n % headSize].f = activation(sum);
        }
    bool turns = op.getRotated() && llvm::is_contained(*op.getRotated(), index);
    for (int64_t b = 0; turns && b < batch; ++b)
      for (int64_t s = 0; s < positions; ++s) {
        FailureOr<int64_t> position = findPosition(op, env, b, s);
        if (failed(position))
          return failure();
        for (int64_t h = 0; h < heads; ++h)
          rotate(op, env, *position, view.row(b, h, s));
      }
    env.define(op.getResult(index), std::move(result));
  }
  return success();
}

LogicalResult attn::reference::evaluateMergeHeads(MergeHeadsOp op,
                                                  Environment &env) {
  const Tensor &input = env[op.getInput()];
  const Tensor &weight = env[op.getWeight()];
  const Tensor *bias = op.getBias() ? &env[op.getBias()] : nullptr;
  HeadLayout at = *parseHeadLayout(op.getLayout(), input.getRank());
  int64_t batch = at.batch ? input.getDim(*at.batch) : 1;
  int64_t heads = input.getDim(at.head);
  int64_t positions = input.getDim(at.sequence);
  int64_t headSize = input.getDim(at.feature);
  int64_t features = weight.getDim(0);
  auto activation = activationOf(op.getActivation());

  SmallVector<int64_t> shape;
  if (at.batch)
    shape.push_back(batch);
  shape.append({positions, features});
  Tensor result(input.getElementType(), shape);
  HeadView view(input, at);
  SmallVector<int64_t> rows = selectRows(env.getOptions(), positions);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t s : rows)
      for (int64_t n = 0; n < features; ++n) {
        double sum = bias ? (*bias)[n].f : 0;
        const Scalar *w = weight.data() + n * heads * headSize;
        for (int64_t h = 0; h < heads; ++h)
          sum += dot(view.row(b, h, s), w + h * headSize, headSize);
        result[(b * positions + s) * features + n].f = activation(sum);
      }
  env.define(op.getResult(), std::move(result));
  return success();
}
