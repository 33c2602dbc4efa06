//===- PlaceScratch.cpp - Allocations as views of the workspace
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

namespace attn {
#define GEN_PASS_DEF_PLACESCRATCH
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct PlaceScratch : attn::impl::PlaceScratchBase<PlaceScratch> {
  void runOnOperation() override;
};
} // namespace

/// A cache line, and the widest vector.
static constexpr int64_t alignment = 64;

static int64_t elementBytes(MemRefType type) {
  return llvm::divideCeil(type.getElementTypeBitWidth(), 8);
}

//===----------------------------------------------------------------------===//
// Tasks: fixed sizes
//===----------------------------------------------------------------------===//

/// Places the allocations of `block` from `offset` on; returns the end.
static FailureOr<int64_t> placeBlock(Block &block, Value scratch,
                                     int64_t offset) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      MemRefType type = alloc.getType();
      // Of which a dimension is 0, nothing is ever touched.
      bool isEmpty = llvm::is_contained(type.getShape(), 0);
      if (!type.hasStaticShape() && !isEmpty)
        return alloc.emitOpError("of a task must have a static size");
      OpBuilder builder(alloc);
      IRBuilder b(builder, alloc.getLoc());
      Value view =
          memref::ViewOp::create(b, b.getLoc(), type, scratch, b.index(offset),
                                 alloc.getDynamicSizes());
      alloc.replaceAllUsesWith(view);
      alloc.erase();
      if (!isEmpty)
        offset = llvm::alignTo(
            offset + type.getNumElements() * elementBytes(type), alignment);
      continue;
    }
    // Regions of one op exclude each other (scf.if), or are one (scf.for).
    int64_t end = offset;
    for (Region &region : op.getRegions())
      for (Block &inner : region) {
        FailureOr<int64_t> innerEnd = placeBlock(inner, scratch, offset);
        if (failed(innerEnd))
          return failure();
        end = std::max(end, *innerEnd);
      }
    offset = end;
  }
  return offset;
}

//===----------------------------------------------------------------------===//
// Entries: sizes from shapes
//===----------------------------------------------------------------------===//

/// Bytes of an allocation, rounded up to the alignment; an index value.
static Value allocatedBytes(IRBuilder &b, memref::AllocOp alloc) {
  MemRefType type = alloc.getType();
  int64_t fixed = elementBytes(type);
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      fixed *= size;
  Value bytes = b.index(fixed);
  for (Value size : alloc.getDynamicSizes())
    bytes = b.createOrFold<arith::MulIOp>(b.getLoc(), bytes, size);
  Value unit = b.index(alignment);
  Value units = b.createOrFold<arith::CeilDivSIOp>(b.getLoc(), bytes, unit);
  return b.createOrFold<arith::MulIOp>(b.getLoc(), units, unit);
}

/// `ENTRY_workspace_size(inputs, outputs, workers) -> i64`: recomputes `total`
/// (the entry's allocations) from its arguments, and adds the workers' scratch.
static void emitWorkspaceSize(func::FuncOp entry, Value total,
                              int64_t scratchBytes) {
  OpBuilder builder(entry);
  Location loc = entry.getLoc();
  // Shapes are those of inputs and outputs: not of the prepared weights, the
  // workspace or the environment.
  unsigned others = entry->hasAttr("attn.prepared_bytes") ? 3 : 2;
  SmallVector<Type> types(entry.getArgumentTypes().drop_back(others));
  types.push_back(builder.getIndexType());
  auto function = func::FuncOp::create(
      builder, loc, (entry.getName() + "_workspace_size").str(),
      builder.getFunctionType(types, builder.getI64Type()));
  function->setAttr("attn.workspace_size_of", FlatSymbolRefAttr::get(entry));
  Block *block = function.addEntryBlock();
  OpBuilder inner = OpBuilder::atBlockBegin(block);
  IRBuilder b(inner, loc);
  IRMapping mapping;
  mapping.map(entry.getArguments().drop_back(others),
              block->getArguments().drop_back());
  std::function<Value(Value)> copy = [&](Value value) -> Value {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    Operation *def = value.getDefiningOp();
    for (Value operand : def->getOperands())
      copy(operand);
    b.clone(*def, mapping);
    return mapping.lookup(value);
  };
  Value workers = block->getArguments().back();
  Value scratch =
      b.createOrFold<arith::MulIOp>(loc, workers, b.index(scratchBytes));
  Value bytes = b.add(copy(total), scratch);
  Value result = arith::IndexCastOp::create(b, loc, b.getI64Type(), bytes);
  func::ReturnOp::create(b, loc, result);
}

