//===- MatrixBlock.cpp - One block of a projection on matrix registers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A matrix register holds no bias and is not rounded: sums go through scratch
// memory, which costs little beside a whole depth.
//
//===----------------------------------------------------------------------===//

#include "ProjectionTiler.h"

using namespace mlir;
using namespace attn;

/// The same as buildBlock does.
Value ProjectionTiler::buildMatrixBlock(IRBuilder &b, const PackedTile &tile,
                                        int64_t height, const Factor &input,
                                        Value row, Value column, Value into) {
  int64_t width = tile.shape.columns;
  SmallVector<OpFoldResult> at = {row, column},
                            extent = {b.getIndexAttr(height),
                                      b.getIndexAttr(width)};
  Factor weights = readWeights(b, tile, column);
  unsigned depthLoop = p.inputGroup ? 3 : 2;
  Value sum = b.filled(b.empty(extent, accumulator), 0.0);
  sum = multiplySquares(b, input, weights, sum, pack, depthLoop);

  SmallVector<Value> inputs = {sum};
  const unsigned both[] = {0, 1}, columns[] = {1};
  SmallVector<ArrayRef<unsigned>> maps = {both};
  if (p.bias) {
    inputs.push_back(readBias(b, column, width));
    maps.push_back(columns);
  }
  Value block = b.slice(into, at, extent);
  block = b.generic("pp", inputs, maps, block, {{0, 1}},
                    [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                      Value x = args[0];
                      if (p.bias)
                        x = b.addf(x, b.convert(args[1], accumulator));
                      return {b.convert(activate(b, x), args.back().getType())};
                    })[0];
  return b.insert(block, into, at, extent);
}
