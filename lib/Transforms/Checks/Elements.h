//===- Elements.h - Looking at every element of a tensor --------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_CHECKS_ELEMENTS_H
#define ATTN_LIB_TRANSFORMS_CHECKS_ELEMENTS_H

#include "attn/Support/IRBuilder.h"

namespace attn {

/// `last` behind the indices `front`.
llvm::SmallVector<mlir::Value> with(llvm::ArrayRef<mlir::Value> front,
                                    mlir::Value last);

/// The number of the element at `at` in the whole of `tensor`.
mlir::Value linearIndex(IRBuilder &b, mlir::Value tensor, mlir::ValueRange at);

/// Gives the status behind the element at the indices, from the one before.
using CheckElement = llvm::function_ref<mlir::Value(
    IRBuilder &, llvm::ArrayRef<mlir::Value>, mlir::Value)>;
/// Calls `body` with every index of the first `dims` dimensions of `tensor`, in
/// loops inside of those of `outer`.
mlir::Value forEachIndex(IRBuilder &b, mlir::Value tensor, unsigned dims,
                         mlir::Value status, CheckElement body,
                         llvm::ArrayRef<mlir::Value> outer = {});

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_CHECKS_ELEMENTS_H
