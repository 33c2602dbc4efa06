//===- RegionEmitter.cpp - Write score and mask regions from expressions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RegionEmitter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn;
using namespace attn::raising;

/// What a region computes in place of `expr`: the element-wise arithmetic
/// itself, or an access where it reads a tensor that is computed outside.
static const Expr *inlined(TensorExprs &exprs, const Expr *expr,
                           const AttentionMatch &match) {
  const Expr *source = exprs.viewSource(expr);
  const Expr *def = exprs.definition(source);
  if (def->is(Expr::Kind::Position) || def->is(Expr::Kind::Constant) ||
      def->is(Expr::Kind::Scalar) || source == def)
    return def;
  // Arithmetic is cheaper than the load that it replaces. Exponentials, sums
  // and the like stay outside, computed once, unless they are of the score.
  bool inlines = def->is(Expr::Kind::Apply) &&
                 (isa<arith::ArithDialect>(def->op->getDialect()) ||
                  isa<math::AbsIOp, math::AbsFOp>(def->op) ||
                  contains(exprs, def, match.dot));
  return inlines ? def : source;
}

SmallVector<ArrayRef<Index>>
attn::raising::collectLoads(TensorExprs &exprs, const AttentionMatch &match) {
  SmallVector<ArrayRef<Index>> loads;
  SmallVector<const Expr *> worklist{match.score};
  for (const MaskTerm &mask : match.masks)
    worklist.push_back(mask.condition);
  while (!worklist.empty()) {
    const Expr *expr = worklist.pop_back_val();
    if (matchScaled(exprs, expr, match.dot))
      continue;
    const Expr *def = inlined(exprs, expr, match);
    if (!def->index.empty())
      loads.push_back(def->index);
    if (def->is(Expr::Kind::Apply))
      worklist.append(def->operands.begin(), def->operands.end());
  }
  return loads;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

namespace {
/// Emits into one region. Floats have the type of the score; integers of 32 and
/// more bits become `index`, as they are positions or compared with positions;
/// everything else keeps its type.
class RegionEmitter {
public:
  RegionEmitter(OpBuilder &builder, AttentionOp op, TensorExprs &exprs,
                const AttentionMatch &match, const AttentionDims &dims)
      : builder(builder), loc(op.getLoc()), exprs(exprs), match(match),
        refinement(dims.refinement), accumulator(op.getAccumulatorType()) {
    for (const Index &role :
         {dims.batch, dims.queryHeads(), dims.queries, dims.keys})
      addRole(role);
  }

  /// Starts a region; `positions` are its arguments b, h, i, j.
  void enter(Value score, ValueRange positions) {
    this->score = score;
    arguments = positions;
    emitted.clear();
  }

  /// Null if `expr` can't be computed in a region.
  Value emit(const Expr *expr);
  Value constant(double value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(accumulator, value));
  }

  /// The factor of the dot product that the op's scale takes over: that of its
  /// first appearance.
  std::optional<double> scale;

private:
  void addRole(const Index &role);
  Type domainOf(Type type) const;
  Value toDomain(Value value);
  Value emitUncached(const Expr *expr);
  Value emitScaledDot(double factor);
  Value emitPosition(const Index &index);
  Value emitLoad(const Expr *access);
  bool isPosition(const Expr *expr);
  Value emitApply(const Expr *apply);
  Value emitComparison(arith::CmpIOp op, Value lhs, Value rhs);

  OpBuilder &builder;
  Location loc;
  TensorExprs &exprs;
  const AttentionMatch &match;
  const Refinement &refinement;
  FloatType accumulator;
  Value score;
  ValueRange arguments;
  llvm::SmallDenseMap<const Expr *, Value> emitted;
  /// Each atom as a piece of one region argument (its "variable"), and the
  /// ranges of the arguments.
  SmallVector<std::pair<Digit, Digit>> pieces;
  SmallVector<int64_t> ranges;
};
} // namespace

void RegionEmitter::addRole(const Index &role) {
  int64_t stride = 1;
  for (const Digit &atom : llvm::reverse(role)) {
    pieces.push_back({atom, {int(ranges.size()), stride, atom.extent}});
    stride *= ShapedType::isDynamic(atom.extent) ? 1 : atom.extent;
  }
  ranges.push_back(extentOf(role));
}

Type RegionEmitter::domainOf(Type type) const {
  if (isa<FloatType>(type))
    return accumulator;
  if (auto integer = dyn_cast<IntegerType>(type);
      integer && integer.getWidth() >= 32)
    return builder.getIndexType();
  return type;
}

