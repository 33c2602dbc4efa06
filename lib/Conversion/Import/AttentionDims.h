//===- AttentionDims.h - Which digits are batch, head, query, key, feature
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_ATTENTIONDIMS_H
#define ATTN_LIB_CONVERSION_IMPORT_ATTENTIONDIMS_H

#include "AttentionMatch.h"
#include "Relayout.h"

namespace attn::raising {

/// The dimensions of an attention, each as a list of atoms. Any assignment that
/// fits the operands computes the same; the choice decides what is a GQA group
/// and which operand needs a transpose.
struct AttentionDims {
  Refinement refinement;
  IndexedTensor query, key, value;
  llvm::SmallVector<Index> result; ///< The wanted dimensions of the result.

  Index batch, keyHeads, group, queries, keys, features, valueFeatures;
  bool hasBatch; ///< Else the operands have rank 3.
  llvm::StringRef layout;

  Index queryHeads() const;
  llvm::SmallVector<Index> wantedQuery() const;
  llvm::SmallVector<Index> wantedKey() const;
  llvm::SmallVector<Index> wantedValue() const;
  llvm::SmallVector<Index> wantedResult() const;

private:
  llvm::SmallVector<Index> arrange(Index heads, Index sequence,
                                   Index feature) const;
};

/// Assigns the dimensions. `loads` are the positions that the score and the
/// mask read other tensors at.
mlir::FailureOr<AttentionDims>
assignDims(const AttentionMatch &match,
           llvm::ArrayRef<llvm::ArrayRef<Index>> loads, Mismatch &mismatch);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_ATTENTIONDIMS_H
