//===- Scalar.h - Emitted integers and bits that fold -----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The analysis computes with values of the compiled program. Keeping a constant
// offset and compile-time bounds beside each SSA value decides most comparisons
// and cancels most +1 and -1 before any op is emitted.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_ANALYSIS_SCALAR_H
#define ATTN_LIB_ANALYSIS_SCALAR_H

#include "attn/Analysis/Bounds.h"
#include "mlir/IR/Builders.h"

namespace attn::mask {

/// The integer `base + offset`, or `offset` without a base.
struct Scalar {
  mlir::Value base; ///< of type index, or null
  int64_t offset;
  Bounds bounds; ///< of the whole; `bounds - offset` fits 64 bits, too

  bool isConstant() const { return !base; }
  bool operator==(const Scalar &other) const {
    return base == other.base && offset == other.offset;
  }
};

/// A truth value: known, or an i1.
struct Bit {
  std::optional<bool> known;
  mlir::Value value;

  Bit(bool known) : known(known) {}
  explicit Bit(mlir::Value value);
  bool isTrue() const { return known == true; }
  bool isFalse() const { return known == false; }
};

/// Emits arithmetic on scalars and bits. The caller knows that the result of an
/// addition, subtraction or multiplication fits 64 bits, most often from the
/// functions on `Bounds`.
class ScalarBuilder {
public:
  ScalarBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  static Scalar constant(int64_t value) {
    return {nullptr, value, Bounds::exactly(value)};
  }
  /// An index value within `bounds`.
  static Scalar of(mlir::Value value, Bounds bounds);
  /// `scalar`, of which `bounds` are known, too.
  static Scalar restrict(Scalar scalar, Bounds bounds);
  mlir::Value materialize(Scalar scalar);
  mlir::Value materialize(Bit bit);

  Scalar add(Scalar a, Scalar b);
  Scalar add(Scalar a, int64_t b) { return add(a, constant(b)); }
  Scalar subtract(Scalar a, Scalar b);
  Scalar multiply(Scalar a, Scalar b);
  /// Quotient rounded down, or towards zero; `b` is positive.
  Scalar divideFloor(Scalar a, Scalar b);
  Scalar divideToZero(Scalar a, Scalar b);
  Scalar min(Scalar a, Scalar b) { return extremum(a, b, /*smaller=*/true); }
  Scalar max(Scalar a, Scalar b) { return extremum(a, b, /*smaller=*/false); }
  /// The nearest value within `bounds`.
  Scalar clamp(Scalar a, Bounds bounds);
  Scalar select(Bit condition, Scalar a, Scalar b);

  // Of 64 bits; a shift is by less than that, and shifts zeros in.
  Scalar bitAnd(Scalar a, Scalar b);
  Scalar bitOr(Scalar a, Scalar b);
  Scalar bitNot(Scalar a);
  Scalar shiftLeft(Scalar a, Scalar by);
  Scalar shiftRight(Scalar a, Scalar by);

  Bit lessEqual(Scalar a, Scalar b);
  Bit less(Scalar a, Scalar b) { return lessEqual(add(a, 1), b); }
  Bit within(Scalar a, Bounds bounds);

  Bit conjoin(Bit a, Bit b);
  Bit disjoin(Bit a, Bit b);
  Bit negate(Bit a);

  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  Scalar extremum(Scalar a, Scalar b, bool smaller);
  int64_t takeOffset(Scalar &a, Scalar &b, Bounds bounds);
  mlir::Value index(int64_t value);
};

} // namespace attn::mask

#endif // ATTN_LIB_ANALYSIS_SCALAR_H
