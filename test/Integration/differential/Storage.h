//===- Storage.h - How a function's tensors are stored -------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_STORAGE_H
#define ATTN_TEST_DIFFERENTIAL_STORAGE_H

#include "Random.h"
#include <optional>
#include <string>
#include <vector>

namespace attn::differential {

/// How keys or values are stored. Element types as MLIR spells them.
struct Cache {
  std::string element = "f32";
  /// Scales: one for each of so many groups of a row, 0 for one a row without a
  /// dimension of its own.
  std::optional<int64_t> groups;
  std::string scale = "f32";
  std::string zeroPoint; ///< Empty: none.
};

/// What `attn.attention` has beside f32 tensors of a batch.
struct Storage {
  std::string query = "f32", output = "f32";
  Cache key, value;
  int64_t pageSize = 0; ///< 0: keys and values are no pool of pages.
  bool packed = false;  ///< Sequences behind each other.

  bool isDouble() const { return query == "f64"; }
  /// Of scores and statistics.
  std::string accumulator() const { return isDouble() ? "f64" : "f32"; }
  /// What sets it apart, one word each, for `--unsupported`: `q:bf16`, `k:i8`,
  /// `v:i4`, `o:f32`, and the names of operand groups.
  std::vector<std::string> features() const;
};

/// Draws storage for heads of those sizes; rank 4 allows pages, rank 3 packing.
Storage makeStorage(Random &random, int64_t headSize, int64_t valueSize,
                    bool batched);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_STORAGE_H
