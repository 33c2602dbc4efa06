//===- DecodeTile.h - Writes one key tile for few queries
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The schedule of one key tile where queries are too few to fill the lanes. A
// row is one query of one head of a group that shares the keys:
//
//   for each block of as many keys as a vector has lanes:       DecodeTile.cpp
//     for each few rows:
//       scores = query . key^T: features in the lanes, then a
//         transpose-reduce that leaves a key in each lane     DecodeScores.cpp
//   for each block, and for each few rows (in the same loop where nothing but a
//   mask is between products and scores):
//       score region; mask region where the block is not live DecodeScores.cpp
//         (products with rows of tables                       DecodeTables.cpp)
//       maximum, lazily; probabilities; sums by lane         DecodeSoftmax.cpp
//   acc += probabilities . value, over the whole tile         DecodeValues.cpp
//   acc += probabilities . rows of a table                    DecodeTables.cpp
//
// Keys and values are read once from memory for all rows, and never packed:
// reading them is what decoding costs. Those of another type are converted on
// the way; a factor that all features of a key share (a scale) multiplies its
// score or its probability instead.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODETILE_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODETILE_H

#include "KeyTile.h"
#include "Nibbles.h"

namespace attn {

/// Rows that are computed together: `many` at a time, then `few`, which divide
/// every number of rows that a task can have.
struct RowTiles {
  int64_t many, few;
  /// At most `most` of them.
  static RowTiles of(int64_t group, int64_t rows, int64_t most);
  /// Each row has the partial sums of some keys.
  static RowTiles forScores(int64_t group, int64_t rows, int64_t registers);
  /// Each row has accumulators for a whole row of values, of `vectors`, so that
  /// values are read in the order in which they lie in memory.
  static RowTiles forValues(int64_t group, int64_t rows, int64_t registers,
                            int64_t vectors);
};

/// `each` for every head of a group, from 0, that `mask` may treat differently;
/// a loop where they are many.
llvm::SmallVector<mlir::Value>
forDistinctHeads(IRBuilder &b, mlir::Region &mask, int64_t group,
                 mlir::ValueRange before, IRBuilder::LoopBody each);

/// Bounds of the keys that some query of the box, of any of `group` heads from
/// `box.h` on, may read.
KeyRange emitGroupKeyRange(IRBuilder &b, mlir::Region &mask, const MaskBox &box,
                           int64_t group);

/// Writes the linalg of one `attn.online_attention` with keys in the lanes.
class DecodeTile {
public:
  DecodeTile(IRBuilder &b, OnlineAttentionOp op);
  llvm::SmallVector<mlir::Value> build(IRBuilder &b);

private:
  /// `count` rows from `first` on.
  struct Rows {
    mlir::Value first;
    int64_t count;
  };
  using RowsBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      IRBuilder &, Rows, mlir::ValueRange)>;
  /// Covers the live rows, carrying `state`.
  llvm::SmallVector<mlir::Value> forRows(IRBuilder &b, RowTiles tiles,
                                         mlir::ValueRange state, RowsBody body);
  mlir::Value rowsOf(IRBuilder &b, mlir::Value tensor, Rows rows);
  mlir::Value insertRows(IRBuilder &b, mlir::Value part, mlir::Value tensor,
                         Rows rows);

  mlir::Value blockOf(IRBuilder &b, mlir::Value tile, mlir::Value block,
                      Rows rows);
  mlir::Value multiplyKeys(IRBuilder &b);
  mlir::Value computeScores(IRBuilder &b, mlir::Value block, Rows rows);
  /// Whether the products of queries and keys are the scores.
  bool areFinished();
  llvm::SmallVector<mlir::Value> finishScores(IRBuilder &b, mlir::Value scores,
                                              mlir::Value block, Rows rows);
  mlir::Value applyMask(IRBuilder &b, mlir::Value scores, mlir::Value block,
                        Rows rows);
  /// As in a KeyTile.
  mlir::Value keepScores(IRBuilder &b, mlir::ValueRange scores,
                         mlir::Value block, Rows rows, KeyTileState &state);
  mlir::Value writePairs(IRBuilder &b, mlir::Value tile, mlir::Value result);
  mlir::Value isPartlyMasked(IRBuilder &b, mlir::Value block);

