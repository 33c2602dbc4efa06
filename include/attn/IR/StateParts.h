//===- StateParts.h - Parts of the state of attn.online_attention -*- C++ -*-=//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_STATEPARTS_H
#define ATTN_IR_STATEPARTS_H

#include "llvm/ADT/StringRef.h"

namespace attn {

/// Whether that part of the state has a number for each pair of a query and a
/// key: a tile has those of its own keys.
inline bool isOfPairs(llvm::StringRef name) {
  return name == "scores" || name == "other_scores";
}

} // namespace attn

#endif // ATTN_IR_STATEPARTS_H
