//===- Shape.h - A problem to measure ---------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `--shape=K=V,...` and `--shapes=FILE.json` say, with every default
// filled in, and how much work it is.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_SHAPE_H
#define ATTN_BENCH_SHAPE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <vector>

namespace attn::bench {

enum class OpKind { attention, projectHeads, layer };

/// Which keys a query reads, beside the lengths.
struct Mask {
  enum Kind { none, causal, causalBottomRight, window, prefix };
  Kind kind = none;
  int64_t size = 0; ///< Of a window or a prefix.

  /// The live keys of query `i` are [first, second).
  std::pair<int64_t, int64_t> liveKeys(int64_t i, int64_t queries,
                                       int64_t keys) const;
};

/// What changes a score.
struct Score {
  enum Kind { none, alibi, softcap, t5, bias };
  Kind kind = none;
  double cap = 0; ///< Of a soft-cap.
};

struct Shape {
  OpKind op = OpKind::attention;
  std::string name; ///< For tables; may be empty.
  /// Of attention, and of the attention inside a layer.
  int64_t batch = 1, heads = 0, keyHeads = 0, queries = 0, keys = 0;
  int64_t headSize = 0, valueSize = 0;
  /// Of projections: rows, input features, output features of all weights
  /// together. Of a layer: K is the model's width, N that of the result.
  int64_t m = 0, k = 0, n = 0;
  int64_t weights = 1; ///< Of project_heads: N is split among so many.
  /// The types as MLIR spells them; keys and values may be of another type than
  /// queries and results.
  std::string dtype = "f32", keyValueType, layout = "bhsd";
  /// As they were written, and what they mean.
  std::string keyValueText, maskText = "none", scoreText = "none",
                            lengthsText = "none";
  Mask mask;
  Score score;
  std::vector<int64_t> lengths; ///< One a batch; empty: no such argument.
  int64_t threads = 1;
  bool saysThreads = false; ///< So that no other default is wanted.

  bool hasAttention() const { return op != OpKind::projectHeads; }
  bool hasProjections() const { return op != OpKind::attention; }
  llvm::StringRef opName() const;
  /// Whether keys and values are integers, with a scale for each row.
  bool isQuantized() const {
    return keyValueType == "i8" || keyValueType == "i4";
  }
  /// The type that scores are computed in.
  llvm::StringRef scoreType() const { return dtype == "f64" ? "f64" : "f32"; }
  /// `H8 S512 D64 causal`, or the name.
  std::string label() const;
};

/// The keys that a shape may have, as the contract spells them.
llvm::ArrayRef<llvm::StringLiteral> shapeKeys();

/// `K=V,...`. Errors name the key and the rule.
llvm::Expected<Shape> parseShape(llvm::StringRef text);
/// A JSON array of objects with the same keys, or of such strings.
llvm::Expected<std::vector<Shape>> parseShapes(llvm::StringRef json);

/// Query-key pairs that the mask and the lengths leave, over all batches and
/// query heads.
int64_t livePairs(const Shape &shape);
/// 2 a multiply-add of every contraction: 2 (D + DV) a live pair, 2 M N K.
double countFlops(const Shape &shape);
/// Bytes of one element of `dtype`; a half for i4.
double elementBytes(llvm::StringRef dtype);
/// What must be read and written at least: each input and output once, keys and
/// values as far as the lengths reach.
double countBytes(const Shape &shape);
/// Bytes of keys and values; without them, of the input and the weights.
double streamedBytes(const Shape &shape);

} // namespace attn::bench

#endif // ATTN_BENCH_SHAPE_H
