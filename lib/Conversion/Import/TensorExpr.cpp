//===- TensorExpr.cpp - What one element of a tensor is computed from
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorExpr.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

using namespace mlir;
using namespace attn::raising;

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

Index TensorExprs::newVariable(Dimension dimension) {
  ranges.push_back(dimension);
  int variable = ranges.size() - 1;
  return wholeVariable(variable, extent(variable));
}

int64_t TensorExprs::extent(int variable) const {
  auto [tensor, dim] = ranges[variable];
  return cast<RankedTensorType>(tensor.getType()).getDimSize(dim);
}

Expr *TensorExprs::make(Expr::Kind kind, Type type) {
  Expr &expr = arena.emplace_back();
  expr.kind = kind;
  expr.type = type;
  return &expr;
}

const Expr *TensorExprs::access(Value tensor, ArrayRef<Index> index) {
  Expr *expr = make(Expr::Kind::Access, getElementTypeOrSelf(tensor.getType()));
  expr->value = tensor;
  expr->index.assign(index.begin(), index.end());
  return expr;
}

const Expr *TensorExprs::accessWhole(Value tensor) {
  SmallVector<Index> index;
  int64_t rank = cast<RankedTensorType>(tensor.getType()).getRank();
  for (int64_t dim = 0; dim < rank; ++dim)
    index.push_back(newVariable({tensor, dim}));
  return access(tensor, index);
}

const Expr *TensorExprs::apply(Operation *op, ArrayRef<const Expr *> operands) {
  Expr *expr =
      make(Expr::Kind::Apply, getElementTypeOrSelf(op->getResult(0).getType()));
  expr->op = op;
  expr->operands.assign(operands.begin(), operands.end());
  return expr;
}

//===----------------------------------------------------------------------===//
// Expansion
//===----------------------------------------------------------------------===//

/// Cuts a position into positions along some dimensions of `tensor`. Where
/// several are dynamic, a variable that runs over one of them is recognised by
/// its range being the same.
FailureOr<SmallVector<Index>>
TensorExprs::splitDims(Value tensor, ArrayRef<int64_t> dims, Index index) {
  SmallVector<int64_t> sizes;
  for (int64_t dim : dims)
    sizes.push_back(cast<RankedTensorType>(tensor.getType()).getDimSize(dim));
  SmallVector<Index> inner;
  while (llvm::count_if(sizes, ShapedType::isDynamic) > 1) {
    int64_t size = sizes.pop_back_val();
    if (ShapedType::isDynamic(size)) {
      if (index.empty() || index.back().isConstant() ||
          index.back().stride != 1 ||
          !ShapedType::isDynamic(index.back().extent))
        return failure();
      Digit digit = index.pop_back_val();
      auto [ranged, rangedDim] = ranges[digit.variable];
      FailureOr<bool> same = ValueBoundsConstraintSet::areEqual(
          {tensor, dims[sizes.size()]}, {ranged, rangedDim});
      if (failed(same) || !*same)
        return failure();
      inner.push_back({digit});
      continue;
    }
    auto parts = split(index, {ShapedType::kDynamic, size});
    if (failed(parts))
      return failure();
    index = parts->front();
    inner.push_back(parts->back());
  }
  auto outer = split(index, sizes);
  if (succeeded(outer))
    outer->append(inner.rbegin(), inner.rend());
  return outer;
}

/// Whether a slice has all of a dynamic dimension.
static bool takesWhole(tensor::ExtractSliceOp slice, int64_t dim) {
  auto size = dyn_cast<Value>(slice.getMixedSizes()[dim]);
  auto sizeOp = size ? size.getDefiningOp<tensor::DimOp>() : nullptr;
  return slice.getStaticOffsets()[dim] == 0 &&
         slice.getStaticStrides()[dim] == 1 && sizeOp &&
         sizeOp.getSource() == slice.getSource() &&
         sizeOp.getConstantIndex() == dim;
}

/// A slice whose offset is a multiple of its size, in a dimension that is one
/// too: `x[size * n + i]` is the digit n above i.
const Expr *TensorExprs::expandSlice(Operation *op, const Expr *access) {
  auto slice = cast<tensor::ExtractSliceOp>(op);
  llvm::SmallBitVector dropped = slice.getDroppedDims();
  SmallVector<Index> index;
  auto source = slice.getSourceType();
  unsigned next = 0;
  for (int64_t dim = 0; dim < source.getRank(); ++dim) {
    Index inner = dropped.test(dim) ? Index() : access->index[next++];
    int64_t offset = slice.getStaticOffsets()[dim];
    int64_t size = slice.getStaticSizes()[dim];
    int64_t whole = source.getDimSize(dim);
    if (slice.getStaticStrides()[dim] != 1 || ShapedType::isDynamic(offset) ||
        ShapedType::isDynamic(size) || ShapedType::isDynamic(whole) ||
        size == 0 || offset % size != 0 || whole % size != 0) {
      if (!takesWhole(slice, dim))
        return nullptr;
      index.push_back(inner);
      continue;
    }
    index.push_back(
        concat({constantIndex(offset / size, whole / size), inner}));
  }
  return this->access(slice.getSource(), index);
}

