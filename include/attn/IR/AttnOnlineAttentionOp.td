//===- AttnOnlineAttentionOp.td - attn.online_attention ----*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNONLINEATTENTIONOP_TD
#define ATTN_IR_ATTNONLINEATTENTIONOP_TD

include "attn/IR/AttnOpBase.td"

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
    not in base 2, -inf of pairs that the mask drops; `other_scores`, the same of the
    second number that the score region yields.

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

    `value_table(%t)` with the region `value_row` is that of `attn.attention`.

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
      are `M x lanes`, to be combined at the end. Scores, and others, are
      `group x m x n`, those of row `r` at `[r % group, r / group]`, with any m, the
      rows that are live.
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
      of: row_max, output, scores, other_scores.
    - (c10) `begin`, `end` and the output ask for a softmax with queries in the lanes;
      `end` and the output come together, and the output is `? x DV`.
    - (c11) `value_table` and `value_row` are as attn.attention's (c26) and (c27) say.
  }];
  let arguments = (ins
    AnyRankedTensor:$query, Optional<AnyRankedTensor>:$key,
    Optional<AnyRankedTensor>:$value, Optional<AnyRankedTensor>:$value_table,
    Optional<Index>:$keys,
    Variadic<Index>:$offsets, Index:$live, Optional<I1>:$first,
    Optional<I1>:$last, Variadic<AnyRankedTensor>:$state,
    Attn_ScheduleAttr:$schedule,
    DefaultValuedAttr<F64Attr, "1.0">:$scale,
    DefaultValuedAttr<I64Attr, "1">:$group,
    DefaultValuedAttr<StrAttr, "\"softmax\"">:$normalizer,
    OptionalAttr<StrArrayAttr>:$aux
  );
  let results = (outs Variadic<AnyRankedTensor>:$new_state);
  let regions = (region AnyRegion:$score, AnyRegion:$mask, AnyRegion:$value_row,
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

#endif // ATTN_IR_ATTNONLINEATTENTIONOP_TD
