//===- LaneTree.h - Trees over the lanes of vectors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_VECTORIZE_LANETREE_H
#define ATTN_LIB_TRANSFORMS_VECTORIZE_LANETREE_H

#include "attn/Support/IRBuilder.h"

namespace attn {

/// How two numbers become one. A Maximum that meets a NaN is one; a MaxNumber
/// is not, of numbers that are none.
enum class LaneJoin { Sum, Maximum, MaxNumber };

/// All lanes of `vector`, and `initial`, as one number.
mlir::Value joinLanes(IRBuilder &b, LaneJoin join, mlir::Value vector,
                      mlir::Value initial);

/// One level of a tree that sums several vectors at once. Both hold 2^level
/// results in turns; the sum holds those of `first` and then those of `second`
/// in turns.
mlir::Value addHalves(IRBuilder &b, mlir::Value first, mlir::Value second,
                      int64_t level);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_VECTORIZE_LANETREE_H
