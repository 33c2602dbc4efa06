//===- AttnDialect.td - The attn dialect -------------------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_ATTNDIALECT_TD
#define ATTN_IR_ATTNDIALECT_TD

include "mlir/IR/OpBase.td"
include "mlir/IR/AttrTypeBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let cppNamespace = "::attn";
  let summary = "Attention as a graph: a handful of ops, regions for what varies";
  let description = [{
    A new kind of attention is a region (a score modification, a mask) or one of
    the operand groups that `attn.attention` already has; it is never a new op.
    Recurrences, whose tokens meet in a state, are `attn.linear_attention`.
    Everything below this dialect is upstream: linalg, tensor, scf, vector.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"
  ];
}

class Attn_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<Attn_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def Attn_ScheduleAttr : Attn_Attr<"Schedule", "schedule"> {
  let summary = "How one attention is cut into tiles and registers";
  let description = [{
    Chosen by the target from its facts, printed with the op, and taken as it
    is where the user wrote one. All sizes count elements, not bytes.

    - `kind`: `prefill` (several key tiles, running maximum), `short` (one tile
      holds every key of the sequence), or `decode` (few queries: keys lie in the
      lanes of the scores, and several tasks share the keys of a head).
    - `query_tile`: query rows of one task. A multiple of `lanes`, but for
      `decode`, where it counts the heads of a group times queries.
    - `key_tile`: keys whose probabilities stay in the first-level cache.
    - `key_block`: keys whose scores stay in registers.
    - `lanes`: elements of the accumulation type in one vector register.
    - `registers`: accumulators of one contraction block.
    - `dot`: products that one instruction adds to an accumulator: 1, or 2 for
      pairs of bf16.
    - `split`: keys of one task at most; 0: all.
    - `matrix`: keys and features of one block of sums in matrix registers, 16 or 32,
      and the most that `query_tile` may be; 0: sums lie in vector registers.

    ```mlir
    #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128,
                   key_block = 8, lanes = 16, registers = 24>
    ```
  }];
  let parameters = (ins
    StringRefParameter<"prefill, short or decode">:$kind,
    "int64_t":$query_tile,
    "int64_t":$key_tile,
    "int64_t":$key_block,
    "int64_t":$lanes,
    "int64_t":$registers,
    DefaultValuedParameter<"int64_t", "1">:$dot,
    DefaultValuedParameter<"int64_t", "0">:$split,
    DefaultValuedParameter<"int64_t", "0">:$matrix
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Keys lie in the lanes of the scores, not queries.
    bool keysInLanes() const { return getKind() == "decode"; }
    /// The same schedule with other query tiles, or tasks of other lengths.
    ScheduleAttr withQueryTile(int64_t queryTile) const;
    ScheduleAttr withSplit(int64_t split) const;
  }];
}

def Attn_ChunksAttr : Attn_Attr<"Chunks", "chunks"> {
  let summary = "How one recurrence is cut into tasks, chunks and registers";
  let description = [{
    Chosen by the target from its facts for `attn.linear_attention`, and taken as it is
    where the user wrote one. All sizes count elements, not bytes.

    - `tokens`: tokens of a chunk, which are computed at once.
    - `columns`: features of the value of one task: its part of the state is `D` rows
      of so many.
    - `few`: where at most so many tokens are left, they are computed one by one.
    - `lanes`: elements of the accumulation type in one vector register.
    - `registers`: accumulators of one contraction block.

    ```mlir
    #attn.chunks<tokens = 32, columns = 64, few = 4, lanes = 16, registers = 24>
    ```
  }];
  let parameters = (ins
    "int64_t":$tokens,
    "int64_t":$columns,
    "int64_t":$few,
    "int64_t":$lanes,
    "int64_t":$registers
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_IR_ATTNDIALECT_TD
