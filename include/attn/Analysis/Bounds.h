//===- Bounds.h - What is known of an integer at compile time ---*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The mask analysis computes with true integers, while a mask computes with
// integers that wrap. Bounds prove that the two agree; where they can't, the
// analysis emits a check instead.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_ANALYSIS_BOUNDS_H
#define ATTN_ANALYSIS_BOUNDS_H

#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include <algorithm>
#include <cstdint>
#include <optional>

namespace attn::mask {

/// `min <= x <= max`, in the signed interpretation.
struct Bounds {
  int64_t min, max;

  static Bounds exactly(int64_t value) { return {value, value}; }
  /// [-2^bits, 2^bits].
  static constexpr Bounds magnitude(unsigned bits) {
    return {-(int64_t(1) << bits), int64_t(1) << bits};
  }
  /// The values that an integer of `bits` <= 64 can have.
  static Bounds ofWidth(unsigned bits);
  /// Of an integer or index type; nothing for others and beyond 64 bits.
  static std::optional<Bounds> ofType(mlir::Type type);

  bool contains(Bounds other) const {
    return min <= other.min && other.max <= max;
  }
  bool isConstant() const { return min == max; }
  Bounds intersect(Bounds other) const {
    return {std::max(min, other.min), std::min(max, other.max)};
  }
};

/// Bounds of a sum, difference or product; nothing where they leave 64 bits.
std::optional<Bounds> add(Bounds a, Bounds b);
std::optional<Bounds> subtract(Bounds a, Bounds b);
std::optional<Bounds> multiply(Bounds a, Bounds b);

/// A position in a batch, a head or a sequence: dimensions are below 2^31.
constexpr Bounds positionBounds = {0, (int64_t(1) << 31) - 1};

/// Bounds of an integer SSA value from the ops that compute it, by upstream's
/// range inference. `known` has values of which more is known, which is asked
/// first.
Bounds staticBounds(mlir::Value value,
                    const llvm::DenseMap<mlir::Value, Bounds> &known);

} // namespace attn::mask

#endif // ATTN_ANALYSIS_BOUNDS_H
