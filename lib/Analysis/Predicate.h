//===- Predicate.h - Truth values of a mask region --------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The abstract value of an i1: the pairs of the box for which it may be true,
// and those for which it may be false. Keeping both makes negation free and
// every connective exact as far as zones are.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_ANALYSIS_PREDICATE_H
#define ATTN_LIB_ANALYSIS_PREDICATE_H

#include "Integers.h"
#include "Zone.h"

namespace attn::mask {

struct Predicate {
  Cases whenTrue, whenFalse;

  static Predicate unknown() { return {{Case()}, {Case()}}; }
  Predicate operator!() const { return {whenFalse, whenTrue}; }
};

class PredicateBuilder {
public:
  PredicateBuilder(LinearBuilder &linear, IntegerBuilder &integers,
                   ZoneBuilder &zones)
      : linear(linear), scalars(linear.scalars), integers(integers),
        zones(zones) {}

  /// A truth value that doesn't depend on i and j.
  Predicate uniform(Bit value);
  Predicate conjoin(const Predicate &a, const Predicate &b);
  Predicate disjoin(const Predicate &a, const Predicate &b);
  Predicate differ(const Predicate &a, const Predicate &b);
  Predicate select(const Predicate &condition, const Predicate &a,
                   const Predicate &b);

  Predicate lessEqual(const Integer &a, const Integer &b);
  Predicate unsignedLessEqual(const Integer &a, const Integer &b);

private:
  /// `a <= b` where `a`, or `b`, is a quotient; nothing if its divisor is not
  /// handled.
  std::optional<Predicate> quotientLessEqual(const Integer &a,
                                             const Integer &b);
  std::optional<Predicate> lessEqualQuotient(const Integer &a,
                                             const Integer &b);
  void clampToOther(LinearForm &x, const LinearForm &other);
  Predicate constantLessEqual(const LinearForm &a, const LinearForm &b,
                              Bit assuming);
  Predicate plainLessEqual(LinearForm a, LinearForm b, Bit assuming);
  /// The pairs for which `axis` is at most, or at least, `bound`.
  Cases bounded(Axis axis, bool isUpper, Scalar bound, Bit assuming);
  Bounds axisBounds(Axis axis) const;

  LinearBuilder &linear;
  ScalarBuilder &scalars;
  IntegerBuilder &integers;
  ZoneBuilder &zones;
};

} // namespace attn::mask

#endif // ATTN_LIB_ANALYSIS_PREDICATE_H
