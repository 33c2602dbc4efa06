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
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn::raising;

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

Index TensorExprs::newVariable(int64_t extent) {
  extents.push_back(extent);
  return wholeVariable(extents.size() - 1, extent);
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
  for (int64_t size : cast<RankedTensorType>(tensor.getType()).getShape())
    index.push_back(newVariable(size));
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
// Reading the body of a linalg op
//===----------------------------------------------------------------------===//

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
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [loop, kind] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (known[loop])
      continue;
    if (kind == utils::IteratorType::reduction) {
      loops[loop] = newVariable(ranges[loop]);
      if (ranges[loop] != 1)
        reduced.push_back(extents.size() - 1);
    } else if (ranges[loop] != 1) {
      return nullptr;
    }
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

//===----------------------------------------------------------------------===//
// Expansion
//===----------------------------------------------------------------------===//

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
    ArrayRef<int64_t> sizes = collapse.getSrcType().getShape();
    for (auto [group, whole] :
         llvm::zip(collapse.getReassociationIndices(), access->index)) {
      auto parts = split(whole, sizes.slice(group.front(), group.size()));
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

//===----------------------------------------------------------------------===//
// Equality up to reduction variables
//===----------------------------------------------------------------------===//

static Index substitute(const Index &index, const Bindings &bindings) {
  Index result;
  for (const Digit &digit : index) {
    auto at = bindings.find(digit.variable);
    if (at == bindings.end() || digit.stride != 1) {
      append(result, digit);
      continue;
    }
    for (const Digit &bound : at->second)
      append(result, bound);
  }
  return result;
}

static bool unifyIndex(const Index &a, const Index &b, ArrayRef<int> free,
                       Bindings &bindings) {
  if (a == b)
    return true;
  if (b.size() == 1 && llvm::is_contained(free, b.front().variable) &&
      b.front().stride == 1 && !bindings.contains(b.front().variable) &&
      extentOf(a) == b.front().extent) {
    bindings[b.front().variable] = a;
    return true;
  }
  return a == substitute(b, bindings);
}

bool attn::raising::unify(TensorExprs &exprs, const Expr *a, const Expr *b,
                          ArrayRef<int> free, Bindings &bindings) {
  auto sameIndex = [&](const Expr *a, const Expr *b) {
    return llvm::all_of(llvm::zip(a->index, b->index), [&](auto pair) {
      return unifyIndex(std::get<0>(pair), std::get<1>(pair), free, bindings);
    });
  };
  auto sameAccess = [&](const Expr *a, const Expr *b) {
    if (!a->is(Expr::Kind::Access) || !b->is(Expr::Kind::Access) ||
        a->value != b->value)
      return false;
    Bindings saved = bindings;
    if (sameIndex(a, b))
      return true;
    bindings = saved;
    return false;
  };
  if (sameAccess(a, b))
    return true;
  a = exprs.viewSource(a);
  b = exprs.viewSource(b);
  if (sameAccess(a, b))
    return true;
  a = exprs.definition(a);
  b = exprs.definition(b);
  if (a->kind != b->kind)
    return false;
  SmallVector<int> inner(free);
  switch (a->kind) {
  case Expr::Kind::Access:
    return false;
  case Expr::Kind::Position:
    return sameIndex(a, b);
  case Expr::Kind::Constant:
    return a->constant == b->constant;
  case Expr::Kind::Scalar:
    return a->value == b->value;
  case Expr::Kind::Softmax:
    return false;
  case Expr::Kind::Reduce:
    if (a->reduction != b->reduction)
      return false;
    inner.append(b->variables);
    break;
  case Expr::Kind::Apply:
    if (a->op->getName() != b->op->getName() ||
        a->op->getAttrDictionary() != b->op->getAttrDictionary())
      return false;
    break;
  }
  return a->operands.size() == b->operands.size() &&
         llvm::all_of(llvm::zip(a->operands, b->operands), [&](auto pair) {
           return unify(exprs, std::get<0>(pair), std::get<1>(pair), inner,
                        bindings);
         });
}
