//===- Nibbles.h - The order of features that lie two in a byte -*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A vector of bytes holds the even features in its low halves and the odd ones
// in its high halves. What is multiplied with them, or accumulates them, has
// the same order where it is ours to choose: all even features of a row, then
// all odd ones.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_NIBBLES_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_NIBBLES_H

#include "attn/Support/IRBuilder.h"

namespace attn {

/// Whether a region reads i4.
bool readsNibbles(mlir::Region &load);

/// Whether what belongs to a cache, with rows of `features`, has that order.
/// Halves of a single feature would leave nothing for the lanes.
inline bool hasHalves(mlir::Value cache, int64_t features) {
  return mlir::getElementTypeOrSelf(cache).isInteger(4) && features > 2;
}
inline bool hasHalves(mlir::Region &load, int64_t features) {
  return readsNibbles(load) && features > 2;
}
/// Feature `2 * byte + half`, in the form that attn-unpack-nibbles reads.
inline mlir::Value featureOf(IRBuilder &b, mlir::Value byte, mlir::Value half) {
  return b.add(b.mul(byte, 2), half);
}

/// Rows `.. x D` as `.. x 2 x D/2`: the halves of a row behind each other.
mlir::Value splitHalves(IRBuilder &b, mlir::Value rows);
/// The same backwards.
mlir::Value joinHalves(IRBuilder &b, mlir::Value halves);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_NIBBLES_H
