//===- UpdateInPlace.cpp - Which arguments an entry changes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnOps.h"
#include "attn/IR/Updates.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

namespace attn {
#define GEN_PASS_DEF_UPDATEINPLACE
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct UpdateInPlace : attn::impl::UpdateInPlaceBase<UpdateInPlace> {
  void runOnOperation() override;
};
} // namespace

/// Whether what `op` gives may be memory of its tensor operands.
static bool givesViews(Operation *op) {
  return isa<tensor::ExtractSliceOp, tensor::CastOp, tensor::CollapseShapeOp,
             tensor::ExpandShapeOp, tensor::ReshapeOp>(op);
}

/// The first use of `value`, or of a view of it, that must see its elements as
/// they were when `update` has changed them; or null.
static Operation *findLateUse(Value value, Operation *update) {
  Block *block = update->getBlock();
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    Operation *top = block->findAncestorOpInBlock(*user);
    if (top == update || isa<tensor::DimOp>(user))
      continue;
    auto destination = dyn_cast<DestinationStyleOpInterface>(user);
    bool writes = getUpdatedOperand(user) == &use ||
                  (destination && destination.isDpsInit(&use));
    if (writes || update->isBeforeInBlock(top))
      return user;
    if (top == user && givesViews(user))
      for (Value view : user->getResults())
        if (Operation *late = findLateUse(view, update))
          return late;
  }
  return nullptr;
}

/// Every value from the argument to the returned one is overwritten by the
/// next.
static LogicalResult checkChain(Value result, BlockArgument argument,
                                StringRef name) {
  for (Value value = result; value != argument;) {
    Operation *op = value.getDefiningOp();
    OpOperand *updated = getUpdatedOperand(op);
    if (!updated) {
      value = cast<tensor::CastOp>(op).getSource();
      continue;
    }
    if (Operation *late = findLateUse(updated->get(), op)) {
      InFlightDiagnostic error =
          op->emitOpError() << "changes '" << name
                            << "' in place, but what that held before is used "
                               "after: a copy of it is not supported";
      error.attachNote(late->getLoc())
          << "here; use the changed tensor, or do this before the change";
      return error;
    }
    value = updated->get();
  }
  return success();
}

static LogicalResult markUpdates(func::FuncOp function) {
  Builder b(function.getContext());
  Operation *terminator = function.getBody().front().getTerminator();
  for (auto [index, argument] :
       llvm::enumerate(getUpdatedArguments(function))) {
    if (!argument)
      continue;
    unsigned number = argument.getArgNumber();
    auto given = function.getArgAttrOfType<StringAttr>(number, "attn.name");
    std::string name = given ? given.str() : "arg" + std::to_string(number);
    if (auto before =
            function.getArgAttrOfType<IntegerAttr>(number, kUpdatedByAttr))
      return terminator->emitOpError()
             << "gives argument '" << name << "' with rows put into it twice, "
             << "as results " << before.getInt() << " and " << index
             << ", which is not supported";
    Value result = terminator->getOperand(index);
    if (failed(checkChain(result, argument, name)))
      return failure();
    function.setArgAttr(number, kUpdatedByAttr, b.getI64IntegerAttr(index));
  }
  return success();
}

void UpdateInPlace::runOnOperation() {
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal() &&
        function.getBody().hasOneBlock() && failed(markUpdates(function)))
      return signalPassFailure();
}
