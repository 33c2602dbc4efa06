//===- ExpandAppends.cpp - New rows of caches as loops
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"

namespace attn {
#define GEN_PASS_DEF_EXPANDAPPENDS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ExpandAppends : attn::impl::ExpandAppendsBase<ExpandAppends> {
  void runOnOperation() override;
};
} // namespace

/// The cache after rows `[first, first + count)` of batch `batch` of the new
/// rows are put at `position` of its dimension `page`.
static Value putRows(IRBuilder &b, AppendOp op, Value cache, Value batch,
                     Value first, OpFoldResult count, Value page,
                     Value position) {
  auto type = cast<RankedTensorType>(cache.getType());
  unsigned sequence = op.getSequenceDim();
  OpFoldResult zero = b.getIndexAttr(0);
  SmallVector<OpFoldResult> from(type.getRank(), zero), to(from), sizes;
  for (int64_t size : type.getShape())
    sizes.push_back(b.getIndexAttr(size));
  sizes[0] = b.getIndexAttr(1);
  sizes[sequence] = count;
  from[0] = batch;
  from[sequence] = first;
  to[0] = page;
  to[sequence] = position;
  SmallVector<int64_t> shape(type.getShape().drop_front());
  shape[sequence - 1] =
      getConstantIntValue(count).value_or(ShapedType::kDynamic);
  Value rows = b.slice(op.getRows(), from, sizes, type.clone(shape));
  return b.insert(rows, cache, to, sizes);
}

static void expand(AppendOp op) {
  OpBuilder builder(op);
  IRBuilder b(builder, op.getLoc());
  Location loc = b.getLoc();
  Value count = b.dim(op.getRows(), op.getSequenceDim());
  using Values = SmallVector<Value>;
  Value result = b.loop(
      b.index(0), b.dim(op.getRows(), 0), 1, op.getCache(),
      [&](IRBuilder &b, Value batch, ValueRange caches) -> Values {
        Value start = b.extractIndex(op.getPositions(), batch);
        if (!op.getPageTable())
          return {putRows(b, op, caches[0], batch, b.index(0),
                          getAsOpFoldResult(count), batch, start)};
        Value size = b.index(op.getPageSize());
        return Values(b.loop(
            b.index(0), count, 1, caches,
            [&](IRBuilder &b, Value row, ValueRange caches) -> Values {
              Value position = b.add(start, row);
              Value number =
                  b.createOrFold<arith::DivUIOp>(loc, position, size);
              Value page = b.extractIndex(op.getPageTable(), {batch, number});
              return {
                  putRows(b, op, caches[0], batch, row, b.getIndexAttr(1), page,
                          b.createOrFold<arith::RemUIOp>(loc, position, size))};
            }));
      })[0];
  op.replaceAllUsesWith(result);
  op.erase();
}

void ExpandAppends::runOnOperation() {
  SmallVector<AppendOp> appends;
  getOperation().walk([&](AppendOp op) { appends.push_back(op); });
  for (AppendOp op : appends) {
    // What calls pass are bytes, which hold two of them.
    if (getElementTypeOrSelf(op.getCache()).isInteger(4)) {
      op.emitOpError("to a cache of i4 is not supported; the program can write "
                     "the bytes of the rows");
      return signalPassFailure();
    }
    expand(op);
  }
}
