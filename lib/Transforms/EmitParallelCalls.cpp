//===- EmitParallelCalls.cpp - Calls of the runtime's parallel loop
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Transforms/Passes.h"

namespace attn {
#define GEN_PASS_DEF_EMITPARALLELCALLS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct EmitParallelCalls
    : attn::impl::EmitParallelCallsBase<EmitParallelCalls> {
  void runOnOperation() override;
};
} // namespace

/// See include/attn/Runtime: `void attn_rt_parallel_for(env, count, body,
/// context, scratch, scratch_bytes_per_worker)`.
static constexpr StringLiteral parallelFor = "attn_rt_parallel_for";

/// A memref<?xi8> argument after the conversion: two pointers, offset, size,
/// stride.
static constexpr unsigned numDescriptorFields = 5;

/// `callback(context, index, scratch)`: loads the structure and calls the task.
static LLVM::LLVMFuncOp emitCallback(OpBuilder &b, LLVM::LLVMFuncOp task,
                                     LLVM::LLVMStructType context,
                                     int64_t scratchBytes) {
  Location loc = task.getLoc();
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  Type i64 = b.getI64Type();
  auto callback = LLVM::LLVMFuncOp::create(
      b, loc, (task.getName() + "_callback").str(),
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(b.getContext()),
                                  {pointer, i64, pointer}),
      LLVM::Linkage::Internal);
  OpBuilder::InsertionGuard guard(b);
  Block *block = callback.addEntryBlock(b);
  b.setInsertionPointToStart(block);
  SmallVector<Value> operands;
  for (auto [index, type] : llvm::enumerate(context.getBody())) {
    Value field =
        LLVM::GEPOp::create(b, loc, pointer, context, block->getArgument(0),
                            ArrayRef<LLVM::GEPArg>{0, int32_t(index)});
    operands.push_back(LLVM::LoadOp::create(b, loc, type, field));
  }
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(value));
  };
  Value scratch = block->getArgument(2);
  operands.append({block->getArgument(1), scratch, scratch, constant(0),
                   constant(scratchBytes), constant(1)});
  LLVM::CallOp::create(b, loc, task, operands);
  LLVM::ReturnOp::create(b, loc, ValueRange());
  return callback;
}

static void emitLaunch(OpBuilder &b, LLVM::LLVMFuncOp launch,
                       LLVM::LLVMFuncOp task, LLVM::LLVMFuncOp runtime) {
  Location loc = launch.getLoc();
  int64_t scratchBytes =
      launch->getAttrOfType<IntegerAttr>("attn.scratch_bytes").getInt();
  Type pointer = LLVM::LLVMPointerType::get(b.getContext());
  ArrayRef<Type> types = launch.getFunctionType().getParams();
  // After what is captured: count, the scratch's descriptor, env.
  unsigned captured = types.size() - 1 - numDescriptorFields - 1;
  auto context = LLVM::LLVMStructType::getLiteral(b.getContext(),
                                                  types.take_front(captured));
  b.setInsertionPoint(launch);
  LLVM::LLVMFuncOp callback = emitCallback(b, task, context, scratchBytes);
  Block *block = launch.addEntryBlock(b);
  launch.setLinkage(LLVM::Linkage::Internal);
  b.setInsertionPointToStart(block);
  Type i64 = b.getI64Type();
  auto constant = [&](int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, loc, i64, b.getI64IntegerAttr(value));
  };
  Value memory = LLVM::AllocaOp::create(b, loc, pointer, context, constant(1));
  for (unsigned index = 0; index < captured; ++index) {
    Value field =
        LLVM::GEPOp::create(b, loc, pointer, context, memory,
                            ArrayRef<LLVM::GEPArg>{0, int32_t(index)});
    LLVM::StoreOp::create(b, loc, block->getArgument(index), field);
  }
  Value count = block->getArgument(captured);
  Value aligned = block->getArgument(captured + 2);
  Value offset = block->getArgument(captured + 3);
  Value scratch = LLVM::GEPOp::create(b, loc, pointer, b.getI8Type(), aligned,
                                      ArrayRef<LLVM::GEPArg>{offset});
  Value body = LLVM::AddressOfOp::create(b, loc, callback);
  LLVM::CallOp::create(b, loc, runtime,
                       ValueRange{block->getArguments().back(), count, body,
                                  memory, scratch, constant(scratchBytes)});
  LLVM::ReturnOp::create(b, loc, ValueRange());
}

void EmitParallelCalls::runOnOperation() {
  ModuleOp module = getOperation();
  SmallVector<LLVM::LLVMFuncOp> launches;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr("attn.task"))
      launches.push_back(function);
  if (launches.empty())
    return;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  Type pointer = LLVM::LLVMPointerType::get(&getContext());
  Type i64 = b.getI64Type();
  auto runtime = module.lookupSymbol<LLVM::LLVMFuncOp>(parallelFor);
  if (!runtime)
    runtime = LLVM::LLVMFuncOp::create(
        b, module.getLoc(), parallelFor,
        LLVM::LLVMFunctionType::get(
            LLVM::LLVMVoidType::get(&getContext()),
            {pointer, i64, pointer, pointer, pointer, i64}));
  if (!runtime.isExternal()) {
    runtime.emitOpError("has the name of the runtime's parallel loop");
    return signalPassFailure();
  }
  for (LLVM::LLVMFuncOp launch : launches) {
    auto name = launch->getAttrOfType<FlatSymbolRefAttr>("attn.task");
    auto task = name ? module.lookupSymbol<LLVM::LLVMFuncOp>(name) : nullptr;
    if (!task || !launch->hasAttrOfType<IntegerAttr>("attn.scratch_bytes")) {
      launch.emitOpError("has no task or no attn.scratch_bytes; run "
                         "attn-place-scratch first");
      return signalPassFailure();
    }
    task.setLinkage(LLVM::Linkage::Internal);
    emitLaunch(b, launch, task, runtime);
  }
}
