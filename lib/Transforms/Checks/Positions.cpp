//===- Positions.cpp - Checks of where rotary tables are read -------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"
#include "Elements.h"

using namespace mlir;
using namespace attn;

/// Each position has a row in the tables. Positions that are computed are not
/// looked at: the kernel keeps them inside of the tables in any case.
void CheckWriter::checkRotary(IRBuilder &b, ProjectHeadsOp op) {
  using Predicate = arith::CmpIPredicate;
  Value rows = importSize(b, op.getRotary()[0], 0);
  auto input = cast<RankedTensorType>(op.getInput().getType());
  if (!op.getPositions()) {
    BlockArgument table = argumentOf(op.getRotary()[0]);
    Value length = importSize(b, op.getInput(), input.getRank() - 2);
    if (!table || !rows || !length)
      return;
    int64_t code = addRule(table, "must have a row for every position");
    status = failIf(b, status, b.compare(Predicate::slt, rows, length), code,
                    b.index(-1));
    return;
  }
  BlockArgument argument = argumentOf(op.getPositions());
  if (!argument || !rows)
    return;
  int64_t code = addRule(argument, "must be a row of the rotary tables");
  Value positions = mapping.lookup(argument);
  unsigned dims = cast<RankedTensorType>(positions.getType()).getRank();
  status = forEachIndex(
      b, positions, dims, status,
      [&](IRBuilder &b, ArrayRef<Value> at, Value now) -> Value {
        // As an unsigned number, what is negative is too large.
        Value bad =
            b.compare(Predicate::uge, b.extractIndex(positions, at), rows);
        return failIf(b, now, bad, code, linearIndex(b, positions, at));
      });
}
