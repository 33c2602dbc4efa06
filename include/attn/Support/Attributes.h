//===- Attributes.h - Marks that one stage leaves for the next
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Discardable attributes. Dropping one between stages 4 and 5 costs time, never
// a result.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SUPPORT_ATTRIBUTES_H
#define ATTN_SUPPORT_ATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace attn {

/// On an argument of an entry: for each dimension, the number of the extent
/// that the entry makes sure it has, or of a fixed size n, -1 - n. Made by the
/// compiler, for attn-guard-loads.
inline constexpr llvm::StringLiteral extentsAttr = "attn.extents";

/// On a load of a region: the dimensions that must not be empty. Made by
/// attn-guard-loads, for attn-emit-checks.
inline constexpr llvm::StringLiteral notEmptyAttr = "attn.not_empty";

/// On an `arith.minsi` or `arith.maxsi`: it keeps an index in a tensor; on one
/// or an `arith.maxui`, a divisor from zero. On an `arith.select`: it has the
/// first value wherever that one is defined.
inline constexpr llvm::StringLiteral guardAttr = "attn.guard";

/// On the terminator of a region of attention: what its positions count, and
/// what it asks for its size, is no longer than `shortLength`; there are no
/// more than `fewHeads`. Made by attn-emit-checks, which checks that.
inline constexpr llvm::StringLiteral shortLengthsAttr = "attn.short_lengths";

/// On a `linalg.generic`: its reduced dimension lies in the lanes.
inline constexpr llvm::StringLiteral reduceLanesAttr = "attn.reduce_lanes";

/// On a `linalg.generic`: what is computed for positions beyond a bound is not
/// used, so that what is read for them is of no interest.
inline constexpr llvm::StringLiteral boundedLanesAttr = "attn.bounded_lanes";

/// On an `arith.minsi` in such an op: it is that bound.
inline constexpr llvm::StringLiteral boundAttr = "attn.bound";

/// On a `linalg.generic` that contracts pairs: its results are squares in
/// matrix registers; its rows and columns are whole squares, its depth whole
/// registers.
inline constexpr llvm::StringLiteral matrixTilesAttr = "attn.matrix_tiles";

/// On a `linalg.generic`, rows of each input that no dimension indexes: the op
/// does not read these inputs, but fetches them into the cache while it runs,
/// so many rows of each, for an op that comes later.
inline constexpr llvm::StringLiteral fetchAttr = "attn.fetch";

} // namespace attn

#endif // ATTN_SUPPORT_ATTRIBUTES_H
