//===- Pairs.cpp - Elements that lie side by side, and contractions of them
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Instructions that multiply pairs of narrow numbers and add both products to a
// wide accumulator want the pair in one lane: element `2 * lane + second` of a
// row. A factor without a lane is one pair for all lanes.
//
//===----------------------------------------------------------------------===//

#include "BodyEvaluator.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

std::optional<PairIndex> attn::asPair(AffineExpr expr) {
  auto sum = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!sum || sum.getKind() != AffineExprKind::Add)
    return std::nullopt;
  auto second = dyn_cast<AffineDimExpr>(sum.getRHS());
  auto twice = dyn_cast<AffineBinaryOpExpr>(sum.getLHS());
  if (!second || !twice || twice.getKind() != AffineExprKind::Mul)
    return std::nullopt;
  auto dim = dyn_cast<AffineDimExpr>(twice.getLHS());
  auto factor = dyn_cast<AffineConstantExpr>(twice.getRHS());
  if (!dim || !factor || factor.getValue() != 2)
    return std::nullopt;
  return PairIndex{dim.getPosition(), second.getPosition()};
}

/// The two factors of `acc + extf(a) * extf(b)`, in their narrow type.
static std::optional<std::pair<Value, Value>> factorsOf(Block *body,
                                                        Value accumulator) {
  auto add =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!add || add.getRhs() != accumulator)
    return std::nullopt;
  auto product = add.getLhs().getDefiningOp<arith::MulFOp>();
  if (!product)
    return std::nullopt;
  auto left = product.getLhs().getDefiningOp<arith::ExtFOp>();
  auto right = product.getRhs().getDefiningOp<arith::ExtFOp>();
  if (!left || !right || !left.getIn().getType().isBF16() ||
      !right.getIn().getType().isBF16())
    return std::nullopt;
  return std::make_pair(left.getIn(), right.getIn());
}

/// Whether `index` is `2 * something + second`; then that.
static Value pairOf(Value index, unsigned second) {
  auto add = index.getDefiningOp<arith::AddIOp>();
  auto last = add ? add.getRhs().getDefiningOp<linalg::IndexOp>() : nullptr;
  auto twice = add ? add.getLhs().getDefiningOp<arith::MulIOp>() : nullptr;
  if (!last || last.getDim() != second || !twice ||
      getConstantIntValue(twice.getRhs()) != 2)
    return {};
  return twice.getLhs();
}

/// Whether `index` is `2 * laneDim + second`.
bool BodyEvaluator::isPairPosition(Value index, unsigned second) {
  Value pair = pairOf(index, second);
  auto position = pair ? pair.getDefiningOp<linalg::IndexOp>() : nullptr;
  return position && position.getDim() == laneDim;
}

std::optional<unsigned> BodyEvaluator::pairDimOf(Value index) {
  auto add = index.getDefiningOp<arith::AddIOp>();
  auto last = add ? add.getRhs().getDefiningOp<linalg::IndexOp>() : nullptr;
  if (!last || op.getStaticLoopRanges()[last.getDim()] != 2 ||
      !isPairPosition(index, last.getDim()))
    return std::nullopt;
  return last.getDim();
}

BodyEvaluator &BodyEvaluator::pairs(unsigned second) {
  if (!ofPairs)
    ofPairs = std::make_unique<BodyEvaluator>(op, laneDim, 2 * lanes, registers,
                                              second);
  assert(ofPairs->second == second && "an op has one dimension of pairs");
  return *ofPairs;
}

bool BodyEvaluator::readsRows(Value value) {
  if (!isVarying(value))
    return true;
  Operation *def = value.getDefiningOp();
  if (!def)
    return false;
  auto extract = dyn_cast<tensor::ExtractOp>(def);
  if (!extract)
    return llvm::all_of(def->getOperands(),
                        [&](Value operand) { return readsRows(operand); });
  ValueRange indices = extract.getIndices();
  return isPairPosition(indices.back(), *second) &&
         llvm::none_of(indices.drop_back(),
                       [&](Value index) { return isVarying(index); });
}

bool BodyEvaluator::isPairContraction(unsigned second) {
  auto factors = factorsOf(body, body->getArguments().back());
  if (!factors || op.getNumDpsInits() != 1)
    return false;
  for (Value factor : {factors->first, factors->second}) {
    if (auto argument = dyn_cast<BlockArgument>(factor)) {
      AffineMap map =
          op.getMatchingIndexingMap(op.getMatchingOpOperand(argument));
      auto pair = asPair(map.getResults().back());
      if (!pair || pair->second != second)
        return false;
      continue;
    }
    if (!isVarying(factor)) {
      // One pair for all lanes, which must lie side by side.
      auto extract = factor.getDefiningOp<tensor::ExtractOp>();
      if (!extract || !pairOf(extract.getIndices().back(), second))
        return false;
    }
  }
  return true;
}

Value BodyEvaluator::readPairs(IRBuilder &b, Value tensor, AffineMap map,
                               Point point) {
  point[asPair(map.getResults().back())->second] = b.getIndexAttr(0);
  SmallVector<OpFoldResult> coordinates;
  for (AffineExpr expr : map.getResults())
    coordinates.push_back(coordinate(b, expr, point));
  if (Value known = remembered(tensor, coordinates))
    return known;
  SmallVector<Value> indices;
  for (OpFoldResult coordinate : coordinates)
    indices.push_back(materialize(b, coordinate));
  return remembered(tensor, coordinates) =
             readVector(b, tensor, indices, 2 * lanes, !isPartial(point));
}

