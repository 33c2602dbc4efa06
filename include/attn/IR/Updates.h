//===- Updates.h - Results that are an argument with new rows ---*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function that returns what it put rows into means a change of the caller's
// cache. This says once which results those are; descriptions, lowering and
// tools agree by asking here.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_UPDATES_H
#define ATTN_IR_UPDATES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn {

/// On an argument that the function changes in place: the number of the result
/// that is the changed argument (i64).
inline constexpr llvm::StringLiteral kUpdatedByAttr = "attn.updated_by";

/// The tensor that `op` puts rows into: `attn.append`'s cache, or the
/// destination of `tensor.insert_slice`. Null for other ops.
mlir::OpOperand *getUpdatedOperand(mlir::Operation *op);

/// The argument of a function that `value` is, with rows put into it by one op
/// or more in a row; null if it is anything else.
mlir::BlockArgument getUpdatedArgument(mlir::Value value);

/// The same, for the results of `function`, whose body is one block.
llvm::SmallVector<mlir::BlockArgument>
getUpdatedArguments(mlir::func::FuncOp function);

/// `value`, or what it was before rows were put into it: a tensor of its size.
mlir::Value beforeUpdates(mlir::Value value);

} // namespace attn

#endif // ATTN_IR_UPDATES_H
