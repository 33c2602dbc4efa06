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
#include "mlir/Dialect/Vector/IR/VectorOps.h"
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
  RegisterFile::Tile readTile(IRBuilder &b, Value tensor, VectorType vector);
  void readWhereOtherHolds(IRRewriter &rewriter, scf::YieldOp yield,
                           scf::YieldOp other);
  void writeRegisters(IRRewriter &rewriter, tensor::InsertSliceOp insert);
  RegisterFile registers;
  /// Stand for vectors only; every use must have become one.
  SmallVector<Value> names;
};
} // namespace

/// Whether only vectors were ever written to `tensor`, so that it need not be
/// memory.
static bool isOfVectors(Value tensor) {
  while (auto write = tensor.getDefiningOp<vector::TransferWriteOp>())
    tensor = write.getBase();
  return isa_and_nonnull<tensor::EmptyOp>(tensor.getDefiningOp());
}

/// Whether something that walks over a tensor, or looks elements of it up,
/// reads `value`.
static bool needsMemory(Value value) {
  return llvm::any_of(value.getUses(), [](OpOperand &use) {
    Operation *user = use.getOwner();
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(user))
      return &use == &insert.getDestMutable();
    auto branch = dyn_cast<scf::IfOp>(user->getParentOp());
    if (isa<scf::YieldOp>(user))
      return !branch || needsMemory(branch.getResult(use.getOperandNumber()));
    return isa<scf::ForOp, tensor::ExtractOp, tensor::ExtractSliceOp>(user);
  });
}

/// Reads all of a small tensor.
RegisterFile::Tile Vectorize::readTile(IRBuilder &b, Value tensor,
                                       VectorType vector) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t lanes = vector.getNumElements(), columns = type.getDimSize(1);
  bool whole = columns % lanes == 0;
  Value padding = arith::ConstantOp::create(
      b, b.getLoc(), b.getZeroAttr(type.getElementType()));
  RegisterFile::Tile tile;
  tile.chunks = llvm::divideCeil(columns, lanes);
  for (int64_t row = 0; row < type.getDimSize(0); ++row)
    for (int64_t column = 0; column < columns; column += lanes)
      tile.vectors.push_back(vector::TransferReadOp::create(
          b, b.getLoc(), vector, tensor,
          ValueRange{b.index(row), b.index(column)}, padding,
          AffineMap::getMinorIdentityMap(2, 1, b.getContext()),
          ArrayRef<bool>{whole}));
  return tile;
}

/// What one branch has in vectors alone, the other one reads.
void Vectorize::readWhereOtherHolds(IRRewriter &rewriter, scf::YieldOp yield,
                                    scf::YieldOp other) {
  for (unsigned index = 0; index < yield.getNumOperands(); ++index) {
    if (needsMemory(yield->getParentOp()->getResult(index)))
      continue;
    Value value = yield.getOperand(index), held = other.getOperand(index);
    auto tile = registers.tiles.find(held);
    auto type = dyn_cast<RankedTensorType>(value.getType());
    if (tile == registers.tiles.end() || registers.tiles.contains(value) ||
        !isOfVectors(held) || type.getRank() != 2 || !type.hasStaticShape())
      continue;
    auto vector = cast<VectorType>(tile->second.vectors.front().getType());
    rewriter.setInsertionPoint(yield);
    IRBuilder b(rewriter, yield.getLoc());
    // A name of its own: the tensor may change later.
    Value name = tensor::EmptyOp::create(b, b.getLoc(), type.getShape(),
                                         type.getElementType());
    registers.tiles[name] = readTile(b, value, vector);
    yield.setOperand(index, name);
  }
}

/// Results that both branches hold in registers become vectors.
void Vectorize::keepInRegisters(IRRewriter &rewriter, scf::IfOp branch) {
  if (branch.getNumResults() == 0)
    return;
  auto yields = {branch.thenYield(), branch.elseYield()};
  readWhereOtherHolds(rewriter, branch.thenYield(), branch.elseYield());
  readWhereOtherHolds(rewriter, branch.elseYield(), branch.thenYield());
  SmallVector<Type> types;
  SmallVector<bool> held;
  for (unsigned index = 0; index < branch.getNumResults(); ++index) {
    bool both = !needsMemory(branch.getResult(index)) &&
                llvm::all_of(yields, [&](scf::YieldOp yield) {
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

/// Vectors that are inserted into a tensor are written there at once.
void Vectorize::writeRegisters(IRRewriter &rewriter,
                               tensor::InsertSliceOp insert) {
  Value source = insert.getSource();
  auto tile = registers.tiles.find(source);
  auto type = insert.getSourceType();
  if (tile == registers.tiles.end() || type.getRank() != 2 ||
      type != insert.getDestType().clone(type.getShape()) ||
      insert.getDestType().getRank() != 2 || !isOfVectors(source))
    return;
  rewriter.setInsertionPoint(insert);
  IRBuilder b(rewriter, insert.getLoc());
  Value into = b.slice(insert.getDest(), insert.getMixedOffsets(),
                       insert.getMixedSizes());
  auto vector = cast<VectorType>(tile->second.vectors.front().getType());
  int64_t lanes = vector.getNumElements();
  bool whole = type.getDimSize(1) % lanes == 0;
  for (auto [slot, value] : llvm::enumerate(tile->second.vectors)) {
    int64_t row = slot / tile->second.chunks,
            column = slot % tile->second.chunks * lanes;
    into = vector::TransferWriteOp::create(
               b, b.getLoc(), value, into,
               ValueRange{b.index(row), b.index(column)},
               AffineMap::getMinorIdentityMap(2, 1, b.getContext()),
               ArrayRef<bool>{whole})
               ->getResult(0);
  }
  rewriter.modifyOpInPlace(insert,
                           [&] { insert.getSourceMutable().assign(into); });
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
      if (std::string reason = vectorizer.whyNot(); !reason.empty()) {
        remark::missed(op.getLoc(),
                       remark::RemarkOpts::name("vectorize").category("attn"))
            << "runs as scalar loops: " + reason;
        continue;
      }
      vectorizer.run(rewriter);
      continue;
    }
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        vectorizeBlock(rewriter, inner, bits);
    if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
      writeRegisters(rewriter, insert);
    if (auto branch = dyn_cast<scf::IfOp>(op))
      keepInRegisters(rewriter, branch);
  }
}

/// Erases what was written into `tensor` and is never read there.
static void eraseDeadWrites(IRRewriter &rewriter, Value tensor) {
  for (Operation *user : llvm::make_early_inc_range(tensor.getUsers())) {
    auto write = dyn_cast<vector::TransferWriteOp>(user);
    if (!write)
      continue;
    eraseDeadWrites(rewriter, write.getResult());
    if (write.getResult().use_empty())
      rewriter.eraseOp(write);
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
  registers.blanks.clear();
  names.clear();
  for (Block &block : getOperation().getBody())
    vectorizeBlock(rewriter, block, bits);
  for (Value name : names) {
    eraseDeadWrites(rewriter, name);
    // An op that takes all of its old values from registers writes all of them.
    bool isRead = !llvm::all_of(name.getUses(), [](OpOperand &use) {
      auto write = dyn_cast<vector::TransferWriteOp>(use.getOwner());
      return write && &use == &write.getBaseMutable();
    });
    if (isRead) {
      name.getDefiningOp()->emitError(
          "a tensor kept in registers is used as memory");
      return signalPassFailure();
    }
  }
}
