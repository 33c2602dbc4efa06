//===- ExpandCopies.cpp - Copies between buffers as loops
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/Updates.h"
#include "attn/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_EXPANDCOPIES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ExpandCopies : attn::impl::ExpandCopiesBase<ExpandCopies> {
  void runOnOperation() override;
};
} // namespace

/// What `memory` is a part of.
static Value wholeOf(Value memory) {
  while (Operation *op = memory.getDefiningOp()) {
    if (!isa<memref::SubViewOp, memref::CastOp>(op))
      break;
    memory = op->getOperand(0);
  }
  return memory;
}

/// `memory` as an argument that the function changes in place, or null.
static BlockArgument changedArgument(func::FuncOp function, Value memory) {
  auto argument = dyn_cast<BlockArgument>(memory);
  bool changed = argument && argument.getOwner() == &function.front() &&
                 function.getArgAttr(argument.getArgNumber(), kUpdatedByAttr);
  return changed ? argument : BlockArgument();
}

/// The most bits of a row that are copied as one vector.
static constexpr int64_t longestRow = 8192;

/// Elements of a row of both buffers, if they lie side by side and are a
/// vector.
static std::optional<VectorType> rowOf(memref::CopyOp copy) {
  auto type = cast<MemRefType>(copy.getSource().getType());
  Type element = type.getElementType();
  if (type.getRank() == 0 || type.isDynamicDim(type.getRank() - 1) ||
      !element.isIntOrFloat() || element.getIntOrFloatBitWidth() % 8 != 0)
    return std::nullopt;
  int64_t size = type.getShape().back();
  if (size == 0 || size * element.getIntOrFloatBitWidth() > longestRow)
    return std::nullopt;
  for (Value memory : {copy.getSource(), copy.getTarget()})
    if (!cast<MemRefType>(memory.getType()).areTrailingDimsContiguous(1))
      return std::nullopt;
  return VectorType::get({size}, element);
}

/// Copies row by row.
static void copyRows(OpBuilder &b, memref::CopyOp copy, VectorType row) {
  Location loc = copy.getLoc();
  Value zero = arith::ConstantIndexOp::create(b, loc, 0),
        one = arith::ConstantIndexOp::create(b, loc, 1),
        padding = arith::ConstantOp::create(
            b, loc, b.getZeroAttr(row.getElementType()));
  unsigned outer = cast<MemRefType>(copy.getSource().getType()).getRank() - 1;
  SmallVector<Value> ends;
  for (unsigned dim = 0; dim < outer; ++dim)
    ends.push_back(b.createOrFold<memref::DimOp>(loc, copy.getSource(), dim));
  auto map = AffineMap::getMinorIdentityMap(outer + 1, 1, b.getContext());
  scf::buildLoopNest(
      b, loc, SmallVector<Value>(outer, zero), ends,
      SmallVector<Value>(outer, one),
      [&](OpBuilder &b, Location loc, ValueRange position) {
        SmallVector<Value> at(position);
        at.push_back(zero);
        Value elements =
            vector::TransferReadOp::create(b, loc, row, copy.getSource(), at,
                                           padding, map, ArrayRef<bool>{true});
        vector::TransferWriteOp::create(b, loc, elements, copy.getTarget(), at,
                                        map, ArrayRef<bool>{true});
      });
}

void ExpandCopies::runOnOperation() {
  func::FuncOp function = getOperation();
  if (function.isExternal())
    return;
  WalkResult walked = function.walk([&](memref::CopyOp copy) {
    // A cache may be larger than what is done with it.
    for (Value memory : {copy.getSource(), copy.getTarget()})
      if (BlockArgument argument = changedArgument(function, memory)) {
        copy.emitError() << "a copy of argument " << argument.getArgNumber()
                         << ", which the function changes in place, would be "
                            "needed here and is not supported";
        return WalkResult::interrupt();
      }
    // New rows must be copied.
    if (!changedArgument(function, wholeOf(copy.getTarget())))
      remark::missed(copy.getLoc(),
                     remark::RemarkOpts::name("copy").category("attn"))
          << "a buffer is copied";
    OpBuilder b(copy);
    if (std::optional<VectorType> row = rowOf(copy))
      copyRows(b, copy, *row);
    else
      linalg::CopyOp::create(b, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
    copy.erase();
    return WalkResult::advance();
  });
  if (walked.wasInterrupted())
    return signalPassFailure();
  for (unsigned number = 0; number < function.getNumArguments(); ++number)
    function.removeArgAttr(number, kUpdatedByAttr);
}
