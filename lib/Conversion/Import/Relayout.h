//===- Relayout.h - Bring a tensor into the dimensions that an op wants
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_RELAYOUT_H
#define ATTN_LIB_CONVERSION_IMPORT_RELAYOUT_H

#include "IndexDigits.h"
#include "mlir/IR/Builders.h"

namespace attn::raising {

/// A tensor and the position in it that loop variables select, as atoms.
struct IndexedTensor {
  mlir::Value tensor;
  llvm::SmallVector<Index> index;
};

/// Whether `relayout` would move data: needs a transpose or a broadcast.
bool needsCopy(const IndexedTensor &source, llvm::ArrayRef<Index> wanted);

/// The tensor `r` with `r[wanted...] = source.tensor[source.index...]`, by as
/// few slices, reshapes, transposes and broadcasts as that takes. Fails where
/// `wanted` lacks an atom of the source, or a size can't be computed.
mlir::FailureOr<mlir::Value> relayout(mlir::OpBuilder &builder,
                                      mlir::Location loc,
                                      const IndexedTensor &source,
                                      llvm::ArrayRef<Index> wanted);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_RELAYOUT_H
