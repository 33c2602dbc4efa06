//===- Nibbles.cpp - The order of features that lie two in a byte ---------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Nibbles.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;

bool attn::readsNibbles(Region &load) {
  WalkResult result = load.walk([](tensor::ExtractOp extract) {
    return extract.getType().isInteger(4) ? WalkResult::interrupt()
                                          : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// Dimensions of rows, and those of their halves that they stand for.
static SmallVector<ReassociationIndices> halvesOf(int64_t rank) {
  SmallVector<ReassociationIndices> groups;
  for (int64_t dim = 0; dim < rank; ++dim)
    groups.push_back({dim});
  groups.back().push_back(rank);
  return groups;
}

Value attn::splitHalves(IRBuilder &b, Value rows) {
  auto type = cast<RankedTensorType>(rows.getType());
  SmallVector<int64_t> shape(type.getShape());
  shape.back() /= 2;
  shape.insert(shape.end() - 1, 2);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, b.getLoc(), rows);
  sizes.back() = b.getIndexAttr(shape.back());
  sizes.insert(sizes.end() - 1, b.getIndexAttr(2));
  return tensor::ExpandShapeOp::create(b, b.getLoc(), type.clone(shape), rows,
                                       halvesOf(type.getRank()), sizes);
}

Value attn::joinHalves(IRBuilder &b, Value halves) {
  auto type = cast<RankedTensorType>(halves.getType());
  return tensor::CollapseShapeOp::create(b, b.getLoc(), halves,
                                         halvesOf(type.getRank() - 1));
}
