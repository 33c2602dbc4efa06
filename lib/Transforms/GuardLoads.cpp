//===- GuardLoads.cpp - Keep loads of regions in their tensors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before anything is tiled: prefill, decode and all analyses see the clamps as
// the arithmetic that they are.
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/LoadBounds.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringExtras.h"

namespace attn {
#define GEN_PASS_DEF_GUARDLOADS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct GuardLoads : attn::impl::GuardLoadsBase<GuardLoads> {
  void runOnOperation() override;
};

/// The loads of one attention.
class LoadGuard {
public:
  LoadGuard(AttentionOp op, DimensionClasses &extents)
      : op(op), extents(extents) {}
  LogicalResult run();

private:
  LogicalResult guard(LoadBounds &bounds, tensor::ExtractOp load);
  Value clamp(tensor::ExtractOp load, unsigned dim, IndexProof proof);
  void remark();

  AttentionOp op;
  DimensionClasses &extents;
  unsigned numLoads = 0;
  SmallVector<std::string> guarded;
};
} // namespace

/// What dimensions of the function's values are the same, in every call.
static DimensionClasses findExtents(func::FuncOp function) {
  DimensionClasses extents(function, /*withLoads=*/false);
  // Callers inside of the module check nothing.
  if (!function.isPublic())
    return extents;
  // Without the word of the compiler, what it would check of this function.
  DimensionClasses checked(function);
  llvm::DenseMap<int64_t, std::pair<BlockArgument, unsigned>> first;
  for (BlockArgument argument : function.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    auto told = function.getArgAttrOfType<DenseI64ArrayAttr>(
        argument.getArgNumber(), extentsAttr);
    for (unsigned dim = 0, rank = type ? type.getRank() : 0; dim < rank;
         ++dim) {
      int64_t number = told ? told[dim] : checked.classOf(argument, dim);
      auto [it, isNew] = first.try_emplace(number, argument, dim);
      if (!isNew)
        extents.unite(it->second.first, it->second.second, argument, dim);
    }
  }
  return extents;
}

Value LoadGuard::clamp(tensor::ExtractOp load, unsigned dim, IndexProof proof) {
  OpBuilder builder(load);
  IRBuilder b(builder, load.getLoc());
  Value index = load.getIndices()[dim];
  auto mark = [&](Value bounded) {
    bounded.getDefiningOp()->setAttr(guardAttr, b.getUnitAttr());
    return bounded;
  };
  if (!proof.belowSize) {
    // Once, and not for every pair; a region has no size of a tensor.
    Value tensor = load.getTensor();
    bool isCaptured = !op->isAncestor(tensor.getParentRegion()->getParentOp());
    OpBuilder before(isCaptured ? op : load.getOperation());
    IRBuilder outside(before, load.getLoc());
    Value last = outside.sub(outside.dim(tensor, dim), outside.index(1));
    index = mark(arith::MinSIOp::create(b, b.getLoc(), index, last));
  }
  if (!proof.notNegative)
    index = mark(arith::MaxSIOp::create(b, b.getLoc(), index, b.index(0)));
  return index;
}

LogicalResult LoadGuard::guard(LoadBounds &bounds, tensor::ExtractOp load) {
  auto type = cast<RankedTensorType>(load.getTensor().getType());
  SmallVector<int64_t> notEmpty;
  SmallVector<std::string> dims;
  SmallVector<Value> indices(load.getIndices());
  ++numLoads;
  for (unsigned dim = 0; dim < indices.size(); ++dim) {
    IndexProof proof = bounds.prove(load, dim);
    bool isProven = proof.belowSize && proof.notNegative;
    if (isProven && !proof.ifNotEmpty)
      continue;
    if (type.getDimSize(dim) == 0) {
      auto diag = op.emitOpError("expects tensors that its regions read at "
                                 "computed indices not to be empty");
      diag.attachNote(load.getLoc())
          << "reads dimension " << dim << " of " << type << " here";
      return diag;
    }
    if (type.isDynamicDim(dim))
      notEmpty.push_back(dim);
    if (isProven)
      continue;
    indices[dim] = clamp(load, dim, proof);
    dims.push_back(std::to_string(dim));
  }
  load.getIndicesMutable().assign(indices);
  if (!notEmpty.empty())
    load->setAttr(notEmptyAttr,
                  DenseI64ArrayAttr::get(load.getContext(), notEmpty));
  if (dims.empty())
    return success();
  std::string text = "dimension " + llvm::join(dims, ", ");
  if (auto at = load.getLoc()->findInstanceOf<FileLineColLoc>())
    text += " at " + at.getFilename().str() + ':' +
            std::to_string(at.getLine()) + ':' + std::to_string(at.getColumn());
  guarded.push_back(text);
  return success();
}

void LoadGuard::remark() {
  if (guarded.empty())
    return;
  bool one = guarded.size() == 1;
  remark::analysis(op.getLoc(),
                   remark::RemarkOpts::name("loads").category("attn"))
      << std::to_string(guarded.size()) + " of " + std::to_string(numLoads) +
             " loads in regions " + (one ? "is" : "are") +
             " kept inside of the tensor, as nothing proves " +
             (one ? "its index" : "their indices") + ": " +
             llvm::join(guarded, "; ");
}

LogicalResult LoadGuard::run() {
  for (Region &region : op->getRegions()) {
    if (region.empty())
      continue;
    LoadBounds bounds(op, region, extents);
    SmallVector<tensor::ExtractOp> loads;
    region.walk([&](tensor::ExtractOp load) { loads.push_back(load); });
    for (tensor::ExtractOp load : loads)
      if (failed(guard(bounds, load)))
        return failure();
  }
  remark();
  return success();
}

void GuardLoads::runOnOperation() {
  func::FuncOp function = getOperation();
  if (function.isExternal())
    return;
  SmallVector<AttentionOp> ops;
  function.walk([&](AttentionOp op) { ops.push_back(op); });
  if (!ops.empty()) {
    DimensionClasses extents = findExtents(function);
    for (AttentionOp op : ops)
      if (failed(LoadGuard(op, extents).run()))
        return signalPassFailure();
  }
  for (unsigned index = 0; index < function.getNumArguments(); ++index)
    function.removeArgAttr(index, extentsAttr);
}
