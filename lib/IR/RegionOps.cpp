//===- RegionOps.cpp - Ops that stand in regions of attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionAsm.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/DenseSet.h"

using namespace mlir;
using namespace attn;

/// The type of a product with rows of `table`.
static Type resultType(Value table) {
  return asmutil::accumulatorFor(
      cast<RankedTensorType>(table.getType()).getElementType());
}

LogicalResult QueryDotOp::inferReturnTypes(MLIRContext *,
                                           std::optional<Location>,
                                           Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  types.push_back(resultType(adaptor.getTable()));
  return success();
}

LogicalResult KeyDotOp::inferReturnTypes(MLIRContext *, std::optional<Location>,
                                         Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  types.push_back(resultType(adaptor.getTable()));
  return success();
}

namespace {
/// What a product in a region needs to know of the attention around it.
struct Surroundings {
  Region *score;
  int64_t headSize;
  FloatType accumulator;
};
} // namespace

static Surroundings surroundingsOf(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op->getParentOp()))
    return {&attention.getScore(),
            cast<RankedTensorType>(attention.getQuery().getType())
                .getShape()
                .back(),
            attention.getAccumulatorType()};
  auto online = cast<OnlineAttentionOp>(op->getParentOp());
  return {&online.getScore(), online.getHeadSize(),
          online.getAccumulatorType()};
}

/// Whether `values` of a score region depend on its score, or on a product.
static bool dependsOnProducts(ValueRange values, Block *score) {
  SmallVector<Value> todo(values);
  llvm::DenseSet<Value> seen;
  while (!todo.empty()) {
    Value value = todo.pop_back_val();
    if (!seen.insert(value).second)
      continue;
    if (value == score->getArgument(0))
      return true;
    Operation *def = value.getDefiningOp();
    if (!def || def->getBlock() != score)
      continue;
    if (isa<QueryDotOp, KeyDotOp>(def))
      return true;
    llvm::append_range(todo, def->getOperands());
  }
  return false;
}

static LogicalResult verifyDot(Operation *op, Value table,
                               OperandRange indices) {
  // query_dot_c1
  if (isa<FunctionOpInterface>(op->getParentOp()))
    return success();
  if (!isa<AttentionOp, OnlineAttentionOp>(op->getParentOp()))
    return op->emitOpError("expects to stand in a score region, or in a mod");
  Surroundings around = surroundingsOf(op);
  if (op->getParentRegion() != around.score)
    return op->emitOpError("expects to stand in a score region");
  // query_dot_c2
  auto type = cast<RankedTensorType>(table.getType());
  if (!asmutil::isTableElement(type.getElementType(), around.accumulator))
    return op->emitOpError()
           << "expects a table of "
           << (around.accumulator.isF64() ? "f64" : "f32, bf16 or f16")
           << " for scores of " << around.accumulator << ", got " << type;
  // query_dot_c3
  if (type.getRank() < 2 || type.getShape().back() != around.headSize ||
      llvm::is_contained(type.getShape(), 0))
    return op->emitOpError()
           << "expects a table of rank 2 or more, with rows of the head size "
           << around.headSize << " and no dimension of 0, got " << type;
  // query_dot_c4
  if (int64_t(indices.size()) != type.getRank() - 1)
    return op->emitOpError()
           << "expects an index for each dimension of the table but the last, "
           << type.getRank() - 1 << ", got " << indices.size();
  // query_dot_c5
  if (op->getParentOp()->isAncestor(table.getParentRegion()->getParentOp()))
    return op->emitOpError(
        "expects a table from outside of the attention, got one from a region");
  // query_dot_c6
  if (dependsOnProducts(indices, op->getBlock()))
    return op->emitOpError("expects indices that depend neither on the score "
                           "nor on products with tables");
  return success();
}

LogicalResult QueryDotOp::verify() {
  if (failed(verifyDot(*this, getTable(), getIndices())))
    return failure();
  // query_dot_c7
  if (!getProducts() && !getQueries())
    return success();
  auto online = dyn_cast<OnlineAttentionOp>((*this)->getParentOp());
  if (!online || (getProducts() && getQueries()))
    return emitOpError("expects either products or queries, and in "
                       "attn.online_attention only");
  Value given = getProducts() ? getProducts() : getQueries();
  auto type = cast<RankedTensorType>(given.getType());
  bool byRow = getQueries() || online.getSchedule().keysInLanes();
  if (type.getRank() == 2 && type.getElementType() == getType() &&
      type.getDimSize(byRow ? 0 : 1) == online.getRows() &&
      (getProducts() || type.getDimSize(1) == online.getHeadSize()))
    return success();
  return emitOpError() << "expects "
                       << (getQueries() ? "queries M x D"
                           : byRow      ? "products M x ?"
                                        : "products ? x M")
                       << " of " << getType() << " for a tile of "
                       << online.getRows() << " rows, got " << type;
}

LogicalResult KeyDotOp::verify() {
  return verifyDot(*this, getTable(), getIndices());
}

LogicalResult EntryOp::verify() {
  // entry_c1
  Operation *parent = (*this)->getParentOp();
  if (isa<FunctionOpInterface>(parent))
    return success();
  auto attention = dyn_cast<AttentionOp>(parent);
  if (!attention)
    return emitOpError(
        "expects to stand in a region of attention, or in a mod");
  if (!attention.getCsr().empty() || !attention.getBlocks().empty())
    return success();
  auto error = emitOpError("expects an attention with csr or blocks");
  error.attachNote(attention.getLoc()) << "this one lists no keys";
  return error;
}

void EntryOp::inferResultRanges(ArrayRef<ConstantIntRanges>,
                                SetIntRangeFn setResultRange) {
  // A dimension has less than 2^31 elements.
  unsigned width = IndexType::kInternalStorageBitWidth;
  setResultRange(getNumber(),
                 ConstantIntRanges::fromSigned(APInt(width, 0),
                                               APInt(width, INT32_MAX - 1)));
}

LogicalResult ApplyOp::verify() {
  // apply_c1
  if (isa<AttentionOp, OnlineAttentionOp, FunctionOpInterface>(
          (*this)->getParentOp()))
    return success();
  return emitOpError("expects to stand in a region of attention, or in a mod");
}
