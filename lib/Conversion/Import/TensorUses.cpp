//===- TensorUses.cpp - Where a tensor goes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorUses.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

/// Whether `op` makes one dimension of several whose sizes are not known. Which
/// position is which can't be told behind it.
static bool joinsDynamic(Operation *op) {
  auto collapse = dyn_cast<tensor::CollapseShapeOp>(op);
  return collapse &&
         llvm::any_of(collapse.getReassociationIndices(),
                      [&](ArrayRef<int64_t> group) {
                        return llvm::count_if(group, [&](int64_t dim) {
                                 return collapse.getSrcType().isDynamicDim(dim);
                               }) > 1;
                      });
}

Value attn::raising::followViews(Value value) {
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
             linalg::TransposeOp>(user) ||
        user->getOperand(0) != value || joinsDynamic(user))
      break;
    value = user->getResult(0);
  }
  return value;
}

Operation *
attn::raising::findOtherUse(Operation *from,
                            llvm::function_ref<bool(Operation *)> isEnd) {
  SmallVector<Operation *> worklist{from};
  llvm::SmallPtrSet<Operation *, 16> seen;
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val()->getUsers()) {
      // The body of a linalg op may use a tensor of the outside.
      Operation *op = from->getBlock()->findAncestorOpInBlock(*user);
      if (!op)
        return user;
      if (isEnd(op) || isa<tensor::DimOp>(op) || !seen.insert(op).second)
        continue;
      if (op->hasTrait<OpTrait::IsTerminator>() || !isMemoryEffectFree(op))
        return user;
      worklist.push_back(op);
    }
  return nullptr;
}
