//===- AttnRegionOps.td - What regions of attention hold ---*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNREGIONOPS_TD
#define ATTN_IR_ATTNREGIONOPS_TD

include "attn/IR/AttnOpBase.td"

class Attn_DotOp<string mnemonic, list<Trait> traits = []>
    : Attn_Op<mnemonic, traits # [
        Pure, ParentOneOf<["AttentionOp", "OnlineAttentionOp"]>,
        InferTypeOpAdaptor]> {
  let results = (outs AnyFloat:$result);
  let hasVerifier = 1;
}

def QueryDotOp : Attn_DotOp<"query_dot", [AttrSizedOperandSegments]> {
  let summary = "The query of a pair times a row of a table";
  let description = [{
    In the score region of attention: the sum over features of `q_i`, as it is
    given (not scaled), times row `indices` of the table. So scores can depend on
    the query and on something learned for the pair: relative keys (Shaw et al.,
    2018), positions (Transformer-XL), content to position (DeBERTa).

    The table is `... x R x D`, with an index for each dimension but the last.
    An index beyond the table counts as the nearest one that it has. A kernel
    multiplies a tile of queries with the whole table at once, or once with the
    row that all pairs of a tile have.

    Example:

    ```mlir
    func.func @example(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>,
                       %v: tensor<?x8x?x64xf32>, %table: tensor<8x129x64xf32>)
        -> tensor<?x8x?x64xf32> {
      %o = attn.attention query(%q) key(%k) value(%v)
        score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
          %d = arith.subi %j, %i : index
          %c64 = arith.constant 64 : index
          %row = arith.addi %d, %c64 : index
          %x = attn.query_dot %table[%h, %row] : tensor<8x129x64xf32>
          %c = arith.constant 1.250000e-01 : f32
          %scaled = arith.mulf %x, %c : f32
          %r = arith.addf %s, %scaled : f32
          attn.yield %r : f32
        }
        : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>)
        -> tensor<?x8x?x64xf32>
      return %o : tensor<?x8x?x64xf32>
    }
    ```

    Two operands belong to `attn.online_attention`, in the accumulation type.
    `products` holds the product of each row of the table (along the dimension
    before the last, at the other indices of the tile) with each row of the query
    tile; `queries` holds these, where the products are not all wanted.

    Constraints (of attn.key_dot as well):
    - (c1) it stands in a score region.
    - (c2) the table is f32, bf16 or f16; where scores are f64, it is f64.
    - (c3) the table has a rank of at least 2, and the head size as its last
      dimension; none of its dimensions is 0.
    - (c4) there is an index for each dimension of the table but the last.
    - (c5) the table comes from outside of the attention.
    - (c6) its indices depend neither on the score nor on such products.
    - (c7) `products` is `R' x M` with queries in the lanes, `M x R'` with keys in
      the lanes, for any R'; `queries` is `M x D`. Only one of them is there, in
      attn.online_attention only.
  }];
  let arguments = (ins
    AnyRankedTensor:$table, Variadic<Index>:$indices,
    Optional<AnyRankedTensor>:$products, Optional<AnyRankedTensor>:$queries);
  let assemblyFormat = [{
    $table `[` $indices `]` (`products` `(` $products^ `:` type($products) `)`)?
    (`queries` `(` $queries^ `:` type($queries) `)`)? attr-dict `:` type($table)
  }];
}

def KeyDotOp : Attn_DotOp<"key_dot"> {
  let summary = "The key of a pair times a row of a table";
  let description = [{
    As attn.query_dot, with the key `k_j` in the place of the query; that of a cache
    as attention multiplies it, `(x - zero_point) * scale`. It makes scores depend
    on the key and on something learned for the pair, as position to content does
    in DeBERTa.

    Example:

    ```mlir
    func.func @example(%q: tensor<?x8x?x64xbf16>, %k: tensor<?x8x?x64xbf16>,
                       %v: tensor<?x8x?x64xbf16>, %table: tensor<8x512x64xbf16>)
        -> tensor<?x8x?x64xbf16> {
      %o = attn.attention query(%q) key(%k) value(%v)
        score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
          %d = arith.subi %i, %j : index
          %c256 = arith.constant 256 : index
          %row = arith.addi %d, %c256 : index
          %x = attn.key_dot %table[%h, %row] : tensor<8x512x64xbf16>
          %r = arith.addf %s, %x : f32
          attn.yield %r : f32
        }
        : (tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>, tensor<?x8x?x64xbf16>)
        -> tensor<?x8x?x64xbf16>
      return %o : tensor<?x8x?x64xbf16>
    }
    ```
  }];
  let arguments = (ins AnyRankedTensor:$table, Variadic<Index>:$indices);
  let assemblyFormat = "$table `[` $indices `]` attr-dict `:` type($table)";
}

def YieldOp : Attn_Op<"yield", [
    Pure, Terminator, ReturnLike,
    ParentOneOf<["AttentionOp", "OnlineAttentionOp"]>]> {
  let summary = "Ends a region of attention with its value";
  let description = [{
    `attn.yield %keep : i1`; the examples of `attn.attention` have both a score and
    a mask. A row of a table has several: `attn.yield %h, %r : index, index`.
  }];
  let arguments = (ins Variadic<AnyType>:$values);
  let assemblyFormat = "$values attr-dict `:` type($values)";
}

#endif // ATTN_IR_ATTNREGIONOPS_TD
