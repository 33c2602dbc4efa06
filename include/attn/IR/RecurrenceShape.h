//===- RecurrenceShape.h - The sizes of a linear attention ------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_RECURRENCESHAPE_H
#define ATTN_IR_RECURRENCESHAPE_H

#include "attn/IR/AttentionShape.h"

namespace attn {

/// What a decay has a number for.
enum class DecayKind {
  None,    ///< There is no decay.
  Head,    ///< Each key/value head.
  Token,   ///< Each token of each key/value head.
  Feature, ///< Each feature of each of those.
};

/// Static sizes of one `attn.linear_attention`; `mlir::ShapedType::kDynamic`
/// where a batch or a length is known at run time only.
struct RecurrenceShape {
  HeadLayout layout;
  int64_t batch; ///< 1 without a batch dimension.
  int64_t queryHeads, keyHeads;
  int64_t tokens;
  int64_t keySize, valueSize; ///< Rows and columns of a state.
  DecayKind decay;

  /// Query heads that share one state.
  int64_t groupSize() const { return queryHeads / keyHeads; }
  /// Of query, key, value or output: so many heads and features, in the layout.
  llvm::SmallVector<int64_t> headsOf(int64_t heads, int64_t features) const;
  /// Of beta, or of a decay of tokens.
  llvm::SmallVector<int64_t> gates() const;
  /// Of a state, in every layout.
  llvm::SmallVector<int64_t> state() const;
};

class LinearAttentionOp;

/// The shape of an op whose layout, ranks and shape of a decay are verified.
RecurrenceShape getRecurrenceShape(LinearAttentionOp op);

} // namespace attn

#endif // ATTN_IR_RECURRENCESHAPE_H
