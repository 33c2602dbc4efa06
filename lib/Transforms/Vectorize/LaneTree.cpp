//===- LaneTree.cpp - Trees over the lanes of vectors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LaneTree.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

static Value larger(IRBuilder &b, LaneJoin join, Value first, Value second) {
  if (join == LaneJoin::Maximum)
    return arith::MaximumFOp::create(b, b.getLoc(), first, second);
  return b.maxNumber(first, second);
}

Value attn::joinLanes(IRBuilder &b, LaneJoin join, Value vector,
                      Value initial) {
  Location loc = b.getLoc();
  if (join == LaneJoin::Sum)
    return vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD,
                                       vector, initial,
                                       arith::FastMathFlags::reassoc);
  // By halves: LLVM takes one lane after the other, as it has to where some are
  // NaN.
  int64_t lanes = cast<VectorType>(vector.getType()).getNumElements();
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    auto part = [&](int64_t from) {
      return vector::ExtractStridedSliceOp::create(b, loc, vector, from, half,
                                                   1);
    };
    vector = larger(b, join, part(0), part(half));
  }
  return larger(b, join, vector::ExtractOp::create(b, loc, vector, int64_t(0)),
                initial);
}

// Levels stay inside 128 bits as long as they can: such shuffles are the cheap
// ones.
Value attn::addHalves(IRBuilder &b, Value first, Value second, int64_t level) {
  auto type = cast<VectorType>(first.getType());
  int64_t lanes = type.getNumElements();
  int64_t inner = std::min<int64_t>(lanes, 128 / type.getElementTypeBitWidth());
  int64_t unit = int64_t(1) << level;
  SmallVector<int64_t> low, high;
  if (unit < inner) {
    for (int64_t base = 0; base < lanes; base += inner)
      for (int64_t at = 0; at < inner / 2; at += unit)
        for (int64_t from : {base + at, lanes + base + at})
          for (int64_t lane = 0; lane < unit; ++lane) {
            low.push_back(from + lane);
            high.push_back(from + inner / 2 + lane);
          }
  } else {
    for (int64_t base = 0; base < 2 * lanes; base += 2 * inner)
      for (int64_t lane = 0; lane < inner; ++lane) {
        low.push_back(base + lane);
        high.push_back(base + inner + lane);
      }
  }
  Location loc = b.getLoc();
  return arith::AddFOp::create(
      b, loc, vector::ShuffleOp::create(b, loc, first, second, low),
      vector::ShuffleOp::create(b, loc, first, second, high));
}
