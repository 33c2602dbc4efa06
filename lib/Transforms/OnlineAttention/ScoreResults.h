//===- ScoreResults.h - Scores and probabilities as results
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel writes the scores of a key tile, in natural units, into the result
// while it has them. Probabilities need the last maximum and sum of their row,
// so they are made of these scores when the row is done: nothing is multiplied
// twice. If only probabilities are asked for, scores stand in their place until
// then.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_SCORERESULTS_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_SCORERESULTS_H

#include "OnlineState.h"
#include "attn/Analysis/MaskAnalysis.h"

namespace attn {

/// The results of `op` that have a number for each pair.
struct PairResults {
  std::optional<unsigned> scores, probabilities; ///< Their numbers.
  /// Whether `scores` holds others than those that are exponentiated.
  bool areOthers;

  bool any() const { return scores || probabilities; }
  /// Whether probabilities are made of what stands in their place.
  bool inPlace() const { return areOthers || !scores; }
};
PairResults findPairResults(AttentionOp op);

/// Whether probabilities are what they shall be before all keys are known: a
/// list adds to them key by key where each has a weight by itself.
bool areProbabilitiesDone(AttentionOp op);

/// `scores` (heads x queries x keys) with those of the keys of `visited` in it,
/// and -inf for the others of `all`.
mlir::Value insertScores(IRBuilder &b, mlir::Value visitedScores,
                         mlir::Value scores, KeyRange all, KeyRange visited);

/// Writes the probabilities of query `query` of head `head` into `into`, from
/// its scores in natural units and the numbers that the parts of `row` hold for
/// it. Both are heads x queries x keys, maybe behind a batch of one, and may be
/// one tensor; `keys` is the number of keys.
mlir::Value writeProbabilities(IRBuilder &b, llvm::StringRef normalizer,
                               const OnlineState &row, mlir::Value scores,
                               mlir::Value into, mlir::Value head,
                               mlir::Value query, mlir::Value keys);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_SCORERESULTS_H
