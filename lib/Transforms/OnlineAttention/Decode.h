//===- Decode.h - Attention of few queries, as it is written ----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The two loops of DecodeTask.h: DecodeTask.cpp attends, DecodeResults.cpp
// writes what comes out. DecodeSplits.cpp has what there is to it where several
// tasks share keys: which has which, what they leave, and how that is merged.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODE_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODE_H

#include "DecodeTask.h"
#include "HeadOperands.h"
#include "OnlineState.h"
#include "ScoreResults.h"
#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/KeyLists.h"
#include "attn/Support/Softmax.h"

namespace attn {

/// One attention, on its way to the two loops.
class Decode {
public:
  Decode(IRBuilder &b, AttentionOp op, ScheduleAttr schedule,
         mlir::Value enabled);
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  build(IRBuilder &b, mlir::ValueRange outputs);

  /// The queries of a task.
  struct Queries {
    mlir::Value first, count;
  };
  /// A task: queries of the heads of one group, and a part of their keys.
  struct Work {
    mlir::Value batch, head; ///< The number of a group.
    Queries queries;
    mlir::Value split; ///< Of their keys, and
    mlir::Value part;  ///< its place in the partial results.
  };
  /// The task's parts of the results, behind `outputs`; and of the partial
  /// results `partials`, if there are any.
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  attendInto(IRBuilder &b, const Work &work, mlir::ValueRange outputs,
             mlir::ValueRange partials);

private:
  using Slices =
      llvm::SmallVector<std::pair<llvm::SmallVector<mlir::OpFoldResult>,
                                  llvm::SmallVector<mlir::OpFoldResult>>>;
  /// Those of run `number`.
  Queries queriesOf(IRBuilder &b, mlir::Value number);
  /// Where the results of a task lie in the outputs.
  Slices outputSlices(IRBuilder &b, const Work &work);
  Slices partialSlices(IRBuilder &b, const Work &work);

  /// A result of one batch, heads x queries x keys, without the batch; and put
  /// back.
  static mlir::Value withoutBatch(IRBuilder &b, mlir::Value tensor);
  static mlir::Value withBatch(IRBuilder &b, mlir::Value part,
                               mlir::Value tensor);
  static llvm::SmallVector<mlir::Value>
  slicesOf(IRBuilder &b, mlir::ValueRange tensors, const Slices &slices);
  /// Ends a task of `forall` with `parts` of its outputs.
  static void endTask(IRBuilder &b, mlir::scf::ForallOp forall,
                      mlir::ValueRange parts, const Slices &slices);

  /// Whether several tasks may share the keys of a query.
  bool splitsKeys() const {
    return schedule.getSplit() != 0 && mayShareLists(op);
  }
  void chooseRuns(IRBuilder &b, bool areFew);
  void chooseSplits(IRBuilder &b);
  /// The part of `count` entries of a list, of `size` keys each, that belongs
  /// to `split`: a multiple of `alignment` entries, but for the last.
  KeyRange splitList(IRBuilder &b, mlir::Value count, int64_t size,
                     int64_t alignment, mlir::Value split);
  /// What a query's scale is multiplied with: a score region wants scores in
  /// natural units, and so do results.
  double scoreFactor() {
    return op.getScore().empty() && !pairs.any() ? scoreUnit(op.getNormalizer())
                                                 : 1.0;
  }
  /// The number of rows of a task that exist.
  mlir::OpFoldResult liveRows(IRBuilder &b, Queries some) {
    return getAsOpFoldResult(b.mul(some.count, group));
  }
  mlir::Value packQuery(IRBuilder &b, AttentionOp task, mlir::Value live);
  mlir::Value packRows(IRBuilder &b, AttentionOp task, mlir::Value live,
                       mlir::Type type, double scale, bool halves);
  /// `results`: what numbers of pairs are written into; replaced. `visited`:
  /// whether there was a key.
  mlir::FailureOr<OnlineState> attend(IRBuilder &b, AttentionOp task,
                                      Queries some, mlir::Value split,
                                      PairTensors &results,
                                      mlir::Value &visited);
  /// Keys that some query of a task may read.
  KeyRange rangeOf(IRBuilder &b, AttentionOp task, Queries some);
  /// The live rows of a new tensor, holding `value`.
  static mlir::Value filledRows(IRBuilder &b, int64_t rows,
                                llvm::ArrayRef<int64_t> columns,
                                mlir::Type element, mlir::Value live,
                                double value);
  /// With `lanes`, sum and row_max have one element for each lane.
  OnlineState emptyState(IRBuilder &b, mlir::Value live, bool lanes);
  mlir::Value joinLanes(IRBuilder &b, llvm::StringRef name, mlir::Value lanes,
                        mlir::Value live);
  /// `sinks`: a score for each head of the group, or null. `scores`: what
  /// probabilities are made of, heads x queries x keys, unless it is in their
  /// place.
  llvm::SmallVector<mlir::Value> finish(IRBuilder &b, OnlineState state,
                                        mlir::Value sinks, mlir::Value scores,
                                        mlir::Value live,
                                        mlir::ValueRange into);
  /// Takes the result `scores` out of all results; null where it is none.
  mlir::Value takeScores(llvm::SmallVectorImpl<mlir::Value> &results);
  /// Whether parts of the keys may have none that a query reads: their partial
  /// results are not written, and a last one says which are.
  bool mayBeEmpty() { return lists || !op.getMask().empty(); }
  llvm::SmallVector<mlir::Value> keep(IRBuilder &b, const OnlineState &state,
                                      mlir::Value visited, mlir::Value live,
                                      mlir::ValueRange into);
  llvm::SmallVector<mlir::Value> keepState(IRBuilder &b,
                                           const OnlineState &state,
                                           mlir::Value live,
                                           mlir::ValueRange into);
  void mergeStatistics(IRBuilder &b, OnlineState &state,
                       mlir::ValueRange partials, mlir::Value split,
                       mlir::Value live);
  llvm::SmallVector<mlir::Value> addSplit(IRBuilder &b, OnlineState state,
                                          mlir::ValueRange partials,
                                          mlir::Value split, mlir::Value live);
  llvm::SmallVector<mlir::Value> mergeSplit(IRBuilder &b, OnlineState state,
                                            mlir::ValueRange partials,
                                            mlir::Value split,
                                            mlir::Value live);
  llvm::SmallVector<mlir::Value> merge(IRBuilder &b, mlir::ValueRange outputs,
                                       mlir::ValueRange partials);
  mlir::FailureOr<llvm::SmallVector<mlir::Value>>
  attendAll(IRBuilder &b, mlir::ValueRange outputs,
            llvm::SmallVector<mlir::Value> &partials);

  AttentionOp op;
  ScheduleAttr schedule;
  AttentionShape shape;
  HeadLayout at;
  mlir::Type element;
  int64_t group, rows; ///< Heads of a task, and rows of its tile.
  /// What says which keys queries see; or nothing. A task has the queries of
  /// one list.
  std::optional<KeyLists> lists;
  PairResults pairs;
  mlir::Value batches, keys, queries;
  int64_t run;      ///< Queries of a task at most,
  mlir::Value runs; ///< and how often there are so many; or null: once.
  /// Number of splits; and keys of one, where no list says which.
  mlir::Value splits, chunk;
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODE_H
