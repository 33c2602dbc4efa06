//===- Tables.cpp - Tables that pairs take rows of have some
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"

using namespace mlir;
using namespace attn;

SmallVector<Value> attn::tablesOf(AttentionOp op) {
  SmallVector<Value> tables;
  op.getScore().walk([&](Operation *inner) {
    if (isa<QueryDotOp, KeyDotOp>(inner))
      tables.push_back(inner->getOperand(0));
  });
  if (Value table = op.getValueTableOperand())
    tables.push_back(table);
  llvm::erase_if(tables, [](Value table) {
    return cast<RankedTensorType>(table.getType()).hasStaticShape();
  });
  return tables;
}

/// An index beyond a table counts as the nearest one that it has: there must be
/// one.
void CheckWriter::checkTables(IRBuilder &b, AttentionOp op) {
  using Predicate = arith::CmpIPredicate;
  Value queries =
      importSize(b, op.getQuery(), getAttentionShape(op).layout.sequence);
  for (Value table : tablesOf(op)) {
    BlockArgument argument = argumentOf(table);
    if (!argument || !queries)
      continue;
    int64_t code =
        addRule(argument, "must not be empty where there are queries");
    Value some = b.compare(Predicate::sgt, queries, b.index(0));
    auto type = cast<RankedTensorType>(table.getType());
    for (int64_t dim = 0; dim + 1 < type.getRank(); ++dim) {
      if (!type.isDynamicDim(dim))
        continue;
      Value none =
          b.compare(Predicate::eq, importSize(b, table, dim), b.index(0));
      status =
          failIf(b, status, arith::AndIOp::create(b, b.getLoc(), none, some),
                 code, b.index(-1));
    }
  }
}
