//===- OutlineParallel.cpp - Parallel loops as tasks
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Transforms/RegionUtils.h"

namespace attn {
#define GEN_PASS_DEF_OUTLINEPARALLEL
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct OutlineParallel : attn::impl::OutlineParallelBase<OutlineParallel> {
  void runOnOperation() override;
};
} // namespace

/// ceil((upper - lower) / step) of one loop.
static Value tripCount(IRBuilder &b, Value lower, Value upper, Value step) {
  return b.createOrFold<arith::CeilDivSIOp>(b.getLoc(), b.sub(upper, lower),
                                            step);
}

/// The task: `forall`'s body for one linear index, as a function of `captured`.
static func::FuncOp outlineTask(OpBuilder &builder, scf::ForallOp forall,
                                StringRef name, ArrayRef<Value> captured) {
  Location loc = forall.getLoc();
  SmallVector<Type> types(ValueRange(captured).getTypes());
  Type bytes = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  types.append({builder.getIndexType(), bytes});
  auto task = func::FuncOp::create(builder, loc, name,
                                   builder.getFunctionType(types, {}));
  task.setPrivate();
  Block *entry = task.addEntryBlock();
  OpBuilder inner = OpBuilder::atBlockBegin(entry);
  IRBuilder b(inner, loc);
  IRMapping mapping;
  mapping.map(captured, entry->getArguments().take_front(captured.size()));
  Value linear = entry->getArgument(captured.size());

  // Bounds that are constants belong to no capture.
  auto bound = [&](OpFoldResult value) -> Value {
    if (auto attr = dyn_cast<Attribute>(value))
      return b.index(cast<IntegerAttr>(attr).getInt());
    return mapping.lookup(cast<Value>(value));
  };
  // The last loop runs fastest: neighbouring tasks share a head's keys.
  SmallVector<Value> position(forall.getRank());
  for (unsigned dim = forall.getRank(); dim-- > 0;) {
    Value lower = bound(forall.getMixedLowerBound()[dim]);
    Value step = bound(forall.getMixedStep()[dim]);
    Value count =
        tripCount(b, lower, bound(forall.getMixedUpperBound()[dim]), step);
    Value at = linear;
    if (dim > 0) {
      at = arith::RemUIOp::create(b, loc, linear, count);
      linear = arith::DivUIOp::create(b, loc, linear, count);
    }
    position[dim] = b.add(lower, b.createOrFold<arith::MulIOp>(loc, at, step));
  }
  mapping.map(forall.getInductionVars(), position);
  for (Operation &op : forall.getBody()->without_terminator())
    b.clone(op, mapping);
  func::ReturnOp::create(b, loc);
  return task;
}

static LogicalResult outline(func::FuncOp function, scf::ForallOp forall,
                             unsigned number) {
  if (forall.getNumResults() != 0)
    return forall.emitOpError("must be bufferized before it is outlined");
  OpBuilder builder(forall);
  SetVector<Value> used;
  getUsedValuesDefinedAbove(forall.getRegion(), used);
  for (ValueRange list : {ValueRange(forall.getDynamicLowerBound()),
                          ValueRange(forall.getDynamicUpperBound()),
                          ValueRange(forall.getDynamicStep())})
    used.insert(list.begin(), list.end());
  // Constants are repeated inside the task rather than passed.
  SmallVector<Value> captured;
  for (Value value : used) {
    Operation *def = value.getDefiningOp();
    if (def && def->hasTrait<OpTrait::ConstantLike>()) {
      OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
      Value copy = inside.clone(*def)->getResult(0);
      value.replaceUsesWithIf(copy, [&](OpOperand &use) {
        return forall.getRegion().isAncestor(use.getOwner()->getParentRegion());
      });
      if (!llvm::is_contained(forall->getOperands(), value))
        continue;
    }
    captured.push_back(value);
  }

  std::string base = (function.getName() + "_").str();
  builder.setInsertionPoint(function);
  func::FuncOp task = outlineTask(
      builder, forall, base + "task" + std::to_string(number), captured);
  // Declared: (captured..., number of tasks, scratch of all workers, env).
  SmallVector<Type> types(ValueRange(captured).getTypes());
  Type bytes = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  Type pointer = LLVM::LLVMPointerType::get(builder.getContext());
  types.append({builder.getIndexType(), bytes, pointer});
  auto launch = func::FuncOp::create(builder, forall.getLoc(),
                                     base + "parallel" + std::to_string(number),
                                     builder.getFunctionType(types, {}));
  launch.setPrivate();
  launch->setAttr("attn.task", FlatSymbolRefAttr::get(task));

  builder.setInsertionPoint(forall);
  IRBuilder b(builder, forall.getLoc());
  auto bound = [&](OpFoldResult value) {
    return getValueOrCreateConstantIndexOp(b, b.getLoc(), value);
  };
  Value tasks = b.index(1);
  for (unsigned dim = 0; dim < forall.getRank(); ++dim)
    tasks = b.createOrFold<arith::MulIOp>(
        b.getLoc(), tasks,
        tripCount(b, bound(forall.getMixedLowerBound()[dim]),
                  bound(forall.getMixedUpperBound()[dim]),
                  bound(forall.getMixedStep()[dim])));
  SmallVector<Value> operands(captured);
  Block &entry = function.getBody().front();
  operands.append({tasks, entry.getArguments().drop_back().back(),
                   entry.getArguments().back()});
  func::CallOp::create(b, b.getLoc(), launch, operands);
  forall.erase();
  return success();
}

void OutlineParallel::runOnOperation() {
  SmallVector<func::FuncOp> functions(getOperation().getOps<func::FuncOp>());
  Builder b(&getContext());
  Type bytes = MemRefType::get({ShapedType::kDynamic}, b.getI8Type());
  Type pointer = LLVM::LLVMPointerType::get(&getContext());
  for (func::FuncOp function : functions) {
    if (!function.isPublic() || function.isExternal() ||
        function->hasAttr("attn.prepare_of") ||
        function->hasAttr("attn.check_of"))
      continue;
    // Every entry ends with its workspace and the caller's environment.
    for (Type type : {bytes, pointer})
      if (failed(function.insertArgument(function.getNumArguments(), type, {},
                                         function.getLoc())))
        return signalPassFailure();
    unsigned number = 0;
    SmallVector<scf::ForallOp> loops;
    function.walk([&](scf::ForallOp loop) { loops.push_back(loop); });
    for (scf::ForallOp loop : loops)
      if (failed(outline(function, loop, number++)))
        return signalPassFailure();
  }
}
