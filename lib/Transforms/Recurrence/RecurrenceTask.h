//===- RecurrenceTask.h - A state and the tokens that it meets --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A task is one key/value head of one batch and a run of columns of its state.
// It computes chunks of tokens at once ("Gated Linear Attention Transformers
// with Hardware-Efficient Training", Yang et al., 2024; for the delta rule
// "Gated Delta Networks", Yang et al., 2024). Let
//
//   a_t      what remains of the state at token t, exp of its decay,
//   L[i, j]  = a_i * ... * a_{j+1} for j <= i, and P[i] = a_i * ... * a_0.
//
// Then, with S the state before the chunk and all products by tokens,
//
//   outputs  = P (Q S) + A U               A[i, j] = L[i, j] q_i . k_j, j <= i
//   U        = V, or of the delta rule the solution of
//   U        = beta (V - P (K S)) + M U    M[i, j] = -beta_i L[i, j] k_i . k_j
//   new S    = P[last] S + (L[last] K)^T U                          (j < i)
//
// Decays of features stand at the features of keys and queries. L and P are
// products of what remains, never quotients: they neither overflow nor make a
// NaN of a token that forgets everything. What a token holds reaches no earlier
// one, not even as 0 * NaN: what lies above a diagonal is not multiplied.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_RECURRENCE_RECURRENCETASK_H
#define ATTN_LIB_TRANSFORMS_RECURRENCE_RECURRENCETASK_H

#include "attn/IR/AttnOps.h"
#include "attn/IR/RecurrenceShape.h"
#include "attn/Support/Contraction.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Support/RegisterTile.h"

namespace attn {

/// Columns [begin, end) of the state, in tasks of `width` each.
struct ColumnRun {
  int64_t begin, end, width;
};

/// One vector of features for each token of a chunk, or transposed.
struct TokenMatrix {
  mlir::Value tensor;
  bool transposed;

  /// A part of it, where tokens and features are these dimensions of the loop
  /// nest of a contraction.
  Factor part(IRBuilder &b, mlir::OpFoldResult token, mlir::OpFoldResult tokens,
              mlir::OpFoldResult feature, mlir::OpFoldResult features,
              unsigned tokenDim, unsigned featureDim) const;
};

/// What the products of one chunk are of.
struct Chunk {
  mlir::Value first, count; ///< Its tokens.
  /// L and P; null without a decay, and where decays stand at the features.
  mlir::Value between, before;
  mlir::Value betas;       ///< Null without the delta rule.
  TokenMatrix readingKeys; ///< They meet the state before the chunk,
  TokenMatrix writingKeys; ///< and these the one after it.
  mlir::Value among;       ///< M; null without the delta rule.
  // Of decays of features, for all query heads of the group:
  mlir::Value remains; ///< P[last], for each feature.
  mlir::Value queries; ///< Q at P: heads x tokens x features.
  mlir::Value scores;  ///< A: heads x tokens x tokens.
};

/// What the steps of one token are of.
struct Token {
  mlir::Value number;    ///< In its sequence.
  mlir::Value remaining; ///< Of the state; null without such a decay.
  mlir::Value remains;   ///< The same for each feature, or null.
  mlir::Value beta;      ///< Null without the delta rule.
  mlir::Value key, value, queries;
  mlir::Value readers; ///< The queries, and with the delta rule the key.
  mlir::Value dots;    ///< q . k for each query.
};

class RecurrenceTask {
public:
  explicit RecurrenceTask(LinearAttentionOp op);

  /// The columns of `run`, as parallel tasks: outputs and, if wanted, final
  /// states, into tensors of theirs.
  llvm::SmallVector<mlir::Value> build(IRBuilder &b, const ColumnRun &run,
                                       mlir::ValueRange into);

private:
  using Values = llvm::SmallVector<mlir::Value>;

