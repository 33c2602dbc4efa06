//===- ExpandLinalg.cpp - What one element of a linalg op is computed from
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn::raising;

/// Turns a value computed in the body of a linalg op into an expression.
class TensorExprs::BodyReader {
public:
  BodyReader(TensorExprs &exprs, linalg::LinalgOp op, ArrayRef<Index> loops)
      : exprs(exprs), op(op), loops(loops) {}

  /// Null where the body does what expressions don't know, or uses `forbidden`.
  const Expr *read(Value value, Value forbidden = {}) {
    if (value == forbidden)
      return nullptr;
    auto [at, isNew] = seen.try_emplace(value, nullptr);
    if (!isNew)
      return at->second;
    const Expr *expr = readUncached(value, forbidden);
    return seen[value] = expr;
  }

private:
  const Expr *readUncached(Value value, Value forbidden) {
    if (auto argument = dyn_cast<BlockArgument>(value);
        argument && argument.getOwner() == op.getBlock()) {
      OpOperand *operand = op.getMatchingOpOperand(argument);
      // In a reduction it is what the iterations before left there.
      if (op.isDpsInit(operand) && op.getNumReductionLoops() > 0)
        return nullptr;
      return readOperand(operand);
    }
    TypedAttr constant;
    if (matchPattern(value, m_Constant(&constant))) {
      Expr *expr = exprs.make(Expr::Kind::Constant, value.getType());
      expr->constant = constant;
      return expr;
    }
    Operation *def = value.getDefiningOp();
    if (!def || def->getBlock() != op.getBlock()) {
      Expr *expr = exprs.make(Expr::Kind::Scalar, value.getType());
      expr->value = value;
      return expr;
    }
    if (auto position = dyn_cast<linalg::IndexOp>(def)) {
      Expr *expr = exprs.make(Expr::Kind::Position, value.getType());
      expr->index.push_back(loops[position.getDim()]);
      return expr;
    }
    if (auto extract = dyn_cast<tensor::ExtractOp>(def))
      return readExtract(extract, forbidden);
    if (def->getNumRegions() != 0 || def->getNumResults() != 1 ||
        !isMemoryEffectFree(def))
      return nullptr;
    SmallVector<const Expr *> operands;
    for (Value operand : def->getOperands()) {
      operands.push_back(read(operand, forbidden));
      if (!operands.back())
        return nullptr;
    }
    return exprs.apply(def, operands);
  }

  const Expr *readOperand(OpOperand *operand) {
    Value tensor = operand->get();
    if (!isa<RankedTensorType>(tensor.getType())) {
      TypedAttr constant;
      bool isConstant = matchPattern(tensor, m_Constant(&constant));
      Expr *expr =
          exprs.make(isConstant ? Expr::Kind::Constant : Expr::Kind::Scalar,
                     tensor.getType());
      expr->value = tensor;
      expr->constant = constant;
      return expr;
    }
    SmallVector<Index> index;
    auto type = cast<RankedTensorType>(tensor.getType());
    AffineMap map = op.getMatchingIndexingMap(operand);
    for (auto [result, size] : llvm::zip(map.getResults(), type.getShape())) {
      if (auto dim = dyn_cast<AffineDimExpr>(result))
        index.push_back(size == 1 ? Index() : loops[dim.getPosition()]);
      else if (auto constant = dyn_cast<AffineConstantExpr>(result);
               constant && !ShapedType::isDynamic(size))
        index.push_back(constantIndex(constant.getValue(), size));
      else
        return nullptr;
    }
    return exprs.access(tensor, index);
  }

  /// `tensor.extract` at loop positions or constants is one more access.
  const Expr *readExtract(tensor::ExtractOp extract, Value forbidden) {
    SmallVector<Index> index;
    auto type = cast<RankedTensorType>(extract.getTensor().getType());
    for (auto [at, size] : llvm::zip(extract.getIndices(), type.getShape())) {
      const Expr *position = read(at, forbidden);
      if (!position)
        return nullptr;
      if (position->is(Expr::Kind::Position) &&
          extentOf(position->index.front()) == size &&
          !ShapedType::isDynamic(size))
        index.push_back(position->index.front());
      else if (auto value = exprs.constantValue(position);
               value && !ShapedType::isDynamic(size))
        index.push_back(constantIndex(*value, size));
      else
        return nullptr;
    }
    return exprs.access(extract.getTensor(), index);
  }

