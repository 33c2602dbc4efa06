//===- Call.h - Random arguments for a random function -------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_CALL_H
#define ATTN_TEST_DIFFERENTIAL_CALL_H

#include "Function.h"
#include "attn/Reference/Tensor.h"

namespace attn::differential {

/// One call of a function: sizes, where its tensors lie, and its arguments in
/// the order of `Function::text`, with values that their types hold exactly.
struct Call {
  int64_t batch, queries, keys; ///< Of packed sequences: those of all.
  int64_t sequences;            ///< Batches, or packed sequences.
  int64_t pages = 0, pool = 0;  ///< Of one sequence, and of all.
  /// Queries and keys of each packed sequence.
  std::vector<std::pair<int64_t, int64_t>> lengths;
  int64_t entries = 0; ///< The length of what lists keys.
  unsigned threads, padding;
  std::string kind; ///< What is unusual about the data.
  std::vector<reference::Tensor> arguments;

  /// For people: `B=2 SQ=17 SK=0 threads=2 padding=3`.
  std::string describe() const;
};

Call makeCall(uint64_t seed, const Function &function, unsigned functionIndex,
              unsigned index, mlir::MLIRContext *context);

/// The type that MLIR spells so.
mlir::Type elementType(llvm::StringRef name, mlir::MLIRContext *context);

/// `tensor` as storage of its type holds it.
reference::Tensor rounded(const reference::Tensor &tensor);

/// Puts NaN into some keys and values, and infinities into those that no query
/// reads; of page tables, what no query reads becomes nonsense. `scores` are
/// the reference's, B x H x SQ x SK, -inf where masked.
void poison(Call &call, const Function &function,
            const reference::Tensor &scores, uint64_t seed);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_CALL_H
