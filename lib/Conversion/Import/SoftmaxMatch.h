//===- SoftmaxMatch.h - Recognise a softmax among scalar expressions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_SOFTMAXMATCH_H
#define ATTN_LIB_CONVERSION_IMPORT_SOFTMAXMATCH_H

#include "TensorExpr.h"
#include <string>

namespace attn::raising {

/// Why a computation that has a softmax is not an attention.
struct Mismatch {
  std::string reason;
  /// The op of the softmax: the sum of its exponentials, or linalg.softmax.
  /// Null as long as none was seen.
  mlir::Operation *softmax = nullptr;
  /// The op that is in the way, if one op is.
  mlir::Operation *culprit = nullptr;
};

struct SoftmaxMatch {
  const Expr *score; ///< At the keys of the probability.
  double factor = 1; ///< What the score is multiplied by: ln 2 for powers of 2.
  mlir::Operation *op; ///< See `Mismatch::softmax`.
};

/// Matches `exp(s - c) / sum_keys exp(s - c)` where c is anything that is the
/// same for all keys, for the softmax is the same whatever it is: the maximum,
/// or the logarithm of the sum. `probability` may first be replaced by 0 where
/// every score is -infinity.
mlir::FailureOr<SoftmaxMatch> matchSoftmax(TensorExprs &exprs,
                                           const Expr *probability,
                                           llvm::ArrayRef<int> keys,
                                           Mismatch &mismatch);

/// The op of the softmax that a linalg op is part of: `op` itself if it is a
/// linalg.softmax or sums exponentials, else null.
mlir::Operation *getSoftmaxOf(TensorExprs &exprs, mlir::Operation *op);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_SOFTMAXMATCH_H
