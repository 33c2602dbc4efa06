//===- Weights.cpp - What scores weigh where there is no softmax
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

/// 1 / (1 + 2^-x), from 2^-|x|, which neither overflows nor, of -inf, leaves
/// anything.
static Value sigmoid(IRBuilder &b, Value x) {
  Location loc = b.getLoc();
  Value zero = b.floating(x.getType(), 0), one = b.floating(x.getType(), 1);
  Value below =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, zero);
  Value size = math::AbsFOp::create(b, loc, x);
  Value power =
      math::Exp2Op::create(b, loc, arith::NegFOp::create(b, loc, size));
  Value part = arith::SelectOp::create(b, loc, below, power, one);
  return arith::DivFOp::create(b, loc, part,
                               arith::AddFOp::create(b, loc, one, power));
}

Value attn::weightOf(IRBuilder &b, StringRef normalizer, Value score) {
  if (normalizer == "sigmoid")
    return sigmoid(b, score);
  Location loc = b.getLoc();
  Value zero = b.floating(score.getType(), 0);
  // A NaN stays one.
  auto zeroIf = [&](arith::CmpFPredicate predicate, Value bound) -> Value {
    Value none = arith::CmpFOp::create(b, loc, predicate, score, bound);
    return arith::SelectOp::create(b, loc, none, zero, score);
  };
  if (normalizer == "none")
    return zeroIf(
        arith::CmpFPredicate::OEQ,
        b.floating(score.getType(), -std::numeric_limits<double>::infinity()));
  Value positive = zeroIf(arith::CmpFPredicate::OLT, zero);
  return normalizer == "relu2" ? b.mulf(positive, positive) : positive;
}
