//===- Zone.h - Sets of (query, key) pairs by their bounds ------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A zone bounds the query i, the key j and their distance j - i: the difference
// bound matrix of two variables. Zones are closed under intersection, and three
// comparisons tell exactly whether an integer pair lies in one, which is why a
// causal window over padded sequences gets exact answers from cheap code.
//
// A set of pairs is a union of zones, each with a run-time condition under
// which it counts at all.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_ANALYSIS_ZONE_H
#define ATTN_LIB_ANALYSIS_ZONE_H

#include "Scalar.h"
#include "llvm/ADT/SmallVector.h"
#include <array>

namespace attn::mask {

/// What a bound is on: i, j, or j - i.
enum Axis : unsigned { Query, Key, Distance, numAxes };

/// Bounds in a zone stay within these, so that sums with positions fit easily.
constexpr Bounds zoneBounds = Bounds::magnitude(40);

/// Bounds, both included; an absent one is no bound.
struct Zone {
  std::array<std::optional<Scalar>, numAxes> lower, upper;

  bool isEverything() const {
    auto absent = [](const auto &bound) { return !bound; };
    return llvm::all_of(lower, absent) && llvm::all_of(upper, absent);
  }
};

/// The pairs of `zone` if `possible`, otherwise none.
struct Case {
  Bit possible = true;
  Zone zone;

  bool isEverything() const { return possible.isTrue() && zone.isEverything(); }
};

/// A union; none for no case.
using Cases = llvm::SmallVector<Case, 2>;

/// The pairs that a mask is asked about; first and last, both included.
struct Box {
  Scalar iFirst, iLast, jFirst, jLast;
};

/// Operations on sets of pairs of one box.
class ZoneBuilder {
public:
  ZoneBuilder(ScalarBuilder &scalars, Box box) : scalars(scalars), box(box) {}

  Cases meet(const Cases &a, const Cases &b);
  Cases join(const Cases &a, const Cases &b);
  /// Whether any pair of the box lies in the set.
  Bit any(const Cases &cases);
  /// First and last key of the set, in the box. Nothing if there is none for
  /// sure; otherwise first > last may say so at run time.
  std::optional<std::pair<Scalar, Scalar>> keys(const Cases &cases);
  /// Whether keys between those of two cases may be in neither.
  bool mayHaveGap(const Cases &cases);

private:
  struct Span {
    Scalar first, last;
  };
  Span querySpan(const Zone &zone);
  Span keySpan(const Zone &zone);
  /// Keys of pairs in the zone, tightened by its queries and distances.
  Span closedKeySpan(const Zone &zone);
  /// Whether the case holds a pair of the box; of a box with any keys.
  Bit isPossible(const Case &single);
  Bit isPossibleButForKeys(const Case &single);
  /// One case that holds all pairs of `cases`.
  Cases hull(const Cases &cases);

  ScalarBuilder &scalars;
  Box box;
};

} // namespace attn::mask

#endif // ATTN_LIB_ANALYSIS_ZONE_H
