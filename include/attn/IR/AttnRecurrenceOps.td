//===- AttnRecurrenceOps.td - Attention as a recurrence ----*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNRECURRENCEOPS_TD
#define ATTN_IR_ATTNRECURRENCEOPS_TD

include "attn/IR/AttnOpBase.td"

def LinearAttentionOp : Attn_Op<"linear_attention", [
    AttrSizedOperandSegments, Pure,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "Attention without a softmax, by a state that tokens write and read";
  let description = [{
    A state `S`, a matrix of `D x DV` numbers for each key/value head, takes the place
    of all keys and values. Token `t`, one after another, lets it decay, writes a value
    at its key, and reads it at its query:

    ```
    S = exp(g_t) * S
    u = v_t                             without beta
    u = beta_t * (v_t - S^T . k_t)      with beta: the delta rule
    S = S + k_t . u^T
    o_t = scale * S^T . q_t
    ```

    What operands there are says which member of the family it is: none, linear
    attention; `decay`, RetNet, Mamba-2 or gated linear attention; `beta`, the delta rule
    (DeltaNet); both, the gated delta rule. These are the rules of ONNX's
    `LinearAttention`. `G` query heads share a key/value head and its state.

    Shapes, in the default layout `"bhsd"`: query `B x H x S x D`, key `B x HKV x S x D`,
    value `B x HKV x S x DV`, output `B x H x S x DV`; the layouts are those of
    `attn.attention`. The state is `B x HKV x D x DV` in every layout, without `state`
    all zeros, and `state` after the last token is the second result, if there is one.
    Batch and length may be dynamic. `scale` defaults to `1/sqrt(D)`.

    `decay` is the logarithm of what remains, `exp(g)`: one number for each token of a
    head, `B x HKV x S`; one for each feature of a key, `B x HKV x S x D`, with which
    row `d` of the state decays; or one for each head and all tokens, `HKV`. -inf is
    legal and forgets everything. `beta` is `B x HKV x S`. Both have the layout of the
    key.

    All is computed in f32, or f64 for f64, and chunks of tokens at once, of
    `#attn.chunks`. Zero tokens are valid: the final state is the first one. What is in
    a token changes nothing before it, be it NaN or infinity.

    Example:

    ```mlir
    %o, %last = attn.linear_attention query(%q) key(%k) value(%v) decay(%g) beta(%beta) state(%first)
      {scale = 1.0 : f64}
      : (tensor<?x8x?x64xbf16>, tensor<?x4x?x64xbf16>, tensor<?x4x?x128xbf16>,
         tensor<?x4x?xf32>, tensor<?x4x?xf32>, tensor<?x4x64x128xf32>)
      -> (tensor<?x8x?x128xbf16>, tensor<?x4x64x128xf32>)
    ```

    Constraints:
    - (c1) query, key and value have the same rank: 4, or 3 without a batch.
    - (c2) query, key and value are of f32, bf16 or f16, or all of f64.
    - (c3) query and key have the same head size.
    - (c4) heads and head sizes are static and positive.
    - (c5) key and value have the same heads; they divide the query's heads.
    - (c6) batch sizes and lengths agree where static.
    - (c7) `layout` is `bhsd` or `bshd` (rank 3: `hsd` or `shd`).
    - (c8) the decay has one of the shapes above.
    - (c9) beta has the shape above.
    - (c10) decay and beta are of f32, bf16 or f16, or of f64 where the query is.
    - (c11) the output has the shape above, and the query's type or f32 (f64 of f64).
    - (c12) states have the shape above, and are of f32 (f64 of f64).
    - (c13) `scale` is finite.
    - (c14) other attributes carry the prefix of a dialect.
  }];
  let arguments = (ins
    AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
    Optional<AnyRankedTensor>:$decay, Optional<AnyRankedTensor>:$beta,
    Optional<AnyRankedTensor>:$state,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$layout,
    OptionalAttr<F64Attr>:$scale,
    OptionalAttr<Attn_ChunksAttr>:$schedule
  );
  let results = (outs AnyRankedTensor:$output, Optional<AnyRankedTensor>:$final_state);
  let assemblyFormat = [{
    `query` `(` $query `)` `key` `(` $key `)` `value` `(` $value `)`
    (`decay` `(` $decay^ `)`)? (`beta` `(` $beta^ `)`)? (`state` `(` $state^ `)`)?
    attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// `scale`, or the default 1/sqrt(head size).
    double getScaleValue();
    /// The type of the state and of sums: f32, or f64 for f64 operands.
    ::mlir::FloatType getAccumulatorType();
  }];
}

#endif // ATTN_IR_ATTNRECURRENCEOPS_TD
