//===- Lists.h - Random lists of keys -------------------------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_LISTS_H
#define ATTN_TEST_DIFFERENTIAL_LISTS_H

#include "Random.h"
#include "attn/Reference/Tensor.h"
#include <string>
#include <vector>

namespace attn::differential {

struct Function;
struct Call;

/// The operand group `csr` or `blocks`.
struct Lists {
  bool areBlocks;
  bool havePointers, areSingle; ///< One list has no pointers.
  bool byBatch, byHead;
  int64_t queryBlock = 1, keyBlock = 1;

  std::string group() const { return areBlocks ? "blocks" : "csr"; }
  /// Types of the one or two operands.
  std::vector<std::string> types(const Function &function) const;
};

Lists makeLists(Random &random, const Function &function);

/// The operands of `function.lists` for a call of these sizes: lists in any
/// order, some empty, entries that are named twice or, where they may be none,
/// negative.
std::vector<reference::Tensor> makeListData(Random &random,
                                            const Function &function,
                                            const Call &call,
                                            mlir::MLIRContext *context);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_LISTS_H
