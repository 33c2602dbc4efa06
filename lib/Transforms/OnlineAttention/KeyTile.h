//===- KeyTile.h - Writes one key tile of online attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The schedule of one key tile on a CPU:
//
//   for each block of 8 keys:                                       KeyTile.cpp
//     convert keys and values that cannot be read as they are         Loads.cpp
//     scores^T = key . query^T, keys in rows, queries in lanes       Scores.cpp
//     score region; mask region where the block is not wholly live   Scores.cpp
//       (terms of the distance alone: once for the tile          Distances.cpp)
//       (products with rows of tables: looked up, or once TableTerms.cpp)
//     maximum, lazily: rescale only if some lane grew by over 60    Softmax.cpp
//     probabilities^T = exp2(scores^T - max), for the whole tile    Softmax.cpp
//       (or other weights, which need no maximum Weights.cpp)
//   acc += probabilities . value, over the whole tile, from zero in
//     the first and divided by the sum in the last                  Values.cpp
//   acc += probabilities . rows of a table                     TableValues.cpp
//
// On matrix registers, both products are MatrixProducts.cpp's: scores of 32
// keys at a time, of which the blocks are read, and of the values all but the
// last keys of a tile that are less than a register.
//
// The scores of a block never leave registers, and acc is loaded and stored
// once a tile. Everything here is tensors; the loops become registers and
// scratch memory in the stages after.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_KEYTILE_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_KEYTILE_H

#include "OnlineState.h"
#include "PairTable.h"
#include "RowFactor.h"
#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Support/RegisterTile.h"

namespace attn {

/// The running state of a key tile: the block loop's iter_args.
struct KeyTileState {
  mlir::Value max, sum; ///< Null without a softmax.
  mlir::Value rowMax;   ///< The true maximum; null unless it is asked for.
  mlir::Value acc;
  mlir::Value output; ///< Where the op may end the state; or null. Not a
                      ///< part of the loop's.
  /// Results, and the tile's as they are computed; null unless they are asked
  /// for. Others are those that the score region yields behind the score.
  mlir::Value scores, scoreTile, others, otherTile;
  /// Of the whole tile. With pairs (`dot = 2`), two keys lie side by side: row
  /// k holds element 2 * q + p for key 2 * k + p.
  mlir::Value probabilities;
  /// The tile's values in the same arrangement, where they are not read as they
  /// lie in memory; or null.
  mlir::Value values;
  mlir::Value dirty; ///< i1: some partly masked block holds a non-finite value.
                     ///< Null without a mask.

  /// The parts that are there, in one fixed order.
  llvm::SmallVector<mlir::Value *> parts() {
    llvm::SmallVector<mlir::Value *> list;
    for (mlir::Value *part :
         {&max, &sum, &rowMax, &acc, &scores, &scoreTile, &others, &otherTile,
          &probabilities, &values, &dirty})
      if (*part)
        list.push_back(part);
    return list;
  }
  llvm::SmallVector<mlir::Value> list() {
    llvm::SmallVector<mlir::Value> values;
    for (mlir::Value *part : parts())
      values.push_back(*part);
    return values;
  }
  /// The same parts with new values.
  KeyTileState with(mlir::ValueRange values) const {
    KeyTileState state = *this;
    for (auto [part, value] : llvm::zip_equal(state.parts(), values))
      *part = value;
    return state;
  }

