//===- Integers.cpp - Abstract integers of a mask region
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Integers.h"

using namespace attn;
using namespace attn::mask;

/// Captured 64-bit integers that are added to something are assumed to be
/// within 2^61, those that are multiplied within 2^31: large enough for any
/// mask, small enough that a few of them don't wrap.
static constexpr Bounds addendBounds = Bounds::magnitude(61);
static constexpr Bounds factorBounds = Bounds::magnitude(31);

//===----------------------------------------------------------------------===//
// Assumptions
//===----------------------------------------------------------------------===//

Integer IntegerBuilder::assume(const Integer &a, Bit also) {
  Integer result = a;
  result.assuming = scalars.conjoin(a.assuming, also);
  return result;
}

Integer IntegerBuilder::fit(const std::optional<LinearForm> &form, Bit assuming,
                            Bounds type) {
  if (!form)
    return unknown(type);
  if (assuming.isFalse())
    return unknown(type);
  Integer result = {*form, assuming};
  if (type.contains(*linear.bounds(*form)))
    return result;
  LinearForm range = *linear.collapse(*form);
  result = assume(
      result, scalars.lessEqual(ScalarBuilder::constant(type.min), range.lo));
  return assume(result,
                scalars.lessEqual(range.hi, ScalarBuilder::constant(type.max)));
}

Integer IntegerBuilder::limit(const Integer &a, Bounds bounds) {
  Integer result = assume(a, scalars.within(a.form.lo, bounds));
  result.form.lo = ScalarBuilder::restrict(a.form.lo, bounds);
  result.form.hi = result.form.lo;
  if (!a.form.isPoint()) {
    result = assume(result, scalars.within(a.form.hi, bounds));
    result.form.hi = ScalarBuilder::restrict(a.form.hi, bounds);
  }
  return result;
}

Integer IntegerBuilder::nonNegative(const Integer &a) {
  if (isNonNegative(a))
    return a;
  LinearForm range = *linear.collapse(a.form);
  Integer result =
      assume(a, scalars.lessEqual(ScalarBuilder::constant(0), range.lo));
  if (a.form.isInterval()) {
    Bounds bounds = {0, Bounds::ofWidth(64).max};
    result.form.lo = ScalarBuilder::restrict(a.form.lo, bounds);
    result.form.hi = ScalarBuilder::restrict(a.form.hi, bounds);
  }
  return result;
}