const Expr *TensorExprs::expandUncached(const Expr *access) {
  if (Attribute attribute; matchPattern(access->value, m_Constant(&attribute)))
    if (auto splat = dyn_cast<SplatElementsAttr>(attribute)) {
      Expr *expr = make(Expr::Kind::Constant, access->type);
      expr->constant = splat.getSplatValue<TypedAttr>();
      return expr;
    }
  Operation *op = access->value.getDefiningOp();
  if (!op)
    return nullptr;
  auto result = cast<OpResult>(access->value);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return linalgOp.hasPureTensorSemantics()
               ? expandLinalg(linalgOp, result, access)
               : nullptr;
  if (auto softmax = dyn_cast<linalg::SoftmaxOp>(op)) {
    Expr *expr = make(Expr::Kind::Softmax, access->type);
    expr->op = op;
    expr->index.push_back(access->index[softmax.getDimension()]);
    expr->operands.push_back(this->access(softmax.getInput(), access->index));
    return expr;
  }
  if (auto expandShape = dyn_cast<tensor::ExpandShapeOp>(op)) {
    SmallVector<Index> index;
    for (ReassociationIndices group : expandShape.getReassociationIndices()) {
      SmallVector<Index> parts;
      for (int64_t dim : group)
        parts.push_back(access->index[dim]);
      index.push_back(concat(parts));
    }
    return this->access(expandShape.getSrc(), index);
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    SmallVector<Index> index;
    for (auto [group, whole] :
         llvm::zip(collapse.getReassociationIndices(), access->index)) {
      auto parts = splitDims(collapse.getSrc(), group, whole);
      if (failed(parts))
        return nullptr;
      index.append(*parts);
    }
    return this->access(collapse.getSrc(), index);
  }
  if (isa<tensor::ExtractSliceOp>(op))
    return expandSlice(op, access);
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    return isa<RankedTensorType>(cast.getSource().getType())
               ? this->access(cast.getSource(), access->index)
               : nullptr;
  if (auto splat = dyn_cast<tensor::SplatOp>(op)) {
    Expr *expr = make(Expr::Kind::Scalar, access->type);
    expr->value = splat.getInput();
    return expr;
  }
  if (OpTrait::hasElementwiseMappableTraits(op) && op->getNumResults() == 1 &&
      llvm::all_of(op->getOperandTypes(), llvm::IsaPred<RankedTensorType>)) {
    SmallVector<const Expr *> operands;
    for (Value operand : op->getOperands())
      operands.push_back(this->access(operand, access->index));
    return apply(op, operands);
  }
  return nullptr;
}

const Expr *TensorExprs::expand(const Expr *access) {
  if (auto at = expansions.find(access); at != expansions.end())
    return at->second;
  const Expr *expr = expandUncached(access);
  return expansions[access] = expr;
}

const Expr *TensorExprs::viewSource(const Expr *expr) {
  while (expr->is(Expr::Kind::Access)) {
    const Expr *next = expand(expr);
    if (!next || !next->is(Expr::Kind::Access))
      break;
    expr = next;
  }
  return expr;
}

const Expr *TensorExprs::separableSource(const Expr *expr) {
  const Expr *source = expr;
  for (; expr && expr->is(Expr::Kind::Access); expr = expand(expr))
    if (llvm::all_of(expr->index, [](const Index &index) {
          return llvm::count_if(index, [](const Digit &digit) {
                   return ShapedType::isDynamic(digit.extent);
                 }) < 2;
        }))
      source = expr;
  return source;
}

const Expr *TensorExprs::definition(const Expr *expr) {
  expr = viewSource(expr);
  if (!expr->is(Expr::Kind::Access))
    return expr;
  const Expr *next = expand(expr);
  return next ? next : expr;
}

std::optional<double> TensorExprs::constantValue(const Expr *expr) {
  expr = definition(expr);
  if (!expr->is(Expr::Kind::Constant))
    return std::nullopt;
  if (auto value = dyn_cast<FloatAttr>(expr->constant))
    return value.getValueAsDouble();
  if (auto value = dyn_cast<IntegerAttr>(expr->constant))
    return value.getType().isInteger(1) ? double(!value.getValue().isZero())
                                        : double(value.getInt());
  return std::nullopt;
}

const Expr *TensorExprs::skipFloatCasts(const Expr *expr) {
  for (;;) {
    const Expr *def = definition(expr);
    if (!def->isApply<arith::ExtFOp>() && !def->isApply<arith::TruncFOp>())
      return expr;
    expr = def->operands.front();
  }
}

bool TensorExprs::dependsOnAny(const Expr *expr, ArrayRef<int> variables) {
  return dependsOn(ArrayRef<Index>(expr->index), variables) ||
         llvm::any_of(expr->operands, [&](const Expr *operand) {
           return dependsOnAny(operand, variables);
         });
}

std::optional<std::pair<const Expr *, const Expr *>>
attn::raising::matchContraction(TensorExprs &exprs, const Expr *reduce) {
  if (!reduce->is(Expr::Kind::Reduce) ||
      reduce->reduction != ReductionKind::Sum || reduce->variables.empty())
    return std::nullopt;
  const Expr *product = exprs.definition(reduce->operands.front());
  if (!product->isApply<arith::MulFOp>())
    return std::nullopt;
  return std::pair{product->operands[0], product->operands[1]};
}