/// Moves `op`, and what it is computed from, before `marker`. Sizes depend on
/// the shapes of the arguments only, so all of it is free of effects.
static void hoist(Operation *op, Operation *marker) {
  if (op->getBlock() != marker->getBlock() || op->isBeforeInBlock(marker))
    return;
  for (Value operand : op->getOperands())
    if (Operation *def = operand.getDefiningOp())
      hoist(def, marker);
  if (op != marker)
    op->moveBefore(marker);
}

/// Places an entry's own allocations, and gives parallel calls what follows.
static LogicalResult placeEntry(func::FuncOp entry,
                                const llvm::StringMap<int64_t> &taskBytes) {
  Type bytesType = MemRefType::get({ShapedType::kDynamic},
                                   IntegerType::get(entry.getContext(), 8));
  Type pointer = LLVM::LLVMPointerType::get(entry.getContext());
  if (entry.getNumArguments() < 2 ||
      entry.getArgumentTypes().take_back(2) != ArrayRef{bytesType, pointer})
    return entry.emitOpError("does not end with its workspace and the "
                             "environment; run attn-outline-parallel first");
  Value workspace = entry.getArguments().drop_back().back();
  Block &block = entry.getBody().front();
  OpBuilder builder(entry.getContext());
  // All sizes first: the workers' scratch lies behind the last allocation.
  builder.setInsertionPointToStart(&block);
  Operation *marker =
      arith::ConstantIndexOp::create(builder, entry.getLoc(), 0);
  for (auto alloc : llvm::make_early_inc_range(block.getOps<memref::AllocOp>()))
    hoist(alloc, marker);
  // Of a fixed size, in control flow: one place for all times, as in a task. An
  // entry of one task has that task's body.
  entry.walk([&](memref::AllocOp alloc) {
    if (alloc->getBlock() != &block && alloc.getDynamicSizes().empty())
      alloc->moveBefore(marker);
  });
  Value total;
  int64_t scratchBytes = 0;
  SmallVector<func::CallOp> launches;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    builder.setInsertionPoint(&op);
    IRBuilder b(builder, op.getLoc());
    if (!total)
      total = b.index(0);
    if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      Value bytes = allocatedBytes(b, alloc);
      Value view =
          memref::ViewOp::create(b, b.getLoc(), alloc.getType(), workspace,
                                 total, alloc.getDynamicSizes());
      total = b.add(total, bytes);
      alloc.replaceAllUsesWith(view);
      alloc.erase();
    } else if (auto call = dyn_cast<func::CallOp>(op)) {
      if (auto bytes = taskBytes.find(call.getCallee());
          bytes != taskBytes.end()) {
        scratchBytes = std::max(scratchBytes, bytes->second);
        launches.push_back(call);
      }
    } else {
      WalkResult inside = op.walk([](memref::AllocOp alloc) {
        alloc.emitOpError("inside control flow cannot be placed");
        return WalkResult::interrupt();
      });
      if (inside.wasInterrupted())
        return failure();
    }
  }
  for (func::CallOp call : launches) {
    builder.setInsertionPoint(call);
    IRBuilder b(builder, call.getLoc());
    Value size =
        b.sub(memref::DimOp::create(b, b.getLoc(), workspace, 0), total);
    Value scratch = memref::ViewOp::create(
        b, b.getLoc(), cast<MemRefType>(workspace.getType()), workspace, total,
        ValueRange{size});
    call.setOperand(call.getNumOperands() - 2, scratch);
  }
  emitWorkspaceSize(entry, total, scratchBytes);
  return success();
}

void PlaceScratch::runOnOperation() {
  ModuleOp module = getOperation();
  llvm::StringMap<int64_t> taskBytes;
  SymbolTable symbols(module);
  for (auto launch : module.getOps<func::FuncOp>()) {
    auto name = launch->getAttrOfType<FlatSymbolRefAttr>("attn.task");
    if (!name)
      continue;
    auto task = symbols.lookup<func::FuncOp>(name.getValue());
    if (!task || task.isExternal()) {
      launch.emitOpError() << "names a task that is not there: " << name;
      return signalPassFailure();
    }
    FailureOr<int64_t> bytes = placeBlock(
        task.getBody().front(), task.getArguments().back(), /*offset=*/0);
    if (failed(bytes))
      return signalPassFailure();
    launch->setAttr("attn.scratch_bytes",
                    Builder(&getContext()).getI64IntegerAttr(*bytes));
    taskBytes[launch.getName()] = *bytes;
  }
  SmallVector<func::FuncOp> entries;
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal() &&
        !function->hasAttr("attn.prepare_of") &&
        !function->hasAttr("attn.check_of"))
      entries.push_back(function);
  for (func::FuncOp entry : entries)
    if (failed(placeEntry(entry, taskBytes)))
      return signalPassFailure();
  // The artefact calls public functions through pointers to descriptors.
  for (auto function : module.getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal())
      function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                        UnitAttr::get(&getContext()));
}
