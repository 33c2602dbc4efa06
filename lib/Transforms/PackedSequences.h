//===- PackedSequences.h - Query tiles of packed sequences
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_PACKEDSEQUENCES_H
#define ATTN_LIB_TRANSFORMS_PACKEDSEQUENCES_H

#include "attn/IR/AttnOps.h"

namespace attn {

/// Cuts an attention with `query_starts` and `key_starts` into one `scf.forall`
/// over heads and the query tiles of all sequences. Each iteration is an
/// attention of one head and one tile over the keys of its sequence alone,
/// which knows its global offsets; or, by a decode schedule, the code of one
/// tile of few queries and the heads that share the keys.
mlir::LogicalResult tilePackedQueries(mlir::IRRewriter &rewriter,
                                      AttentionOp op);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_PACKEDSEQUENCES_H
