//===- AttnRegionOps.td - What regions of attention hold ---*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNREGIONOPS_TD
#define ATTN_IR_ATTNREGIONOPS_TD

include "attn/IR/AttnOpBase.td"
include "mlir/Interfaces/InferIntRangeInterface.td"

class Attn_DotOp<string mnemonic, list<Trait> traits = []>
    : Attn_Op<mnemonic, traits # [
        Pure, InferTypeOpAdaptor]> {
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
    - (c1) it stands in a score region, or in a mod (attn.apply); there, the other
      constraints are those of the regions that apply the mod.
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

def EntryOp : Attn_Op<"entry", [
    Pure, DeclareOpInterfaceMethods<InferIntRangeInterface, ["inferResultRanges"]>]> {
  let summary = "The number of the list entry that names a pair's key";
  let description = [{
    In a region of attention that lists its keys (`csr`, `blocks`): where the entry
    that names the pair's key stands along the last dimension of the tensor of entries.
    So what belongs to the edges of a graph lies beside them, a number for each element
    of `col_idx`, and no tensor of all pairs is needed. With pointers it counts from the
    first entry of all lists; of lists of one length, from the first one of the query's.
    A key that is listed twice is two pairs, with numbers of their own.

    A captured tensor that is read at exactly this number is as long as the entries.

    Example:

    ```mlir
    func.func @example(%q: tensor<?x8x?x64xf32>, %k: tensor<?x8x?x64xf32>,
                       %v: tensor<?x8x?x64xf32>, %row_ptr: tensor<?xi32>,
                       %col_idx: tensor<?xi32>, %edge: tensor<8x?xf32>)
        -> tensor<?x8x?x64xf32> {
      %o = attn.attention query(%q) key(%k) value(%v) csr(%row_ptr, %col_idx)
        score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
          %n = attn.entry
          %bias = tensor.extract %edge[%h, %n] : tensor<8x?xf32>
          %r = arith.addf %s, %bias : f32
          attn.yield %r : f32
        }
        : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>,
           tensor<?xi32>, tensor<?xi32>) -> tensor<?x8x?x64xf32>
      return %o : tensor<?x8x?x64xf32>
    }
    ```

    Constraints:
    - (c1) it stands in a region of an attention with `csr` or `blocks`, or in a mod.
  }];
  let results = (outs Index:$number);
  let assemblyFormat = "attr-dict";
  let hasVerifier = 1;
}

def ApplyOp : Attn_Op<"apply", [Pure]> {
  let summary = "The value of a mod";
  let description = [{
    A mod is a named piece of a region: a private function of one block of pure ops
    without regions, and of one result. A mask mod takes `(b, h, i, j, parameters...)`
    and gives i1, a score mod takes `(score, b, h, i, j, parameters...)` and gives a
    score; other mods help these. `attn-inline-mods` puts the mod's ops in the place
    of this one. The name is looked up in the module, then in files of mods, then in
    the library of mods that comes with the compiler (docs/mods.md).

    In attn.attention, `mask(@causal, @padding(%lengths : tensor<?xi32>))` stands for
    a region that applies both and yields their conjunction, and
    `score(@scale(0.5), @softcap(30.0))` for one that applies them in turn. A parameter
    is a value with its type, or a literal: without a type, an integer is an index,
    and a number with a point has the type of scores.

    Example:

    ```mlir
    func.func private @even(%b: index, %h: index, %i: index, %j: index) -> i1 {
      %c2 = arith.constant 2 : index
      %c0 = arith.constant 0 : index
      %rest = arith.remui %j, %c2 : index
      %keep = arith.cmpi eq, %rest, %c0 : index
      return %keep : i1
    }

    func.func @example(%q: tensor<?x8x?x64xf32>) -> tensor<?x8x?x64xf32> {
      %o = attn.attention query(%q) key(%q) value(%q)
        score(@softcap(30.0))
        mask(%b: index, %h: index, %i: index, %j: index) {
          %causal = attn.apply @causal(%b, %h, %i, %j)
              : (index, index, index, index) -> i1
          %even = attn.apply @even(%b, %h, %i, %j)
              : (index, index, index, index) -> i1
          %keep = arith.ori %causal, %even : i1
          attn.yield %keep : i1
        }
        : (tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>, tensor<?x8x?x64xf32>)
        -> tensor<?x8x?x64xf32>
      return %o : tensor<?x8x?x64xf32>
    }
    ```

    Constraints:
    - (c1) it stands in a region of attention, or in a mod.
  }];
  let arguments = (ins FlatSymbolRefAttr:$mod, Variadic<AnyType>:$inputs);
  let results = (outs AnyType:$result);
  let assemblyFormat = [{
    $mod `(` $inputs `)` attr-dict `:` functional-type($inputs, $result)
  }];
  let hasVerifier = 1;
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
