//===- Passes.td - Passes that ask a target ----------------*- tablegen -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_PASSES_TD
#define ATTN_TARGET_PASSES_TD

include "mlir/Pass/PassBase.td"

def AttachTarget : Pass<"attn-attach-target", "::mlir::ModuleOp"> {
  let summary = "Attach a target's facts to the module";
  let description = [{
    Writes the facts of `target` as the module's DLTI system specification. A
    module that has one keeps it, unless `target` names another.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"\"",
           "Name of the target; empty: keep the module's, else x86-64-v4">
  ];
  let dependentDialects = ["::mlir::DLTIDialect"];
}

def ChooseSchedule : Pass<"attn-choose-schedule", "::mlir::func::FuncOp"> {
  let summary = "Give every attention its schedule";
  let description = [{
    Asks the module's target for a `#attn.schedule` for each `attn.attention` that
    has none, and reports it, and how the mask was understood, as remarks. What a
    user wrote stays. Refuses, by name, what no backend implements yet. An
    `attn.linear_attention` gets its `#attn.chunks` in the same way.
  }];
  // Of what is emitted to understand a mask, and dropped.
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"
  ];
}

def ApproximateMath : Pass<"attn-approximate-math", "::mlir::ModuleOp"> {
  let summary = "Write tanh, exp, log, erf and their like as polynomials";
  let description = [{
    What a score region asks of the math dialect would become a library call for
    each lane. The upstream approximations keep it in vectors, within a few units
    in the last place of f32. What has none is reported by a remark.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def ExpandExp2 : Pass<"attn-expand-exp2", "::mlir::ModuleOp"> {
  let summary = "Write exp2 of vectors as a polynomial";
  let description = [{
    On AVX-512 eight instructions, five of them on the multiply-add pipes:
    `x - floor(x)` and the scaling by `2^floor(x)` are one instruction each.
    Elsewhere the integer part is added to the exponent bits. The relative error
    is below 1e-7 (a minimax polynomial of degree five on [0, 1)); f64 has degree
    eleven, and a power that is rounded to bf16 anyway three. The coefficients are read through a pointer that the optimiser cannot see
    through: hoisted into registers across the contraction loop before it, they
    would spill its accumulators.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def ExpandConversions : Pass<"attn-expand-conversions", "::mlir::ModuleOp"> {
  let summary = "Write conversions to and from bf16 and f16 that the target lacks";
  let description = [{
    LLVM would call a library that is not there (`__truncsfbf2`, `__extendhfsf2`),
    lane by lane. Integer arithmetic rounds to nearest, ties to even; denormals,
    infinities and NaN (made quiet) are kept. f64 is rounded once, not by way of
    f32. A fused multiply-add of bf16 or f16 becomes one of f32. Afterwards the
    only conversions left are those for which the target has an instruction.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def HalvesToIntegers : Pass<"attn-halves-to-integers", "::mlir::ModuleOp"> {
  let summary = "Give bf16 and f16 that the target cannot convert the type i16";
  let description = [{
    In the LLVM dialect, after `attn-expand-conversions`: what is left of such values
    is loads, stores and shuffles. LLVM takes some of these apart (a masked store, a
    vector of one element) and extends and rounds every element on the way, by a
    library's functions; of integers it moves the bits.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def LowerNibbles : Pass<"attn-lower-nibbles", "::mlir::ModuleOp"> {
  let summary = "Look numbers of four bits up in a register";
  let description = [{
    A half of each of 16 or 32 bytes, sign-extended and converted to f32 or bf16,
    becomes a permutation of the sixteen numbers by the bytes (`vpermps`,
    `vpermw`), where the target has one: an instruction, or two with a shift,
    in place of four.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::vector::VectorDialect"
  ];
}

def LowerDots : Pass<"attn-lower-dots", "::mlir::ModuleOp"> {
  let summary = "Write contractions of bf16 pairs as dot-product instructions";
  let description = [{
    A `vector.contract` of `lanes x 2` vectors of bf16 into f32 becomes the
    target's instruction (`vdpbf16ps`, `bfdot`). Such contractions come from
    schedules with `dot = 2`, which a target without one refuses. Two vectors that
    are rounded to bf16 and interleaved are rounded by one instruction.
  }];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::vector::VectorDialect",
    "::mlir::x86vector::X86VectorDialect"
  ];
}

def LowerTiles : Pass<"attn-lower-tiles", "::mlir::ModuleOp"> {
  let summary = "Write contractions of squares as products of matrix registers";
  let description = [{
    Where the target has matrix registers, vectors of 16 x 16 f32 and of 16 rows of
    16 pairs of bf16 become values in them: transfers are tile loads and stores, a
    `vector.contract` of rows of pairs with pairs of columns is `tdpbf16ps`.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect"
  ];
}

#endif // ATTN_TARGET_PASSES_TD
