//===- Scalar.cpp - Emitted integers and bits that fold
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Scalar.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;
using namespace attn::mask;

Bit::Bit(Value value) : value(value) {
  if (std::optional<int64_t> constant = getConstantIntValue(value))
    known = *constant != 0;
}

Value ScalarBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value ScalarBuilder::materialize(Scalar scalar) {
  if (scalar.isConstant())
    return index(scalar.offset);
  if (scalar.offset == 0)
    return scalar.base;
  return builder.createOrFold<arith::AddIOp>(loc, scalar.base,
                                             index(scalar.offset));
}

Value ScalarBuilder::materialize(Bit bit) {
  if (bit.known)
    return arith::ConstantIntOp::create(builder, loc, *bit.known, 1);
  return bit.value;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

static constexpr Bounds anything = {std::numeric_limits<int64_t>::min(),
                                    std::numeric_limits<int64_t>::max()};

/// The scalar `base + offset`, or nothing where `base` alone could wrap.
static std::optional<Scalar> withOffset(Value base, int64_t offset,
                                        Bounds bounds) {
  if (!subtract(bounds, Bounds::exactly(offset)))
    return std::nullopt;
  return Scalar{base, offset, bounds};
}

Scalar ScalarBuilder::of(Value value, Bounds bounds) {
  if (std::optional<int64_t> known = getConstantIntValue(value))
    return constant(*known);
  // Tiling writes `begin + size`: with the offset apart, sizes cancel.
  if (auto sum = value.getDefiningOp<arith::AddIOp>())
    if (std::optional<int64_t> offset = getConstantIntValue(sum.getRhs()))
      if (auto scalar = withOffset(sum.getLhs(), *offset, bounds))
        return *scalar;
  return {value, 0, bounds};
}

Scalar ScalarBuilder::restrict(Scalar scalar, Bounds bounds) {
  if (!scalar.isConstant())
    scalar.bounds = scalar.bounds.intersect(bounds);
  return scalar;
}

Scalar ScalarBuilder::add(Scalar a, Scalar b) {
  Bounds bounds = mask::add(a.bounds, b.bounds).value_or(anything);
  if (a.isConstant())
    std::swap(a, b);
  int64_t offset;
  if (!llvm::AddOverflow(a.offset, b.offset, offset)) {
    if (a.isConstant())
      return constant(offset);
    if (auto sum = withOffset(a.base, offset, bounds)) {
      if (b.base)
        sum->base = builder.createOrFold<arith::AddIOp>(loc, a.base, b.base);
      return *sum;
    }
  }
  return {
      builder.createOrFold<arith::AddIOp>(loc, materialize(a), materialize(b)),
      0, bounds};
}

Scalar ScalarBuilder::subtract(Scalar a, Scalar b) {
  Bounds bounds = mask::subtract(a.bounds, b.bounds).value_or(anything);
  int64_t offset;
  if (!llvm::SubOverflow(a.offset, b.offset, offset)) {
    if (a.base == b.base)
      return constant(offset);
    if (b.isConstant())
      if (auto difference = withOffset(a.base, offset, bounds))
        return *difference;
    if (auto difference = withOffset(nullptr, offset, bounds)) {
      difference->base = builder.createOrFold<arith::SubIOp>(
          loc, a.base ? a.base : index(0), b.base);
      return *difference;
    }
  }
  return {
      builder.createOrFold<arith::SubIOp>(loc, materialize(a), materialize(b)),
      0, bounds};
}

Scalar ScalarBuilder::multiply(Scalar a, Scalar b) {
  Bounds bounds = mask::multiply(a.bounds, b.bounds).value_or(anything);
  if (a.isConstant())
    std::swap(a, b);
  if (a.isConstant())
    return constant(a.offset * b.offset);
  if (b.isConstant() && b.offset == 0)
    return constant(0);
  if (b.isConstant() && b.offset == 1)
    return a;
  if (b.isConstant() && b.offset == -1)
    return subtract(constant(0), a);
  return {
      builder.createOrFold<arith::MulIOp>(loc, materialize(a), materialize(b)),
      0, bounds};
}

static int64_t floorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0); }

