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
#include "attn/Reference/Tolerance.h"

namespace attn::differential {

/// What the reference computes: the output, then lse, row_max and scores, and
/// what bounds are computed from.
struct Meaning {
  reference::Tensor output, lse, rowMax, scores, probabilities;
  reference::Magnitudes magnitudes;
  std::optional<reference::Tensor> kept; ///< Where `scores` are others.

  reference::Tensor result(llvm::StringRef name) const {
    return name == "output"    ? output
           : name == "lse"     ? lse
           : name == "row_max" ? rowMax
           : name == "scores"  ? kept.value_or(scores)
                               : probabilities;
  }
};

struct Verdict {
  double worst = 0;    ///< The largest error over its bound.
  std::string failure; ///< Empty if all is within bounds.
};

/// Compares one result of a call, `what` being output, lse or row_max, with the
/// bounds of include/attn/Reference/Tolerance.h, element by element.
Verdict judge(const Function &function, const Call &call,
              const Meaning &expected, llvm::StringRef what,
              const reference::Tensor &actual, double factor);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_JUDGE_H
