//===- Integers.cpp - Abstract integers of a mask region
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Integers.h"
#include "llvm/Support/MathExtras.h"

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

uint64_t IntegerBuilder::spread(const Integer &a, uint64_t numQueries,
                                uint64_t numKeys) const {
  auto of = [&](const Integer &part) {
    return spread(part, numQueries, numKeys);
  };
  if (a.shape == Integer::Larger || a.shape == Integer::Smaller)
    return std::max(of(*a.a), of(*a.b));
  if (a.shape == Integer::Quotient)
    return llvm::SaturatingAdd<uint64_t>(of(*a.a) / a.b->form.lo.bounds.min, 1);
  // Both ends may be one value and constants beside it.
  const Scalar &lo = a.form.lo, &hi = a.form.hi;
  uint64_t total = 0;
  if (!a.form.isPoint())
    total = lo.base == hi.base
                ? uint64_t(hi.offset) - uint64_t(lo.offset)
                : uint64_t(hi.bounds.max) - uint64_t(lo.bounds.min);
  for (auto [factor, count] :
       {std::pair(a.form.ci, numQueries), {a.form.cj, numKeys}})
    if (factor != 0)
      total = llvm::SaturatingAdd<uint64_t>(
          total,
          llvm::SaturatingMultiply<uint64_t>(std::abs(factor), count - 1));
  return total;
}

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

Integer IntegerBuilder::truncate(const Integer &a, Bounds type) {
  Integer fitted = fit(a.form, a.assuming, type);
  if (fitted.isUnknown(type))
    return fitted;
  Integer result = a; // with its shape
  result.bits.reset();
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
  // Between two multiples of the divisor the remainder only grows; and so it
  // does around zero.
  LinearForm range = *linear.collapse(a.form);
  Scalar lo = range.lo, hi = range.hi, zero = ScalarBuilder::constant(0);
  auto start = [&](Scalar x) {
    return ScalarBuilder::restrict(
        scalars.multiply(scalars.divideToZero(x, by), by),
        {std::min<int64_t>(x.bounds.min, 0),
         std::max<int64_t>(x.bounds.max, 0)});
  };
  Scalar start0 = start(lo), start1 = start(hi);
  Bit together = scalars.lessEqual(start1, start0); // the first is no larger
  Scalar last = scalars.add(by, -1);
  Scalar least = scalars.select(scalars.lessEqual(zero, lo), zero,
                                scalars.subtract(zero, last));
  Scalar most = bounds.min >= 0
                    ? last
                    : scalars.select(scalars.lessEqual(hi, zero), zero, last);
  Bounds within = {least.bounds.min, most.bounds.max};
  auto rest = [&](Scalar x, Scalar start) {
    return ScalarBuilder::restrict(scalars.subtract(x, start), within);
  };
  return {
      LinearForm::interval(scalars.select(together, rest(lo, start0), least),
                           scalars.select(together, rest(hi, start1), most)),
      assuming};
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
// Choices
//===----------------------------------------------------------------------===//

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