/// Of values that lie apart, such as in two rows: each is a vector first.
Value BodyEvaluator::interleavePairs(IRBuilder &b, Value factor,
                                     const Point &point, unsigned second) {
  Mask mask = dependencies(factor);
  auto coordinatesOf = [&](const Point &point) {
    SmallVector<OpFoldResult> coordinates;
    for (unsigned dim = 0; dim < point.size(); ++dim)
      if (dim != second && mask & (Mask(1) << dim))
        coordinates.push_back(point[dim]);
    return coordinates;
  };
  SmallVector<OpFoldResult> coordinates = coordinatesOf(point);
  if (Value known = remembered(factor, coordinates))
    return known;
  auto interleave = [&](BodyEvaluator &from, Point at) -> Value {
    Value vectors[2];
    for (int64_t which : {0, 1}) {
      at[second] = b.getIndexAttr(which);
      vectors[which] = from.toVector(b, from.evaluate(b, factor, at));
    }
    return vector::InterleaveOp::create(b, b.getLoc(), vectors[0], vectors[1]);
  };
  std::optional<int64_t> lane = getConstantIntValue(point[laneDim]);
  if (!lane || laneExtent % (2 * lanes) != 0)
    return remembered(factor, coordinates) = interleave(*this, point);

  // A narrow element fills half a register: two vectors' worth at once.
  Point at = point;
  at[laneDim] = b.getIndexAttr(*lane / (2 * lanes) * (2 * lanes));
  BodyEvaluator wide(op, laneDim, 2 * lanes, registers);
  Value pairs = interleave(wide, at);
  for (int64_t half : {0, 1}) {
    Point here = at;
    here[laneDim] =
        b.getIndexAttr(*getConstantIntValue(at[laneDim]) + half * lanes);
    remembered(factor, coordinatesOf(here)) =
        vector::ExtractStridedSliceOp::create(
            b, b.getLoc(), pairs, ArrayRef<int64_t>{half * 2 * lanes},
            ArrayRef<int64_t>{2 * lanes}, ArrayRef<int64_t>{1});
  }
  return remembered(factor, coordinates);
}

Value BodyEvaluator::pairFactor(IRBuilder &b, Value factor, const Point &point,
                                unsigned second) {
  Location loc = b.getLoc();
  Type element = factor.getType();
  Value tensor;
  SmallVector<Value> indices;
  if (auto argument = dyn_cast<BlockArgument>(factor)) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    AffineMap map = op.getMatchingIndexingMap(operand);
    tensor = operand->get();
    if (asPair(map.getResults().back())->dim == laneDim)
      return readPairs(b, tensor, map, point);
    for (AffineExpr expr : map.getResults())
      indices.push_back(materialize(b, coordinate(b, expr, point)));
  } else {
    if (isVarying(factor)) {
      BodyEvaluator &both = pairs(second);
      if (!both.readsRows(factor))
        return interleavePairs(b, factor, point, second);
      Point first = point;
      first[second] = b.getIndexAttr(0);
      return both.toVector(b, both.evaluate(b, factor, first));
    }
    auto extract = cast<tensor::ExtractOp>(factor.getDefiningOp());
    tensor = extract.getTensor();
    for (Value index : extract.getIndices())
      indices.push_back(evaluate(b, index, point));
  }
  // One pair for all lanes, as the bits of one number.
  Value &known = remembered(tensor, getAsOpFoldResult(indices));
  if (known)
    return known;
  Value pair = readVector(b, tensor, indices, 2, /*inBounds=*/true);
  Type bits = b.getIntegerType(2 * element.getIntOrFloatBitWidth());
  pair = vector::BitCastOp::create(b, loc, VectorType::get({1}, bits), pair);
  pair = vector::BroadcastOp::create(
      b, loc, VectorType::get({lanes}, bits),
      vector::ExtractOp::create(b, loc, pair, int64_t(0)));
  return known = vector::BitCastOp::create(
             b, loc, VectorType::get({2 * lanes}, element), pair);
}

Value BodyEvaluator::contractPairs(IRBuilder &b, const Point &point, Value acc,
                                   unsigned second) {
  Location loc = b.getLoc();
  auto factors = *factorsOf(body, body->getArguments().back());
  auto pairs = [&](Value factor) -> Value {
    auto type = VectorType::get({lanes, 2}, factor.getType());
    return vector::ShapeCastOp::create(b, loc, type,
                                       pairFactor(b, factor, point, second));
  };
  Value left = pairs(factors.first), right = pairs(factors.second);
  AffineExpr lane = b.d(0), of = b.d(1);
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(2, 0, results, b.getContext());
  };
  SmallVector<AffineMap> maps = {map({lane, of}), map({lane, of}), map(lane)};
  SmallVector<Attribute> iterators;
  for (auto iterator :
       {vector::IteratorType::parallel, vector::IteratorType::reduction})
    iterators.push_back(
        vector::IteratorTypeAttr::get(b.getContext(), iterator));
  return vector::ContractionOp::create(b, loc, left, right, acc,
                                       b.getAffineMapArrayAttr(maps),
                                       b.getArrayAttr(iterators));
}
