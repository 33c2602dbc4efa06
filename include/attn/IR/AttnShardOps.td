//===- AttnShardOps.td - Parts of keys ---------------------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNSHARDOPS_TD
#define ATTN_IR_ATTNSHARDOPS_TD

include "attn/IR/AttnOpBase.td"

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

#endif // ATTN_IR_ATTNSHARDOPS_TD
