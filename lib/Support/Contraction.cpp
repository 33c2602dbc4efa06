//===- Contraction.cpp - The register-tiled product of two factors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/Contraction.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

Value attn::multiplyAccumulate(IRBuilder &b, const Factor &left,
                               const Factor &right, Value acc, int64_t pack) {
  unsigned loops = 2;
  for (const Factor *factor : {&left, &right})
    for (unsigned dim : factor->dims)
      loops = std::max(loops, dim + 1);
  unsigned second = loops;
  if (pack > 1)
    ++loops;
  auto map = [&](ArrayRef<unsigned> dims, bool packed) {
    SmallVector<AffineExpr> results;
    for (unsigned dim : dims)
      results.push_back(b.d(dim));
    if (packed)
      results.back() = results.back() * pack + b.d(second);
    return AffineMap::get(loops, 0, results, b.getContext());
  };
  SmallVector<IRBuilder::Extent> extents;
  if (pack > 1)
    extents.push_back({second, pack});
  Type element = getElementTypeOrSelf(acc);
  std::string iterators = "pp" + std::string(loops - 2, 'r');
  return b.generic(
      iterators, {left.tensor, right.tensor}, acc,
      {map(left.dims, pack > 1), map(right.dims, pack > 1), map({0, 1}, false)},
      extents, [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        return {b.addf(
            b.mulf(b.convert(args[0], element), b.convert(args[1], element)),
            args[2])};
      })[0];
}
