//===- FloatBounds.cpp - What is known of a float at compile time
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/FloatBounds.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace attn;
using namespace attn::mask;

namespace {
using Interval = std::optional<FloatBounds>;

class IntervalEvaluator {
public:
  explicit IntervalEvaluator(const llvm::DenseMap<Value, Bounds> &known)
      : known(known) {}
  /// To a depth that covers what people write.
  Interval of(Value value, unsigned depth);

private:
  Interval transfer(Operation *op, unsigned depth);
  Interval ofInteger(Value value, bool isSigned);

  const llvm::DenseMap<Value, Bounds> &known;
};
} // namespace

/// `interval` with room for an error of a few units, where that is finite.
static Interval rounded(Interval interval, FloatType type) {
  if (!interval)
    return std::nullopt;
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  double unit = std::ldexp(8.0, -int(APFloat::semanticsPrecision(semantics)));
  double largest =
      std::ldexp(1.0, int(APFloat::semanticsMaxExponent(semantics)));
  auto [min, max] = *interval;
  min -= std::fabs(min) * unit;
  max += std::fabs(max) * unit;
  // What is too small to be normal may become zero.
  double least = std::ldexp(1.0, int(APFloat::semanticsMinExponent(semantics)));
  min = std::fabs(min) < least ? std::min(min, 0.0) : min;
  max = std::fabs(max) < least ? std::max(max, 0.0) : max;
  if (!(min >= -largest && max <= largest))
    return std::nullopt;
  return FloatBounds{min, max};
}

static FloatBounds hull(std::initializer_list<double> values) {
  auto [min, max] = std::minmax_element(values.begin(), values.end());
  return {*min, *max};
}

Interval IntervalEvaluator::ofInteger(Value value, bool isSigned) {
  std::optional<Bounds> bounds = Bounds::ofType(value.getType());
  if (!bounds)
    return std::nullopt;
  bounds = staticBounds(value, known);
  if (!isSigned && bounds->min < 0)
    return FloatBounds{0, std::ldexp(1.0, 64)};
  // Of an i1, true is -1 with a sign, and in no bounds is it known which.
  if (value.getType().isInteger(1))
    return FloatBounds{-1, 1};
  return FloatBounds{double(bounds->min), double(bounds->max)};
}

Interval IntervalEvaluator::transfer(Operation *op, unsigned depth) {
  auto operand = [&](unsigned index) {
    return of(op->getOperand(index), depth - 1);
  };
  // A function that rises over its operand's interval, from `domain` on.
  auto rising = [&](double (*function)(double), double above) -> Interval {
    Interval x = operand(0);
    if (!x || !(x->min > above))
      return std::nullopt;
    return FloatBounds{function(x->min), function(x->max)};
  };
  auto both = [&](auto combine) -> Interval {
    Interval x = operand(0), y = operand(1);
    if (!x || !y)
      return std::nullopt;
    return combine(*x, *y);
  };
  using F = const FloatBounds &;
  constexpr double everywhere = -HUGE_VAL;
  return llvm::TypeSwitch<Operation *, Interval>(op)
      .Case([&](arith::SIToFPOp) { return ofInteger(op->getOperand(0), true); })
      .Case(
          [&](arith::UIToFPOp) { return ofInteger(op->getOperand(0), false); })
      .Case<arith::ExtFOp, arith::TruncFOp>([&](auto) { return operand(0); })
      .Case([&](arith::AddFOp) {
        return both([](F x, F y) -> Interval {
          return FloatBounds{x.min + y.min, x.max + y.max};
        });
      })
      .Case([&](arith::SubFOp) {
        return both([](F x, F y) -> Interval {
          return FloatBounds{x.min - y.max, x.max - y.min};
        });
      })
      .Case([&](arith::MulFOp) {
        return both([](F x, F y) -> Interval {
          return hull(
              {x.min * y.min, x.min * y.max, x.max * y.min, x.max * y.max});
        });
      })
      .Case([&](arith::DivFOp) {
        return both([](F x, F y) -> Interval {
          if (y.min <= 0 && y.max >= 0)
            return std::nullopt;
          return hull(
              {x.min / y.min, x.min / y.max, x.max / y.min, x.max / y.max});
        });
      })
      .Case<arith::MaximumFOp, arith::MaxNumFOp>([&](auto) {
        return both([](F x, F y) -> Interval {
          return FloatBounds{std::max(x.min, y.min), std::max(x.max, y.max)};
        });
      })
      .Case<arith::MinimumFOp, arith::MinNumFOp>([&](auto) {
        return both([](F x, F y) -> Interval {
          return FloatBounds{std::min(x.min, y.min), std::min(x.max, y.max)};
        });
      })
      .Case([&](arith::NegFOp) {
        Interval x = operand(0);
        return x ? Interval(FloatBounds{-x->max, -x->min}) : std::nullopt;
      })
      .Case([&](math::AbsFOp) -> Interval {
        Interval x = operand(0);
        if (!x)
          return std::nullopt;
        double least = x->min > 0 ? x->min : x->max < 0 ? -x->max : 0;
        return FloatBounds{least, std::max(-x->min, x->max)};
      })
      .Case([&](arith::SelectOp) -> Interval {
        Interval x = operand(1), y = operand(2);
        if (!x || !y)
          return std::nullopt;
        return FloatBounds{std::min(x->min, y->min), std::max(x->max, y->max)};
      })
      .Case([&](math::LogOp) { return rising(std::log, 0); })
      .Case([&](math::Log2Op) { return rising(std::log2, 0); })
      .Case([&](math::Log10Op) { return rising(std::log10, 0); })
      .Case([&](math::Log1pOp) { return rising(std::log1p, -1); })
      .Case([&](math::SqrtOp) { return rising(std::sqrt, 0); })
      .Case([&](math::ExpOp) { return rising(std::exp, everywhere); })
      .Case([&](math::Exp2Op) { return rising(std::exp2, everywhere); })
      .Case([&](math::TanhOp) { return rising(std::tanh, everywhere); })
      .Case([&](math::FloorOp) { return rising(std::floor, everywhere); })
      .Case([&](math::CeilOp) { return rising(std::ceil, everywhere); })
      .Case([&](math::TruncOp) { return rising(std::trunc, everywhere); })
      .Case([&](math::RoundOp) { return rising(std::round, everywhere); })
      .Case(
          [&](math::RoundEvenOp) { return rising(std::nearbyint, everywhere); })
      .Default(Interval());
}

Interval IntervalEvaluator::of(Value value, unsigned depth) {
  auto type = dyn_cast<FloatType>(value.getType());
  Operation *op = value.getDefiningOp();
  if (!type || !op || depth == 0)
    return std::nullopt;
  FloatAttr constant;
  if (matchPattern(value, m_Constant(&constant))) {
    APFloat wide = constant.getValue();
    bool lossy;
    wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lossy);
    if (!wide.isFinite())
      return std::nullopt;
    return FloatBounds{wide.convertToDouble(), wide.convertToDouble()};
  }
  return rounded(transfer(op, depth), type);
}

std::optional<FloatBounds>
attn::floatBounds(Value value, const llvm::DenseMap<Value, Bounds> &known) {
  return IntervalEvaluator(known).of(value, /*depth=*/16);
}
