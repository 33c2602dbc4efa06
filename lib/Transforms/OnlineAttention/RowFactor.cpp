//===- RowFactor.cpp - What all features of a key or value share
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowFactor.h"

using namespace mlir;
using namespace attn;

RowFactor::RowFactor(Region &region) {
  if (region.empty())
    return;
  Block &block = region.front();
  auto product =
      block.getTerminator()->getOperand(0).getDefiningOp<arith::MulFOp>();
  if (!product)
    return;
  std::function<bool(Value)> dependsOnFeature = [&](Value value) {
    if (value == region.getArgument(1))
      return true;
    Operation *def = value.getDefiningOp();
    return def && def->getBlock() == &block &&
           llvm::any_of(def->getOperands(), dependsOnFeature);
  };
  for (unsigned number : {1, 0})
    if (!dependsOnFeature(product->getOperand(number))) {
      load = &region;
      operand = number;
      return;
    }
}

Value RowFactor::of(IRBuilder &b, Value row) const {
  Value product = b.inlineRegion(*load, {row, b.index(0)});
  return product.getDefiningOp<arith::MulFOp>()->getOperand(operand);
}

Value RowFactor::element(IRBuilder &b, Region &region, Value row,
                         Value feature) const {
  Value element = b.inlineRegion(region, {row, feature});
  if (!load)
    return element;
  return element.getDefiningOp<arith::MulFOp>()->getOperand(1 - operand);
}
