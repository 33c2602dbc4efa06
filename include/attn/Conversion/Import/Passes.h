//===- Passes.h - Stage 1: raise linalg to the attn dialect -----*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_CONVERSION_IMPORT_PASSES_H
#define ATTN_CONVERSION_IMPORT_PASSES_H

#include "attn/IR/AttnDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Pass/Pass.h"

namespace attn {

/// Category of the remarks of this stage, for `--remarks-filter`.
inline constexpr llvm::StringLiteral importRemarks = "attn-import";

#define GEN_PASS_DECL
#include "attn/Conversion/Import/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "attn/Conversion/Import/Passes.h.inc"

/// Finds attention (and the projections around it) in a module of linalg ops as
/// front ends write it. Alive afterwards: attn, linalg, tensor, arith, math.
void buildImportPipeline(mlir::OpPassManager &pm);

/// Registers that pipeline as `attn-import`.
void registerImportPipeline();

} // namespace attn

#endif // ATTN_CONVERSION_IMPORT_PASSES_H
