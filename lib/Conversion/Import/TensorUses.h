//===- TensorUses.h - Where a tensor goes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_TENSORUSES_H
#define ATTN_LIB_CONVERSION_IMPORT_TENSORUSES_H

#include "mlir/IR/Operation.h"

namespace attn::raising {

/// The value behind the reshapes and transposes that follow `value`, each the
/// only use of the one before it.
mlir::Value followViews(mlir::Value value);

/// A use of what `from` computes that ends neither in an op of `isEnd` nor
/// unused, so that raising would compute it twice. Null if there is none.
/// Asking for the size of a tensor is no use of it.
mlir::Operation *
findOtherUse(mlir::Operation *from,
             llvm::function_ref<bool(mlir::Operation *)> isEnd);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_TENSORUSES_H
