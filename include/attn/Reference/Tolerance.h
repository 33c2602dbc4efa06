//===- Tolerance.h - How far compiled attention may be off -----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The bounds that docs/tolerances.md derives, row by row. They are not the
// worst cases, which nobody sees, but what rounding errors of both signs add up
// to.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_REFERENCE_TOLERANCE_H
#define ATTN_REFERENCE_TOLERANCE_H

#include "attn/Reference/Tensor.h"

namespace attn::reference {

/// What the rounding errors of each row of one `attn.attention` grow with; the
/// interpreter fills it in on request. Rows are those of the LSE, in its order.
/// Only live keys count; NaN of a row that was not evaluated.
struct Magnitudes {
  /// a = |scale| * max_j sum_d |q_d k_jd|, and the same of products with
  /// tables.
  std::vector<double> product;
  std::vector<double> score; ///< max_j |score_j|, after the region.
  std::vector<double> value; ///< max_j,d |v_jd|, relative values included.
  /// SK: keys of the row's sequence, or more where they are listed twice.
  std::vector<double> keys;
  Tensor weighted; ///< sum_j p_j |v_jd|, shaped like the output.
  int64_t headSize = 0;
};

/// What compiled code rounds to.
struct Rounding {
  mlir::Type query, output; ///< Element types.
  /// The rounding unit of the type that a schedule rounds queries to; 0 where
  /// it leaves them as they are.
  double queryUnit = 0;
  /// Of the score region: a change of the score by x changes its result by at
  /// most `slope` times x, and `operations` of it round.
  double slope = 1;
  int operations = 0;
  llvm::StringRef normalizer = "softmax";
};

/// Half a unit in the last place, relative: 2^-8 of bf16, 2^-11 of f16, 2^-24
/// of f32, 2^-53 of f64.
double roundingUnit(mlir::Type type);

/// How far element `element` of the output, in row `row`, may be from
/// `reference`.
double outputBound(const Magnitudes &magnitudes, const Rounding &rounding,
                   int64_t row, int64_t element, double reference);

/// The same of the weight of one key, whose score is `score`; `lse` is the
/// row's.
double weightBound(const Magnitudes &magnitudes, const Rounding &rounding,
                   int64_t row, double score, double lse, double reference);

/// The same of the row's LSE or maximum, or one of its scores.
double statisticBound(const Magnitudes &magnitudes, const Rounding &rounding,
                      int64_t row, double reference);

/// The same of a projection to `element` that sums `products` products, whose
/// absolute values (and the bias's) sum to `magnitude`.
double projectionBound(mlir::Type element, int64_t products, double magnitude,
                       double reference);

} // namespace attn::reference

#endif // ATTN_REFERENCE_TOLERANCE_H
