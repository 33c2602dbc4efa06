//===- DistanceTerms.h - Parts of a region that only see j - i --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Relative biases of all kinds (buckets of T5, clipped tables, sums of cosines)
// are functions of the distance j - i between key and query. A tile of m x n
// pairs has m + n - 1 distances: a kernel computes such a term once for each of
// them, and looks it up.
//
// What decides is how a value comes about, not what it is called: positions are
// followed through integer arithmetic as multiples of i and j, and a value in
// which both appear as multiples of j - i, or that is made of nothing else, is
// one of the distance.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_ANALYSIS_DISTANCETERMS_H
#define ATTN_ANALYSIS_DISTANCETERMS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/Region.h"

namespace attn {

/// The floating-point values of a score region that depend on i and j through
/// j - i alone, are used by something that depends on more, and cost more than
/// looking them up: they convert integers, load from tensors, divide, or call
/// functions. In the order of the region; empty for an empty one.
llvm::SmallVector<mlir::Value> findDistanceTerms(mlir::Region &score);

/// What a value depends on besides the batch and the head: nothing, the
/// distance j - i alone, or anything.
enum class PairDependence { None, Distance, Any };

/// Of a value of `region`, which takes the positions b, h, i and j last, or of
/// one around it.
PairDependence dependenceOnPair(mlir::Region &region, mlir::Value value);

/// Whether a value of `region` depends on which entry of a list names the key.
bool dependsOnEntry(mlir::Region &region, mlir::Value value);

/// Emits such values of the region for the batch `b`, the head `h` and j - i =
/// `distance`, index values, on which they depend alone.
llvm::SmallVector<mlir::Value> emitAtDistance(mlir::OpBuilder &builder,
                                              mlir::Region &region,
                                              mlir::ValueRange values,
                                              mlir::Value b, mlir::Value h,
                                              mlir::Value distance);

/// Emits values of the region for the pair at `position` (b, h, i, j); they do
/// not depend on a score.
llvm::SmallVector<mlir::Value> emitAtPosition(mlir::OpBuilder &builder,
                                              mlir::Region &region,
                                              mlir::ValueRange values,
                                              mlir::ValueRange position);

} // namespace attn

#endif // ATTN_ANALYSIS_DISTANCETERMS_H
