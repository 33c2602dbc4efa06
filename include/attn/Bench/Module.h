//===- Module.h - A problem as a user would write it ------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_MODULE_H
#define ATTN_BENCH_MODULE_H

#include "attn/Bench/Shape.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/raw_ostream.h"

namespace attn::bench {

/// One tensor of the entry: the signature and the data follow from the same
/// list.
struct Argument {
  enum Fill { normal, slopes, lengths, levels, scales };

  std::string name;
  std::string dtype;
  llvm::SmallVector<int64_t> shape;  ///< Of the measured call.
  llvm::SmallVector<char> isDynamic; ///< Written as `?` in the module.
  Fill fill = normal;
  double deviation = 1; ///< Of normal data.

  /// `tensor<?x8x?x64xf32>`
  std::string type() const;
  /// Whether lengths limit what is read of it.
  bool belongsToKeys() const {
    return name == "k" || name == "v" || fill == scales;
  }
};

/// How many levels of i8 or i4 a standard deviation of the data takes: a third
/// of the range, so that a few values in a thousand are clipped.
double levelsADeviation(llvm::StringRef dtype);

std::vector<Argument> inputsOf(const Shape &shape);
std::vector<Argument> outputsOf(const Shape &shape);

/// The module that is compiled and timed: one function called like the op.
/// Heads and sizes are static, batch and lengths are dynamic.
std::string writeModule(const Shape &shape);

/// Inside an attention op, the score and mask regions with their keywords,
/// each line indented; nothing where there is none.
void writeRegions(const Shape &shape, llvm::raw_ostream &os);

} // namespace attn::bench

#endif // ATTN_BENCH_MODULE_H
