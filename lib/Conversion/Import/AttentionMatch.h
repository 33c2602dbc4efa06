//===- AttentionMatch.h - Recognise an attention among scalar expressions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_ATTENTIONMATCH_H
#define ATTN_LIB_CONVERSION_IMPORT_ATTENTIONMATCH_H

#include "SoftmaxMatch.h"

namespace attn::raising {

/// One reason for a key to be left out.
struct MaskTerm {
  const Expr *condition;
  bool keeps; ///< The key is live where the condition holds; else where not.
};

/// `result[...] = sum_keys softmax(score(q . k)) * v`, as expressions over the
/// loop variables of `result`, of the keys and of the features.
struct AttentionMatch {
  mlir::Value result;
  const Expr *whole; ///< `result` at one variable for each dimension.
  const Expr *query, *key, *value; ///< Accesses, behind all views.
  llvm::SmallVector<int> keys, features;

  const Expr *score;  ///< What is normalized, without mask; contains `dot`.
  double scoreFactor; ///< What the score is multiplied by at its very end.
  const Expr *dot;    ///< The sum over the features.
  double dotFactor;   ///< Constant factors of query and key.
  llvm::SmallVector<MaskTerm> masks;

  mlir::Operation *softmax; ///< See `Mismatch::softmax`.
};

/// Matches the contraction whose result, after reshapes and transposes, is
/// `result`. A mismatch that has a softmax is worth a remark.
mlir::FailureOr<AttentionMatch>
matchAttention(TensorExprs &exprs, mlir::Value result, Mismatch &mismatch);

/// Whether `expr` is computed element by element from the reduction `dot`.
bool contains(TensorExprs &exprs, const Expr *expr, const Expr *dot);

/// The constant factor if `scaled` is `inner` times (or divided by) constants.
std::optional<double> matchScaled(TensorExprs &exprs, const Expr *scaled,
                                  const Expr *inner);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_ATTENTIONMATCH_H
