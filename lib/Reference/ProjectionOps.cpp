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
