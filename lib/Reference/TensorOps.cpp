//===- TensorOps.cpp - The meaning of tensor
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Environment.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn::reference;

/// Sizes, some of which are attributes and some values.
static SmallVector<int64_t> evaluate(ArrayRef<OpFoldResult> mixed,
                                     Environment &env) {
  return llvm::map_to_vector(mixed, [&](OpFoldResult part) {
    if (auto value = dyn_cast<Value>(part))
      return env.integer(value);
    return cast<IntegerAttr>(cast<Attribute>(part)).getInt();
  });
}

static LogicalResult defineReshaped(Operation *op, const Tensor &source,
                                    ArrayRef<int64_t> shape, Environment &env) {
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }) ||
      llvm::product_of(shape) != source.getNumElements())
    return op->emitOpError() << "cannot reshape " << source.getNumElements()
                             << " elements to " << shape;
  env.define(op->getResult(0), source.reshaped(shape));
  return success();
}

static LogicalResult evaluateEmpty(tensor::EmptyOp op, Environment &env) {
  SmallVector<int64_t> shape = evaluate(op.getMixedSizes(), env);
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return op.emitOpError("has a negative size");
  env.define(op.getResult(), Tensor(op.getType().getElementType(), shape));
  return success();
}

static LogicalResult evaluateDim(tensor::DimOp op, Environment &env) {
  const Tensor &source = env[op.getSource()];
  int64_t index = env.integer(op.getIndex());
  if (index < 0 || index >= source.getRank())
    return op.emitOpError("has an index out of bounds");
  Scalar size;
  size.i = source.getDim(index);
  env.define(op.getResult(), Tensor::scalar(op.getType(), size));
  return success();
}

static LogicalResult evaluateExtract(tensor::ExtractOp op, Environment &env) {
  const Tensor &source = env[op.getTensor()];
  int64_t linear = 0;
  for (auto [value, size] : llvm::zip(op.getIndices(), source.getShape())) {
    int64_t index = env.integer(value);
    if (index < 0 || index >= size)
      return op.emitOpError("has an index out of bounds");
    linear = linear * size + index;
  }
  env.define(op.getResult(), Tensor::scalar(op.getType(), source[linear]));
  return success();
}

static LogicalResult evaluateFromElements(tensor::FromElementsOp op,
                                          Environment &env) {
  Tensor result(op.getType().getElementType(), op.getType().getShape());
  for (auto [index, element] : llvm::enumerate(op.getElements()))
    result[index] = env[element][0];
  env.define(op.getResult(), std::move(result));
  return success();
}

static LogicalResult evaluateExpand(tensor::ExpandShapeOp op,
                                    Environment &env) {
  return defineReshaped(op, env[op.getSrc()],
                        evaluate(op.getMixedOutputShape(), env), env);
}

static LogicalResult evaluateCollapse(tensor::CollapseShapeOp op,
                                      Environment &env) {
  const Tensor &source = env[op.getSrc()];
  SmallVector<int64_t> shape;
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    shape.push_back(1);
    for (int64_t dim : group)
      shape.back() *= source.getDim(dim);
  }
  return defineReshaped(op, source, shape, env);
}

static LogicalResult evaluateReshape(tensor::ReshapeOp op, Environment &env) {
  const Tensor &sizes = env[op.getShape()];
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < sizes.getNumElements(); ++dim)
    shape.push_back(sizes[dim].i);
  return defineReshaped(op, env[op.getSource()], shape, env);
}

/// Calls `visit` with the linear index in the slice and in the whole for each
/// element of a slice; an error where the slice leaves the whole.
static LogicalResult
forEachInSlice(Operation *op, const Tensor &whole, ArrayRef<int64_t> offsets,
               ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps,
               llvm::function_ref<void(int64_t, int64_t)> visit) {
  for (auto [offset, size, step, limit] :
       llvm::zip(offsets, sizes, steps, whole.getShape())) {
    int64_t last = offset + (size - 1) * step;
    if (size < 0 || (size > 0 && (offset < 0 || offset >= limit || last < 0 ||
                                  last >= limit)))
      return op->emitOpError("has a slice out of bounds");
  }
  SmallVector<int64_t> strides = whole.getStrides();
  for (int64_t at = 0, end = llvm::product_of(sizes); at < end; ++at) {
    int64_t rest = at, linear = 0;
    for (size_t dim = sizes.size(); dim-- > 0; rest /= sizes[dim])
      linear += (offsets[dim] + rest % sizes[dim] * steps[dim]) * strides[dim];
    visit(at, linear);
  }
  return success();
}

