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

/// The number of the result that the kernel of `op` writes scores into; none
/// where neither they nor probabilities are asked for.
std::optional<unsigned> findScoreResult(AttentionOp op);

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
