//===- SplitCasts.cpp - Keep casts of index values to fewer bits from folding
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A position as an i8 is one of 256 numbers. MLIR up to version 22 forgets that
// where it becomes an index again (llvm/llvm-project#90296).
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/LoadBounds.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace attn {
#define GEN_PASS_DEF_SPLITCASTS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using namespace attn::mask;

namespace {
struct SplitCasts : attn::impl::SplitCastsBase<SplitCasts> {
  void runOnOperation() override;
};
} // namespace

/// Whether all numbers of `in` are the same as integers of a type.
static bool isExact(Operation *cast, Bounds in) {
  unsigned width = cast->getResult(0).getType().getIntOrFloatBitWidth();
  if (isa<arith::IndexCastOp>(cast))
    return width >= 64 || Bounds::ofWidth(width).contains(in);
  return width >= 64 ||
         Bounds{0, int64_t(llvm::maskTrailingOnes<uint64_t>(width))}.contains(
             in);
}

/// Whether something that is made of `value` becomes an index: what is between
/// may fold away.
static bool isWidened(Value value, llvm::SmallPtrSetImpl<Operation *> &seen) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(user))
      return true;
    return seen.insert(user).second &&
           llvm::any_of(user->getResults(),
                        [&](Value result) { return isWidened(result, seen); });
  });
}

/// Bounds of an index value; positions are known in regions of attention.
static Bounds boundsOf(Value value, Operation *user) {
  auto attention = user->getParentOfType<AttentionOp>();
  if (!attention)
    return staticBounds(value, llvm::DenseMap<Value, Bounds>());
  Region *region = user->getParentRegion();
  while (region->getParentOp() != attention)
    region = region->getParentOp()->getParentRegion();
  return staticBounds(value, boundsInRegion(attention, *region));
}

void SplitCasts::runOnOperation() {
  getOperation()->walk([&](Operation *cast) {
    if (!isa<arith::IndexCastOp, arith::IndexCastUIOp>(cast))
      return;
    Value in = cast->getOperand(0), out = cast->getResult(0);
    auto type = dyn_cast<IntegerType>(out.getType());
    llvm::SmallPtrSet<Operation *, 16> seen;
    if (!in.getType().isIndex() || !type || !isWidened(out, seen) ||
        isExact(cast, boundsOf(in, cast)))
      return;
    OpBuilder builder(cast);
    // In 32 bits where they do, as positions are where lanes hold them.
    Type wide = builder.getIntegerType(type.getWidth() < 32 ? 32 : 64);
    Value number =
        arith::IndexCastOp::create(builder, cast->getLoc(), wide, in);
    out.replaceAllUsesWith(
        arith::TruncIOp::create(builder, cast->getLoc(), type, number));
    cast->erase();
  });
}