  void updateMaximum(IRBuilder &b, mlir::Value scores, mlir::Value block,
                     Rows rows, KeyTileState &state);
  KeyTileState rescale(IRBuilder &b, mlir::Value scores, mlir::Value block,
                       Rows rows, KeyTileState state);
  void computeProbabilities(IRBuilder &b, mlir::Value scores, mlir::Value block,
                            Rows rows, KeyTileState &state);

  mlir::Value accumulate(IRBuilder &b, const KeyTileState &state);
  mlir::Value contractValue(IRBuilder &b, const KeyTileState &state,
                            mlir::Value acc, Rows rows, int64_t column,
                            int64_t columns);
  mlir::Value accumulateMasked(IRBuilder &b, const KeyTileState &state);
  mlir::Value keepRows(IRBuilder &b, mlir::Value from, mlir::Value into);
  mlir::Value takeBack(IRBuilder &b, mlir::Value from, mlir::Value into);
  mlir::Value hasNaN(IRBuilder &b, mlir::Value acc);
  /// The same as `accumulate`, where masked keys may hold a NaN or an infinity.
  mlir::Value accumulateChecked(IRBuilder &b, KeyTileState state);

  /// What the score region multiplies with rows of a table.
  struct TableTerm {
    mlir::Operation *dot;
    PairTable table;
  };
  void findTables(IRBuilder &b);
  /// Copies a block's keys, converted, where products with tables need them.
  void copyKeys(IRBuilder &b, mlir::Value block);
  /// A term of `rows` x lanes; or null, where it is looked up pair by pair.
  mlir::Value multiplyTable(IRBuilder &b, const TableTerm &term,
                            mlir::Value block, Rows rows);
  mlir::Value lookUpProduct(IRBuilder &b, const TableTerm &term,
                            mlir::Value row, mlir::Value key);
  mlir::Value addTableRows(IRBuilder &b, const KeyTileState &state);

  /// Element (key, feature) of the keys or values, without the factor that
  /// `keyFactor` or `valueFactor` takes out.
  mlir::Value keyElement(IRBuilder &b, mlir::Value key, mlir::Value feature);
  mlir::Value valueElement(IRBuilder &b, mlir::Value key, mlir::Value feature);
  /// Arguments (b, h, i, j) of a region for a row of the op and a key of the
  /// tile.
  llvm::SmallVector<mlir::Value> position(IRBuilder &b, mlir::Value row,
                                          mlir::Value key);
  /// Key `lane` of the block; lanes behind the last key repeat it.
  mlir::Value keyOfLane(IRBuilder &b, mlir::Value block, mlir::Value lane);

  OnlineAttentionOp op;
  ScheduleAttr schedule;
  mlir::Type element; ///< That is accumulated.
  mlir::Type product; ///< That is multiplied.
  int64_t features, valueSize;
  double unit; ///< Of scores that are exponentiated.
  int64_t lanes, pair, group;
  RowTiles tiles;
  RowFactor keyFactor, valueFactor;
  /// Rows of queries, or of accumulators, are in the order of Nibbles.h.
  bool keyHalves, valueHalves;
  mlir::Value count; ///< Keys of this tile.
  mlir::Value scratchMax, scratchRaised;
  mlir::Value scratchAcc; ///< Null without a mask.
  llvm::SmallVector<TableTerm> tableTerms;
  mlir::Value scratchKeys; ///< Lanes x features, where keys meet tables.
  mlir::Value copiedKeys;  ///< The same, with those of the block.
  mlir::OpFoldResult zero;
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODETILE_H
