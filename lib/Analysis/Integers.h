//===- Integers.h - Abstract integers of a mask region ----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the integer ops of a mask do to abstract values. A mask computes with
// integers that wrap, the analysis with true ones. Each operation proves that
// the result fits, or emits the check and remembers it as an assumption; where
// an assumption fails at run time, nothing is known of the value, which is
// always sound.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_ANALYSIS_INTEGERS_H
#define ATTN_LIB_ANALYSIS_INTEGERS_H

#include "LinearForm.h"
#include <memory>

namespace attn::mask {

/// What is known of the bits of an integer, read as unsigned: each one that is
/// set is in `maybe`, and those in `always` are set.
struct Bits {
  Scalar maybe, always;
};

/// An integer SSA value of the region.
struct Integer {
  LinearForm form;     ///< holds where `assuming` does
  Bit assuming = true; ///< that nothing wrapped
  /// Where they say more than the form does; they hold where `assuming` does.
  std::optional<Bits> bits = std::nullopt;

  /// How the value was made, where comparisons can use that: the larger or the
  /// smaller of two (|x| is the larger of x and -x), or a quotient rounded
  /// down.
  enum Shape { Plain, Larger, Smaller, Quotient } shape = Plain;
  std::shared_ptr<const Integer> a = nullptr, b = nullptr;
  unsigned leaves = 1; ///< plain integers in the shape

  /// Whether this says no more than the type does.
  bool isUnknown(Bounds type) const {
    LinearForm any = LinearForm::anyOf(type);
    return !bits && form.isInterval() && form.lo == any.lo && form.hi == any.hi;
  }
};

class IntegerBuilder {
public:
  explicit IntegerBuilder(LinearBuilder &linear)
      : linear(linear), scalars(linear.scalars) {}

  static Integer unknown(Bounds type) { return {LinearForm::anyOf(type)}; }
  static Integer exactly(Scalar value) { return {LinearForm::point(value)}; }
  static Integer constant(int64_t value) {
    return exactly(ScalarBuilder::constant(value));
  }

  // The result wraps at `type`.
  Integer add(const Integer &a, const Integer &b, Bounds type);
  Integer subtract(const Integer &a, const Integer &b, Bounds type);
  Integer multiply(const Integer &a, const Integer &b, Bounds type);
  /// Keeps the low bits and reads them as signed.
  Integer truncate(const Integer &a, Bounds type);
  Integer absolute(const Integer &a, Bounds type);

  enum class Rounding { ToZero, Floor };
  Integer divide(const Integer &a, const Integer &b, Rounding rounding,
                 Bounds type);
  /// The remainder with the sign of `a`.
  Integer remainder(const Integer &a, const Integer &b, Bounds type);
  Integer max(const Integer &a, const Integer &b);
  Integer min(const Integer &a, const Integer &b);

  Integer bitAnd(const Integer &a, const Integer &b, Bounds type);
  Integer bitOr(const Integer &a, const Integer &b, Bounds type);
  Integer bitXor(const Integer &a, const Integer &b, Bounds type);
  Integer shiftLeft(const Integer &a, const Integer &by, Bounds type);
  /// Zeros, or the sign, move in.
  Integer shiftRight(const Integer &a, const Integer &by, bool isSigned,
                     Bounds type);
  /// The integer that has these bits.
  Integer fromBits(const Bits &bits, Bit assuming, Bounds type);
  /// `a` of another type that is at least as wide, or of the low bits.
  Integer resizeBits(const Integer &a, const Integer &resized, Bounds type);

  /// `condition ? a : b` for a condition without i and j.
  Integer select(Bit condition, const Integer &a, const Integer &b);
  /// One of both.
  Integer either(const Integer &a, const Integer &b);
  /// 0 or `one`, for a truth value that can be false or true.
  Integer fromTruth(Bit canBeFalse, Bit canBeTrue, int64_t one);

  /// `a`, assuming that it isn't negative, so that signed and unsigned agree.
  Integer nonNegative(const Integer &a);
  bool isNonNegative(const Integer &a) const {
    return linear.bounds(a.form)->min >= 0;
  }
  /// The most by which two of the values over a box of `numQueries` and
  /// `numKeys` differ, as known at compile time; zero of either is very many.
  uint64_t spread(const Integer &a, uint64_t numQueries,
                  uint64_t numKeys) const;
  Integer assume(const Integer &a, Bit also);

private:
  template <typename Operation>
  Integer arithmetic(const Integer &a, const Integer &b, Bounds limits,
                     Bounds type, Operation operation);
  Integer fit(const std::optional<LinearForm> &form, Bit assuming, Bounds type);
  /// `a`, assuming that what it adds to i and j is within `bounds`.
  Integer limit(const Integer &a, Bounds bounds);
  /// What to divide `a` by instead of `b`: safe to divide by even where the
  /// assumption fails that it is positive. Nothing if it varies with i or j.
  std::optional<Integer> divisorOf(const Integer &a, const Integer &b);
  Bits bitsOf(const Integer &a, Bounds type);
  Bits shift(const Bits &bits, const LinearForm &by, bool isLeft, Bounds type);
  Scalar smear(Scalar bits, Scalar by, Scalar more, uint64_t most, bool isLeft,
               bool isUnion);
  static Integer shaped(Integer result, Integer::Shape shape, const Integer &a,
                        const Integer &b);

  LinearBuilder &linear;
  ScalarBuilder &scalars;
};

} // namespace attn::mask

#endif // ATTN_LIB_ANALYSIS_INTEGERS_H
