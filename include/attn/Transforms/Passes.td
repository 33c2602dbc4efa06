//===- Passes.td - Passes over the attn dialect ------------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_PASSES_TD
#define ATTN_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def TileQueries : Pass<"attn-tile-queries", "::mlir::func::FuncOp"> {
  let summary = "Cut each attention into tasks of one head and one query tile";
  let description = [{
    Tiles every `attn.attention` over batch, heads and queries into one
    `scf.forall` with the upstream driver (`TilingInterface`). The query tile is
    the one of the op's schedule. After this pass each attention has one batch,
    one query head and at most `query_tile` queries, and knows its global
    offsets.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // ATTN_TRANSFORMS_PASSES_TD
