//===- Bounds.cpp - What is known of an integer at compile time
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/Bounds.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/Interfaces/InferIntRangeInterface.h"
#include "mlir/Interfaces/ShapedOpInterfaces.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;
using namespace attn::mask;

Bounds Bounds::ofWidth(unsigned bits) {
  return {llvm::minIntN(bits), llvm::maxIntN(bits)};
}

std::optional<Bounds> Bounds::ofType(Type type) {
  if (isa<IndexType>(type))
    return ofWidth(64);
  if (auto integer = dyn_cast<IntegerType>(type);
      integer && integer.getWidth() >= 1 && integer.getWidth() <= 64)
    return ofWidth(integer.getWidth());
  return std::nullopt;
}

std::optional<Bounds> mask::add(Bounds a, Bounds b) {
  Bounds sum;
  if (llvm::AddOverflow(a.min, b.min, sum.min) ||
      llvm::AddOverflow(a.max, b.max, sum.max))
    return std::nullopt;
  return sum;
}

std::optional<Bounds> mask::subtract(Bounds a, Bounds b) {
  Bounds difference;
  if (llvm::SubOverflow(a.min, b.max, difference.min) ||
      llvm::SubOverflow(a.max, b.min, difference.max))
    return std::nullopt;
  return difference;
}

std::optional<Bounds> mask::multiply(Bounds a, Bounds b) {
  int64_t corners[4];
  if (llvm::MulOverflow(a.min, b.min, corners[0]) ||
      llvm::MulOverflow(a.min, b.max, corners[1]) ||
      llvm::MulOverflow(a.max, b.min, corners[2]) ||
      llvm::MulOverflow(a.max, b.max, corners[3]))
    return std::nullopt;
  auto [min, max] = std::minmax_element(std::begin(corners), std::end(corners));
  return Bounds{*min, *max};
}

/// The inference of `value`'s op from the bounds of its operands, to a depth
/// that covers what people write.
static Bounds infer(Value value, const llvm::DenseMap<Value, Bounds> &known,
                    Bounds all, unsigned depth) {
  if (auto found = known.find(value); found != known.end())
    return found->second;
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    return Bounds::exactly(*constant);
  Operation *op = value.getDefiningOp();
  if (isa_and_nonnull<ShapedDimOpInterface>(op))
    return positionBounds;
  if (auto absolute = dyn_cast_or_null<math::AbsIOp>(op); absolute && depth) {
    Bounds of = infer(absolute.getOperand(), known, all, depth - 1);
    // The magnitude of the least number is itself.
    if (of.min == all.min)
      return all;
    int64_t least = of.min > 0 ? of.min : of.max < 0 ? -of.max : 0;
    return {least, std::max(-of.min, of.max)};
  }
  auto inference = dyn_cast_or_null<InferIntRangeInterface>(op);
  if (!inference || depth == 0)
    return all;

  SmallVector<ConstantIntRanges> operands;
  for (Value operand : op->getOperands()) {
    std::optional<Bounds> limits = Bounds::ofType(operand.getType());
    if (!limits)
      return all;
    Bounds bounds = infer(operand, known, *limits, depth - 1);
    unsigned width = ConstantIntRanges::getStorageBitwidth(operand.getType());
    operands.push_back(ConstantIntRanges::fromSigned(
        APInt(width, bounds.min, /*isSigned=*/true),
        APInt(width, bounds.max, /*isSigned=*/true)));
  }
  Bounds result = all;
  inference.inferResultRanges(
      operands, [&](Value inferred, const ConstantIntRanges &range) {
        if (inferred == value)
          result = result.intersect(
              {range.smin().getSExtValue(), range.smax().getSExtValue()});
      });
  return result;
}

Bounds mask::staticBounds(Value value,
                          const llvm::DenseMap<Value, Bounds> &known) {
  return infer(value, known, *Bounds::ofType(value.getType()), /*depth=*/16);
}
