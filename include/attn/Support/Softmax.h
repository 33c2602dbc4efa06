//===- Softmax.h - Constants of the online softmax
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SUPPORT_SOFTMAX_H
#define ATTN_SUPPORT_SOFTMAX_H

#include "llvm/ADT/StringRef.h"

namespace attn {

/// exp(x) = exp2(x * log2e): kernels work in powers of two.
inline constexpr double log2e = 1.44269504088896340736;

/// What a kernel multiplies scores with: log2e where the weights of
/// `normalizer` are powers, else 1.
inline double scoreUnit(llvm::StringRef normalizer) {
  return normalizer == "softmax" || normalizer == "sigmoid" ? log2e : 1.0;
}

/// The running maximum of a lane that has seen no live key: below every score,
/// and finite, so that a lane whose first keys are all masked meets no inf -
/// inf.
inline constexpr double lowestMaximum = -1e30;

/// A lane's maximum may lag behind by this much, in powers of two: softmax does
/// not depend on the maximum, and 2^60 leaves f32 half of its exponents for the
/// sum.
inline constexpr double maximumLag = 60.0;

} // namespace attn

#endif // ATTN_SUPPORT_SOFTMAX_H
