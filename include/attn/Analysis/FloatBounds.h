//===- FloatBounds.h - What is known of a float at compile time -*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Buckets and tables are often found by way of floats: the logarithm of a
// distance, scaled and rounded. Intervals show that such a number fits the
// integer that it becomes.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_ANALYSIS_FLOATBOUNDS_H
#define ATTN_ANALYSIS_FLOATBOUNDS_H

#include "attn/Analysis/Bounds.h"

namespace attn {

/// `min <= x <= max`, and not NaN.
struct FloatBounds {
  double min, max;
};

/// Bounds of a float SSA value from the ops that compute it, with room for
/// their rounding. Nothing where it may be NaN, or too large for its type.
/// `known` has bounds of integers.
std::optional<FloatBounds>
floatBounds(mlir::Value value,
            const llvm::DenseMap<mlir::Value, mask::Bounds> &known);

} // namespace attn

#endif // ATTN_ANALYSIS_FLOATBOUNDS_H
