//===- ShardOps.cpp - The meaning of attn.merge_partials and attn.append
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Views.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace attn;
using namespace attn::reference;

//===----------------------------------------------------------------------===//
// merge_partials
//===----------------------------------------------------------------------===//

static constexpr double infinity = std::numeric_limits<double>::infinity();

namespace {
/// One shard of one operand: which elements of that are its own.
struct Shard {
  const Tensor *output, *lse;
  int64_t outputStart, lseStart;
};
} // namespace

/// The shards of all operands, stacks or not; an error where a size that is
/// known at run time only is another one than the first shard's.
static LogicalResult listShards(MergePartialsOp op, Environment &env,
                                SmallVectorImpl<int64_t> &shape,
                                SmallVectorImpl<Shard> &shards) {
  for (auto [index, operands] :
       llvm::enumerate(llvm::zip_equal(op.getOutputs(), op.getLses()))) {
    const Tensor &output = env[std::get<0>(operands)];
    const Tensor &lse = env[std::get<1>(operands)];
    bool stack = op.isStack(index);
    ArrayRef<int64_t> one = output.getShape().drop_front(stack);
    if (index == 0)
      shape.assign(one.begin(), one.end());
    int64_t count = stack ? output.getDim(0) : 1;
    if (one != ArrayRef(shape) || (stack && lse.getDim(0) != count) ||
        lse.getNumElements() * one.back() != output.getNumElements())
      return op.emitOpError() << "has shards of different sizes";
    for (int64_t s = 0; s < count; ++s)
      shards.push_back({&output, &lse, output.getNumElements() / count * s,
                        lse.getNumElements() / count * s});
  }
  return success();
}

LogicalResult attn::reference::evaluateMergePartials(MergePartialsOp op,
                                                     Environment &env) {
  SmallVector<int64_t> shape;
  SmallVector<Shard> shards;
  if (failed(listShards(op, env, shape, shards)))
    return failure();
  HeadLayout at = *parseHeadLayout(op.getLayout(), shape.size());
  Tensor result(op.getResult().getType().getElementType(), shape);
  SmallVector<int64_t> strides = result.getStrides(), rows;
  if (at.batch)
    rows.push_back(shape[*at.batch]);
  rows.append({shape[at.head], shape[at.sequence]});
  Tensor merged(op.getAccumulatorType(), rows);

  for (int64_t row = 0; row < merged.getNumElements(); ++row) {
    int64_t query = row % shape[at.sequence], rest = row / shape[at.sequence];
    int64_t start =
        query * strides[at.sequence] + rest % shape[at.head] * strides[at.head];
    if (at.batch)
      start += rest / shape[at.head] * strides[*at.batch];
    // NaN stays out of the maximum, and gets into the sum.
    double max = -infinity, sum = 0;
    for (const Shard &shard : shards)
      max = std::fmax(max, (*shard.lse)[shard.lseStart + row].f);
    for (int64_t d = 0; d < shape[at.feature]; ++d)
      result[start + d].f = 0;
    for (const Shard &shard : shards) {
      double lse = (*shard.lse)[shard.lseStart + row].f;
      if (lse == -infinity)
        continue;
      double weight = std::exp(lse - (max == -infinity ? 0 : max));
      sum += weight;
      for (int64_t d = 0; d < shape[at.feature]; ++d)
        result[start + d].f +=
            weight * (*shard.output)[shard.outputStart + start + d].f;
    }
    for (int64_t d = 0; sum != 0 && d < shape[at.feature]; ++d)
      result[start + d].f /= sum;
    merged[row].f = sum == 0 ? -infinity : max + std::log(sum);
  }
  env.define(op.getResult(), std::move(result));
  if (op.getLse())
    env.define(op.getLse(), std::move(merged));
  return success();
}

//===----------------------------------------------------------------------===//
// append
//===----------------------------------------------------------------------===//

LogicalResult attn::reference::evaluateAppend(AppendOp op, Environment &env) {
  const Tensor &rows = env[op.getRows()], &positions = env[op.getPositions()];
  const Tensor *table = op.getPageTable() ? &env[op.getPageTable()] : nullptr;
  Tensor cache = env[op.getCache()];
  unsigned sequence = op.getSequenceDim(), head = op.getHeadDim();
  SmallVector<int64_t> from = rows.getStrides(), to = cache.getStrides();
  int64_t length = cache.getDim(sequence), batches = rows.getDim(0);
  int64_t size = rows.getRank() == 4 ? rows.getDim(3) : 1;
  if (positions.getDim(0) != batches ||
      (table ? table->getDim(0) : cache.getDim(0)) != batches)
    return op.emitOpError() << "has operands of different batch sizes";

  for (int64_t b = 0; b < batches; ++b)
    for (int64_t i = 0; i < rows.getDim(sequence); ++i) {
      int64_t position = positions[b].i + i, page = b;
      int64_t room = table ? table->getDim(1) * length : length;
      if (position < 0 || position >= room)
        return op.emitOpError()
               << "puts a row of batch " << b << " at position " << position
               << " of a cache with room for " << room;
      if (table) {
        page = (*table)[b * table->getDim(1) + position / length].i;
        if (page < 0 || page >= cache.getDim(0))
          return op.emitOpError() << "has page " << page << " for batch " << b
                                  << " in a pool of " << cache.getDim(0);
        position %= length;
      }
      for (int64_t h = 0; h < rows.getDim(head); ++h)
        for (int64_t d = 0; d < size; ++d)
          cache[page * to[0] + h * to[head] + position * to[sequence] + d] =
              rows[b * from[0] + h * from[head] + i * from[sequence] + d];
    }
  env.define(op.getResult(), std::move(cache));
  return success();
}
