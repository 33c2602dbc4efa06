//===- Guards.h - Clamps around what a region may not meet -----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SUPPORT_GUARDS_H
#define ATTN_SUPPORT_GUARDS_H

#include "attn/Support/Attributes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace attn {

/// `index` without the clamps that attn-guard-loads, or attn-guard-arithmetic,
/// put around it; these, the outermost first, are appended to `guards`. Each
/// has what it bounds on the left.
inline mlir::Value
withoutGuards(mlir::Value index,
              llvm::SmallVectorImpl<mlir::Operation *> *guards = nullptr) {
  while (mlir::Operation *op = index.getDefiningOp()) {
    if (!llvm::isa<mlir::arith::MinSIOp, mlir::arith::MaxSIOp,
                   mlir::arith::MaxUIOp>(op) ||
        !op->hasAttr(guardAttr))
      break;
    if (guards)
      guards->push_back(op);
    index = op->getOperand(0);
  }
  return index;
}

} // namespace attn

#endif // ATTN_SUPPORT_GUARDS_H
