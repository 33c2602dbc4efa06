//===- OutputsToArguments.cpp - Tensors of a signature as memory
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

namespace attn {
#define GEN_PASS_DEF_OUTPUTSTOARGUMENTS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct OutputsToArguments
    : attn::impl::OutputsToArgumentsBase<OutputsToArguments> {
  void runOnOperation() override;
};
} // namespace

/// Any strides but a unit inner one, any offset.
static MemRefType memoryType(RankedTensorType tensor) {
  SmallVector<int64_t> strides(tensor.getRank(), ShapedType::kDynamic);
  if (!strides.empty())
    strides.back() = 1;
  auto layout = StridedLayoutAttr::get(tensor.getContext(),
                                       ShapedType::kDynamic, strides);
  return MemRefType::get(tensor.getShape(), tensor.getElementType(), layout);
}

static LogicalResult rewriteSignature(func::FuncOp function) {
  if (function.isExternal())
    return success();
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("must have one block");
  OpBuilder b(function.getContext());
  Block &entry = function.getBody().front();
  auto returned = cast<func::ReturnOp>(entry.getTerminator());

  b.setInsertionPointToStart(&entry);
  for (BlockArgument argument : entry.getArguments()) {
    auto tensor = dyn_cast<RankedTensorType>(argument.getType());
    if (!tensor)
      continue;
    argument.setType(memoryType(tensor));
    auto contents = bufferization::ToTensorOp::create(
        b, argument.getLoc(), tensor, argument, /*restrict=*/true);
    argument.replaceAllUsesExcept(contents, contents);
  }
  b.setInsertionPoint(returned);
  for (Value value : returned.getOperands()) {
    auto tensor = dyn_cast<RankedTensorType>(value.getType());
    if (!tensor)
      return returned.emitOpError("can return tensors only, got ")
             << value.getType();
    BlockArgument output =
        entry.addArgument(memoryType(tensor), returned.getLoc());
    auto store = bufferization::MaterializeInDestinationOp::create(
        b, returned.getLoc(), TypeRange(), value, output);
    store.setRestrict(true);
    store.setWritable(true);
  }
  func::ReturnOp::create(b, returned.getLoc());
  returned.erase();

  SmallVector<DictionaryAttr> attributes;
  function.getAllArgAttrs(attributes);
  attributes.resize(entry.getNumArguments(), b.getDictionaryAttr({}));
  function.removeResAttrsAttr();
  function.setType(b.getFunctionType(entry.getArgumentTypes(), {}));
  function.setAllArgAttrs(attributes);
  return success();
}

void OutputsToArguments::runOnOperation() {
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (function.isPublic() && failed(rewriteSignature(function)))
      return signalPassFailure();
}
