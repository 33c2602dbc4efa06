//===- QueryProducts.h - A tile's queries times rows of a table -*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_QUERYPRODUCTS_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_QUERYPRODUCTS_H

#include "HeadOperands.h"

namespace attn {

/// What each attn.query_dot of `op` has in the online attentions of `with`:
/// products of the query rows with all rows of its table, or these query rows
/// where there are too many. `rows` gives the queries as they are, M x D of the
/// accumulation type; `columns` gives that transposed, for queries in the
/// lanes.
llvm::SmallVector<QueryProducts>
multiplyQueries(IRBuilder &b, AttentionOp op, const OnlineOperands &with,
                llvm::function_ref<mlir::Value(IRBuilder &)> rows,
                llvm::function_ref<mlir::Value(IRBuilder &)> columns);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_QUERYPRODUCTS_H
