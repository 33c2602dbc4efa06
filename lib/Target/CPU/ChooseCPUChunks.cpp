//===- ChooseCPUChunks.cpp - How many tokens of a recurrence at once
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A longer chunk reads and writes the state less often, and multiplies more
// pairs of tokens: with C tokens, C/2 of each for each token. At 16, a block of
// the state in registers meets 16 multiply-adds for each load and store, and
// pairs cost an eighth of what the state does with 64 features.
//
//===----------------------------------------------------------------------===//

#include "attn/IR/RecurrenceShape.h"
#include "attn/Target/CPU/CPUTarget.h"

using namespace mlir;
using namespace attn;

ChunksAttr CPUTarget::chooseChunks(LinearAttentionOp op) const {
  RecurrenceShape shape = getRecurrenceShape(op);
  int64_t lanes = spec.vectorBits / op.getAccumulatorType().getWidth();
  int64_t registers = spec.vectorRegisters >= 32 ? 24
                      : spec.fusedMultiplyAdd    ? 12
                                                 : 8;
  int64_t tokens = llvm::alignTo(16, lanes);
  // Enough tasks where there are few heads: each computes the pairs again.
  int64_t parts = shape.keyHeads >= 8 ? 1 : 2;
  int64_t columns =
      llvm::alignTo(llvm::divideCeil(shape.valueSize, parts), 4 * lanes);
  columns = std::min(columns, std::max<int64_t>(4 * lanes, 128));
  // A chunk costs what four or five single tokens do.
  return ChunksAttr::get(op.getContext(), tokens, columns,
                         /*few=*/tokens / 4, lanes, registers);
}
