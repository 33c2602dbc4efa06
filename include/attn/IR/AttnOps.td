//===- AttnOps.td - The ops of the attn dialect ------------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNOPS_TD
#define ATTN_IR_ATTNOPS_TD

include "attn/IR/AttnOnlineAttentionOp.td"
include "attn/IR/AttnProjectionOps.td"
include "attn/IR/AttnRecurrenceOps.td"
include "attn/IR/AttnRegionOps.td"
include "attn/IR/AttnShardOps.td"

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

    A region may read a tensor that it captures at any index that it computes. What
    lies beyond the tensor is its nearest element: indices that are not proved to lie
    in a dimension are kept between 0 and its last (`attn-guard-loads`).

    The score region may yield a second number: what the result `scores` holds
    instead of the score itself, `-inf` still where the mask drops the pair. So
    `attn.yield %final, %s` keeps the scaled products, and a mask written as a
    select of `-inf` in the score region keeps those of masked pairs as well; all
    pairs are visited then.

    Where a region only applies mods, their names may stand for it (attn.apply).

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
    In front, lists may have a batch, and then a query head: `B x H x` the above; of
    packed sequences, `B` counts these, and lists are in the positions of one. There a
    list that all sequences share may name keys that some lack: no keys of those.
    Entries have any order; one that is listed twice counts twice: `probabilities` holds
    the sum of both, `scores` what the later one has. To both results, keys that no
    entry names are masked. attn.entry is the number of an entry in regions.

    `value_table(%t)` adds a row of a learned table to the value of each pair
    (relative values; Shaw et al., 2018): `O_i = sum_j p_ij * (v_j + t[r(i, j)])`,
    where the region `value_row` gives `r`, an index for each dimension of the
    table `... x R x DV` but the last. An index beyond the table counts as the
    nearest one that it has. attn.query_dot and attn.key_dot are the same of scores.

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
    - (c10) the score region takes (score, b, h, i, j) and yields the score type;
      beside a result `scores` it may yield two of them.
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
      lists `[B x [H x]] R x n`, or `n` for all queries; `B x` is absent in rank 3 but
      of packed sequences, whose number it is.
    - (c25) `block_sizes` are two positive numbers beside `blocks`, and only there.
    - (c26) `value_table` is one tensor of f32, bf16 or f16, of f64 where the query
      is, of rank 2 or more, without a dimension of 0, and with the value's head size
      as its last one.
    - (c27) the region `value_row` stands behind the others, if and only if there is
      a `value_table`; it takes (b, h, i, j) and yields its indices.
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
  let regions = (region AnyRegion:$score, AnyRegion:$mask, AnyRegion:$value_row);
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
    ::mlir::Value getValueTableOperand() { return only(getValueTable()); }
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
    /// A copy of this op's regions in `other`, which has none.
    void cloneRegionsInto(AttentionOp other);
    /// The type of scores: f32, or f64 for f64 operands.
    ::mlir::FloatType getAccumulatorType();

  private:
    static ::mlir::Value only(::mlir::OperandRange group) {
      return group.empty() ? ::mlir::Value() : group.front();
    }

  public:
  }];
}

#endif // ATTN_IR_ATTNOPS_TD
