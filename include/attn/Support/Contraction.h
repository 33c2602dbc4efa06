//===- Contraction.h - The register-tiled product of two factors -*- C++-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every contraction of a CPU kernel is one op, whose accumulators the
// vectorizer keeps in registers. What instructions multiply is a fact of the
// target: single numbers, or pairs that lie side by side (a pack factor of 2).
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SUPPORT_CONTRACTION_H
#define ATTN_SUPPORT_CONTRACTION_H

#include "attn/Support/IRBuilder.h"

namespace attn {

/// One factor of a contraction, and the dimension of the loop nest that indexes
/// each of its own: 0 rows, 1 columns, from 2 on what is summed.
struct Factor {
  mlir::Value tensor;
  llvm::SmallVector<unsigned> dims;
};

/// acc[row, column] += sum of left * right over the summed dimensions. With a
/// pack factor of 2 the last index of both factors is `2 * dim + second`, and
/// both products of a pair are added. Factors are converted to the type of the
/// accumulator before they meet, which no instruction does where the target
/// multiplies them as they are.
mlir::Value multiplyAccumulate(IRBuilder &b, const Factor &left,
                               const Factor &right, mlir::Value acc,
                               int64_t pack);

/// The same in matrix registers (TargetSpec::matrixTiles): acc is 16 or 32 by
/// 16 or 32. Of the summed dimension that is loop number `loop`, what is less
/// than a whole register is left to vectors; where its extent is dynamic, there
/// must be no such rest.
mlir::Value multiplySquares(IRBuilder &b, const Factor &left,
                            const Factor &right, mlir::Value acc, int64_t pack,
                            unsigned loop);

} // namespace attn

#endif // ATTN_SUPPORT_CONTRACTION_H
