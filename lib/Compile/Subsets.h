//===- Subsets.h - Do two ops touch the same part of a tensor? --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_COMPILE_SUBSETS_H
#define ATTN_LIB_COMPILE_SUBSETS_H

#include "mlir/IR/DialectRegistry.h"

namespace attn {

/// Gives slices and vector transfers a quicker `SubsetOpInterface`. Of two
/// models of one interface the first stays, so this goes before upstream's
/// extensions.
void registerQuickSubsets(mlir::DialectRegistry &registry);

} // namespace attn

#endif // ATTN_LIB_COMPILE_SUBSETS_H
