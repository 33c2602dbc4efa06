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

    - `kind`: `prefill` (several key tiles, running maximum) or `short`
      (one tile holds every key of the sequence).
    - `query_tile`: queries of one task. A multiple of `lanes`.
    - `key_tile`: keys whose probabilities stay in the first-level cache.
    - `key_block`: keys whose scores stay in registers.
    - `lanes`: queries in one vector register.
    - `registers`: accumulators of one contraction block.

    ```mlir
    #attn.schedule<kind = "prefill", query_tile = 48, key_tile = 128,
                   key_block = 8, lanes = 16, registers = 24>
    ```
  }];
  let parameters = (ins
    StringRefParameter<"prefill or short">:$kind,
    "int64_t":$query_tile,
    "int64_t":$key_tile,
    "int64_t":$key_block,
    "int64_t":$lanes,
    "int64_t":$registers
  );
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

#endif // ATTN_IR_ATTNDIALECT_TD
