//===- AttnOps.td - The ops of the attn dialect ------------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNOPS_TD
#define ATTN_IR_ATTNOPS_TD

include "attn/IR/AttnDialect.td"
include "mlir/Dialect/Linalg/IR/LinalgInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/TilingInterface.td"

class Attn_Op<string mnemonic, list<Trait> traits = []>
    : Op<Attn_Dialect, mnemonic, traits>;

def AttentionOp : Attn_Op<"attention", [
    AttrSizedOperandSegments, RecursiveMemoryEffects,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>,
    DeclareOpInterfaceMethods<TilingInterface, [
      "getLoopIteratorTypes", "getIterationDomain", "getTiledImplementation",
      "getResultTilePosition"]>
  ]> {
  let summary = "softmax(score(scale * query . key)) . value over the live keys";
  let description = [{
    `O[b,h,i,:] = sum_j p(b,h,i,j) * value[b,h / G,j,:]` where `p` is the softmax
    over the keys `j` with `mask(b,h,i,j)` of `score(scale * q_i . k_j, b,h,i,j)`,
    and `G` query heads share one key/value head (GQA; MQA where there is one).

    Shapes, in the default layout `"bhsd"`: query `B x H x SQ x D`, key
    `B x HKV x SK x D`, value `B x HKV x SK x DV`, output `B x H x SQ x DV`.
    Layout `"bshd"` swaps heads and sequence in all four; rank-3 operands are one
    batch (`"hsd"`, `"shd"`). Batch and lengths may be dynamic; heads and head
    sizes are static. `scale` defaults to `1/sqrt(D)`.

    The regions take *global* positions, capture what they need implicitly, are
    pure, and yield the new score (in the accumulation type: f32, or f64 for f64)
    and whether the key is live. `aux` names further results in order: `"lse"`
    is the natural logarithm of the sum of exponentials, `B x H x SQ`; `"row_max"`
    the largest score of a live key. A NaN that a row sees is NaN in both.

    A row without a live key gives zeros, and -inf as LSE and as maximum. What a
    masked key holds, NaN or infinity, changes nothing. Zero queries or keys are
    valid.

    `sinks(%t)` adds a learned score for each query head, of a key that is always
    live and has no value: `p` is the softmax over the keys and the sink (gpt-oss;
    zero is "softmax off by one"). The LSE counts the sink, the maximum does not.

    `normalizer` puts another weight in the place of the softmax, of each live score
    `s` by itself: `sigmoid`, 1 / (1 + exp(-s)); `relu`, max(s, 0); `relu2`, the
    square of that; `none`, s as it is, and 0 for -inf.

    Element types: the key and the value may be narrower than the query, down to
    signed integers. What is multiplied is `(x - zero_point) * scale` of each
    element `x`, exactly, where the operand groups `key_scales`,
    `key_zero_points`, `value_scales` and `value_zero_points` say so; without
    them the scale is 1 and the zero point 0. A scale belongs to one row of the
    key (one position of one head), or to one of `G` groups of `D / G`
    consecutive features of it. Scores, sums and statistics have the accumulation
    type; the output has that or the query's.

    `page_table(%t)` makes key and value pools of pages: their batch dimension
    counts pages, their sequence dimension the rows of a page. Key `j` of batch
    `b` is row `j mod page size` of page `t[b, j / page size]`, and `SK` is `P`
    pages. Scales and zero points lie in the pool like their rows. An entry of
    the table is read only if some key of its page is live.

    `query_starts(%s) key_starts(%t)` pack `N` sequences behind each other
    (FlashAttention's `cu_seqlens`): sequence `b` has the queries from `s[b]` to
    before `s[b + 1]` and the keys from `t[b]` to before `t[b + 1]`, and sees no
    others. Starts begin at 0, do not decrease, and end at the length. The
    regions count `b` in sequences, `i` and `j` from the sequence's start. To
    `scores` and `probabilities`, keys of other sequences are masked.

    `csr(%p, %e)` and `blocks(%p, %e)` list the keys of each query: only these are
    visited, and the mask chooses among them. List `r` holds the entries `e[p[r]]` to
    before `e[p[r + 1]]`. Of `csr`, the list of query `i` is `r = i`, and an entry is a
    key (a sparse matrix by rows). Of `blocks`, with `block_sizes = array<i64: BQ, BK>`,
    query `i` has the list `r = i / BQ`, and entry `n` stands for the keys `n * BK` to
    before `(n + 1) * BK` that exist. Lists of one length may be one tensor: `csr(%e)`
    and `blocks(%e)` hold entry `e[r, n]`, and there a negative one stands for no key.
    In front, lists may have a batch, and then a query head: `B x H x` the above.
    Entries have any order; one that is listed twice counts twice.

    `value_pairs(%p)` holds the value once more with rows `2n` and `2n + 1` side by
    side, element `2d + r` being feature `d` of row `2n + r`; attn-pack-values
    adds it for kernels that multiply pairs.

    Example:

    ```mlir
    %o, %lse = attn.attention query(%q) key(%k) value(%v)
      score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
        %d = arith.subi %j, %i : index
        %di = arith.index_cast %d : index to i32
        %df = arith.sitofp %di : i32 to f32
        %r = arith.addf %s, %df : f32
        attn.yield %r : f32
      }
      mask(%b: index, %h: index, %i: index, %j: index) {
        %keep = arith.cmpi sle, %j, %i : index
        attn.yield %keep : i1
      }
      {aux = ["lse"], scale = 1.250000e-01 : f64}
      : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x64xf32>)
      -> (tensor<?x8x?x64xf32>, tensor<?x8x?xf32>)
    ```

    Constraints:
    - (c1) query, key and value have the same rank: 4, or 3 without a batch.
    - (c2) the query is f32, bf16, f16 or f64; key and value are f64 where it is,
      and otherwise each one of f32, bf16, f16, i8, i4.
    - (c3) query and key have the same head size.
    - (c4) heads and head sizes are static and positive.
    - (c5) key and value have the same heads; they divide the query's heads.
    - (c6) batch sizes, and the lengths of key and value, agree where static; with
      a page table only the batch sizes of key and value.
    - (c7) `layout` is `bhsd` or `bshd` (rank 3: `hsd` or `shd`).
    - (c8) `aux` holds distinct names of: lse, row_max, scores, probabilities.
    - (c9) there is one result for the output and one for each of `aux`, of the
      shapes above (`row_max` like `lse`; `scores` and `probabilities`
      `B x H x SQ x SK`); the output is of the query's type or the accumulation
      type, the others of the accumulation type.
    - (c10) the score region takes (score, b, h, i, j) and yields the score type.
    - (c11) the mask region takes (b, h, i, j) and yields i1.
    - (c12) regions are pure.
    - (c13) `normalizer` is one of softmax, sigmoid, relu, relu2, none.
    - (c14) there are no offsets, or four: b, h, i, j.
    - (c15) `scale` is finite.
    - (c16) other attributes carry the prefix of a dialect.
    - (c17) `key_scales` is one tensor of f32, bf16 or f16: of the key's shape
      without the head size, or with a number of groups in its place that divides
      it. So is `value_scales` of the value.
    - (c18) zero points are one tensor of i8 or f32, beside scales and of their
      shape.
    - (c19) `page_table` is one `B x P` tensor of i32, for operands of rank 4 and
      a page size that is static and a power of two.
    - (c20) `query_starts` and `key_starts` come together, one tensor of `N + 1`
      i32 each, for operands of rank 3.
    - (c21) `value_pairs` is one tensor of the value's type, `B x HKV x n x 2DV`
      (`HKV x n x 2DV` for rank 3) in every layout.
    - (c22) `decode_schedule`, which serves where the queries are few at run time,
      is of kind decode, and stands beside a schedule of another kind.
    - (c23) `sinks` is one tensor of a number for each query head, f32, bf16, f16,
      or f64 where the query is; the normalizer is then softmax.
    - (c24) `csr` and `blocks` are one or two tensors of i32, and only one of the groups
      is there. Two are pointers `[B x [H x]] R + 1` and entries `[B x [H x]] n`, one is
      lists `[B x [H x]] R x n`, or `n` for all queries; `B x` is absent in rank 3.
    - (c25) `block_sizes` are two positive numbers beside `blocks`, and only there.
  }];

  let arguments = (ins
    AnyRankedTensor:$query, AnyRankedTensor:$key, AnyRankedTensor:$value,
    Variadic<AnyRankedTensor>:$sinks,
    Variadic<AnyRankedTensor>:$key_scales,
    Variadic<AnyRankedTensor>:$key_zero_points,
    Variadic<AnyRankedTensor>:$value_scales,
    Variadic<AnyRankedTensor>:$value_zero_points,
    Variadic<AnyRankedTensor>:$page_table,
    Variadic<AnyRankedTensor>:$value_table,
    Variadic<AnyRankedTensor>:$csr,
    Variadic<AnyRankedTensor>:$blocks,
    Variadic<AnyRankedTensor>:$query_starts,
    Variadic<AnyRankedTensor>:$key_starts,
    Variadic<AnyRankedTensor>:$value_pairs,
    Variadic<Index>:$offsets,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$layout,
    OptionalAttr<F64Attr>:$scale,
    DefaultValuedOptionalAttr<StrAttr, "\"softmax\"">:$normalizer,
    OptionalAttr<StrArrayAttr>:$aux,
    OptionalAttr<DenseI64ArrayAttr>:$block_sizes,
    OptionalAttr<Attn_ScheduleAttr>:$schedule,
    OptionalAttr<Attn_ScheduleAttr>:$decode_schedule
  );
  let results = (outs Variadic<AnyRankedTensor>:$results);
  let regions = (region AnyRegion:$score, AnyRegion:$mask);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let builders = [
    OpBuilder<(ins "::mlir::TypeRange":$results, "::mlir::Value":$query,
                   "::mlir::Value":$key, "::mlir::Value":$value)>
  ];
  let extraClassDeclaration = [{
    /// The operand groups after query, key and value, as the syntax names them,
    /// in the order of their segments.
    static ::llvm::ArrayRef<::llvm::StringLiteral> getGroupNames();
    /// The operands of the group with that index in `getGroupNames()`.
    ::mlir::OperandRange getGroup(unsigned index) {
      return getODSOperands(index + 3);
    }

    /// Whether any group but the offsets is given.
    bool hasGroups();
    /// The one operand of these groups, or null.
    ::mlir::Value getSinksOperand() { return only(getSinks()); }
    ::mlir::Value getPageTableOperand() { return only(getPageTable()); }
    ::mlir::Value getQueryStartsOperand() { return only(getQueryStarts()); }
    ::mlir::Value getKeyStartsOperand() { return only(getKeyStarts()); }
    ::mlir::Value getKeyScalesOperand() { return only(getKeyScales()); }
    ::mlir::Value getValueScalesOperand() { return only(getValueScales()); }
    ::mlir::Value getKeyZeroPointsOperand() { return only(getKeyZeroPoints()); }
    ::mlir::Value getValueZeroPointsOperand() {
      return only(getValueZeroPoints());
    }

    ::mlir::Value getOutput() { return getResults().front(); }
    /// The result that `aux` calls `name`, or null.
    ::mlir::Value getAuxResult(::llvm::StringRef name);
    /// The number of keys of a sequence: the key's length, or that of all its
    /// pages.
    ::mlir::OpFoldResult getKeyCount(::mlir::OpBuilder &builder);
    /// `scale`, or the default 1/sqrt(head size).
    double getScaleValue();
    /// The type of scores: f32, or f64 for f64 operands.
    ::mlir::FloatType getAccumulatorType();

  private:
    static ::mlir::Value only(::mlir::OperandRange group) {
      return group.empty() ? ::mlir::Value() : group.front();
    }

  public:
  }];
}

def OnlineAttentionOp : Attn_Op<"online_attention", [
    AttrSizedOperandSegments, RecursiveMemoryEffects,
    DestinationStyleOpInterface,
    DeclareOpInterfaceMethods<TilingInterface, [
      "getLoopIteratorTypes", "getIterationDomain", "getTiledImplementation",
      "getResultTilePosition"]>
  ]> {
  let summary = "Attention of one query tile over a range of keys, carrying its state";
  let description = [{
    Adds the keys of one range to the running state of one query tile, as in
    "Online normalizer calculation for softmax" (Milakov and Gimelshein, 2018)
    and FlashAttention (Dao et al., 2022). With `x = scale * query . key_j` after
    the score region, in base 2:

    ```
    max' >= max(max, max_j x) - 60            (lazily: any maximum within 60)
    acc' = acc * 2^(max - max') + sum_j 2^(x_j - max') * value_j
    sum' = sum * 2^(max - max') + sum_j 2^(x_j - max')
    ```

    With another `normalizer` than softmax, a score's weight is a function of it
    alone: there is neither maximum nor sum, and `acc' = acc + sum_j weight(x_j) *
    value_j`; `x` is in base 2 for sigmoid only.

    `aux` names further state, behind that: `row_max`, the largest `x` so far, -inf
    before any (NaN is left out, and shows in acc); `scores`, the scores themselves,
    not in base 2, -inf of pairs that the mask drops.

    The query tile has M rows; what a row is, `offsets` and `group` say: row r is
    query `i + r / group` of head `h + r % group`, where `offsets` are the global
    (b, h, i, j) of the first row and key. `live` is the number of rows that
    exist. The scores of keys that the mask drops never reach the state.

    Shapes, by the schedule:
    - queries in the lanes (`prefill`, `short`): query `D x M`, transposed; or
      `D/2 x 2M` of bf16 where an instruction multiplies pairs (`dot = 2`): pairs
      of features lie side by side.
    - keys in the lanes (`decode`): query `M x D`.
    Key is `n x D`, acc `M x DV`, max, sum and row_max `M`. Value is `n x DV`; with pairs
    of features it has pairs of keys, `n/2 x 2DV`.

    Keys (values) of another type, quantised or paged are not an operand but a
    region `load_key` (`load_value`), which gives element (j, d) for a position j
    counted from the first key of this op's range; `keys` is then their number.

    With queries in the lanes the op may begin and end a state itself, so that the
    accumulator need not be filled before, or read once more after:
    - `begin(%first)`: where `first` is true, acc holds nothing yet and counts as
      zero.
    - `end(%last)`: where `last` is true, the live rows of the state called `output`
      become `acc' / sum'` (zero where sum' is), and acc' is no longer of use;
      elsewhere output stays as it is. Its type may be narrower than acc's.
    Tiled, only the first tile begins, and only the last one ends.

    Tiling over the keys (the one loop) gives FlashAttention.

    Constraints:
    - (c1) query is one of the above, and so are key and value; all but `n` is
      static. Key and value have the query's type.
    - (c2) acc is `M x DV`; max, sum (both for softmax only) and what `aux` names have
      M elements, of the accumulation type. With keys in the lanes, sum and row_max
      are `M x lanes`, to be combined at the end. Scores are `group x m x n`, those of
      row `r` at `[r % group, r / group]`, with any m, the rows that are live.
    - (c3) there are four offsets.
    - (c4) score and mask regions are those of `attn.attention`; the load regions
      take (j, d) and yield the accumulation type.
    - (c5) there is a schedule, and M is a multiple of its lanes, unless keys lie
      in the lanes.
    - (c6) the results have the types of the state.
    - (c7) key and value are each an operand or a region; `keys` is there if both
      are regions.
    - (c8) scale is finite and positive, group positive.
    - (c9) `normalizer` is one of those of `attn.attention`; `aux` holds distinct names
      of: row_max, output, scores.
    - (c10) `begin`, `end` and the output ask for a softmax with queries in the lanes;
      `end` and the output come together, and the output is `? x DV`.
  }];
  let arguments = (ins
    AnyRankedTensor:$query, Optional<AnyRankedTensor>:$key,
    Optional<AnyRankedTensor>:$value, Optional<Index>:$keys,
    Variadic<Index>:$offsets, Index:$live, Optional<I1>:$first,
    Optional<I1>:$last, Variadic<AnyRankedTensor>:$state,
    Attn_ScheduleAttr:$schedule,
    DefaultValuedAttr<F64Attr, "1.0">:$scale,
    DefaultValuedAttr<I64Attr, "1">:$group,
    DefaultValuedAttr<StrAttr, "\"softmax\"">:$normalizer,
    OptionalAttr<StrArrayAttr>:$aux
  );
  let results = (outs Variadic<AnyRankedTensor>:$new_state);
  let regions = (region AnyRegion:$score, AnyRegion:$mask,
                        AnyRegion:$load_key, AnyRegion:$load_value);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getStateMutable();
    }
    /// The names of the parts of the state, in their order: acc; max and sum for
    /// softmax; those of `aux`.
    ::llvm::SmallVector<::llvm::StringRef> getStateNames();
    /// The part of the state with that name, or null.
    ::mlir::Value getStatePart(::llvm::StringRef name);
    ::mlir::Value getAcc() { return getState().front(); }
    ::mlir::FloatType getAccumulatorType();
    /// Rows of the query tile (M), head size (D) and value size (DV).
    int64_t getRows();
    int64_t getHeadSize();
    int64_t getValueSize();
    /// Whether two keys lie side by side in a row of the value operand.
    bool hasValuePairs();
    /// The number of keys, static or an index value.
    ::mlir::OpFoldResult getKeyCount(::mlir::OpBuilder &builder);
    /// A copy of this op's regions in `other`.
    void cloneRegionsInto(OnlineAttentionOp other);
  }];
}

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

