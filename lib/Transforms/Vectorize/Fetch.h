//===- Fetch.h - Fetches rows while a contraction runs
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A contraction in registers leaves load slots free. What `attn.fetch` marks
// moves into the cache meanwhile, a few lines every few steps: all at once
// would occupy the buffers that outstanding lines wait in, and stop the loads
// of the contraction itself.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_VECTORIZE_FETCH_H
#define ATTN_LIB_TRANSFORMS_VECTORIZE_FETCH_H

#include "attn/Support/IRBuilder.h"

namespace attn {

/// Whether `operand` is an input that no dimension of its op indexes, although
/// it has some.
bool isOnlyFetched(mlir::linalg::LinalgOp op, mlir::OpOperand &operand);

class Fetches {
public:
  /// What `op` is to fetch in `steps` steps of its innermost loop; nothing if
  /// that is not known before it runs.
  Fetches(mlir::linalg::LinalgOp op, int64_t steps);

  /// Steps after which to fetch some lines: a divisor of all steps, or 0.
  int64_t interval() const { return every; }
  /// To be called before the loop.
  void prepare(IRBuilder &b);
  /// Fetches the lines of the steps from `step` on.
  void emit(IRBuilder &b, mlir::Value step) const;

private:
  struct Matrix {
    mlir::Value tensor;
    int64_t rows;        ///< To fetch; the last one again if there are fewer.
    int64_t linesPerRow; ///< Cache lines.
    int64_t lineElements;
    mlir::Value memory, last; ///< The buffer, and its last row.
  };
  llvm::SmallVector<Matrix> matrices;
  int64_t steps, every = 0;
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_VECTORIZE_FETCH_H
