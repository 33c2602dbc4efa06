//===- Elements.cpp - Looking at every element of a tensor ----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elements.h"

using namespace mlir;
using namespace attn;

SmallVector<Value> attn::with(ArrayRef<Value> front, Value last) {
  SmallVector<Value> indices(front);
  indices.push_back(last);
  return indices;
}

Value attn::linearIndex(IRBuilder &b, Value tensor, ValueRange at) {
  Value linear = b.index(0);
  for (auto [dim, index] : llvm::enumerate(at))
    linear = b.add(
        b.createOrFold<arith::MulIOp>(b.getLoc(), linear, b.dim(tensor, dim)),
        index);
  return linear;
}

Value attn::forEachIndex(IRBuilder &b, Value tensor, unsigned dims,
                         Value status, CheckElement body,
                         ArrayRef<Value> outer) {
  if (outer.size() == dims)
    return body(b, outer, status);
  return b.loop(
      b.index(0), b.dim(tensor, outer.size()), 1, status,
      [&](IRBuilder &b, Value index, ValueRange now) -> SmallVector<Value> {
        return {
            forEachIndex(b, tensor, dims, now[0], body, with(outer, index))};
      })[0];
}
