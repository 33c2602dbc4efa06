//===- Function.h - One random attention as a function -------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_FUNCTION_H
#define ATTN_TEST_DIFFERENTIAL_FUNCTION_H

#include "Lists.h"
#include "Storage.h"
#include "Tables.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>
#include <vector>

namespace attn::differential {

/// The type of a tensor; sizes below 0 are those of a call.
std::string tensorType(llvm::ArrayRef<int64_t> sizes,
                       llvm::StringRef element = "f32");

/// What a region may capture; each is an argument of the function.
enum class Capture {
  width,   ///< `%width: index`.
  factor,  ///< `%factor: f32`.
  lengths, ///< `%lengths: tensor<?xi32>`, one a batch.
  starts,  ///< `%starts: tensor<?xi32>`, one a batch.
  slopes,  ///< `%slopes: tensor<Hxf32>`.
  table,   ///< `%table: tensor<33xf32>`, by distance.
  bias,    ///< `%bias: tensor<Hx?x?xf32>`, by head, query and key.
  map,     ///< `%map: tensor<?xi32>`, of any length and any numbers.
  grid,    ///< `%grid: tensor<?x?xf32>`, of any sizes.
  words,   ///< `%words: tensor<?x?xi32>`, of any sizes and any bits.
  edges    ///< `%edges: tensor<?xf32>`, by entry.
};

/// A region: the text between its braces, and what its rounding
/// errors can be.
struct Region {
  std::string text;
  /// The same of a score region that yields another number too, which the
  /// result `scores` holds; or empty.
  std::string keeping;
  /// A change of the score by x changes the result by at most this times x.
  double slope = 1;
  /// Operations on the score, each of which rounds.
  int operations = 0;
};

struct Function {
  std::string name;
  bool batched = true, sequenceFirst = false;
  int64_t heads, keyHeads, headSize, valueSize;
  /// Sizes in the type; -1 where a call decides.
  int64_t batch = -1, queries = -1, keys = -1;
  std::optional<double> scale;
  std::optional<Region> score, mask, valueRow;
  std::vector<Capture> captures; ///< In the order of the arguments.
  std::vector<std::string> aux;
  std::string normalizer = "softmax";
  /// Operand groups, then tables of the score region: arguments before the
  /// captures.
  bool sinks = false;
  std::optional<RowTable> valueTable;
  std::optional<Lists> lists;
  std::vector<RowTable> tables;
  Storage storage;

  int rank() const { return batched ? 4 : 3; }
  /// The shape of a tensor of `count` heads of `size` features.
  std::vector<int64_t> shape(int64_t batch, int64_t count, int64_t length,
                             int64_t size) const;
  /// The shape of the scales of such a tensor of the key's heads.
  std::vector<int64_t> scaleShape(int64_t batch, int64_t length,
                                  int64_t groups) const;
  /// The number of the argument with the scales of the key or the value.
  unsigned scales(bool ofValue) const;
  /// The number of the argument that is the page table.
  unsigned pageTable() const;
  /// Whether `scores` are others than the final ones.
  bool keepsOthers() const { return score && !score->keeping.empty(); }
  /// The function as MLIR text, with those further results.
  std::string text(llvm::ArrayRef<std::string> aux,
                   bool finalScores = false) const;
};

/// What the functions of a module are made of.
struct Grammar {
  bool mixed = false; ///< Types, pages and packed sequences.
  bool kinds = false; ///< All kinds of scores, masks, weights and results.
};

/// The function number `index` of the module that `seed` gives.
Function makeFunction(uint64_t seed, unsigned index, Grammar grammar);

/// A mask of comparisons of i, j, distances, constants and captures, combined
/// by and, or and not; adds what it captures.
Region makeMask(Random &random, const Function &function,
                std::vector<Capture> &captures, bool anyIntegers = false);
/// A score region: biases, slopes, soft-caps, tables, in one to three steps.
/// With `tables`, to which those are added that it makes, it computes any
/// integers and multiplies with rows.
Region makeScore(Random &random, const Function &function,
                 std::vector<Capture> &captures,
                 std::vector<RowTable> *tables = nullptr);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_FUNCTION_H