Scalar ScalarBuilder::divideFloor(Scalar a, Scalar b) {
  if (a.bounds.min >= 0)
    return divideToZero(a, b);
  if (a.isConstant() && b.isConstant())
    return constant(floorDivide(a.offset, b.offset));
  if (b.isConstant() && b.offset == 1)
    return a;
  Bounds bounds = {floorDivide(a.bounds.min, b.bounds.min),
                   std::max<int64_t>(-1, a.bounds.max / b.bounds.min)};
  return {builder.createOrFold<arith::FloorDivSIOp>(loc, materialize(a),
                                                    materialize(b)),
          0, bounds};
}

Scalar ScalarBuilder::divideToZero(Scalar a, Scalar b) {
  if (a.isConstant() && b.isConstant())
    return constant(a.offset / b.offset);
  if (b.isConstant() && b.offset == 1)
    return a;
  Bounds bounds = {a.bounds.min / b.bounds.min, a.bounds.max / b.bounds.min};
  if (!b.isConstant())
    bounds = {std::min<int64_t>(0, bounds.min),
              std::max<int64_t>(0, bounds.max)};
  return {
      builder.createOrFold<arith::DivSIOp>(loc, materialize(a), materialize(b)),
      0, bounds};
}

/// Whether `a <= b`, where bounds or a common base tell.
static std::optional<bool> provenLessEqual(Scalar a, Scalar b) {
  if (a.base == b.base)
    return a.offset <= b.offset;
  if (a.bounds.max <= b.bounds.min)
    return true;
  if (a.bounds.min > b.bounds.max)
    return false;
  return std::nullopt;
}

/// Takes a common offset out of `a` and `b`, of which one will be chosen, so
/// that it can meet one that undoes it. `bounds` are those of the choice.
int64_t ScalarBuilder::takeOffset(Scalar &a, Scalar &b, Bounds bounds) {
  Scalar offset = constant(a.isConstant() ? b.offset : a.offset);
  if (!mask::subtract(bounds, offset.bounds) ||
      !mask::subtract(a.bounds, offset.bounds) ||
      !mask::subtract(b.bounds, offset.bounds))
    return 0;
  a = subtract(a, offset);
  b = subtract(b, offset);
  return offset.offset;
}

Scalar ScalarBuilder::extremum(Scalar a, Scalar b, bool smaller) {
  if (std::optional<bool> ordered = provenLessEqual(a, b))
    return *ordered == smaller ? a : b;
  if (std::optional<bool> ordered = provenLessEqual(b, a))
    return *ordered == smaller ? b : a;
  auto choose = [&](int64_t x, int64_t y) {
    return smaller ? std::min(x, y) : std::max(x, y);
  };
  Bounds bounds = {choose(a.bounds.min, b.bounds.min),
                   choose(a.bounds.max, b.bounds.max)};
  int64_t offset = takeOffset(a, b, bounds);
  Value x = materialize(a), y = materialize(b);
  Value result = smaller ? builder.createOrFold<arith::MinSIOp>(loc, x, y)
                         : builder.createOrFold<arith::MaxSIOp>(loc, x, y);
  return {result, offset, bounds};
}

Scalar ScalarBuilder::clamp(Scalar a, Bounds bounds) {
  return max(min(a, constant(bounds.max)), constant(bounds.min));
}

Scalar ScalarBuilder::select(Bit condition, Scalar a, Scalar b) {
  if (condition.known)
    return *condition.known ? a : b;
  if (a == b)
    return a;
  Bounds bounds = {std::min(a.bounds.min, b.bounds.min),
                   std::max(a.bounds.max, b.bounds.max)};
  int64_t offset = takeOffset(a, b, bounds);
  return {builder.createOrFold<arith::SelectOp>(loc, condition.value,
                                                materialize(a), materialize(b)),
          offset, bounds};
}

//===----------------------------------------------------------------------===//
// Bits
//===----------------------------------------------------------------------===//

/// [0, 2^k - 1] for the least k that holds a value that is not negative.
static Bounds lowBitsOf(int64_t value) {
  unsigned width = 64 - llvm::countl_zero(uint64_t(value));
  return {0, int64_t(llvm::maskTrailingOnes<uint64_t>(width))};
}

Scalar ScalarBuilder::bitAnd(Scalar a, Scalar b) {
  Bounds bounds = anything;
  for (Scalar side : {a, b})
    if (side.bounds.min >= 0)
      bounds = bounds.intersect({0, side.bounds.max});
  return of(
      builder.createOrFold<arith::AndIOp>(loc, materialize(a), materialize(b)),
      bounds);
}

