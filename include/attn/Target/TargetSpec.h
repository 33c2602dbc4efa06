//===- TargetSpec.h - What the stages know of a target
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Facts, not decisions. They travel with the module as its DLTI system
// specification (device "CPU"), so that a pass run by itself sees the same.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_TARGETSPEC_H
#define ATTN_TARGET_TARGETSPEC_H

#include "mlir/IR/BuiltinOps.h"
#include <optional>
#include <string>

namespace attn {

struct TargetSpec {
  std::string name;     ///< As in `--target`.
  std::string triple;   ///< LLVM target triple.
  std::string cpu;      ///< LLVM processor name.
  std::string features; ///< LLVM feature string, "+avx2,+fma".
  int64_t vectorBits;   ///< Width of a vector register.
  int64_t vectorRegisters;
  bool scalableRegisters; ///< Of several widths on several machines; the code
                          ///< runs where they have vectorBits.
  bool fusedMultiplyAdd;
  int64_t bf16DotPack; ///< 2 where one instruction multiplies pairs of bf16
                       ///< and adds them to f32, else 1.
  bool matrixTiles;    ///< Registers of 16 rows of 64 bytes, multiplied as
                       ///< pairs of bf16 and added to f32.
  bool convertsF16;    ///< Instructions between f32 and f16.
  bool convertsBF16;   ///< An instruction from f32 to bf16.
  int64_t l1Bytes;     ///< First-level data cache of one core.
  int64_t l2Bytes;     ///< Second-level cache of one core.
  int64_t llcBytes;    ///< Last-level cache that a core reaches.
};

/// Attaches the facts to the module.
void setTargetSpec(mlir::ModuleOp module, const TargetSpec &spec);

/// The facts of the module around `op`; nothing where it has none.
std::optional<TargetSpec> getTargetSpec(mlir::Operation *op);

} // namespace attn

#endif // ATTN_TARGET_TARGETSPEC_H
