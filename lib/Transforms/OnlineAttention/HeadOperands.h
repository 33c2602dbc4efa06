//===- HeadOperands.h - What a task of one head reads
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An `attn.attention` of one batch and one key/value head, as matrices. Keys
// and values of the type that the kernel multiplies in are read as they lie in
// memory; all others through a load region (`attn.online_attention`), in which
// conversion, dequantisation and the look-up of pages are ordinary arithmetic.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_HEADOPERANDS_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_HEADOPERANDS_H

#include "OnlineState.h"
#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/IR/KeyLists.h"
#include "attn/Support/IRBuilder.h"

namespace attn {

/// Keys or values of one head.
struct CacheRows {
  mlir::Value rows;       ///< sequence x feature, of the stored type.
  mlir::Value scales;     ///< sequence, or sequence x groups; or null.
  mlir::Value zeroPoints; ///< The same.
  /// The page of the pool that holds each run of keys; or null. With it,
  /// `sequence` above is pages x rows of a page.
  mlir::Value pages;
  mlir::Value lastPage; ///< Of the pool.
  /// What says which rows are read, where each is found by itself; or nothing.
  std::optional<KeyLists> lists;
  mlir::Value sequence; ///< Then the keys of the sequence; an index value.
  mlir::Value pairs;    ///< ceil(sequence / 2) x (2 features), two rows side
                        ///< by side; or null.

  /// Whether the kernel can multiply the rows as they are.
  bool isDirect(mlir::Type multiplied) const;
  int64_t features() const;
  /// Keys of the sequence, or those that the list names; an index value.
  mlir::Value length(IRBuilder &b) const;
  /// Keys of the sequence.
  mlir::Value sequenceLength(IRBuilder &b) const;
  /// The position in the sequence of key `number` of the list: any integer,
  /// where the list names no key there.
  mlir::Value listedKey(IRBuilder &b, mlir::Value number) const;
  /// Whether that can be, also behind the last key of a run.
  bool mayListNone() const {
    return !lists->everyEntryIsKey || lists->keyBlock > 1;
  }
  /// The same, or then some key that exists.
  mlir::Value existingKey(IRBuilder &b, mlir::Value number) const;
  /// Element (row, feature), dequantised, of type `type`.
  mlir::Value element(IRBuilder &b, mlir::Value row, mlir::Value feature,
                      mlir::Type type) const;

private:
  /// The indices of `row` in `rows`, without the feature.
  mlir::SmallVector<mlir::Value> position(IRBuilder &b, mlir::Value row) const;
};

/// `tensor` (one batch, one head) as a sequence x feature matrix.
mlir::Value asMatrix(IRBuilder &b, mlir::Value tensor, const HeadLayout &at);

/// The keys and the values of a tiled op.
CacheRows keyRows(IRBuilder &b, AttentionOp op);
CacheRows valueRows(IRBuilder &b, AttentionOp op);

/// One of both operands of an attn.query_dot, the other null.
struct QueryProducts {
  mlir::Value products, queries;
};

/// Results with a number for each pair, heads x queries x keys; or null.
struct PairTensors {
  mlir::Value scores, probabilities;
  bool any() const { return scores || probabilities; }
};

/// Operands and regions of the key range of an `attn.online_attention`.
struct OnlineOperands {
  mlir::Value query; ///< Packed as the schedule wants it.
  mlir::SmallVector<mlir::Value> offsets;
  mlir::Value live;
  OnlineState state;
  PairTensors pairs; ///< To be written for the keys of `all`.
  KeyRange all;
  /// Entries of the list that are visited, where each is a run of keys; or
  /// null: all.
  KeyRange entries;
  /// Of each attn.query_dot of the score region.
  mlir::SmallVector<QueryProducts> products;
  /// The number of the entry that names the keys of the range, where one does.
  mlir::Value entry;
  /// Where the op begins a state, and where it ends it in `output`; or null.
  mlir::Value first, last, output;
  ScheduleAttr schedule;
  double scale = 1.0;
  int64_t group = 1;
};

/// What the keys of a task leave.
struct VisitedKeys {
  llvm::SmallVector<mlir::Value> state;
  /// Whether there was one that a query may read; or null: not known.
  mlir::Value some;
  mlir::Value output; ///< Where it was to be ended; or null.
  /// Scores; and what probabilities are made of, in natural units, if there are
  /// no scores, or others than those. Beside lists that is there always, and of
  /// another normalizer than softmax probabilities are what they shall be.
  PairTensors pairs;
};

/// The state of `with` after the keys of `range` that `op` reads, in a loop
/// over key tiles; in one over the blocks of its list, if it has one; or over
/// runs of live keys, where the mask may leave holes that the analysis sees.
/// `range` is widened to whole pairs of values, where those lie side by side.
mlir::FailureOr<VisitedKeys> visitKeys(IRBuilder &b, AttentionOp op,
                                       const CacheRows &keys,
                                       const CacheRows &values, KeyRange &range,
                                       const OnlineOperands &with);

/// Puts `op` in a loop over runs of its live keys; returns its results, and in
/// `some` whether there was such a run.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
tileOverLiveKeys(IRBuilder &b, OnlineAttentionOp op, mlir::Value &some);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_HEADOPERANDS_H