def MergePartialsOp : Attn_Op<"merge_partials", [
    AttrSizedOperandSegments, Pure,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "One attention from attentions over parts of its keys";
  let description = [{
    Each shard of the keys gives a partial output `O_s` and its log-sum-exp `L_s`,
    the natural logarithm that `attn.attention` returns as `aux = ["lse"]`. Of the
    softmax over all keys together these are, with `L = log(sum_s exp(L_s))`,

    ```
    O = sum_s exp(L_s - L) * O_s
    ```

    and `L` itself, which `aux = ["lse"]` adds to the results: what is merged may be
    merged again, in any tree. The maximum of the `L_s` is subtracted first, so
    that nothing overflows.

    A shard whose keys were all masked in a row has `L_s = -inf` there: it adds
    nothing, and its output is not read. A row where that is so of every shard, or
    that has no shard, gives zeros and an LSE of -inf, as of `attn.attention`. A NaN
    stays in its row. Results do not depend on how shards were cut but for rounding.

    Shapes: an output is one shard's, `B x H x SQ x D` in the layouts of
    `attn.attention` (`H x SQ x D` without a batch), with its LSE `B x H x SQ`; or a
    stack of any number of them, with one more dimension in front of both, as an
    all-gather leaves them. Both kinds can stand beside each other. Sums are in f32,
    or f64 for f64; partial outputs of f32 are worth keeping for a result of
    fewer bits.

    Example:

    ```mlir
    %o, %lse = attn.merge_partials outputs(%mine, %others) lses(%mine_lse, %others_lse)
      {aux = ["lse"]}
      : (tensor<?x8x?x64xf32>, tensor<?x?x8x?x64xf32>, tensor<?x8x?xf32>, tensor<?x?x8x?xf32>)
      -> (tensor<?x8x?x64xbf16>, tensor<?x8x?xf32>)
    ```

    Constraints:
    - (c1) the result has rank 4, or 3 without a batch; every output has its rank,
      or one more.
    - (c2) there is at least one output, and one LSE for each, of the output's rank
      less one.
    - (c3) outputs and result are of f32, bf16 or f16, and LSEs of f32; or all of
      f64.
    - (c4) `layout` is `bhsd` or `bshd` (rank 3: `hsd` or `shd`).
    - (c5) heads and head size are static and positive.
    - (c6) all sizes agree where static.
    - (c7) `aux` is empty or `["lse"]`; there is one result more for it, of the
      shape of a shard's LSE.
    - (c8) other attributes carry the prefix of a dialect.
  }];
  let arguments = (ins
    Variadic<AnyRankedTensor>:$outputs, Variadic<AnyRankedTensor>:$lses,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$layout,
    OptionalAttr<StrArrayAttr>:$aux
  );
  let results = (outs AnyRankedTensor:$result, Optional<AnyRankedTensor>:$lse);
  let assemblyFormat = [{
    `outputs` `(` $outputs `)` `lses` `(` $lses `)` attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    /// The type of sums and LSEs: f32, or f64 for f64.
    ::mlir::FloatType getAccumulatorType();
    /// Whether output `index` is a stack of shards.
    bool isStack(unsigned index) {
      return ::llvm::cast<::mlir::RankedTensorType>(
                 getOutputs()[index].getType()).getRank() >
             getResult().getType().getRank();
    }
  }];
}

