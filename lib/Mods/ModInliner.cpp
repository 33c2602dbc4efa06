//===- ModInliner.cpp - Expands mods in a region --------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModInliner.h"
#include "ModChecks.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;

static StringRef calleeOf(Operation *call) {
  if (auto apply = dyn_cast<ApplyOp>(call))
    return apply.getMod();
  return cast<func::CallOp>(call).getCallee();
}

/// Whether what reads a tensor does so whatever is static of its shape.
static bool readsAnyShape(OpOperand &use) {
  Operation *op = use.getOwner();
  return isa<tensor::ExtractOp, tensor::DimOp, ApplyOp, func::CallOp>(op) ||
         (isa<QueryDotOp, KeyDotOp>(op) && use.getOperandNumber() == 0);
}

/// Clones `op`; what it reads from a tensor of narrower numbers is extended.
static Operation *cloneOp(OpBuilder &builder, Operation &op,
                          IRMapping &mapping) {
  Operation *clone = builder.insert(op.clone(mapping));
  auto load = dyn_cast<tensor::ExtractOp>(clone);
  if (!load)
    return clone;
  Type wide = load.getType();
  Type narrow = load.getTensor().getType().getElementType();
  if (wide == narrow)
    return clone;
  load.getResult().setType(narrow);
  Value extended =
      arith::ExtFOp::create(builder, load.getLoc(), wide, load.getResult());
  mapping.map(op.getResult(0), extended);
  return clone;
}

/// The mod that `call` means, if it can be applied there.
FailureOr<func::FuncOp> ModInliner::find(Operation *call, ModuleOp from) {
  StringRef name = calleeOf(call);
  FailureOr<func::FuncOp> found = sources.find(name, from, score);
  if (failed(found))
    return call->emitOpError()
           << "expects files of mods that parse where !score is "
           << (score.isF64() ? "f64" : "f32") << ", to look for @" << name
           << " in them";
  func::FuncOp mod = *found;
  if (!mod)
    return emitUnknownMod(call, name, sources.names());
  if (llvm::is_contained(stack, mod)) {
    auto error = call->emitOpError("expects mods that do not apply themselves");
    Diagnostic &note = error.attachNote(mod.getLoc());
    for (func::FuncOp outer : stack)
      note << '@' << outer.getName() << " applies ";
    note << '@' << name;
    return failure();
  }
  if (failed(checkMod(call, mod,
                      /*isEntryIfPublic=*/mod->getParentOp() == module)) ||
      failed(checkTypes(call, mod, sources.describe(mod),
                        sources.isOfLibrary(mod))))
    return failure();
  return mod;
}

/// What stands for `parameter` in the region: the value itself, where possible,
/// as a region that was written by hand would read it.
FailureOr<Value> ModInliner::adapt(Operation *call, BlockArgument parameter,
                                   Value given) {
  if (given.getType() == parameter.getType() ||
      llvm::all_of(parameter.getUses(), readsAnyShape))
    return given;
  auto wanted = cast<RankedTensorType>(parameter.getType());
  auto type = cast<RankedTensorType>(given.getType());
  if (type.getElementType() != wanted.getElementType()) {
    auto error = call->emitOpError()
                 << "expects a parameter of " << wanted << ", got " << type;
    error.attachNote(parameter.getLoc())
        << "the mod does more than read single numbers of it";
    return failure();
  }
  bool isOutside =
      !attention->isAncestor(given.getParentRegion()->getParentOp());
  OpBuilder builder(isOutside ? attention : call);
  return tensor::CastOp::create(builder, call->getLoc(), wanted, given)
      .getResult();
}

LogicalResult ModInliner::expand(Operation *call, ModuleOp from) {
  FailureOr<func::FuncOp> found = find(call, from);
  if (failed(found))
    return failure();
  func::FuncOp mod = *found;
  applied.insert(mod);

  IRMapping mapping;
  for (auto [parameter, given] :
       llvm::zip_equal(mod.getArguments(), call->getOperands())) {
    FailureOr<Value> value = adapt(call, parameter, given);
    if (failed(value))
      return failure();
    mapping.map(parameter, *value);
  }
  OpBuilder builder(call);
  bool isOfLibrary = sources.isOfLibrary(mod);
  SmallVector<Operation *> calls;
  for (Operation &op : mod.front().without_terminator()) {
    Operation *clone = cloneOp(builder, op, mapping);
    // Nobody has the library's files at hand.
    clone->setLoc(
        isOfLibrary ? call->getLoc()
                    : Location(CallSiteLoc::get(op.getLoc(), call->getLoc())));
    if (isa<ApplyOp, func::CallOp>(clone))
      calls.push_back(clone);
  }
  call->getResult(0).replaceAllUsesWith(
      mapping.lookup(mod.front().getTerminator()->getOperand(0)));
  call->erase();

  stack.push_back(mod);
  for (Operation *inner : calls)
    if (failed(expand(inner, cast<ModuleOp>(mod->getParentOp()))))
      return failure();
  stack.pop_back();
  return success();
}

LogicalResult ModInliner::expand(Operation *call) {
  attention = call->getParentOp();
  auto op = dyn_cast<AttentionOp>(attention);
  score = op ? op.getAccumulatorType()
             : cast<OnlineAttentionOp>(attention).getAccumulatorType();
  return expand(call, module);
}
