//===- ListedKeys.h - What regions and results make of lists ----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where keys are found one by one, a key of an `attn.online_attention` is a
// number in a list. Its regions see the key's position and its entry; scores go
// where the key belongs in a result of all keys.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_LISTEDKEYS_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_LISTEDKEYS_H

#include "HeadOperands.h"

namespace attn {

/// Gives the regions of `online` the positions and entries of the keys that it
/// visits: those of numbers in the list of `keys`, or if there is none, keys of
/// the one entry number `entry`; of neither, nothing.
void seeListedKeys(OnlineAttentionOp online, const CacheRows &keys,
                   mlir::Value entry);

/// What a range of listed keys leaves for the results of pairs.
struct ListedPairs {
  /// heads x queries x keys of the range: the scores, and what the score region
  /// yields behind them; or null.
  mlir::Value scores, others;
  mlir::Value live;  ///< The number of rows, query by query.
  mlir::Value count; ///< The number of keys.
  /// The position of a key of the range; and whether there is such a key, or
  /// null where there always is.
  llvm::function_ref<std::pair<mlir::Value, mlir::Value>(IRBuilder &,
                                                         mlir::Value)>
      position;
};

/// What results of pairs hold before any key, in `results`.
PairTensors clearPairs(IRBuilder &b, AttentionOp op, PairTensors results);

/// `results` with the pairs of `range`. Where entries name one key, the last
/// one gives its score. Of a softmax, the result that is to hold probabilities
/// holds the logarithm of the sum of their exponentials; else the weights.
PairTensors writeListedPairs(IRBuilder &b, AttentionOp op, ListedPairs range,
                             PairTensors results);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_LISTEDKEYS_H