def AppendOp : Attn_Op<"append", [
    Pure, DestinationStyleOpInterface,
    AllTypesMatch<["cache", "result"]>,
    DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface, ["reifyResultShapes"]>]> {
  let summary = "A key or value cache with new rows of each sequence";
  let description = [{
    The result is the cache, where row `i` of batch `b` of the new rows stands at
    position `positions[b] + i` of that sequence. With a page table the cache is a
    pool as `attn.attention` reads it: position `j` is row `j mod page size` of page
    `page_table[b, j / page size]`. Two sequences that write one place leave the row
    of the later one.

    Shapes: new rows `B x H x N x D` and cache `B x H x SK x D` (a pool:
    `pages x H x page size x D`), in layout `bhsd` or `bshd`. Scales and zero points
    lie beside their rows: of one for each row the layout is `bhs` or `bsh`, with
    groups in the place of `D` that of the rows.

    Where a function returns what it appended to one of its arguments, the compiled
    entry changes the argument in place, and copies nothing but the new rows. It
    checks positions and the pages that they fall on before, and fails with nothing
    written: rows must lie in the cache.

    Example:

    ```mlir
    %longer = attn.append rows(%new) cache(%pool) positions(%lengths) page_table(%pages)
      : (tensor<?x2x?x64xf32>, tensor<?x2x16x64xf32>, tensor<?xi32>, tensor<?x?xi32>)
      -> tensor<?x2x16x64xf32>
    ```

    Constraints:
    - (c1) new rows and cache have the same rank, 3 or 4, and element type; the result
      has the cache's type.
    - (c2) `layout` is `bhsd` or `bshd` (rank 3: `bhs` or `bsh`).
    - (c3) heads and head size are static, positive, and those of the cache.
    - (c4) `positions` is one i32 for each batch of the new rows.
    - (c5) without a page table, batch sizes agree where static.
    - (c6) `page_table` is one `B x P` tensor of i32, with a page size that is static
      and a power of two.
    - (c7) other attributes carry the prefix of a dialect.
  }];
  let arguments = (ins
    AnyRankedTensor:$rows, AnyRankedTensor:$cache, AnyRankedTensor:$positions,
    Optional<AnyRankedTensor>:$page_table,
    DefaultValuedOptionalAttr<StrAttr, "\"\"">:$layout
  );
  let results = (outs AnyRankedTensor:$result);
  let assemblyFormat = [{
    `rows` `(` $rows `)` `cache` `(` $cache `)` `positions` `(` $positions `)`
    (`page_table` `(` $page_table^ `)`)? attr-dict
    `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getCacheMutable();
    }
    /// The dimension of the rows and the cache that counts positions, and the one
    /// that counts heads. Batches (pages) are the first.
    unsigned getSequenceDim();
    unsigned getHeadDim() { return 3 - getSequenceDim(); }
    /// Rows of a page; 0 without a page table.
    int64_t getPageSize();
  }];
}

def YieldOp : Attn_Op<"yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["AttentionOp", "OnlineAttentionOp"]>]> {
  let summary = "Ends a score or a mask region with its value";
  let description = [{
    `attn.yield %keep : i1`; the examples of `attn.attention` have both.
  }];
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif // ATTN_IR_ATTNOPS_TD
