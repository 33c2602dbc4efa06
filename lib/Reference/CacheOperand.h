//===- CacheOperand.h - Keys and values as attention reads them -*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the operand groups of `attn.attention` say about the key and the value:
// scales and zero points, pages, sequences behind each other.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_REFERENCE_CACHEOPERAND_H
#define ATTN_LIB_REFERENCE_CACHEOPERAND_H

#include "Views.h"

namespace attn::reference {

/// The key or the value of an attention. Keeps references into the environment.
class CacheOperand {
public:
  CacheOperand(AttentionOp op, const HeadLayout &layout) : op(op), at(layout) {}

  /// Takes the operand called `name` ("key" or "value") with its groups, each
  /// null where it is absent. Fails where sizes disagree.
  llvm::LogicalResult set(llvm::StringRef name, const Tensor &tensor,
                          const Tensor *scales, const Tensor *zeroPoints,
                          const Tensor *pageTable);

  /// The dequantised features of key `j` of head `h` of batch `b`; null, after
  /// an error, if the page table says that they lie outside of the pool.
  const Scalar *row(int64_t b, int64_t h, int64_t j) const;

  /// Keys of a sequence, or of all sequences behind each other.
  int64_t getLength() const;
  /// Batches, or pages of the pool.
  int64_t getBatch() const { return at.batch ? tensor->getDim(*at.batch) : 1; }
  int64_t getHeads() const { return tensor->getDim(at.head); }
  int64_t getSize() const { return tensor->getDim(at.feature); }

private:
  llvm::LogicalResult dequantize(llvm::StringRef name, const Tensor *scales,
                                 const Tensor *zeroPoints);

  AttentionOp op;
  HeadLayout at;
  const Tensor *tensor = nullptr, *pageTable = nullptr;
  std::optional<HeadView> view; ///< Of `tensor`.
  Tensor dequantized; ///< What `tensor` points to, unless it is the operand.
};

/// One sequence of queries and its keys: positions in the operands.
struct Sequence {
  int64_t number; ///< The `b` of the regions.
  int64_t batch;  ///< Where it lies in the batch dimension of the operands.
  int64_t firstQuery, queries, firstKey, keys;
};

/// The sequences of a batch, one an index, or those that starts delimit in
/// `queries` and `keys`. Fails where the starts do not begin at 0, decrease, or
/// do not end at the length.
llvm::FailureOr<llvm::SmallVector<Sequence>>
listSequences(AttentionOp op, const Environment &env, int64_t batch,
              int64_t queries, int64_t keys);

/// A key of a query's row; where it is listed, with the number of its entry.
struct ListedKey {
  int64_t key; ///< Counted from the start of its sequence.
  int64_t entry;
};

/// The keys of query `i` of head `h` of `sequence` in the order of its list;
/// all of the sequence where `op` has no lists. Fails where a list is wrong.
llvm::LogicalResult listKeys(AttentionOp op, const Environment &env,
                             const Sequence &sequence, int64_t h, int64_t i,
                             std::vector<ListedKey> &listed);

} // namespace attn::reference

#endif // ATTN_LIB_REFERENCE_CACHEOPERAND_H
