//===- Bits.cpp - Bits of the integers of a mask region
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A word of a packed mask is no number. What is known of many words are the
// bits that all have, and those that some have; a shift by a position moves
// them together, and over a run of positions smears them.
//
//===----------------------------------------------------------------------===//

#include "Integers.h"
#include "llvm/Support/MathExtras.h"

using namespace attn;
using namespace attn::mask;

static unsigned widthOf(Bounds type) {
  return 64 - llvm::countl_zero(uint64_t(type.max)) + 1;
}

/// All bits of a type.
static Scalar allBits(Bounds type) {
  return ScalarBuilder::constant(
      int64_t(llvm::maskTrailingOnes<uint64_t>(widthOf(type))));
}

Bits IntegerBuilder::bitsOf(const Integer &a, Bounds type) {
  if (a.bits)
    return *a.bits;
  if (a.form.isInterval() && a.form.isPoint()) {
    Scalar value = isNonNegative(a) || widthOf(type) == 64
                       ? a.form.lo
                       : scalars.bitAnd(a.form.lo, allBits(type));
    return {value, value};
  }
  Scalar none = ScalarBuilder::constant(0);
  if (!isNonNegative(a))
    return {allBits(type), none};
  unsigned width = 64 - llvm::countl_zero(uint64_t(linear.bounds(a.form)->max));
  return {
      ScalarBuilder::constant(int64_t(llvm::maskTrailingOnes<uint64_t>(width))),
      none};
}

Integer IntegerBuilder::fromBits(const Bits &bits, Bit assuming, Bounds type) {
  // More bits make a larger number, where none of them is the sign.
  Bounds maybe = bits.maybe.bounds;
  bool isInterval = maybe.min >= 0 && maybe.max <= type.max;
  Integer result =
      isInterval ? Integer{LinearForm::interval(
                       ScalarBuilder::restrict(bits.always, {0, maybe.max}),
                       bits.maybe)}
                 : unknown(type);
  result.assuming = assuming;
  result.bits = bits;
  return result;
}

Integer IntegerBuilder::resizeBits(const Integer &a, const Integer &resized,
                                   Bounds type) {
  if (!a.bits)
    return resized;
  Scalar all = allBits(type);
  return fromBits(
      {scalars.bitAnd(a.bits->maybe, all), scalars.bitAnd(a.bits->always, all)},
      a.assuming, type);
}

//===----------------------------------------------------------------------===//
// Bitwise operations
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
  if (a.bits || b.bits) {
    Bits x = bitsOf(a, type), y = bitsOf(b, type);
    return fromBits(
        {scalars.bitAnd(x.maybe, y.maybe), scalars.bitAnd(x.always, y.always)},
        scalars.conjoin(a.assuming, b.assuming), type);
  }
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
  if (a.bits || b.bits) {
    Bits x = bitsOf(a, type), y = bitsOf(b, type);
    return fromBits(
        {scalars.bitOr(x.maybe, y.maybe), scalars.bitOr(x.always, y.always)},
        scalars.conjoin(a.assuming, b.assuming), type);
  }
  Integer result = bitXor(a, b, type);
  if (isNonNegative(a) && isNonNegative(b))
    result.form.lo =
        scalars.max(linear.collapse(a.form)->lo, linear.collapse(b.form)->lo);
  return result;
}

Integer IntegerBuilder::bitXor(const Integer &a, const Integer &b,
                               Bounds type) {
  if (a.bits || b.bits) {
    // Set where both may be and not both must be; where one must be and the
    // other can't.
    Bits x = bitsOf(a, type), y = bitsOf(b, type);
    auto without = [&](Scalar p, Scalar q) {
      return scalars.bitAnd(p, scalars.bitNot(q));
    };
    Scalar both = scalars.bitAnd(x.always, y.always);
    return fromBits(
        {without(scalars.bitOr(x.maybe, y.maybe), both),
         scalars.bitOr(without(x.always, y.maybe), without(y.always, x.maybe))},
        scalars.conjoin(a.assuming, b.assuming), type);
  }
  if (!isNonNegative(a) || !isNonNegative(b))
    return unknown(type);
  // Each bit comes from one of the two, so that their sum is the most.
  Integer sum = add(a, b, type);
  LinearForm range = *linear.collapse(sum.form);
  Integer result = {LinearForm::interval(ScalarBuilder::constant(0), range.hi),
                    sum.assuming};
  return assume(result, scalars.conjoin(a.assuming, b.assuming));
}