  TensorExprs &exprs;
  linalg::LinalgOp op;
  ArrayRef<Index> loops;
  llvm::SmallDenseMap<Value, const Expr *> seen;
};

/// The reduction that `combiner` of the accumulator and another value does.
static std::optional<ReductionKind> reductionKind(Operation *combiner) {
  using Result = std::optional<ReductionKind>;
  return TypeSwitch<Operation *, Result>(combiner)
      .Case<arith::AddFOp>([](auto) { return ReductionKind::Sum; })
      .Case<arith::MaximumFOp, arith::MaxNumFOp>(
          [](auto) { return ReductionKind::Max; })
      .Case<arith::AndIOp>([](auto) { return ReductionKind::And; })
      .Case<arith::OrIOp>([](auto) { return ReductionKind::Or; })
      .Default([](Operation *) { return std::nullopt; });
}

static bool isNeutral(ReductionKind kind, std::optional<double> init) {
  if (!init)
    return false;
  switch (kind) {
  case ReductionKind::Sum:
  case ReductionKind::Or:
    return *init == 0;
  case ReductionKind::And:
    return *init != 0;
  case ReductionKind::Max:
    // Decompositions start at -infinity, the lowest finite value, or a NaN
    // that maxnumf ignores.
    return !(*init > -1e30);
  }
  llvm_unreachable("all kinds are handled");
}

/// A dimension of an operand that `loop` runs over, a static one if there is;
/// no operand where none has the loop for itself (convolutions).
static TensorExprs::Dimension dimensionOf(linalg::LinalgOp op, unsigned loop) {
  SmallVector<std::pair<Value, unsigned>> dimensions;
  op.mapIterationSpaceDimToAllOperandDims(loop, dimensions);
  for (auto [operand, dim] : dimensions)
    if (!cast<RankedTensorType>(operand.getType()).isDynamicDim(dim))
      return {operand, dim};
  if (dimensions.empty())
    return {};
  return dimensions.front();
}

const Expr *TensorExprs::expandLinalg(linalg::LinalgOp op, OpResult result,
                                      const Expr *access) {
  unsigned number = result.getResultNumber();
  OpOperand *init = op.getDpsInitOperand(number);
  AffineMap map = op.getMatchingIndexingMap(init);
  SmallVector<Index> loops(op.getNumLoops());
  SmallVector<bool> known(op.getNumLoops(), false);
  for (auto [expr, index] : llvm::zip(map.getResults(), access->index)) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim && !isa<AffineConstantExpr>(expr))
      return nullptr;
    if (!dim)
      continue;
    if (known[dim.getPosition()])
      return nullptr;
    loops[dim.getPosition()] = index;
    known[dim.getPosition()] = true;
  }
  SmallVector<int> reduced;
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (known[loop])
      continue;
    Dimension dimension = dimensionOf(op, loop);
    if (!dimension.first)
      return nullptr;
    loops[loop] = newVariable(dimension);
    if (loops[loop].empty())
      continue;
    if (kind != utils::IteratorType::reduction)
      return nullptr;
    reduced.push_back(ranges.size() - 1);
  }

  Value yielded = op.getBlock()->getTerminator()->getOperand(number);
  BodyReader reader(*this, op, loops);
  if (op.getNumReductionLoops() == 0)
    return reader.read(yielded);

  BlockArgument accumulator = op.getMatchingBlockArgument(init);
  Operation *combiner = yielded.getDefiningOp();
  if (!combiner || combiner->getBlock() != op.getBlock() ||
      combiner->getNumOperands() != 2)
    return nullptr;
  std::optional<ReductionKind> kind = reductionKind(combiner);
  unsigned at = combiner->getOperand(0) == accumulator ? 0 : 1;
  if (!kind || combiner->getOperand(at) != accumulator)
    return nullptr;
  const Expr *body = reader.read(combiner->getOperand(1 - at), accumulator);
  if (!body)
    return nullptr;
  Expr *reduce = make(Expr::Kind::Reduce, body->type);
  reduce->op = op;
  reduce->reduction = *kind;
  reduce->variables = reduced;
  reduce->operands.push_back(body);

  SmallVector<Index> initIndex;
  for (auto [expr, index] : llvm::zip(map.getResults(), access->index))
    initIndex.push_back(index);
  const Expr *start = this->access(init->get(), initIndex);
  if (isNeutral(*kind, constantValue(start)))
    return reduce;
  SmallVector<const Expr *> operands(2, reduce);
  operands[at] = start;
  return apply(combiner, operands);
}
