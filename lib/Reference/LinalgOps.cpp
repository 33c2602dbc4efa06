//===- LinalgOps.cpp - The meaning of linalg
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/AffineExprVisitor.h"
#include <cmath>

using namespace mlir;
using namespace attn::reference;

namespace {
/// Where a point of the iteration space lies in an operand.
struct Access {
  const Tensor *tensor;
  int64_t base;               ///< Of the point zero.
  SmallVector<int64_t> steps; ///< Elements an iteration of each loop.
  int64_t at(ArrayRef<int64_t> point) const {
    int64_t linear = base;
    for (auto [step, index] : llvm::zip(steps, point))
      linear += step * index;
    return linear;
  }
};
} // namespace

/// The sizes of the loops: each is the size of a dimension that some map gives
/// to it alone.
static FailureOr<SmallVector<int64_t>>
loopSizes(linalg::LinalgOp op, ArrayRef<const Tensor *> operands) {
  SmallVector<int64_t> sizes(op.getNumLoops(), -1);
  for (auto [tensor, map] : llvm::zip(operands, op.getIndexingMapsArray()))
    for (auto [size, expr] : llvm::zip(tensor->getShape(), map.getResults())) {
      auto dim = dyn_cast<AffineDimExpr>(expr);
      if (!dim)
        continue;
      int64_t &known = sizes[dim.getPosition()];
      if (known >= 0 && known != size)
        return op.emitOpError() << "has operands of sizes " << known << " and "
                                << size << " in loop " << dim.getPosition();
      known = size;
    }
  if (llvm::is_contained(sizes, -1))
    return op.emitOpError("has a loop whose size no operand gives: not known "
                          "to the reference interpreter");
  return sizes;
}

/// Maps are linear in the loops (an element each, a constant, or a sum), so
/// the steps follow from their values at the unit vectors.
static FailureOr<Access> makeAccess(linalg::LinalgOp op, const Tensor *tensor,
                                    AffineMap map) {
  bool linear = true;
  for (AffineExpr expr : map.getResults())
    expr.walk([&](AffineExpr part) {
      AffineExprKind kind = part.getKind();
      linear &= kind != AffineExprKind::Mod &&
                kind != AffineExprKind::FloorDiv &&
                kind != AffineExprKind::CeilDiv;
    });
  if (!linear)
    return op.emitOpError("has an indexing map that is not linear: not known "
                          "to the reference interpreter");
  SmallVector<int64_t> strides = tensor->getStrides();
  auto linearize = [&](ArrayRef<int64_t> point) {
    int64_t sum = 0;
    for (auto [stride, index] : llvm::zip(strides, map.compose(point)))
      sum += stride * index;
    return sum;
  };
  SmallVector<int64_t> point(map.getNumDims(), 0);
  Access access{tensor, linearize(point), {}};
  for (unsigned dim = 0; dim < map.getNumDims(); ++dim) {
    point[dim] = 1;
    access.steps.push_back(linearize(point) - access.base);
    point[dim] = 0;
  }
  return access;
}

/// Advances `point` in row-major order; false after the last.
static bool nextPoint(MutableArrayRef<int64_t> point, ArrayRef<int64_t> sizes) {
  for (size_t dim = sizes.size(); dim-- > 0;) {
    if (++point[dim] < sizes[dim])
      return true;
    point[dim] = 0;
  }
  return false;
}

/// linalg.generic and every named op that has its region.
static LogicalResult evaluateStructured(linalg::LinalgOp op, Environment &env) {
  unsigned numInputs = op.getNumDpsInputs();
  // Inits are read and written in place: a copy becomes the result.
  SmallVector<Tensor> outputs;
  for (OpOperand &init : op.getDpsInitsMutable()) {
    if (!isa<RankedTensorType>(init.get().getType()))
      return unsupported(op);
    outputs.push_back(env[init.get()]);
  }
  SmallVector<const Tensor *> operands;
  for (Value input : op.getDpsInputs())
    operands.push_back(&env[input]);
  for (Tensor &output : outputs)
    operands.push_back(&output);

  auto sizes = loopSizes(op, operands);
  if (failed(sizes))
    return failure();
  SmallVector<Access> accesses;
  for (auto [tensor, map] : llvm::zip(operands, op.getIndexingMapsArray())) {
    auto access = makeAccess(op, tensor, map);
    if (failed(access))
      return failure();
    accesses.push_back(std::move(*access));
  }
  auto program = ScalarProgram::compile(*op.getBlock(), env, sizes->size());
  if (failed(program))
    return failure();

  SmallVector<int64_t> point(sizes->size(), 0);
  bool any = !llvm::is_contained(*sizes, 0);
  for (; any; any = nextPoint(point, *sizes)) {
    Scalar *inputs = program->inputs();
    for (auto [index, access] : llvm::enumerate(accesses))
      inputs[index] = (*access.tensor)[access.at(point)];
    for (auto [dim, index] : llvm::enumerate(point))
      inputs[accesses.size() + dim].i = index;
    if (failed(program->run()))
      return failure();
    for (auto [index, output] : llvm::enumerate(outputs))
      output[accesses[numInputs + index].at(point)] = program->result(index);
  }
  for (auto [result, output] : llvm::zip(op->getResults(), outputs))
    env.define(result, std::move(output));
  return success();
}

static LogicalResult evaluateSoftmax(linalg::SoftmaxOp op, Environment &env) {
  Tensor result = env[op.getInput()];
  unsigned dim = op.getDimension();
  int64_t size = result.getDim(dim), step = result.getStrides()[dim];
  int64_t numRows = size ? result.getNumElements() / size : 0;
  for (int64_t row = 0; row < numRows; ++row) {
    Scalar *first = result.data() + row / step * step * size + row % step;
    double max = -std::numeric_limits<double>::infinity(), sum = 0;
    for (int64_t at = 0; at < size; ++at)
      max = std::fmax(max, first[at * step].f);
    for (int64_t at = 0; at < size; ++at)
      sum += first[at * step].f = std::exp(first[at * step].f - max);
    for (int64_t at = 0; at < size; ++at)
      first[at * step].f /= sum;
  }
  env.define(op->getResult(0), std::move(result));
  return success();
}

LogicalResult attn::reference::evaluateLinalgOp(Operation *op,
                                                Environment &env) {
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op))
    return evaluateSoftmax(softmax, env);
  if (auto structured = dyn_cast<linalg::LinalgOp>(op))
    return evaluateStructured(structured, env);
  return unsupported(op);
}
