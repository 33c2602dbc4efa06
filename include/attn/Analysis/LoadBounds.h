//===- LoadBounds.h - Which loads of a region stay in their tensor *- C++ -*-=//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A score or mask region may read a captured tensor at any index that it
// computes. What is proved to lie in the tensor is read as it is; what is not
// must be kept there by other means.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_ANALYSIS_LOADBOUNDS_H
#define ATTN_ANALYSIS_LOADBOUNDS_H

#include "attn/Analysis/Bounds.h"
#include "attn/Analysis/DimensionClasses.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace attn {

/// What is known of one index of a load.
struct IndexProof {
  bool notNegative, belowSize;
  /// That it holds only of a dimension that is not empty.
  bool ifNotEmpty;
};

/// Bounds of all integers of `region`'s block, where its `arguments` have
/// those; floats among these have any.
llvm::DenseMap<mlir::Value, mask::Bounds>
boundsInRegion(mlir::Region &region, llvm::ArrayRef<mask::Bounds> arguments);

/// The same of a region of `op`, whose positions are as the shape says.
llvm::DenseMap<mlir::Value, mask::Bounds> boundsInRegion(AttentionOp op,
                                                         mlir::Region &region);

/// Below 2^31, the lengths and heads up to which the arithmetic of ordinary
/// regions (sums of two positions, or of one and a constant) stays in 32 bits.
constexpr int64_t shortLength = int64_t(1) << 30;
constexpr int64_t fewHeads = 1 << 16;

/// Whether lanes of 32 bits would change what `region` computes with index
/// values; it takes the positions b, h, i and j last. Sequences, batches and
/// tensors that it asks for their sizes are shorter than 2^31, or where
/// `shortLengthsAttr` says so, no longer than `shortLength`.
bool needsWideLanes(mlir::Region &region);

/// Whether it takes that attribute for 32 bits to be enough.
bool isNarrowForShortLengths(mlir::Region &region);

/// Proves loads of the region `region` of `op`: by integer ranges, by the
/// user's own clamps, and by the extents that are the same in `extents`.
class LoadBounds {
public:
  LoadBounds(AttentionOp op, mlir::Region &region, DimensionClasses &extents);

  IndexProof prove(mlir::tensor::ExtractOp load, unsigned dim);

private:
  /// The dimension in question.
  struct Extent {
    mlir::Value tensor;
    unsigned dim;
    int64_t size; ///< Or `ShapedType::kDynamic`.
    bool ifNotEmpty = false;
  };
  mask::Bounds boundsOf(mlir::Value value);
  bool isSame(const Extent &extent, mlir::Value tensor, unsigned dim);
  /// Whether `value` is the extent itself.
  bool isExtent(mlir::Value value, const Extent &extent);
  /// Whether it is the extent minus something.
  bool isLessThanExtent(mlir::Operation *op, const Extent &extent);
  bool isPositionBelow(mlir::BlockArgument position, const Extent &extent);
  bool isBelow(mlir::Value value, Extent &extent);
  bool isNotNegative(mlir::Value value, Extent &extent);

  AttentionOp op;
  mlir::Region &region;
  DimensionClasses &extents;
  llvm::DenseMap<mlir::Value, mask::Bounds> known;
};

} // namespace attn

#endif // ATTN_ANALYSIS_LOADBOUNDS_H
