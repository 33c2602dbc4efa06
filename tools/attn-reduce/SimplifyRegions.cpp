//===- SimplifyRegions.cpp - Smaller regions for a bug
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Upstream's reduction-tree erases ops that others use, and then copies what is
// left of the module; inside of regions it crashes. Here every step leaves a
// module that is right. What regions apply by name is written out before.
//
//===----------------------------------------------------------------------===//

#include "SimplifyRegions.h"
#include "attn/IR/AttnOps.h"
#include "attn/Mods/Mods.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Reducer/Tester.h"

using namespace mlir;
using namespace attn;

/// The ops of regions of attention that could be less, in their order.
static SmallVector<Operation *> listComputed(ModuleOp module) {
  SmallVector<Operation *> ops;
  module.walk([&](Operation *op) {
    if (isa_and_nonnull<AttentionOp>(op->getParentOp()) &&
        !isa<YieldOp, arith::ConstantOp>(op) && op->getNumResults() == 1)
      ops.push_back(op);
  });
  return ops;
}

/// What could stand in the place of `op`: its operands of that type, or a
/// constant.
static SmallVector<Value> findReplacements(Operation *op) {
  Type type = op->getResult(0).getType();
  SmallVector<Value> values;
  for (Value operand : op->getOperands())
    if (operand.getType() == type)
      values.push_back(operand);
  OpBuilder b(op);
  TypedAttr constant = type.isInteger(1) ? TypedAttr(b.getBoolAttr(true))
                                         : TypedAttr(b.getZeroAttr(type));
  if (constant)
    values.push_back(arith::ConstantOp::create(b, op->getLoc(), constant));
  return values;
}

/// Erases what nothing uses any more.
static void eraseUnused(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isOpTriviallyDead(&op))
      op.erase();
}

namespace {
struct SimplifyRegions : PassWrapper<SimplifyRegions, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(SimplifyRegions)

  SimplifyRegions() = default;
  SimplifyRegions(const SimplifyRegions &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "simplify-regions"; }
  StringRef getDescription() const override {
    return "Replace what regions of attention compute by less, for as long as "
           "a test says that the module is interesting (1)";
  }
  void runOnOperation() override;

  Option<std::string> test{*this, "test", llvm::cl::desc("a program")};
  ListOption<std::string> testArgs{
      *this, "test-arg", llvm::cl::desc("of the program, before the module")};
  ListOption<std::string> mods{
      *this, "mods", llvm::cl::desc("files of mods that regions apply")};

private:
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, math::MathDialect,
                    tensor::TensorDialect>();
  }
  /// Puts the ops of mods into the regions that apply them, unless the module
  /// is interesting only with their names.
  LogicalResult inlineMods(ModuleOp module);
  bool isInteresting(ModuleOp module) {
    SmallVector<std::string> arguments(testArgs.begin(), testArgs.end());
    return Tester(test, arguments).isInteresting(module).first ==
           Tester::Interestingness::True;
  }
  /// Makes less of op `number` of the module, if some way of doing so keeps it
  /// interesting.
  bool simplify(ModuleOp module, size_t number);
};
} // namespace

bool SimplifyRegions::simplify(ModuleOp module, size_t number) {
  for (size_t way = 0;; ++way) {
    OwningOpRef<ModuleOp> less = module.clone();
    Operation *op = listComputed(*less)[number];
    SmallVector<Value> values = findReplacements(op);
    if (way == values.size())
      return false;
    Block &block = *op->getBlock();
    op->getResult(0).replaceAllUsesWith(values[way]);
    op->erase();
    eraseUnused(block);
    if (!isInteresting(*less))
      continue;
    module.getBodyRegion().takeBody(less->getBodyRegion());
    return true;
  }
}

LogicalResult SimplifyRegions::inlineMods(ModuleOp module) {
  SmallVector<ModFile> files;
  for (const std::string &path : mods) {
    llvm::Expected<ModFile> file = readModFile(path);
    if (!file)
      return module.emitError(llvm::toString(file.takeError()));
    files.push_back(std::move(*file));
  }
  OwningOpRef<ModuleOp> inlined = module.clone();
  if (failed(attn::inlineMods(*inlined, files)))
    return failure();
  if (isInteresting(*inlined))
    module.getBodyRegion().takeBody(inlined->getBodyRegion());
  return success();
}

void SimplifyRegions::runOnOperation() {
  ModuleOp module = getOperation();
  if (!isInteresting(module)) {
    module.emitError("the test does not find the whole module interesting");
    return signalPassFailure();
  }
  if (failed(inlineMods(module)))
    return signalPassFailure();
  // From the end: much goes with what the last ops make.
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t left = listComputed(module).size(); left > 0;) {
      if (simplify(module, left - 1)) {
        changed = true;
        left = std::min(left, listComputed(module).size());
      } else {
        --left;
      }
    }
  }
}

void attn::registerRegionSimplification() {
  PassRegistration<SimplifyRegions>();
}
