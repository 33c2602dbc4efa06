//===- MaskAnalysis.h - Which keys a mask region keeps ----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Judges a mask region over a box of (query, key) positions without evaluating
// it per element. Nothing is looked up by name and nothing is precomputed: the
// answers are a few scalar ops, emitted where they are asked for, so captured
// scalars and per-batch loads are bounds like any other. docs/masks.md explains
// how.
//
// Rules for callers: an empty region keeps every key; positions and dimensions
// are below 2^31 (checked at the entry of a compiled function); what the region
// captures, and the values of the box, dominate the insertion point.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_ANALYSIS_MASKANALYSIS_H
#define ATTN_ANALYSIS_MASKANALYSIS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Region.h"
#include <string>

namespace attn {

/// Queries i in [iBegin, iEnd) and keys j in [jBegin, jEnd) of one batch and
/// one head. All are index values.
struct MaskBox {
  mlir::Value b, h, iBegin, iEnd, jBegin, jEnd;
  /// How many of both there are at most, where that is known at compile time;
  /// zero where it is not.
  int64_t maxQueries = 0, maxKeys = 0;
  /// How many reads of captured tensors, of an element or of 16 side by side,
  /// a load that varies over the box is worth. What needs more, or cannot be
  /// bounded by the numbers above, stays unknown.
  int64_t maxReads = 0;
};

/// What is known of all pairs of a box; i1 values.
struct MaskVerdict {
  mlir::Value someLive; ///< false proves that no pair of the box is live
  mlir::Value allLive;  ///< true proves that every pair of the box is live
};

/// Emits scalar ops that judge `mask` over `box`, which holds at least one
/// pair.
MaskVerdict emitMaskVerdict(mlir::OpBuilder &builder, mlir::Location loc,
                            mlir::Region &mask, const MaskBox &box);

/// Keys [begin, end); index values.
struct KeyRange {
  mlir::Value begin, end;
};

/// Emits scalar ops for the keys outside of which no query of the box is live.
/// The result lies inside the keys of the box, which are [0, number of keys)
/// and may be none; `begin <= end` always holds.
KeyRange emitKeyRange(mlir::OpBuilder &builder, mlir::Location loc,
                      mlir::Region &mask, const MaskBox &queries);

/// How a mask was understood, known at compile time.
struct MaskSummary {
  bool hasKeyRange = false; ///< `emitKeyRange` can give less than all keys
  bool hasVerdict = false;  ///< `emitMaskVerdict` can give more than "perhaps"
  /// Some keys of the range may be dead for all queries of a tile, and
  /// `emitMaskVerdict` can tell.
  bool hasHoles = false;
  std::string text; ///< for the remark
};
MaskSummary summarizeMask(mlir::Region &mask);

} // namespace attn

#endif // ATTN_ANALYSIS_MASKANALYSIS_H
