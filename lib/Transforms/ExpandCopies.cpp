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