  /// The state that `op` begins with, and its results from the one after it.
  static KeyTileState before(OnlineAttentionOp op);
  llvm::SmallVector<mlir::Value> resultsOf(OnlineAttentionOp op);
};

/// What judging a block of keys may read: as many vectors as its queries and
/// its keys take, beside thousands of multiply-adds.
constexpr int64_t readsOfBlock = 16;

/// Positions in lanes are 32 bits wide, since lengths are below 2^31, or where
/// a region adds to them, checked to be shorter; one that captures an index of
/// unknown size (a window's width, say) needs 64.
void chooseLaneWidth(mlir::Value result, mlir::Region &region);

/// Gives the op that `result` is of a unit attribute.
inline void mark(mlir::Value result, llvm::StringRef attribute) {
  result.getDefiningOp()->setAttr(attribute,
                                  mlir::UnitAttr::get(result.getContext()));
}

/// `position`, or the `last` one: what lies beyond is computed, and not used.
mlir::Value boundPosition(IRBuilder &b, mlir::Value position, mlir::Value last);

/// Whether a score is so far above its row's maximum that it must move.
mlir::Value outgrows(IRBuilder &b, mlir::Value score, mlir::Value maximum);
/// The maximum after a score, if that outgrows it, and before it the factor
/// that it asks of everything that the old one scaled.
llvm::SmallVector<mlir::Value> moveMaximum(IRBuilder &b, mlir::Value score,
                                           mlir::Value maximum);
/// The weight of a score, in the unit of the op's normalizer, which is not
/// softmax; that of -inf, which masked pairs have, is zero.
mlir::Value weightOf(IRBuilder &b, llvm::StringRef normalizer,
                     mlir::Value score);
/// weight * row, and zero for a weight of zero, whatever the row holds.
mlir::Value weighed(IRBuilder &b, mlir::Value weight, mlir::Value row);
/// Replaces by `rescale` what depends on the maximum, where `condition` holds.
void rescaleWhere(
    IRBuilder &b, mlir::Value condition, KeyTileState &state,
    llvm::function_ref<KeyTileState(IRBuilder &, KeyTileState)> rescale);

/// Element (row, feature) of what a load region gives.
using ElementAt =
    llvm::function_ref<mlir::Value(IRBuilder &, mlir::Value, mlir::Value)>;
/// Fills rows of `features` elements, counted as `2 * byte + half` where they
/// are `nibbles`: then both halves of a byte are written at once.
mlir::Value fillRows(IRBuilder &b, mlir::Value into, int64_t features,
                     bool nibbles, ElementAt element);

/// Writes the linalg of one `attn.online_attention` with queries in the lanes.
class KeyTile {
public:
  KeyTile(IRBuilder &b, OnlineAttentionOp op);
  llvm::SmallVector<mlir::Value> build(IRBuilder &b);

private:
  /// What later blocks and the values' contraction will read: matrices, and how
  /// many rows of each.
  llvm::SmallVector<std::pair<mlir::Value, int64_t>>
  rowsToFetch(IRBuilder &b, mlir::Value row);
  mlir::Value contractQuery(IRBuilder &b, mlir::Value row,
                            llvm::StringRef iterators, mlir::AffineMap queryMap,
                            mlir::AffineMap scoreMap,
                            llvm::ArrayRef<IRBuilder::Extent> extents,
                            IRBuilder::GenericBody body);
  mlir::Value computeScores(IRBuilder &b, mlir::Value row);
  mlir::Value computePairScores(IRBuilder &b, mlir::Value row);
  /// key[row + r, :] . query^T[:, lane] in matrix registers, for as many rows r
  /// as their block has.
  mlir::Value computeSquares(IRBuilder &b, mlir::Value row);
  /// The scores of the block that begins `row` rows below the first of these.
  mlir::Value readScores(IRBuilder &b, mlir::Value squares, mlir::Value row);
  /// All blocks of keys, and one of them: from scores to probabilities.
  KeyTileState visitBlocks(IRBuilder &b, KeyTileState before);
  KeyTileState visitBlock(IRBuilder &b, mlir::Value scores, mlir::Value row,
                          KeyTileState state);
  /// The scores, and behind them what is kept instead of them, if the region
  /// yields that.
  llvm::SmallVector<mlir::Value>
  applyScoreRegion(IRBuilder &b, mlir::Value scores, mlir::Value row);
  /// Puts the score terms that depend on the distance alone into tables.
  void tabulateDistances(IRBuilder &b);
  using ValueAt = llvm::function_ref<mlir::Value(IRBuilder &, mlir::Value)>;
  /// A tensor of `type`, by place, of what `at` gives for each distance j - i.
  mlir::Value tabulate(IRBuilder &b, mlir::Type type, ValueAt at);
  /// The place of the distance between `lane` and `key` of the tile.
  mlir::Value placeOf(IRBuilder &b, mlir::Value lane, mlir::Value key);