Value RegionEmitter::toDomain(Value value) {
  Type wanted = domainOf(value.getType());
  if (wanted == value.getType())
    return value;
  if (isa<IndexType>(wanted))
    return arith::IndexCastOp::create(builder, loc, wanted, value);
  if (value.getType().getIntOrFloatBitWidth() < wanted.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(builder, loc, wanted, value);
  return arith::TruncFOp::create(builder, loc, wanted, value);
}

Value RegionEmitter::emit(const Expr *expr) {
  if (auto at = emitted.find(expr); at != emitted.end())
    return at->second;
  Value value = emitUncached(expr);
  return emitted[expr] = value;
}

Value RegionEmitter::emitScaledDot(double factor) {
  if (!score)
    return {};
  if (!scale)
    scale = factor;
  if (*scale == factor)
    return score;
  return arith::MulFOp::create(builder, loc, score, constant(factor / *scale));
}

Value RegionEmitter::emitUncached(const Expr *expr) {
  if (auto factor = matchScaled(exprs, expr, match.dot); factor && *factor != 0)
    return emitScaledDot(*factor);
  const Expr *def = inlined(exprs, expr, match);
  switch (def->kind) {
  case Expr::Kind::Access:
    return emitLoad(def);
  case Expr::Kind::Position:
    return emitPosition(def->index.front());
  case Expr::Kind::Constant:
    if (auto value = dyn_cast<FloatAttr>(def->constant))
      return constant(value.getValueAsDouble());
    if (isa<IndexType>(domainOf(def->type)))
      return arith::ConstantIndexOp::create(
          builder, loc, cast<IntegerAttr>(def->constant).getInt());
    return arith::ConstantOp::create(builder, loc, def->constant);
  case Expr::Kind::Scalar:
    return toDomain(def->value);
  case Expr::Kind::Apply:
    return emitApply(def);
  case Expr::Kind::Reduce:
  case Expr::Kind::Softmax:
    return {};
  }
  llvm_unreachable("all kinds are handled");
}

Value RegionEmitter::emitPosition(const Index &index) {
  Index position;
  for (const Digit &atom : refinement.atoms(ArrayRef<Digit>(index))) {
    if (atom.isConstant()) {
      append(position, atom);
      continue;
    }
    auto *piece = llvm::find_if(
        pieces, [&](const auto &piece) { return piece.first == atom; });
    if (piece == pieces.end())
      return {};
    append(position, piece->second);
  }
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value sum;
  for (auto [at, digit] : llvm::enumerate(position)) {
    int64_t weight = extentOf(ArrayRef<Digit>(position).drop_front(at + 1));
    if (ShapedType::isDynamic(weight))
      return {};
    Value term;
    if (digit.isConstant()) {
      term = number(digit.stride);
    } else {
      term = arguments[digit.variable];
      if (digit.stride != 1)
        term = arith::DivUIOp::create(builder, loc, term, number(digit.stride));
      // The most significant piece needs no remainder.
      int64_t range = ranges[digit.variable];
      bool isLeading = ShapedType::isDynamic(digit.extent) ||
                       digit.stride * digit.extent == range;
      if (!isLeading)
        term = arith::RemUIOp::create(builder, loc, term, number(digit.extent));
    }
    if (weight != 1)
      term = arith::MulIOp::create(builder, loc, term, number(weight));
    sum =
        sum ? arith::AddIOp::create(builder, loc, sum, term).getResult() : term;
  }
  return sum ? sum : number(0);
}

Value RegionEmitter::emitLoad(const Expr *access) {
  SmallVector<Value> indices;
  for (const Index &index : access->index) {
    indices.push_back(emitPosition(index));
    if (!indices.back())
      return {};
  }
  return toDomain(
      tensor::ExtractOp::create(builder, loc, access->value, indices));
}

/// Whether an integer op means the same on `index`, for the range of positions.
/// Products of narrow integers may be meant to wrap, as in hashes.
static bool worksOnIndex(Operation *op) {
  if (isa<arith::MulIOp>(op)) {
    Type type = getElementTypeOrSelf(op->getResult(0).getType());
    return isa<IndexType>(type) || type.isInteger(64);
  }
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return !llvm::is_contained(
        {arith::CmpIPredicate::ult, arith::CmpIPredicate::ule,
         arith::CmpIPredicate::ugt, arith::CmpIPredicate::uge},
        compare.getPredicate());
  return isa<arith::AddIOp, arith::SubIOp, arith::DivSIOp, arith::RemSIOp,
             arith::FloorDivSIOp, arith::CeilDivSIOp, arith::MaxSIOp,
             arith::MinSIOp, arith::SelectOp, math::AbsIOp>(op);
}

/// `a - b < 0` as `a < b`: positions don't overflow, and the mask analysis and
/// the reader see the two sides.
Value RegionEmitter::emitComparison(arith::CmpIOp op, Value lhs, Value rhs) {
  if (auto difference = lhs.getDefiningOp<arith::SubIOp>();
      difference && isa<IndexType>(lhs.getType()) &&
      matchPattern(rhs, m_Zero())) {
    lhs = difference.getLhs();
    rhs = difference.getRhs();
  }
  return arith::CmpIOp::create(builder, loc, op.getPredicate(), lhs, rhs);
}

/// Whether `expr` is a position or a difference of positions: it fits i32.
bool RegionEmitter::isPosition(const Expr *expr) {
  const Expr *def = inlined(exprs, expr, match);
  if (def->isApply<arith::IndexCastOp>() || def->isApply<arith::TruncIOp>() ||
      def->isApply<arith::ExtSIOp>() || def->isApply<arith::SubIOp>())
    return llvm::all_of(def->operands, [&](const Expr *operand) {
      return isPosition(operand);
    });
  return def->is(Expr::Kind::Position) || def->is(Expr::Kind::Constant);
}

Value RegionEmitter::emitApply(const Expr *apply) {
  Operation *op = apply->op;
  SmallVector<Value> operands;
  for (const Expr *operand : apply->operands) {
    operands.push_back(emit(operand));
    if (!operands.back())
      return {};
  }
  // Casts inside of one domain.
  bool narrows = isa<arith::TruncIOp>(op) ||
                 (isa<arith::IndexCastOp>(op) && apply->type.isInteger(32));
  if (isa<arith::ExtFOp, arith::TruncFOp, arith::IndexCastOp, arith::ExtSIOp,
          arith::TruncIOp>(op) &&
      operands.front().getType() == domainOf(apply->type) &&
      (!narrows || isPosition(apply->operands.front())))
    return operands.front();
  if (isa<arith::BitcastOp>(op))
    return {};
  bool onIndex = worksOnIndex(op);
  if (!onIndex)
    for (auto [value, operand] : llvm::zip(operands, apply->operands))
      if (isa<IndexType>(value.getType()) && !isa<IndexType>(operand->type))
        value = arith::IndexCastOp::create(builder, loc, operand->type, value);
  if (auto compare = dyn_cast<arith::CmpIOp>(op); compare && onIndex)
    return emitComparison(compare, operands[0], operands[1]);
  Operation *copy = builder.clone(*op);
  copy->setOperands(operands);
  bool keepsType = !onIndex && !isa<FloatType>(apply->type);
  copy->getResult(0).setType(keepsType ? apply->type : domainOf(apply->type));
  return toDomain(copy->getResult(0));
}

//===----------------------------------------------------------------------===//
// The two regions
//===----------------------------------------------------------------------===//

static LogicalResult emitScore(OpBuilder &builder, AttentionOp op,
                               RegionEmitter &emitter,
                               const AttentionMatch &match) {
  if (match.score == match.dot) {
    emitter.scale = 1;
    return success();
  }
  SmallVector<Type> types(5, builder.getIndexType());
  types[0] = op.getAccumulatorType();
  OpBuilder::InsertionGuard guard(builder);
  Block *block =
      builder.createBlock(&op.getScore(), {}, types,
                          SmallVector<Location>(types.size(), op.getLoc()));
  emitter.enter(block->getArgument(0), block->getArguments().drop_front());
  Value score = emitter.emit(match.score);
  if (!score)
    return failure();
  if (match.scoreFactor != 1)
    score = arith::MulFOp::create(builder, op.getLoc(), score,
                                  emitter.constant(match.scoreFactor));
  YieldOp::create(builder, op.getLoc(), score);
  return success();
}

static LogicalResult emitMask(OpBuilder &builder, AttentionOp op,
                              RegionEmitter &emitter,
                              const AttentionMatch &match) {
  if (match.masks.empty())
    return success();
  SmallVector<Type> types(4, builder.getIndexType());
  OpBuilder::InsertionGuard guard(builder);
  Block *block =
      builder.createBlock(&op.getMask(), {}, types,
                          SmallVector<Location>(types.size(), op.getLoc()));
  emitter.enter({}, block->getArguments());
  Value keep;
  for (const MaskTerm &mask : match.masks) {
    Value term = emitter.emit(mask.condition);
    if (!term)
      return failure();
    if (!mask.keeps)
      term = arith::XOrIOp::create(
          builder, op.getLoc(), term,
          arith::ConstantOp::create(builder, op.getLoc(),
                                    builder.getBoolAttr(true)));
    keep = keep ? arith::AndIOp::create(builder, op.getLoc(), keep, term)
                      .getResult()
                : term;
  }
  YieldOp::create(builder, op.getLoc(), keep);
  return success();
}

LogicalResult attn::raising::emitRegions(OpBuilder &builder, AttentionOp op,
                                         TensorExprs &exprs,
                                         const AttentionMatch &match,
                                         const AttentionDims &dims,
                                         Mismatch &mismatch) {
  RegionEmitter emitter(builder, op, exprs, match, dims);
  if (failed(emitScore(builder, op, emitter, match))) {
    mismatch.reason = "its score reads something that no score region can";
    return failure();
  }
  if (failed(emitMask(builder, op, emitter, match))) {
    mismatch.reason = "its mask reads something that no mask region can";
    return failure();
  }
  op.setScale(APFloat(emitter.scale.value_or(1) * match.dotFactor));
  return success();
}
