//===- Judge.h - How far a result may be from the reference --------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_JUDGE_H
#define ATTN_TEST_DIFFERENTIAL_JUDGE_H

#include "Call.h"

namespace attn::differential {

/// What the reference computes: the output, then lse, row_max and scores.
struct Meaning {
  reference::Tensor output, lse, rowMax, scores;
};

struct Verdict {
  double worst = 0;    ///< The largest error over its bound.
  std::string failure; ///< Empty if all is within bounds.
};

/// Compares one result of a call with its bound, row by row. With D features,
/// a = scale * max_j sum_d |q_d k_jd| and v the live values,
///
///   |output - expected| <= 2^-23 (4 sqrt(D) + max(2, sqrt(D)/3) a' + sqrt(SK))
///   max|v|
///
/// where a' is a, and with a score region of n operations that stretches by L,
/// L a + n (a + max|score|). These are not the worst cases, which nobody sees,
/// but what rounding errors of both signs add up to: docs/tolerances.md.
/// `what` is output, lse or row_max.
Verdict judge(const Function &function, const Call &call,
              const Meaning &expected, llvm::StringRef what,
              const reference::Tensor &actual);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_JUDGE_H
