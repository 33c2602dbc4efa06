//===- AttentionShape.h - The named dimensions of an attention --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every layout of query, key, value and output is a permutation of
// (batch, head, sequence, head size). This names the position of each once, so
// that no later code counts dimensions.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTENTIONSHAPE_H
#define ATTN_IR_ATTENTIONSHAPE_H

#include "mlir/IR/BuiltinTypes.h"
#include <optional>

namespace attn {

/// Where the named dimensions lie in an operand; batch is absent in rank 3.
struct HeadLayout {
  std::optional<unsigned> batch;
  unsigned head;
  unsigned sequence;
  unsigned feature;

  unsigned rank() const { return batch ? 4 : 3; }
};

/// The layout that `name` describes for operands of `rank` 3 or 4. The empty
/// name is the default `bhsd` / `hsd`. Nothing for an unknown name.
std::optional<HeadLayout> parseHeadLayout(llvm::StringRef name, unsigned rank);

/// The spellings that `parseHeadLayout` takes for `rank`, for diagnostics.
llvm::StringRef headLayoutNames(unsigned rank);

/// Static sizes of one attention; `mlir::ShapedType::kDynamic` where a batch or
/// a length is known at run time only.
struct AttentionShape {
  HeadLayout layout;
  int64_t batch; ///< 1 without a batch dimension.
  int64_t queryHeads, keyHeads;
  int64_t queries, keys;
  int64_t headSize, valueSize;
  /// Keys of a page, where a page table says in which page of the pool a key
  /// is; else 0. `keys` counts those of all pages of a sequence, not of the
  /// pool.
  int64_t pageSize = 0;
  /// Several sequences behind each other in one; `queries` and `keys` count
  /// those of all of them.
  bool isPacked = false;

  bool isPaged() const { return pageSize != 0; }
  /// Query heads that share one key/value head.
  int64_t groupSize() const { return queryHeads / keyHeads; }
};

class AttentionOp;

/// The shape of a verified op.
AttentionShape getAttentionShape(AttentionOp op);

} // namespace attn

#endif // ATTN_IR_ATTENTIONSHAPE_H