Scalar ScalarBuilder::bitOr(Scalar a, Scalar b) {
  Bounds bounds = anything;
  if (a.bounds.min >= 0 && b.bounds.min >= 0)
    bounds = {std::max(a.bounds.min, b.bounds.min),
              lowBitsOf(std::max(a.bounds.max, b.bounds.max)).max};
  return of(
      builder.createOrFold<arith::OrIOp>(loc, materialize(a), materialize(b)),
      bounds);
}

Scalar ScalarBuilder::bitNot(Scalar a) {
  return of(builder.createOrFold<arith::XOrIOp>(loc, materialize(a), index(-1)),
            {~a.bounds.max, ~a.bounds.min});
}

Scalar ScalarBuilder::shiftLeft(Scalar a, Scalar by) {
  Bounds bounds = anything;
  if (a.bounds.min >= 0 &&
      a.bounds.max <= (anything.max >> std::min<int64_t>(by.bounds.max, 63)))
    bounds = {0, a.bounds.max << by.bounds.max};
  return of(
      builder.createOrFold<arith::ShLIOp>(loc, materialize(a), materialize(by)),
      bounds);
}

Scalar ScalarBuilder::shiftRight(Scalar a, Scalar by) {
  Bounds bounds = anything;
  if (a.bounds.min >= 0)
    bounds = {0, a.bounds.max >> by.bounds.min};
  else if (by.bounds.min > 0)
    bounds = {0, int64_t(~uint64_t(0) >> by.bounds.min)};
  return of(builder.createOrFold<arith::ShRUIOp>(loc, materialize(a),
                                                 materialize(by)),
            bounds);
}

//===----------------------------------------------------------------------===//
// Truth values
//===----------------------------------------------------------------------===//

Bit ScalarBuilder::lessEqual(Scalar a, Scalar b) {
  using arith::CmpIPredicate;
  if (std::optional<bool> proven = provenLessEqual(a, b))
    return *proven;
  auto compare = [&](CmpIPredicate predicate, Value x, Value y) {
    return Bit(builder.createOrFold<arith::CmpIOp>(loc, predicate, x, y));
  };
  // Bases don't wrap, so they compare like the scalars that they are part of.
  int64_t gap;
  if (llvm::SubOverflow(b.offset, a.offset, gap))
    return compare(CmpIPredicate::sle, materialize(a), materialize(b));
  if (a.isConstant())
    return gap == std::numeric_limits<int64_t>::min()
               ? Bit(true)
               : compare(CmpIPredicate::sge, b.base, index(-gap));
  if (b.isConstant())
    return compare(CmpIPredicate::sle, a.base, index(gap));
  if (gap == -1)
    return compare(CmpIPredicate::slt, a.base, b.base);
  if (auto shifted = mask::subtract(b.bounds, Bounds::exactly(a.offset)))
    return compare(CmpIPredicate::sle, a.base,
                   materialize(Scalar{b.base, gap, *shifted}));
  return compare(CmpIPredicate::sle, materialize(a), materialize(b));
}

Bit ScalarBuilder::within(Scalar a, Bounds bounds) {
  return conjoin(lessEqual(constant(bounds.min), a),
                 lessEqual(a, constant(bounds.max)));
}

Bit ScalarBuilder::conjoin(Bit a, Bit b) {
  if (a.known)
    return *a.known ? b : a;
  if (b.known)
    return *b.known ? a : b;
  return Bit(builder.createOrFold<arith::AndIOp>(loc, a.value, b.value));
}

Bit ScalarBuilder::disjoin(Bit a, Bit b) {
  if (a.known)
    return *a.known ? a : b;
  if (b.known)
    return *b.known ? b : a;
  return Bit(builder.createOrFold<arith::OrIOp>(loc, a.value, b.value));
}

Bit ScalarBuilder::negate(Bit a) {
  if (a.known)
    return !*a.known;
  if (auto comparison = a.value.getDefiningOp<arith::CmpIOp>())
    return Bit(builder.createOrFold<arith::CmpIOp>(
        loc, arith::invertPredicate(comparison.getPredicate()),
        comparison.getLhs(), comparison.getRhs()));
  Value one = arith::ConstantIntOp::create(builder, loc, 1, 1);
  return Bit(builder.createOrFold<arith::XOrIOp>(loc, a.value, one));
}
