//===- Predicate.cpp - Truth values of a mask region
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Predicate.h"
#include "llvm/Support/MathExtras.h"
#include <cstdlib>

using namespace attn;
using namespace attn::mask;

//===----------------------------------------------------------------------===//
// Connectives
//===----------------------------------------------------------------------===//

Predicate PredicateBuilder::uniform(Bit value) {
  auto casesIf = [](Bit bit) {
    return bit.isFalse() ? Cases() : Cases{Case{bit, Zone()}};
  };
  return {casesIf(value), casesIf(scalars.negate(value))};
}

Predicate PredicateBuilder::conjoin(const Predicate &a, const Predicate &b) {
  return {zones.meet(a.whenTrue, b.whenTrue),
          zones.join(a.whenFalse, b.whenFalse)};
}

Predicate PredicateBuilder::disjoin(const Predicate &a, const Predicate &b) {
  return !conjoin(!a, !b);
}

Predicate PredicateBuilder::select(const Predicate &condition,
                                   const Predicate &a, const Predicate &b) {
  return {zones.join(zones.meet(condition.whenTrue, a.whenTrue),
                     zones.meet(condition.whenFalse, b.whenTrue)),
          zones.join(zones.meet(condition.whenTrue, a.whenFalse),
                     zones.meet(condition.whenFalse, b.whenFalse))};
}

Predicate PredicateBuilder::differ(const Predicate &a, const Predicate &b) {
  return select(a, !b, b);
}

//===----------------------------------------------------------------------===//
// Comparisons
//===----------------------------------------------------------------------===//

Predicate PredicateBuilder::lessEqual(const Integer &a, const Integer &b) {
  Bit assuming = scalars.conjoin(a.assuming, b.assuming);
  auto also = [&](const Integer &x) { return integers.assume(x, assuming); };
  if (a.shape == Integer::Larger)
    return conjoin(lessEqual(also(*a.a), also(b)),
                   lessEqual(also(*a.b), also(b)));
  if (a.shape == Integer::Smaller)
    return disjoin(lessEqual(also(*a.a), also(b)),
                   lessEqual(also(*a.b), also(b)));
  if (b.shape == Integer::Larger)
    return disjoin(lessEqual(also(a), also(*b.a)),
                   lessEqual(also(a), also(*b.b)));
  if (b.shape == Integer::Smaller)
    return conjoin(lessEqual(also(a), also(*b.a)),
                   lessEqual(also(a), also(*b.b)));

  // Of two quotients, the one that varies with the key is unfolded: that bounds
  // keys.
  bool second = b.shape == Integer::Quotient &&
                (a.shape != Integer::Quotient || b.a->form.cj != 0);
  if (second)
    if (auto result = lessEqualQuotient(a, b))
      return *result;
  if (a.shape == Integer::Quotient)
    if (auto result = quotientLessEqual(a, b))
      return *result;
  return plainLessEqual(a.form, b.form, assuming);
}

// floor(n / d) <= b  iff  n <= d * b + (d - 1)
std::optional<Predicate> PredicateBuilder::quotientLessEqual(const Integer &a,
                                                             const Integer &b) {
  auto multiple = linear.multiply(b.form, a.b->form);
  if (!multiple)
    return std::nullopt;
  auto limit =
      linear.add(*multiple, LinearForm::point(scalars.add(a.b->form.lo, -1)));
  if (!limit)
    return std::nullopt;
  Bit assuming = scalars.conjoin(a.assuming, b.assuming);
  return lessEqual(*a.a, Integer{*limit, assuming});
}

// a <= floor(n / d)  iff  d * a <= n
std::optional<Predicate> PredicateBuilder::lessEqualQuotient(const Integer &a,
                                                             const Integer &b) {
  auto multiple = linear.multiply(a.form, b.b->form);
  if (!multiple)
    return std::nullopt;
  Bit assuming = scalars.conjoin(a.assuming, b.assuming);
  return lessEqual(Integer{*multiple, assuming}, *b.a);
}

Predicate PredicateBuilder::unsignedLessEqual(const Integer &a,
                                              const Integer &b) {
  // Where one side isn't negative, signed comparisons tell. That is proven, or
  // assumed of the side that doesn't vary: in `(i - j) ult w` of w.
  auto rank = [&](const Integer &x) {
    return integers.isNonNegative(x) ? 2 : x.form.isInterval() ? 1 : 0;
  };
  if (rank(b) >= rank(a)) {
    // a is at most b iff it isn't negative and at most b as signed.
    Integer limit = integers.nonNegative(b);
    Integer zero = integers.assume(IntegerBuilder::constant(0), limit.assuming);
    return conjoin(lessEqual(zero, a), lessEqual(a, limit));
  }
  // b is less than a iff it isn't negative and less than a as signed.
  Integer limit = integers.nonNegative(a);
  Integer zero = integers.assume(IntegerBuilder::constant(0), limit.assuming);
  return !conjoin(lessEqual(zero, b), !lessEqual(limit, b));
}

