//===- Captured.cpp - Checks of tensors that regions read
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"
#include "attn/IR/Updates.h"
#include "attn/Support/Attributes.h"
#include "mlir/Interfaces/DestinationStyleOpInterface.h"

using namespace mlir;
using namespace attn;

/// The value whose dimension `dim` is that of `tensor`, as far as ops say so
/// that compute elements.
static Value originOf(Value tensor, unsigned &dim) {
  while (true) {
    tensor = beforeUpdates(tensor);
    auto result = dyn_cast<OpResult>(tensor);
    if (!result)
      return tensor;
    Operation *def = result.getOwner();
    if (auto style = dyn_cast<DestinationStyleOpInterface>(def)) {
      tensor = style.getTiedOpOperand(result)->get();
    } else if (def->hasTrait<OpTrait::Elementwise>()) {
      auto isTensor = [](Value value) {
        return isa<RankedTensorType>(value.getType());
      };
      tensor = *llvm::find_if(def->getOperands(), isTensor);
    } else if (auto empty = dyn_cast<tensor::EmptyOp>(def)) {
      auto value = dyn_cast<Value>(empty.getMixedSizes()[dim]);
      auto other = value ? value.getDefiningOp<tensor::DimOp>() : nullptr;
      if (!other || !other.getConstantIndex())
        return tensor;
      tensor = other.getSource();
      dim = *other.getConstantIndex();
    } else {
      return tensor;
    }
  }
}

Value attn::sourceOf(Value tensor) {
  while (Operation *def = tensor.getDefiningOp()) {
    if (def->getNumOperands() == 0 ||
        !isa<RankedTensorType>(def->getOperand(0).getType()))
      break;
    tensor = def->getOperand(0);
  }
  return tensor;
}

LogicalResult CheckWriter::checkCaptured(IRBuilder &b, AttentionOp op) {
  // A mask says which keys there are to read, so it is asked before any is.
  llvm::SetVector<std::tuple<Value, unsigned, unsigned>> dims;
  for (Region &region : op->getRegions())
    region.walk([&](tensor::ExtractOp load) {
      if (auto list = load->getAttrOfType<DenseI64ArrayAttr>(notEmptyAttr))
        for (int64_t dim : list.asArrayRef())
          dims.insert(
              {load.getTensor(), dim, unsigned(&region == &op.getMask())});
      load->removeAttr(notEmptyAttr);
    });
  for (auto [tensor, dim, ofMask] : dims) {
    unsigned of = dim;
    Value origin = originOf(tensor, of);
    BlockArgument argument = argumentOf(sourceOf(origin));
    Value length = argument ? importSize(b, origin, of) : Value();
    if (!length) {
      auto diag = op.emitOpError("reads a tensor at a computed index whose "
                                 "size takes more than scalar arithmetic to "
                                 "compute, which is not supported, as nothing "
                                 "checks that it has an element");
      diag.attachNote(tensor.getLoc()) << "this tensor, in dimension " << dim;
      return diag;
    }
    Value bad = b.compare(arith::CmpIPredicate::eq, length, b.index(0));
    // Without queries, or keys, nothing is read.
    AttentionShape shape = getAttentionShape(op);
    auto unlessEmpty = [&](Value counted, unsigned at) {
      if (Value count = importSize(b, counted, at))
        bad = arith::AndIOp::create(
            b, b.getLoc(), bad,
            b.compare(arith::CmpIPredicate::ne, count, b.index(0)));
    };
    unlessEmpty(op.getQuery(), shape.layout.sequence);
    if (shape.layout.batch)
      unlessEmpty(op.getQuery(), *shape.layout.batch);
    if (!ofMask && shape.isPaged())
      unlessEmpty(op.getPageTableOperand(), 1);
    else if (!ofMask)
      unlessEmpty(op.getKey(), shape.layout.sequence);
    std::string rule = "must not be empty in dimension " + std::to_string(of);
    if (origin != argument)
      rule = "must not leave a tensor that is empty in dimension " +
             std::to_string(of);
    status = failIf(b, status, bad,
                    addRule(argument, rule + ", where a region reads it at a "
                                             "computed index"),
                    b.index(-1));
  }
  return success();
}
