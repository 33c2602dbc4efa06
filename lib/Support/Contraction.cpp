//===- Contraction.cpp - The register-tiled product of two factors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/Contraction.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/RegisterTile.h"
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

/// The part [begin, begin + size) of the dimension that `loop` indexes.
static Factor partOf(IRBuilder &b, const Factor &factor, unsigned loop,
                     int64_t begin, int64_t size) {
  auto type = cast<RankedTensorType>(factor.tensor.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)), sizes;
  for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
    bool isPart = factor.dims[dim] == loop;
    if (isPart)
      offsets[dim] = b.getIndexAttr(begin);
    sizes.push_back(b.getIndexAttr(isPart ? size : extent));
  }
  return {b.slice(factor.tensor, offsets, sizes), factor.dims};
}

Value attn::multiplySquares(IRBuilder &b, const Factor &left,
                            const Factor &right, Value acc, int64_t pack,
                            unsigned loop) {
  auto accumulate = [&](Value sum, int64_t begin, int64_t size) {
    return multiplyAccumulate(b, partOf(b, left, loop, begin, size),
                              partOf(b, right, loop, begin / pack, size / pack),
                              sum, pack);
  };
  auto shape = cast<RankedTensorType>(left.tensor.getType()).getShape();
  int64_t depth = shape[llvm::find(left.dims, loop) - left.dims.begin()];
  if (ShapedType::isDynamic(depth)) {
    Value sum = multiplyAccumulate(b, left, right, acc, pack);
    sum.getDefiningOp()->setAttr(matrixTilesAttr, b.getUnitAttr());
    return sum;
  }
  int64_t whole = depth / matrixDepth * matrixDepth;
  Value sum = accumulate(acc, 0, whole);
  sum.getDefiningOp()->setAttr(matrixTilesAttr, b.getUnitAttr());
  return whole < depth ? accumulate(sum, whole, depth - whole) : sum;
}
