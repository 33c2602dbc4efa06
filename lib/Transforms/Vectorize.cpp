//===- Vectorize.cpp - linalg on tensors to register-shaped vector code
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Small static tensors are registers here: what one op yields, the next reads
// as the vectors it is made of, also across an scf.if. Larger tensors are read
// and written by vector transfers and become scratch memory in stage 6.
//
//===----------------------------------------------------------------------===//

#include "Vectorize/GenericVectorizer.h"
#include "attn/Target/TargetSpec.h"
#include "attn/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_VECTORIZE
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct Vectorize : attn::impl::VectorizeBase<Vectorize> {
  using VectorizeBase::VectorizeBase;
  void runOnOperation() override;

private:
  void vectorizeBlock(IRRewriter &rewriter, Block &block, int64_t bits);
  void keepInRegisters(IRRewriter &rewriter, scf::IfOp branch);
  RegisterFile registers;
  /// Stand for vectors only; every use must have become one.
  SmallVector<Value> names;
};
} // namespace

/// Results that both branches hold in registers become vectors.
void Vectorize::keepInRegisters(IRRewriter &rewriter, scf::IfOp branch) {
  if (branch.getNumResults() == 0)
    return;
  auto yields = {branch.thenYield(), branch.elseYield()};
  SmallVector<Type> types;
  SmallVector<bool> held;
  for (unsigned index = 0; index < branch.getNumResults(); ++index) {
    bool both = llvm::all_of(yields, [&](scf::YieldOp yield) {
      return registers.tiles.contains(yield.getOperand(index));
    });
    held.push_back(both);
    if (both)
      llvm::append_range(
          types,
          ValueRange(
              registers.tiles[branch.thenYield().getOperand(index)].vectors)
              .getTypes());
    else
      types.push_back(branch.getResult(index).getType());
  }
  if (llvm::none_of(held, [](bool both) { return both; }))
    return;
  for (scf::YieldOp yield : yields) {
    SmallVector<Value> values;
    for (auto [index, operand] : llvm::enumerate(yield.getOperands()))
      if (held[index])
        llvm::append_range(values, registers.tiles[operand].vectors);
      else
        values.push_back(operand);
    rewriter.modifyOpInPlace(yield,
                             [&] { yield.getResultsMutable().assign(values); });
  }
  rewriter.setInsertionPoint(branch);
  auto wider = scf::IfOp::create(rewriter, branch.getLoc(), types,
                                 branch.getCondition());
  wider.getThenRegion().takeBody(branch.getThenRegion());
  wider.getElseRegion().takeBody(branch.getElseRegion());

  IRBuilder b(rewriter, branch.getLoc());
  rewriter.setInsertionPointAfter(wider);
  unsigned next = 0;
  for (auto [index, result] : llvm::enumerate(branch.getResults())) {
    if (!held[index]) {
      rewriter.replaceAllUsesWith(result, wider.getResult(next++));
      continue;
    }
    auto type = cast<RankedTensorType>(result.getType());
    int64_t lanes =
        cast<VectorType>(wider.getResult(next).getType()).getNumElements();
    RegisterFile::Tile tile;
    tile.chunks = llvm::divideCeil(type.getShape().back(), lanes);
    int64_t count = tile.chunks;
    for (int64_t size : type.getShape().drop_back())
      count *= size;
    for (int64_t slot = 0; slot < count; ++slot)
      tile.vectors.push_back(wider.getResult(next++));
    // A name for the vectors; nothing reads its memory.
    Value name = tensor::EmptyOp::create(
        rewriter, branch.getLoc(), type.getShape(), type.getElementType());
    registers.tiles[name] = tile;
    names.push_back(name);
    rewriter.replaceAllUsesWith(result, name);
  }
  registers.forget(branch);
  rewriter.eraseOp(branch);
}

void Vectorize::vectorizeBlock(IRRewriter &rewriter, Block &block,
                               int64_t bits) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto generic = dyn_cast<linalg::LinalgOp>(op)) {
      if (vectorizeTransposedRead(rewriter, generic, bits) ||
          vectorizeLaneReduction(rewriter, generic, bits, registers) ||
          vectorizeMatrixTiles(rewriter, generic, registers))
        continue;
      GenericVectorizer vectorizer(generic, bits, registers);
      if (StringRef reason = vectorizer.whyNot(); !reason.empty()) {
        remark::missed(op.getLoc(),
                       remark::RemarkOpts::name("vectorize").category("attn"))
            << ("runs as scalar loops: " + reason).str();
        continue;
      }
      vectorizer.run(rewriter);
      continue;
    }
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        vectorizeBlock(rewriter, inner, bits);
    if (auto branch = dyn_cast<scf::IfOp>(op))
      keepInRegisters(rewriter, branch);
  }
}

void Vectorize::runOnOperation() {
  int64_t bits = vectorBits;
  if (bits == 0) {
    std::optional<TargetSpec> spec = getTargetSpec(getOperation());
    if (!spec) {
      getOperation().emitError(
          "its module has no target; run attn-attach-target first");
      return signalPassFailure();
    }
    bits = spec->vectorBits;
  }
  IRRewriter rewriter(&getContext());
  registers.tiles.clear();
  registers.fills.clear();
  names.clear();
  for (Block &block : getOperation().getBody())
    vectorizeBlock(rewriter, block, bits);
  for (Value name : names)
    if (!name.use_empty()) {
      name.getDefiningOp()->emitError(
          "a tensor kept in registers is used as memory");
      return signalPassFailure();
    }
}
