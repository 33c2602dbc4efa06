//===- Passes.td - Import: raise linalg to the attn dialect -*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CONVERSION_IMPORT_PASSES_TD
#define ATTN_CONVERSION_IMPORT_PASSES_TD

include "mlir/Pass/PassBase.td"

def RaiseAttention : Pass<"attn-raise-attention", "::mlir::func::FuncOp"> {
  let summary = "Raise matmul-softmax-matmul to attn.attention";
  let description = [{
    Finds every contraction of softmax probabilities with values whose scores
    come from a contraction of queries with keys, and replaces it by
    `attn.attention`. It reads what each element is computed from, not the names
    of ops, so named and generic, fused and decomposed spellings are the same:

    - softmax as `linalg.softmax`, or as exponentials (of e or 2) divided by, or
      multiplied by the reciprocal of, their sum, whatever is subtracted before;
    - constant factors of queries, keys or scores become `scale`;
    - what else happens to a score becomes the score region; tensors are read
      there by `tensor.extract`, element-wise arithmetic that made them is done
      there;
    - a score replaced by -infinity, or a -infinity added to it, becomes the mask
      region, in terms of positions where it was made from positions;
    - transposes, reshapes, repeated key/value heads and slices of a fused QKV
      projection are followed; operands that fit as they are need no copy.

    Scores or probabilities that have another use are left alone. Remarks say
    what was raised, and for each other softmax, why not.

    Example:

    ```mlir
    func.func @before(%q: tensor<4x?x16xf32>, %k: tensor<4x?x16xf32>,
                      %v: tensor<4x?x16xf32>, %zero: tensor<4x?x?xf32>,
                      %init: tensor<4x?x16xf32>) -> tensor<4x?x16xf32> {
      %s = linalg.batch_matmul
          indexing_maps = [affine_map<(h, i, j, d) -> (h, i, d)>,
                           affine_map<(h, i, j, d) -> (h, j, d)>,
                           affine_map<(h, i, j, d) -> (h, i, j)>]
          ins(%q, %k : tensor<4x?x16xf32>, tensor<4x?x16xf32>)
          outs(%zero : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
      %p = linalg.softmax dimension(2)
          ins(%s : tensor<4x?x?xf32>) outs(%zero : tensor<4x?x?xf32>)
          -> tensor<4x?x?xf32>
      %o = linalg.batch_matmul
          ins(%p, %v : tensor<4x?x?xf32>, tensor<4x?x16xf32>)
          outs(%init : tensor<4x?x16xf32>) -> tensor<4x?x16xf32>
      return %o : tensor<4x?x16xf32>
    }
    ```
    becomes, where both matmuls start at zero,
    ```mlir
    %o = attn.attention query(%q) key(%k) value(%v) {scale = 1.0 : f64}
      : (tensor<4x?x16xf32>, tensor<4x?x16xf32>, tensor<4x?x16xf32>)
      -> tensor<4x?x16xf32>
    ```
  }];
  let dependentDialects = [
    "::attn::AttnDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"
  ];
}

def RaiseProjections : Pass<"attn-raise-projections", "::mlir::func::FuncOp"> {
  let summary = "Raise the matmuls around an attention to attn ops";
  let description = [{
    A query, key or value that is `x . W^T + bias` split into heads becomes a
    result of `attn.project_heads`; those of one `x` share an op, also where the
    weight is one (fused QKV). A product of the merged heads with a weight, plus
    a bias, becomes `attn.merge_heads`. Weights are `[out, in]`; one that lies
    the other way gets a transpose.

    A projection whose result has another use is left alone. Where query, key
    and value are all projections, the attention gets the default layout.

    Example:

    ```mlir
    func.func @before(%x: tensor<2x5x32xf32>, %w: tensor<32x32xf32>,
                      %q: tensor<2x5x4x8xf32>, %zero: tensor<10x32xf32>)
        -> tensor<2x5x4x8xf32> {
      %rows = tensor.collapse_shape %x [[0, 1], [2]]
          : tensor<2x5x32xf32> into tensor<10x32xf32>
      %p = linalg.matmul
          indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                           affine_map<(m, n, k) -> (n, k)>,
                           affine_map<(m, n, k) -> (m, n)>]
          ins(%rows, %w : tensor<10x32xf32>, tensor<32x32xf32>)
          outs(%zero : tensor<10x32xf32>) -> tensor<10x32xf32>
      %k = tensor.expand_shape %p [[0, 1], [2, 3]] output_shape [2, 5, 4, 8]
          : tensor<10x32xf32> into tensor<2x5x4x8xf32>
      %o = attn.attention query(%q) key(%k) value(%q) {layout = "bshd"}
          : (tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>, tensor<2x5x4x8xf32>)
          -> tensor<2x5x4x8xf32>
      return %o : tensor<2x5x4x8xf32>
    }
    ```
    gives
    ```mlir
    %k = attn.project_heads %x weights(%w)
      {heads = array<i64: 4>, layout = "bshd"}
      : tensor<2x5x32xf32>, (tensor<32x32xf32>) -> tensor<2x5x4x8xf32>
    ```
  }];
  let dependentDialects = [
    "::attn::AttnDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"
  ];
}

#endif // ATTN_CONVERSION_IMPORT_PASSES_TD