//===----------------------------------------------------------------------===//
// Shifts
//===----------------------------------------------------------------------===//

/// The union, or the intersection, of `bits` shifted by `by`, `by + 1`, ..,
/// `by + more`, where `more` is at most `most`.
Scalar IntegerBuilder::smear(Scalar bits, Scalar by, Scalar more, uint64_t most,
                             bool isLeft, bool isUnion) {
  auto shifted = [&](Scalar x, Scalar by) {
    return isLeft ? scalars.shiftLeft(x, by) : scalars.shiftRight(x, by);
  };
  Scalar result = shifted(bits, by);
  // As many shifts are joined as were before, or all that are left.
  for (uint64_t step = 1; step <= most; step *= 2) {
    Scalar size = scalars.min(more, ScalarBuilder::constant(step));
    Scalar moved = shifted(result, size);
    result =
        isUnion ? scalars.bitOr(result, moved) : scalars.bitAnd(result, moved);
    more = ScalarBuilder::restrict(scalars.subtract(more, size),
                                   {0, more.bounds.max});
  }
  return result;
}

Bits IntegerBuilder::shift(const Bits &bits, const LinearForm &by, bool isLeft,
                           Bounds type) {
  Bounds amounts = {0, int64_t(widthOf(type)) - 1};
  Scalar lo = scalars.clamp(by.lo, amounts), hi = scalars.clamp(by.hi, amounts);
  // A box without keys has them the other way round.
  Scalar more =
      scalars.max(scalars.subtract(hi, lo), ScalarBuilder::constant(0));
  uint64_t most = by.isPoint() ? 0 : more.bounds.max;
  Bits result = {smear(bits.maybe, lo, more, most, isLeft, /*isUnion=*/true),
                 smear(bits.always, lo, more, most, isLeft, /*isUnion=*/false)};
  if (isLeft && widthOf(type) < 64) {
    Scalar all = allBits(type);
    result = {scalars.bitAnd(result.maybe, all),
              scalars.bitAnd(result.always, all)};
  }
  return result;
}

/// The constant that `a` is.
static std::optional<int64_t> constantOf(const Integer &a) {
  if (a.form.isInterval() && a.form.isPoint() && a.form.lo.isConstant())
    return a.form.lo.offset;
  return std::nullopt;
}

Integer IntegerBuilder::shiftLeft(const Integer &a, const Integer &by,
                                  Bounds type) {
  int64_t width = widthOf(type);
  std::optional<int64_t> constant = constantOf(by);
  if (constant && !a.bits && 0 <= *constant && *constant < width - 1) {
    Integer factor = IntegerBuilder::constant(int64_t(1) << *constant);
    return multiply(a, assume(factor, by.assuming), type);
  }
  LinearForm amounts = *linear.collapse(by.form);
  Bit assuming = scalars.conjoin(
      scalars.conjoin(a.assuming, by.assuming),
      scalars.conjoin(scalars.within(amounts.lo, {0, width - 1}),
                      scalars.within(amounts.hi, {0, width - 1})));
  return fromBits(shift(bitsOf(a, type), amounts, /*isLeft=*/true, type),
                  assuming, type);
}

Integer IntegerBuilder::shiftRight(const Integer &a, const Integer &by,
                                   bool isSigned, Bounds type) {
  int64_t width = widthOf(type);
  std::optional<int64_t> constant = constantOf(by);
  if (constant && !a.bits && 0 <= *constant && *constant < width - 1) {
    Integer divisor = IntegerBuilder::constant(int64_t(1) << *constant);
    return divide(isSigned ? a : nonNegative(a), assume(divisor, by.assuming),
                  Rounding::Floor, type);
  }
  LinearForm amounts = *linear.collapse(by.form);
  Bit assuming = scalars.conjoin(
      scalars.conjoin(a.assuming, by.assuming),
      scalars.conjoin(scalars.within(amounts.lo, {0, width - 1}),
                      scalars.within(amounts.hi, {0, width - 1})));
  Bits bits = bitsOf(a, type);
  // The sign is the highest bit: where it may be set, nothing is known.
  if (isSigned &&
      !(bits.maybe.bounds.min >= 0 && bits.maybe.bounds.max <= type.max))
    return unknown(type);
  return fromBits(shift(bits, amounts, /*isLeft=*/false, type), assuming, type);
}
