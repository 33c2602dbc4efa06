//===- AttnProjectionOps.td - Into heads and back ----------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNPROJECTIONOPS_TD
#define ATTN_IR_ATTNPROJECTIONOPS_TD

include "attn/IR/AttnOpBase.td"

def ProjectHeadsOp : Attn_Op<"project_heads", [
    AttrSizedOperandSegments, Pure,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "x . W^T + bias for one or several W, split into heads";
  let description = [{
    For each weight `W` (`[out, in]`, as in torch.nn.Linear and in model files)
    computes `activation(x . W^T + bias)` and splits the `out` features into
    `heads[n]` heads of equal size. `x` is `B x S x K` (or `S x K`), each result
    `B x H x S x D` (`H x S x D`); `layout = "bshd"` gives `B x S x H x D`.

    `rotary(%cos, %sin)` turns pairs of features of the results that `rotated` numbers
    by angles that grow with the position (RoPE; Su et al., 2021), before anything is
    rounded. The tables are `P x R/2`: their row of the position in the sequence, or of
    `positions(%p)` (`B x S`, or `S` for all batches), holds the cosine and sine for
    each of the first `R` features' pairs `(a, c)`,

    ```
    a' = a * cos - c * sin,  c' = a * sin + c * cos
    ```

    which are features `n` and `n + R/2` (`pairs = "half"`, as Llama) or `2n` and
    `2n + 1` (`"interleaved"`, as GPT-J). Scaled variants are other tables. A call with
    positions that have no row fails; positions that are computed are kept within.

    Example:

    ```mlir
    %q, %k = attn.project_heads %x weights(%wq, %wk) biases(%bq, %bk)
        {heads = array<i64: 12, 4>}
        : tensor<?x?x384xf32>, (tensor<384x384xf32>, tensor<128x384xf32>),
          (tensor<384xf32>, tensor<128xf32>)
        -> (tensor<?x12x?x32xf32>, tensor<?x4x?x32xf32>)
    ```

    ```mlir
    func.func @turned(%x: tensor<?x?x384xf32>, %w: tensor<128x384xf32>, %cos: tensor<?x16xf32>, %sin: tensor<?x16xf32>)
        -> tensor<?x4x?x32xf32> {
      %k = attn.project_heads %x weights(%w) rotary(%cos, %sin) {heads = array<i64: 4>, rotated = array<i64: 0>}
          : tensor<?x?x384xf32>, (tensor<128x384xf32>) rotary(tensor<?x16xf32>, tensor<?x16xf32>)
          -> tensor<?x4x?x32xf32>
      return %k : tensor<?x4x?x32xf32>
    }
    ```

    Constraints:
    - (c1) x has rank 2 or 3 and a static last dimension.
    - (c2) every weight is a static, non-empty matrix whose columns are x's last
      dimension.
    - (c3) there are no biases, or one for each weight with its rows.
    - (c4) `heads` has one positive entry a weight, dividing its rows.
    - (c5) one result a weight, of the shape above.
    - (c6) `activation` is none, relu or gelu (exact, by erf).
    - (c7) the element types of x, weights, biases and results are equal, and
      floating point.
    - (c8) `layout` is bhsd or bshd (without batch: hsd or shd).
    - (c9) other attributes carry the prefix of a dialect.
    - (c10) `rotary` is two tables of one shape `P x R/2`, of f32 or of x's type; R/2 is
      static and positive, and R at most the head size of each result in `rotated`.
    - (c11) `positions`, `pairs` and `rotated` stand beside rotary; `rotated` has distinct
      numbers of results, and `pairs` is half or interleaved.
    - (c12) `positions` is `B x S` or `S` of i32.
  }];
  let arguments = (ins
    AnyRankedTensor:$input, Variadic<AnyRankedTensor>:$weights,
    Variadic<AnyRankedTensor>:$biases, Variadic<AnyRankedTensor>:$rotary,
    Optional<AnyRankedTensor>:$positions,
    DenseI64ArrayAttr:$heads,
    OptionalAttr<DenseI64ArrayAttr>:$rotated, OptionalAttr<StrAttr>:$pairs,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$layout,
    DefaultValuedOptionalAttr<StrAttr, "\"none\"">:$activation
  );
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = [{
    $input `weights` `(` $weights `)` (`biases` `(` $biases^ `)`)?
    (`rotary` `(` $rotary^ `)`)? (`positions` `(` $positions^ `)`)? attr-dict
    `:` type($input) `,` `(` type($weights) `)`
    (`,` `(` type($biases)^ `)`)? (`rotary` `(` type($rotary)^ `)`)?
    (`positions` type($positions)^)? `->` custom<ResultTypes>(type($results))
  }];
  let hasVerifier = 1;
}

def MergeHeadsOp : Attn_Op<"merge_heads", [
    Pure, DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "Heads back to the model dimension through the output projection";
  let description = [{
    `y[b,s,n] = activation(sum_{h,d} a[b,h,s,d] * W[n, h*D + d] + bias[n])`.
    `a` is `B x H x S x D` (`H x S x D`), `W` is `N x H*D`, the result
    `B x S x N` (`S x N`); `layout = "bshd"` says that `a` is `B x S x H x D`.

    Example:

    ```mlir
    %y = attn.merge_heads %a weight(%w) bias(%b)
        : tensor<?x12x?x32xf32>, tensor<384x384xf32>, tensor<384xf32>
        -> tensor<?x?x384xf32>
    ```

    Constraints:
    - (c1) a has rank 3 or 4 and static heads and head size.
    - (c2) the weight is a static, non-empty matrix with heads * head size
      columns.
    - (c3) the bias, if any, has one element a row of the weight.
    - (c4) the result has the shape above.
    - (c5) `activation` is none, relu or gelu (exact, by erf).
    - (c6) all element types are equal, and floating point.
    - (c7) `layout` is bhsd or bshd (without batch: hsd or shd).
    - (c8) other attributes carry the prefix of a dialect.
  }];
  let arguments = (ins
    AnyRankedTensor:$input, AnyRankedTensor:$weight,
    Optional<AnyRankedTensor>:$bias,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$layout,
    DefaultValuedOptionalAttr<StrAttr, "\"none\"">:$activation
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    $input `weight` `(` $weight `)` (`bias` `(` $bias^ `)`)? attr-dict
    `:` type($input) `,` type($weight) (`,` type($bias)^)? `->` type($result)
  }];
  let hasVerifier = 1;
}

#endif // ATTN_IR_ATTNPROJECTIONOPS_TD
