//===- RegionEmitter.h - Write score and mask regions from expressions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_REGIONEMITTER_H
#define ATTN_LIB_CONVERSION_IMPORT_REGIONEMITTER_H

#include "AttentionDims.h"
#include "attn/IR/AttnOps.h"

namespace attn::raising {

/// The positions at which the regions of `match` read tensors or themselves.
llvm::SmallVector<llvm::ArrayRef<Index>>
collectLoads(TensorExprs &exprs, const AttentionMatch &match);

/// Adds the score and the mask region of `match`, and the scale, to `op`. Fails
/// if something in them can't be written there; `op` is then incomplete.
mlir::LogicalResult emitRegions(mlir::OpBuilder &builder, AttentionOp op,
                                TensorExprs &exprs, const AttentionMatch &match,
                                const AttentionDims &dims, Mismatch &mismatch);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_REGIONEMITTER_H
