//===- Views.h - Rows of the operands of an attention ----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_REFERENCE_VIEWS_H
#define ATTN_LIB_REFERENCE_VIEWS_H

#include "Environment.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"

namespace attn::reference {

/// A tensor of heads in any layout: the features of one position of one head
/// are always adjacent.
template <typename TensorT, typename ScalarT>
class HeadViewOf {
public:
  HeadViewOf(TensorT &tensor, const HeadLayout &layout) : data(tensor.data()) {
    llvm::SmallVector<int64_t> strides = tensor.getStrides();
    batch = layout.batch ? strides[*layout.batch] : 0;
    head = strides[layout.head];
    sequence = strides[layout.sequence];
  }
  ScalarT *row(int64_t b, int64_t h, int64_t s) const {
    return data + b * batch + h * head + s * sequence;
  }

private:
  ScalarT *data;
  int64_t batch, head, sequence;
};

struct HeadView : HeadViewOf<const Tensor, const Scalar> {
  using HeadViewOf::HeadViewOf;
};
struct MutableHeadView : HeadViewOf<Tensor, Scalar> {
  using HeadViewOf::HeadViewOf;
};

/// In eight partial sums, which fit vectors: one alone waits for each addition.
inline double dot(const Scalar *a, const Scalar *b, int64_t size) {
  double sums[8] = {};
  int64_t at = 0;
  for (; at + 8 <= size; at += 8)
    for (int lane = 0; lane < 8; ++lane)
      sums[lane] += a[at + lane].f * b[at + lane].f;
  double total = 0;
  for (; at < size; ++at)
    total += a[at].f * b[at].f;
  for (double sum : sums)
    total += sum;
  return total;
}

/// The rows to evaluate of `size`.
inline llvm::SmallVector<int64_t> selectRows(const InterpretOptions &options,
                                             int64_t size) {
  llvm::SmallVector<int64_t> rows;
  if (!options.queryRows) {
    rows.resize(size);
    std::iota(rows.begin(), rows.end(), 0);
    return rows;
  }
  for (int64_t row : *options.queryRows)
    if (row >= 0 && row < size)
      rows.push_back(row);
  return rows;
}

llvm::LogicalResult evaluateAttention(AttentionOp op, Environment &env);
llvm::LogicalResult evaluateProjectHeads(ProjectHeadsOp op, Environment &env);
llvm::LogicalResult evaluateMergeHeads(MergeHeadsOp op, Environment &env);
llvm::LogicalResult evaluateLinearAttention(LinearAttentionOp op,
                                            Environment &env);
llvm::LogicalResult evaluateMergePartials(MergePartialsOp op, Environment &env);
llvm::LogicalResult evaluateAppend(AppendOp op, Environment &env);

} // namespace attn::reference

#endif // ATTN_LIB_REFERENCE_VIEWS_H
