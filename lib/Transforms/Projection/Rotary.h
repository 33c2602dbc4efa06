//===- Rotary.h - Turns the features of a head by its position --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Rotary position embedding ("RoFormer", Su et al., 2021), as the rotary group
// of `attn.project_heads` says it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_PROJECTION_ROTARY_H
#define ATTN_LIB_TRANSFORMS_PROJECTION_ROTARY_H

#include "attn/Support/IRBuilder.h"

namespace attn {

/// Angles that pairs of features are turned by.
struct Rotary {
  mlir::Value cosines, sines; ///< positions x pairs.
  mlir::Value positions;      ///< (batch x) rows, or null: a row's own number.
  bool interleaved;           ///< Pairs lie side by side, not halves apart.

  int64_t pairs() const {
    return llvm::cast<mlir::RankedTensorType>(cosines.getType()).getDimSize(1);
  }
};

/// `into` with the rows x features of `from` turned, and rounded to its type.
/// The rows are those from `firstRow` on of batch `batch`.
mlir::Value rotate(IRBuilder &b, const Rotary &rotary, mlir::Value batch,
                   mlir::Value firstRow, mlir::Value from, mlir::Value into);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_PROJECTION_ROTARY_H
