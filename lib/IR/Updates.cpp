//===- Updates.cpp - Results that are an argument with new rows
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/Updates.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;

OpOperand *attn::getUpdatedOperand(Operation *op) {
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return &insert.getDestMutable();
  if (auto append = dyn_cast<AppendOp>(op))
    return &append.getCacheMutable();
  return nullptr;
}

Value attn::beforeUpdates(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (OpOperand *updated = getUpdatedOperand(op))
      value = updated->get();
    else if (auto cast = dyn_cast<tensor::CastOp>(op))
      value = cast.getSource();
    else
      break;
  }
  return value;
}

BlockArgument attn::getUpdatedArgument(Value value) {
  auto argument = dyn_cast<BlockArgument>(beforeUpdates(value));
  if (!argument || argument.getType() != value.getType() ||
      !isa<func::FuncOp>(argument.getOwner()->getParentOp()))
    return {};
  // Without a change it is an input and an output.
  for (; Operation *op = value.getDefiningOp(); value = op->getOperand(0))
    if (getUpdatedOperand(op))
      return argument;
  return {};
}

SmallVector<BlockArgument> attn::getUpdatedArguments(func::FuncOp function) {
  return llvm::map_to_vector(
      function.getBody().front().getTerminator()->getOperands(),
      [](Value value) { return getUpdatedArgument(value); });
}
