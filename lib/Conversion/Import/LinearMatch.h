//===- LinearMatch.h - Recognise x . W^T + bias
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_LINEARMATCH_H
#define ATTN_LIB_CONVERSION_IMPORT_LINEARMATCH_H

#include "TensorExpr.h"

namespace attn::raising {

struct Linear {
  const Expr *input, *weight, *bias = nullptr; ///< Accesses, behind all views.
  llvm::SmallVector<int> contracted;
  mlir::Operation *contraction;
};

/// Matches what `access` reads as a contraction of the operand that `isInput`
/// accepts with a weight, plus a bias or not.
mlir::FailureOr<Linear>
matchLinear(TensorExprs &exprs, const Expr *access,
            llvm::function_ref<bool(const Expr *)> isInput);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_LINEARMATCH_H