std::optional<Integer> IntegerBuilder::divisorOf(const Integer &a,
                                                 const Integer &b) {
  if (!b.form.isInterval() || !b.form.isPoint())
    return std::nullopt;
  Scalar one = ScalarBuilder::constant(1), divisor = b.form.lo;
  Integer result = assume(b, scalars.lessEqual(one, divisor));
  // All divisors beyond the numerator give the same quotient and remainder.
  Bounds bounds = *linear.bounds(a.form);
  if (bounds.min > -addendBounds.max && bounds.max < addendBounds.max)
    divisor = scalars.min(divisor, ScalarBuilder::constant(
                                       std::max(-bounds.min, bounds.max) + 1));
  result.form = LinearForm::point(scalars.max(divisor, one));
  return result;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Integer IntegerBuilder::truncate(const Integer &a, Bounds type) {
  Integer fitted = fit(a.form, a.assuming, type);
  if (fitted.isUnknown(type))
    return fitted;
  Integer result = a; // with its shape
  result.assuming = fitted.assuming;
  return result;
}

/// `operation` on both, first as they are, then limited if the result is not
/// proven to fit; the result wraps at `type`.
template <typename Operation>
Integer IntegerBuilder::arithmetic(const Integer &a, const Integer &b,
                                   Bounds limits, Bounds type,
                                   Operation operation) {
  if (std::optional<LinearForm> result = operation(a.form, b.form))
    return fit(result, scalars.conjoin(a.assuming, b.assuming), type);
  Integer x = limit(a, limits), y = limit(b, limits);
  return fit(operation(x.form, y.form), scalars.conjoin(x.assuming, y.assuming),
             type);
}

Integer IntegerBuilder::add(const Integer &a, const Integer &b, Bounds type) {
  return arithmetic(a, b, addendBounds, type,
                    [&](const LinearForm &x, const LinearForm &y) {
                      return linear.add(x, y);
                    });
}

Integer IntegerBuilder::subtract(const Integer &a, const Integer &b,
                                 Bounds type) {
  return arithmetic(a, b, addendBounds, type,
                    [&](const LinearForm &x, const LinearForm &y) {
                      return linear.subtract(x, y);
                    });
}

Integer IntegerBuilder::multiply(const Integer &a, const Integer &b,
                                 Bounds type) {
  return arithmetic(a, b, factorBounds, type,
                    [&](const LinearForm &x, const LinearForm &y) {
                      return linear.multiply(x, y);
                    });
}

Integer IntegerBuilder::absolute(const Integer &a, Bounds type) {
  if (isNonNegative(a))
    return a;
  // |x| of the least integer wraps to itself: `fit` sees that in the larger
  // one.
  Integer negative = subtract(constant(0), a, Bounds::ofWidth(64));
  Integer result = max(a, negative);
  result.form.lo = scalars.max(result.form.lo, ScalarBuilder::constant(0));
  return truncate(result, type);
}

Integer IntegerBuilder::divide(const Integer &a, const Integer &b,
                               Rounding rounding, Bounds type) {
  std::optional<Integer> divisor = divisorOf(a, b);
  if (!divisor)
    return unknown(type);
  bool floor = rounding == Rounding::Floor || isNonNegative(a);
  LinearForm range = *linear.collapse(a.form);
  auto quotient = [&](Scalar x) {
    return floor ? scalars.divideFloor(x, divisor->form.lo)
                 : scalars.divideToZero(x, divisor->form.lo);
  };
  Integer result = {
      LinearForm::interval(quotient(range.lo), quotient(range.hi)),
      scalars.conjoin(a.assuming, divisor->assuming)};
  return floor ? shaped(result, Integer::Quotient, a, *divisor) : result;
}

Integer IntegerBuilder::remainder(const Integer &a, const Integer &b,
                                  Bounds type) {
  std::optional<Integer> divisor = divisorOf(a, b);
  if (!divisor)
    return unknown(type);
  Scalar by = divisor->form.lo;
  Bounds bounds = *linear.bounds(a.form);
  Bit assuming = scalars.conjoin(a.assuming, divisor->assuming);
  if (bounds.min >= 0 && bounds.max < by.bounds.min)
    return {a.form, assuming};
  Scalar zero = ScalarBuilder::constant(0), last = scalars.add(by, -1);
  if (bounds.min < 0)
    return {LinearForm::interval(scalars.subtract(zero, last), last), assuming};

  // Between two multiples of the divisor the remainder only grows.
  LinearForm range = *linear.collapse(a.form);
  auto start = [&](Scalar x) {
    return ScalarBuilder::restrict(
        scalars.multiply(scalars.divideFloor(x, by), by), {0, x.bounds.max});
  };
  Scalar lo = range.lo, hi = range.hi, start0 = start(lo), start1 = start(hi);
  Bit together = scalars.lessEqual(start1, start0);
  Scalar first = scalars.select(together, scalars.subtract(lo, start0), zero);
  Scalar final = scalars.select(together, scalars.subtract(hi, start0), last);
  return {LinearForm::interval(first, final), assuming};
}

Integer IntegerBuilder::shaped(Integer result, Integer::Shape shape,
                               const Integer &a, const Integer &b) {
  // Comparisons unfold shapes; a chain of them must not double at each link.
  constexpr unsigned maxLeaves = 8;
  if (a.leaves + b.leaves > maxLeaves)
    return result;
  result.shape = shape;
  result.a = std::make_shared<Integer>(a);
  result.b = std::make_shared<Integer>(b);
  result.leaves = a.leaves + b.leaves;
  return result;
}

Integer IntegerBuilder::max(const Integer &a, const Integer &b) {
  LinearForm x = *linear.collapse(a.form), y = *linear.collapse(b.form);
  Integer result = {
      LinearForm::interval(scalars.max(x.lo, y.lo), scalars.max(x.hi, y.hi)),
      scalars.conjoin(a.assuming, b.assuming)};
  return shaped(result, Integer::Larger, a, b);
}

Integer IntegerBuilder::min(const Integer &a, const Integer &b) {
  LinearForm x = *linear.collapse(a.form), y = *linear.collapse(b.form);
  Integer result = {
      LinearForm::interval(scalars.min(x.lo, y.lo), scalars.min(x.hi, y.hi)),
      scalars.conjoin(a.assuming, b.assuming)};
  return shaped(result, Integer::Smaller, a, b);
}

//===----------------------------------------------------------------------===//
// Bits and choices
//===----------------------------------------------------------------------===//

/// 2^k for the mask 2^k - 1 of the low bits.
static std::optional<int64_t> lowBits(const Integer &a) {
  if (!a.form.isInterval() || !a.form.isPoint() || !a.form.lo.isConstant())
    return std::nullopt;
  int64_t mask = a.form.lo.offset;
  if (mask < 0 || (mask & (mask + 1)) != 0 || mask == Bounds::ofWidth(64).max)
    return std::nullopt;
  return mask + 1;
}

Integer IntegerBuilder::bitAnd(const Integer &a, const Integer &b,
                               Bounds type) {
  auto lowPart = [&](const Integer &x, int64_t modulus, Bit assuming) {
    return assume(remainder(nonNegative(x), constant(modulus), type), assuming);
  };
  if (std::optional<int64_t> modulus = lowBits(b))
    return lowPart(a, *modulus, b.assuming);
  if (std::optional<int64_t> modulus = lowBits(a))
    return lowPart(b, *modulus, a.assuming);
  // A non-negative operand limits the result, whatever the other one.
  Integer result = unknown(type);
  for (const Integer *side : {&a, &b})
    if (isNonNegative(*side)) {
      result.form.lo = ScalarBuilder::constant(0);
      result.form.hi =
          scalars.min(result.form.hi, linear.collapse(side->form)->hi);
      result = assume(result, side->assuming);
    }
  return result;
}

Integer IntegerBuilder::bitOr(const Integer &a, const Integer &b, Bounds type) {
  Integer result = bitXor(a, b, type);
  if (isNonNegative(a) && isNonNegative(b))
    result.form.lo =
        scalars.max(linear.collapse(a.form)->lo, linear.collapse(b.form)->lo);
  return result;
}

Integer IntegerBuilder::bitXor(const Integer &a, const Integer &b,
                               Bounds type) {
  if (!isNonNegative(a) || !isNonNegative(b))
    return unknown(type);
  // Each bit comes from one of the two, so that their sum is the most.
  Integer sum = add(a, b, type);
  LinearForm range = *linear.collapse(sum.form);
  Integer result = {LinearForm::interval(ScalarBuilder::constant(0), range.hi),
                    sum.assuming};
  return assume(result, scalars.conjoin(a.assuming, b.assuming));
}

Integer IntegerBuilder::select(Bit condition, const Integer &a,
                               const Integer &b) {
  if (condition.known)
    return *condition.known ? a : b;
  LinearForm x = a.form, y = b.form;
  if (x.ci != y.ci || x.cj != y.cj) {
    x = *linear.collapse(x);
    y = *linear.collapse(y);
  }
  LinearForm chosen = {x.ci, x.cj, scalars.select(condition, x.lo, y.lo), {}};
  chosen.hi = x.isPoint() && y.isPoint()
                  ? chosen.lo
                  : scalars.select(condition, x.hi, y.hi);
  return fit(chosen, scalars.conjoin(a.assuming, b.assuming),
             Bounds::ofWidth(64));
}

Integer IntegerBuilder::either(const Integer &a, const Integer &b) {
  LinearForm x = *linear.collapse(a.form), y = *linear.collapse(b.form);
  return {
      LinearForm::interval(scalars.min(x.lo, y.lo), scalars.max(x.hi, y.hi)),
      scalars.conjoin(a.assuming, b.assuming)};
}

Integer IntegerBuilder::fromTruth(Bit canBeFalse, Bit canBeTrue, int64_t one) {
  Scalar zero = ScalarBuilder::constant(0),
         value = ScalarBuilder::constant(one);
  Scalar ifFalse = scalars.select(canBeFalse, zero, value);
  Scalar ifTrue = scalars.select(canBeTrue, value, zero);
  return {LinearForm::interval(scalars.min(ifFalse, ifTrue),
                               scalars.max(ifFalse, ifTrue))};
}