  // The operands of the task (RecurrenceTask.cpp).
  mlir::Value headOf(IRBuilder &b, mlir::Value tensor, mlir::Value feature,
                     int64_t features);
  mlir::Value groupOf(IRBuilder &b, mlir::Value tensor, mlir::Value feature,
                      int64_t features);
  mlir::Value stateOf(IRBuilder &b, mlir::Value tensor);
  mlir::Value gateOf(IRBuilder &b, mlir::Value gates, mlir::Value token);
  mlir::Value initialState(IRBuilder &b, mlir::Value into);
  /// `into` with the elements of `from`, in its type. Rows of `into` behind row
  /// `last` of `from`, if given, repeat that.
  mlir::Value pack(IRBuilder &b, mlir::Value from, mlir::Value into,
                   mlir::Value last = {});
  /// Where queries or outputs of `heads` heads of the group from `head` on, and
  /// of `tokens` tokens from `token` on, lie in `groupOf`.
  std::pair<llvm::SmallVector<mlir::OpFoldResult>,
            llvm::SmallVector<mlir::OpFoldResult>>
  placeInGroup(IRBuilder &b, mlir::Value head, mlir::OpFoldResult heads,
               mlir::Value token, mlir::OpFoldResult tokens,
               mlir::OpFoldResult feature, mlir::OpFoldResult features);
  Values runTokens(IRBuilder &b, mlir::Value output, mlir::Value state);

  // One chunk (ChunkProducts.cpp); the tensors that it changed.
  Values runChunk(IRBuilder &b, mlir::Value first, mlir::Value count,
                  mlir::Value output, mlir::Value state);
  mlir::Value packKeys(IRBuilder &b, const Chunk &chunk);
  mlir::Value packQueries(IRBuilder &b, const Chunk &chunk, mlir::Value head);
  mlir::Value packValues(IRBuilder &b, const Chunk &chunk);
  using LeftRows =
      llvm::function_ref<Factor(IRBuilder &, mlir::Value, int64_t)>;
  mlir::Value multiplyPairs(IRBuilder &b, const Chunk &chunk, LeftRows left,
                            bool strict);
  mlir::Value solve(IRBuilder &b, const Chunk &chunk, mlir::Value values,
                    mlir::Value state);
  mlir::Value writeOutputs(IRBuilder &b, const Chunk &chunk, mlir::Value head,
                           mlir::Value queries, mlir::Value scores,
                           mlir::Value values, mlir::Value state,
                           mlir::Value output);
  mlir::Value updateState(IRBuilder &b, const Chunk &chunk, mlir::Value values,
                          mlir::Value state);
  mlir::Value sumRow(IRBuilder &b, mlir::Value coefficients, mlir::Value token,
                     mlir::Value begin, mlir::Value end, mlir::Value values,
                     int64_t column, int64_t columns);

  // Decays (Decays.cpp).
  mlir::Value exponential(IRBuilder &b, mlir::Value x);
  /// exp of `count` numbers in a tensor of `room`; 1 behind them.
  mlir::Value remainsOf(IRBuilder &b, mlir::Value first, mlir::Value count,
                        int64_t room);
  void tabulate(IRBuilder &b, Chunk &chunk, mlir::Value remains,
                mlir::Value count);
  mlir::Value packBetas(IRBuilder &b, mlir::Value first, mlir::Value count,
                        int64_t room);
  /// Row `token` of the decays of features, as what remains.
  mlir::Value remainsOfFeatures(IRBuilder &b, mlir::Value token);
  void rollKeys(IRBuilder &b, Chunk &chunk);

  // One token (SingleToken.cpp), from one state to another, which may be the
  // same.
  Values runToken(IRBuilder &b, mlir::Value number, mlir::Value from,
                  mlir::Value output, mlir::Value state);
  Values runColumns(IRBuilder &b, const Token &token, mlir::Value from,
                    mlir::Value output, mlir::Value state, mlir::Value column,
                    int64_t columns);
  mlir::Value packReaders(IRBuilder &b, const Token &token);
  mlir::Value readState(IRBuilder &b, const Token &token, mlir::Value state,
                        mlir::Value column, int64_t columns);

  llvm::SmallVector<RegisterTile> columnTiles(int64_t rows) const;

  LinearAttentionOp op;
  RecurrenceShape shape;
  ChunksAttr schedule;
  mlir::Type element; ///< The accumulation type.
  int64_t size;       ///< Tokens of a chunk.
  int64_t columns = 0;
  mlir::Value batch, head, firstQueryHead, firstColumn;
  mlir::Value query, key, value, featureDecay; ///< Of the task.
  Chunk constant; ///< Tables that all chunks share: of a decay of the head.
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_RECURRENCE_RECURRENCETASK_H
