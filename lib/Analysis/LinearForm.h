//===- LinearForm.h - Integers of a mask, linear in i and j -----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An interval that moves with the query i and the key j. Plain intervals would
// forget that the two sides of `j <= i + w` vary together; the coefficients
// remember.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_ANALYSIS_LINEARFORM_H
#define ATTN_LIB_ANALYSIS_LINEARFORM_H

#include "Zone.h"

namespace attn::mask {

/// Some true integer in `i * ci + j * cj + [lo, hi]`.
struct LinearForm {
  int64_t ci = 0, cj = 0;
  Scalar lo, hi;

  static LinearForm interval(Scalar lo, Scalar hi) { return {0, 0, lo, hi}; }
  static LinearForm point(Scalar value) { return {0, 0, value, value}; }
  static LinearForm anyOf(Bounds bounds) {
    return interval(ScalarBuilder::constant(bounds.min),
                    ScalarBuilder::constant(bounds.max));
  }
  bool isPoint() const { return lo == hi; }
  bool isInterval() const { return ci == 0 && cj == 0; }
};

/// Arithmetic on linear forms over one box. Each operation gives nothing where
/// its result is not proven to fit 64 bits.
class LinearBuilder {
public:
  LinearBuilder(ScalarBuilder &scalars, Box box) : scalars(scalars), box(box) {}

  /// Compile-time bounds of the values over the box.
  std::optional<Bounds> bounds(const LinearForm &form) const;
  /// The values over the box as an interval, without i and j.
  std::optional<LinearForm> collapse(const LinearForm &form);

  std::optional<LinearForm> add(const LinearForm &a, const LinearForm &b);
  std::optional<LinearForm> subtract(const LinearForm &a, const LinearForm &b);
  std::optional<LinearForm> multiply(const LinearForm &a, const LinearForm &b);
  std::optional<LinearForm> scale(const LinearForm &a, int64_t factor);

  ScalarBuilder &scalars;
  Box box;

private:
  std::optional<LinearForm> checked(const LinearForm &form) const;
};

} // namespace attn::mask

#endif // ATTN_LIB_ANALYSIS_LINEARFORM_H