  /// Which rows of a table the pairs of the tile ask for.
  struct TileRows {
    PairTable table;
    llvm::SmallVector<mlir::Value> slice; ///< Of the table.
    mlir::Value byPlace; ///< Numbers of rows, i32; null where they are no
                         ///< function of the distance.
    mlir::Value single;  ///< i1: it is one row, `row`. Null with `byPlace`.
    mlir::Value row;

    /// Element `feature` of row number `row`, as `type`.
    mlir::Value element(IRBuilder &b, mlir::Value row, mlir::Value feature,
                        mlir::Type type) const {
      return table.element(b, slice, row, feature, type);
    }
  };
  TileRows findRows(IRBuilder &b, mlir::Region &region, mlir::Value table,
                    mlir::ValueRange indices);
  /// The number of the row for `lane` and `key` of the tile.
  mlir::Value rowOf(IRBuilder &b, const TileRows &rows, mlir::Value lane,
                    mlir::Value key);
  /// Computes what the score region multiplies with rows of tables.
  void multiplyTables(IRBuilder &b);
  mlir::Value lookUpProducts(IRBuilder &b, const TileRows &rows,
                             mlir::Value products, mlir::Value into,
                             mlir::Value keys);
  mlir::Value multiplyQueries(IRBuilder &b, const TileRows &rows,
                              mlir::Value queries, mlir::Value into,
                              mlir::Value keys);
  mlir::Value multiplyKeys(IRBuilder &b, const TileRows &rows,
                           mlir::Value into);
  /// One key as `1 x features`, from the block that `loaded`, or null, holds.
  mlir::Value keyRow(IRBuilder &b, mlir::Value loaded, mlir::Value row,
                     mlir::Value key);
  /// acc with the rows of the value table added.
  mlir::Value addTableRows(IRBuilder &b, const KeyTileState &state);
  mlir::Value addSingleRow(IRBuilder &b, const TileRows &rows,
                           const KeyTileState &state);
  mlir::Value addRows(IRBuilder &b, const TileRows &rows,
                      const KeyTileState &state);
  /// The score region for `lane` and `key` of the tile, with these tables.
  llvm::SmallVector<mlir::Value> inlineScore(IRBuilder &b, mlir::Value score,
                                             mlir::Value lane, mlir::Value key);
  mlir::Value applyMask(IRBuilder &b, mlir::Value scores, mlir::Value row);
  /// Keeps a block's scores as a result, if they are one, and gives them in the
  /// unit in which they are exponentiated.
  mlir::Value keepScores(IRBuilder &b, mlir::ValueRange scores, mlir::Value row,
                         KeyTileState &state);
  /// Writes what was kept, the scores of the whole tile, into a result.
  mlir::Value writePairs(IRBuilder &b, mlir::Value tile, mlir::Value result);
  mlir::Value isPartlyMasked(IRBuilder &b, mlir::Value row);
  /// A block of numbers, keys x queries, times a factor of each key.
  mlir::Value multiplyRows(IRBuilder &b, mlir::Value block, mlir::Value row,
                           const RowFactor &factor);
  mlir::Value hasNonFiniteFactor(IRBuilder &b, mlir::Value row);
  mlir::Value hasNonFiniteValue(IRBuilder &b, mlir::Value row,
                                const KeyTileState &state);
  /// Puts the keys of a block into scratch, or gives null where the contraction
  /// can read them as they are.
  mlir::Value loadKeys(IRBuilder &b, mlir::Value row);
  /// Puts keys from `row` on, as many as `into` has rows, there.
  mlir::Value fillKeys(IRBuilder &b, mlir::Value row, mlir::Value into);
  /// The same for its values, into the state.
  void loadValues(IRBuilder &b, mlir::Value row, KeyTileState &state);
  void updateMaximum(IRBuilder &b, mlir::Value scores, mlir::Value row,
                     KeyTileState &state);
  KeyTileState rescale(IRBuilder &b, mlir::Value blockMax, mlir::Value row,
                       KeyTileState state);
  mlir::Value scaleProbabilities(IRBuilder &b, mlir::Value alpha,
                                 mlir::Value row, mlir::Value probabilities);
  mlir::Value exponential(IRBuilder &b, mlir::Value score, mlir::Value max);
  mlir::Value weigh(IRBuilder &b, mlir::Value scores, mlir::Value into,
                    const KeyTileState &state);
  void computeProbabilities(IRBuilder &b, mlir::Value scores, mlir::Value row,
                            KeyTileState &state);
  /// All give acc and, if the op has one, the output.
  llvm::SmallVector<mlir::Value> accumulate(IRBuilder &b,
                                            const KeyTileState &state);
  llvm::SmallVector<mlir::Value> accumulateVectors(IRBuilder &b,
                                                   const KeyTileState &state);
  llvm::SmallVector<mlir::Value> accumulateSquares(IRBuilder &b,
                                                   const KeyTileState &state);
  /// The probabilities of these keys as rows of queries, in scratch.
  mlir::Value rowsOfQueries(IRBuilder &b, mlir::Value probabilities,
                            mlir::Value begin, mlir::Value end);
  /// Keys of the tile that are whole registers of depth.
  mlir::Value wholeDepth(IRBuilder &b);
  /// Keys of the tile, relative to it, that queries [row, row + rows) may read.
  KeyRange rangeOfRows(IRBuilder &b, mlir::Value row, int64_t rows);
  llvm::SmallVector<mlir::Value> accumulateMasked(IRBuilder &b,
                                                  const KeyTileState &state);
  mlir::Value probability(IRBuilder &b, const KeyTileState &state,
                          mlir::Value key, mlir::Value row);
  mlir::Value value(IRBuilder &b, const KeyTileState &state, mlir::Value key,
                    mlir::Value feature);
  llvm::SmallVector<mlir::Value>
  contractValue(IRBuilder &b, const KeyTileState &state, mlir::ValueRange into,
                mlir::Value row, int64_t rows, mlir::Value column,
                int64_t columns);
  /// Whether a block of these sizes is all of acc. It is computed in place.
  bool isAlone(llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// acc[offsets][sizes], or zeros where the op begins a state.
  mlir::Value initialBlock(IRBuilder &b, mlir::Value acc,
                           llvm::ArrayRef<mlir::OpFoldResult> offsets,
                           llvm::ArrayRef<mlir::OpFoldResult> sizes);
  /// 1 / sum of each row, or zero where no key is live.
  mlir::Value invert(IRBuilder &b, mlir::Value sum);
  mlir::Value normalize(IRBuilder &b, mlir::Value block, mlir::Value row,
                        mlir::Value output,
                        llvm::ArrayRef<mlir::OpFoldResult> offsets,
                        llvm::ArrayRef<mlir::OpFoldResult> sizes);
  mlir::Value normalizeTail(IRBuilder &b, mlir::ValueRange results,
                            const RegisterTile &tile);
  /// The live rows of acc, where the op ends a state; else output as it is.
  mlir::Value normalizeAll(IRBuilder &b, mlir::Value acc, mlir::Value output);

  /// Arguments (b, h, i, j) of a region for the block's `lane` and `key`, both
  /// index values relative to the tile.
  llvm::SmallVector<mlir::Value> position(IRBuilder &b, mlir::Value lane,
                                          mlir::Value key);
  /// The last valid key for a row of the block: a ragged last block repeats it.
  mlir::Value clampKey(IRBuilder &b, mlir::Value row);

  OnlineAttentionOp op;
  ScheduleAttr schedule;
  mlir::Type element;
  int64_t features, width, valueSize, blockKeys;
  int64_t pair; ///< Keys side by side in one row of the probabilities.
  /// Of what is multiplied in pairs, which it would round.
  RowFactor keyFactor, valueFactor;
  mlir::Type product; ///< What contractions multiply.
  double unit;        ///< Of scores that are exponentiated.
  /// What remains to multiply scores with when they are exponentiated.
  double scoreScale;
  mlir::Value count; ///< Keys of this tile.
  mlir::Value scratchAlpha, scratchKeys, scratchSquares;
  mlir::Value inverse; ///< Of the sums, where the op may end a state.
  /// Values of the score region, and their tables.
  llvm::SmallVector<std::pair<mlir::Value, mlir::Value>> distanceTables;
  /// What products with tables are: keys x lanes, of which keys behind `last`
  /// have the same as that.
  struct TableTerm {
    mlir::Value term, products, last;
  };
  llvm::SmallVector<TableTerm> tableTerms;
  mlir::OpFoldResult zero;
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_KEYTILE_H