Bounds PredicateBuilder::axisBounds(Axis axis) const {
  const Box &box = linear.box;
  Bounds i = {box.iFirst.bounds.min, box.iLast.bounds.max};
  Bounds j = {box.jFirst.bounds.min, box.jLast.bounds.max};
  return axis == Query ? i : axis == Key ? j : *subtract(j, i);
}

Cases PredicateBuilder::bounded(Axis axis, bool isUpper, Scalar bound,
                                Bit assuming) {
  // No distance is larger than 2^32, so any bound beyond says the same; zones
  // rely on bounds that are small.
  Bounds enough = Bounds::magnitude(33);
  if (!zoneBounds.contains(bound.bounds))
    bound = scalars.clamp(bound, enough);
  int64_t vacuous = isUpper ? enough.max : enough.min;
  bound = scalars.select(assuming, bound, ScalarBuilder::constant(vacuous));

  Bounds values = axisBounds(axis);
  bool always =
      isUpper ? values.max <= bound.bounds.min : bound.bounds.max <= values.min;
  bool never =
      isUpper ? bound.bounds.max < values.min : values.max < bound.bounds.min;
  if (never)
    return {};
  Case single;
  if (!always)
    (isUpper ? single.zone.upper : single.zone.lower)[axis] = bound;
  return {single};
}

/// Where `x` is, at each pair, beyond all that `other` can be, it may as well
/// be just beyond. So a window of 2^63 - 1 keys needs no assumption.
void PredicateBuilder::clampToOther(LinearForm &x, const LinearForm &other) {
  std::optional<Bounds> room = add(*linear.bounds(other), Bounds{-1, 1});
  if (!x.isInterval() || !room || zoneBounds.contains(*linear.bounds(x)))
    return;
  bool isPoint = x.isPoint();
  x.lo = scalars.clamp(x.lo, *room);
  x.hi = isPoint ? x.lo : scalars.clamp(x.hi, *room);
}

Predicate PredicateBuilder::constantLessEqual(const LinearForm &a,
                                              const LinearForm &b,
                                              Bit assuming) {
  Bit unless = scalars.negate(assuming);
  auto casesIf = [&](Bit bit) {
    bit = scalars.disjoin(bit, unless);
    return bit.isFalse() ? Cases() : Cases{Case{bit, Zone()}};
  };
  return {casesIf(scalars.lessEqual(a.lo, b.hi)),
          casesIf(scalars.negate(scalars.lessEqual(a.hi, b.lo)))};
}

Predicate PredicateBuilder::plainLessEqual(LinearForm a, LinearForm b,
                                           Bit assuming) {
  int64_t ci, cj;
  if (assuming.isFalse() || llvm::SubOverflow(a.ci, b.ci, ci) ||
      llvm::SubOverflow(a.cj, b.cj, cj))
    return Predicate::unknown();
  if (ci == 0 && cj == 0)
    return constantLessEqual(a, b, assuming);
  clampToOther(a, b);
  clampToOther(b, a);

  // Now factor * x + a <= b for x = j - i, j or i, and intervals a and b.
  Axis axis = ci == -cj ? Distance : cj != 0 ? Key : Query;
  int64_t factor = axis == Query ? ci : cj;
  auto rest = linear.collapse({axis == Key ? ci : 0, 0, a.lo, a.hi});
  if (!rest)
    return Predicate::unknown();
  LinearForm limit = LinearForm::interval(b.lo, b.hi);
  auto gap = factor > 0 ? linear.subtract(limit, *rest)
                        : linear.subtract(*rest, limit);
  if (!gap || !add(*linear.bounds(*gap), {-1, 1}))
    return Predicate::unknown();
  Scalar by = ScalarBuilder::constant(std::abs(factor));
  if (factor > 0) {
    // x <= floor(gap / by), or x > floor(gap / by).
    Scalar most = scalars.divideFloor(gap->hi, by);
    Scalar least = scalars.add(scalars.divideFloor(gap->lo, by), 1);
    return {bounded(axis, /*isUpper=*/true, most, assuming),
            bounded(axis, /*isUpper=*/false, least, assuming)};
  }
  // x >= ceil(gap / by), or x < ceil(gap / by).
  auto below = [&](Scalar x) {
    return scalars.divideFloor(scalars.add(x, -1), by);
  };
  return {bounded(axis, /*isUpper=*/false, scalars.add(below(gap->lo), 1),
                  assuming),
          bounded(axis, /*isUpper=*/true, below(gap->hi), assuming)};
}