static LogicalResult evaluateExtractSlice(tensor::ExtractSliceOp op,
                                          Environment &env) {
  const Tensor &source = env[op.getSource()];
  SmallVector<int64_t> sizes = evaluate(op.getMixedSizes(), env);
  Tensor result(source.getElementType(), sizes);
  if (failed(forEachInSlice(
          op, source, evaluate(op.getMixedOffsets(), env), sizes,
          evaluate(op.getMixedStrides(), env),
          [&](int64_t part, int64_t whole) { result[part] = source[whole]; })))
    return failure();
  SmallVector<int64_t> shape;
  llvm::SmallBitVector dropped = op.getDroppedDims();
  for (auto [dim, size] : llvm::enumerate(sizes))
    if (!dropped.test(dim))
      shape.push_back(size);
  env.define(op.getResult(), result.reshaped(shape));
  return success();
}

static LogicalResult evaluateInsertSlice(tensor::InsertSliceOp op,
                                         Environment &env) {
  const Tensor &source = env[op.getSource()];
  Tensor result = env[op.getDest()];
  SmallVector<int64_t> sizes = evaluate(op.getMixedSizes(), env);
  if (llvm::product_of(sizes) != source.getNumElements())
    return op.emitOpError("has a slice of another size than its source");
  if (failed(forEachInSlice(
          op, result, evaluate(op.getMixedOffsets(), env), sizes,
          evaluate(op.getMixedStrides(), env),
          [&](int64_t part, int64_t whole) { result[whole] = source[part]; })))
    return failure();
  env.define(op.getResult(), std::move(result));
  return success();
}

/// Joins its operands along one dimension.
static LogicalResult evaluateConcat(tensor::ConcatOp op, Environment &env) {
  unsigned dim = op.getDim();
  SmallVector<int64_t> shape(env[op.getInputs().front()].getShape());
  shape[dim] = 0;
  for (Value input : op.getInputs())
    shape[dim] += env[input].getDim(dim);
  Tensor result(op.getResultType().getElementType(), shape);
  SmallVector<int64_t> offsets(shape.size(), 0), steps(shape.size(), 1);
  for (Value input : op.getInputs()) {
    const Tensor &source = env[input];
    if (failed(forEachInSlice(op, result, offsets, source.getShape(), steps,
                              [&](int64_t part, int64_t whole) {
                                result[whole] = source[part];
                              })))
      return failure();
    offsets[dim] += source.getDim(dim);
  }
  env.define(op.getResult(), std::move(result));
  return success();
}

LogicalResult attn::reference::evaluateTensorOp(Operation *op,
                                                Environment &env) {
  using Result = LogicalResult;
  return llvm::TypeSwitch<Operation *, Result>(op)
      .Case([&](tensor::EmptyOp op) { return evaluateEmpty(op, env); })
      .Case([&](tensor::DimOp op) { return evaluateDim(op, env); })
      .Case([&](tensor::ExtractOp op) { return evaluateExtract(op, env); })
      .Case([&](tensor::FromElementsOp op) {
        return evaluateFromElements(op, env);
      })
      .Case([&](tensor::ExpandShapeOp op) { return evaluateExpand(op, env); })
      .Case(
          [&](tensor::CollapseShapeOp op) { return evaluateCollapse(op, env); })
      .Case([&](tensor::ReshapeOp op) { return evaluateReshape(op, env); })
      .Case([&](tensor::ExtractSliceOp op) {
        return evaluateExtractSlice(op, env);
      })
      .Case([&](tensor::InsertSliceOp op) {
        return evaluateInsertSlice(op, env);
      })
      .Case([&](tensor::ConcatOp op) { return evaluateConcat(op, env); })
      .Case([&](tensor::CastOp op) {
        env.define(op.getResult(), env[op.getSource()]);
        return success();
      })
      .Case([&](tensor::SplatOp op) {
        SmallVector<int64_t> shape;
        unsigned dynamic = 0;
        for (int64_t size : op.getType().getShape())
          shape.push_back(ShapedType::isDynamic(size)
                              ? env.integer(op.getDynamicSizes()[dynamic++])
                              : size);
        env.define(op.getResult(),
                   Tensor::filled(op.getType().getElementType(), shape,
                                  env[op.getInput()][0]));
        return success();
      })
      .Default([](Operation *op) { return unsupported(op); });
}
