//===- TestMaskAnalysis.cpp - Shows what the mask analysis emits
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For each attention of a function @f, writes the functions @f_range, from
// (b, h, iBegin, iEnd, jEnd) to the key range, and @f_verdict, from a box to
// the verdict. Both take @f's arguments behind, so that a mask's captures are
// theirs.
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"

using namespace mlir;
using namespace attn;

namespace {
struct TestMaskAnalysis
    : PassWrapper<TestMaskAnalysis, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(TestMaskAnalysis)

  StringRef getArgument() const override { return "attn-test-mask-analysis"; }
  StringRef getDescription() const override {
    return "Emit the key range and the verdict of each attention's mask";
  }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, scf::SCFDialect,
                    tensor::TensorDialect, vector::VectorDialect>();
  }
  void runOnOperation() override;
};
} // namespace

/// A function of positions and `from`'s arguments; `body` gives what it
/// returns from the positions and a copy of `mask`.
static void emitFunction(
    func::FuncOp from, StringRef suffix, Region &mask, unsigned numPositions,
    llvm::function_ref<SmallVector<Value>(OpBuilder &, ValueRange, Region &)>
        body) {
  OpBuilder builder(from->getContext());
  builder.setInsertionPointAfter(from);
  Location loc = from.getLoc();
  SmallVector<Type> inputs(numPositions, builder.getIndexType());
  llvm::append_range(inputs, from.getArgumentTypes());
  auto function =
      func::FuncOp::create(builder, loc, (from.getName() + suffix).str(),
                           builder.getFunctionType(inputs, {}));
  Block *block = function.addEntryBlock();
  builder.setInsertionPointToStart(block);
  IRMapping mapping;
  mapping.map(from.getArguments(),
              block->getArguments().drop_front(numPositions));
  // What else the mask may capture comes along.
  for (Operation &op : from.getBody().front().without_terminator())
    if (!op.getNumRegions() && isPure(&op))
      builder.clone(op, mapping);
  Region copy;
  mask.cloneInto(&copy, mapping);
  SmallVector<Value> results =
      body(builder, block->getArguments().take_front(numPositions), copy);
  func::ReturnOp::create(builder, loc, results);
  function.setFunctionType(
      builder.getFunctionType(inputs, TypeRange(ValueRange(results))));
}

void TestMaskAnalysis::runOnOperation() {
  SmallVector<AttentionOp> ops;
  getOperation().walk([&](AttentionOp op) { ops.push_back(op); });
  for (AttentionOp op : ops) {
    Region &mask = op.getMask();
    auto function = op->getParentOfType<func::FuncOp>();
    emitRemark(op.getLoc(), summarizeMask(mask).text);
    emitFunction(function, "_verdict", mask, 6,
                 [](OpBuilder &builder, ValueRange at, Region &copy) {
                   MaskBox box = {at[0],
                                  at[1],
                                  at[2],
                                  at[3],
                                  at[4],
                                  at[5],
                                  /*maxQueries=*/16,
                                  /*maxKeys=*/16,
                                  /*maxReads=*/64};
                   MaskVerdict verdict = emitMaskVerdict(
                       builder, builder.getUnknownLoc(), copy, box);
                   return SmallVector<Value>{verdict.someLive, verdict.allLive};
                 });
    emitFunction(function, "_range", mask, 5,
                 [](OpBuilder &builder, ValueRange at, Region &copy) {
                   Location loc = builder.getUnknownLoc();
                   Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
                   MaskBox box = {at[0], at[1], at[2], at[3], zero, at[4]};
                   KeyRange range = emitKeyRange(builder, loc, copy, box);
                   return SmallVector<Value>{range.begin, range.end};
                 });
  }
}

namespace attn::test {
void registerTestMaskAnalysisPass() { PassRegistration<TestMaskAnalysis>(); }
} // namespace attn::test
