//===- BodyEvaluator.cpp - The body of a linalg op on vectors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyEvaluator.h"
#include "attn/Support/Attributes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

BodyEvaluator::BodyEvaluator(linalg::LinalgOp op, unsigned laneDim,
                             int64_t lanes, const RegisterFile &registers,
                             std::optional<unsigned> second)
    : op(op), body(op.getBlock()), laneDim(laneDim), second(second),
      lanes(lanes), laneExtent(op.getStaticLoopRanges()[laneDim]),
      laneBit(Mask(1) << laneDim),
      indexType(IntegerType::get(op.getContext(),
                                 op->hasAttr("attn.wide_positions") ? 64 : 32)),
      registers(registers) {
  if (!second)
    return;
  laneBit |= Mask(1) << *second;
  if (!ShapedType::isDynamic(laneExtent))
    laneExtent *= 2;
}

void BodyEvaluator::enterBlock() {
  memo = kept;
  if (ofPairs)
    ofPairs->enterBlock();
}

void BodyEvaluator::keep() {
  kept = memo;
  if (ofPairs)
    ofPairs->keep();
}

void BodyEvaluator::release() {
  kept.clear(), memo.clear();
  if (ofPairs)
    ofPairs->release();
}

SmallVector<Value> BodyEvaluator::yields(IRBuilder &b, const Point &point,
                                         ValueRange current) {
  outputs = current;
  unsigned firstOutput = op.getNumDpsInputs();
  for (auto [index, value] : llvm::enumerate(current))
    given[body->getArgument(firstOutput + index)] = value;
  SmallVector<Value> results;
  for (Value value : body->getTerminator()->getOperands())
    results.push_back(evaluate(b, value, point));
  return results;
}

void BodyEvaluator::readInputs(IRBuilder &b, const Point &point,
                               unsigned without) {
  for (OpOperand *operand : op.getDpsInputOperands()) {
    Value argument = op.getMatchingBlockArgument(operand);
    AffineMap map = op.getMatchingIndexingMap(operand);
    if (argument.use_empty() || map.isFunctionOfDim(without))
      continue;
    if (asPair(map.getResults().back()))
      readPairs(b, operand->get(), map, point);
    else
      evaluate(b, argument, point);
  }
}

//===----------------------------------------------------------------------===//
// Which coordinates a value depends on
//===----------------------------------------------------------------------===//

BodyEvaluator::Mask BodyEvaluator::dependencies(Value value) {
  if (auto it = depends.find(value); it != depends.end())
    return it->second;
  Mask mask = 0;
  auto argument = dyn_cast<BlockArgument>(value);
  if (argument && argument.getOwner() == body) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    AffineMap map = op.getMatchingIndexingMap(operand);
    for (unsigned dim = 0; dim < map.getNumDims(); ++dim)
      if (map.isFunctionOfDim(dim))
        mask |= Mask(1) << dim;
    // An accumulator is a vector even where the lane dimension is reduced.
    if (op.isDpsInit(operand))
      mask |= laneBit | accumulatorBit;
  } else if (Operation *def = value.getDefiningOp();
             def && def->getBlock() == body) {
    if (auto index = dyn_cast<linalg::IndexOp>(def))
      mask = Mask(1) << index.getDim();
    for (Value operand : def->getOperands())
      mask |= dependencies(operand);
  }
  return depends[value] = mask;
}

Value BodyEvaluator::evaluate(IRBuilder &b, Value value, const Point &point) {
  if (auto it = given.find(value); it != given.end())
    return it->second;
  auto argument = dyn_cast<BlockArgument>(value);
  Operation *def = value.getDefiningOp();
  bool local =
      argument ? argument.getOwner() == body : def && def->getBlock() == body;
  if (!local)
    return value;
  Mask mask = dependencies(value);
  // Accumulators change from step to step: nothing that reads them is kept.
  if (mask & accumulatorBit)
    return compute(b, value, point);
  SmallVector<OpFoldResult> coordinates = coordinatesOf(value, point);
  if (Value known = remembered(value, coordinates))
    return known;
  Value result = compute(b, value, point);
  remembered(value, coordinates) = result;
  return result;
}

SmallVector<OpFoldResult> BodyEvaluator::coordinatesOf(Value value,
                                                       const Point &point) {
  Mask mask = dependencies(value);
  SmallVector<OpFoldResult> coordinates;
  for (unsigned dim = 0; dim < point.size(); ++dim)
    if (mask & (Mask(1) << dim))
      coordinates.push_back(point[dim]);
  return coordinates;
}

Value &BodyEvaluator::remembered(Value value,
                                 ArrayRef<OpFoldResult> coordinates) {
  std::vector<void *> opaque;
  for (OpFoldResult coordinate : coordinates)
    opaque.push_back(coordinate.getOpaqueValue());
  return memo[{value.getAsOpaquePointer(), opaque}];
}

OpFoldResult BodyEvaluator::coordinate(IRBuilder &b, AffineExpr expr,
                                       const Point &point) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return point[dim.getPosition()];
  auto map = AffineMap::get(point.size(), 0, expr);
  return affine::makeComposedFoldedAffineApply(b, b.getLoc(), map, point);
}

//===----------------------------------------------------------------------===//
// Computing
//===----------------------------------------------------------------------===//

Type BodyEvaluator::vectorType(Type element) {
  return VectorType::get({lanes}, element.isIndex() ? indexType : element);
}

Value BodyEvaluator::toVector(IRBuilder &b, Value value) {
  if (isa<VectorType>(value.getType()))
    return value;
  if (value.getType().isIndex())
    value = b.createOrFold<arith::IndexCastOp>(b.getLoc(), indexType, value);
  return vector::BroadcastOp::create(b, b.getLoc(), vectorType(value.getType()),
                                     value);
}

Value BodyEvaluator::materialize(IRBuilder &b, OpFoldResult coordinate) {
  return getValueOrCreateConstantIndexOp(b, b.getLoc(), coordinate);
}

/// Whether the vector at `point` may reach beyond the lane dimension's end.
bool BodyEvaluator::isPartial(const Point &point) const {
  return ShapedType::isDynamic(laneExtent) || laneExtent % lanes != 0;
}

Value BodyEvaluator::compute(IRBuilder &b, Value value, const Point &point) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    OpOperand *operand = op.getMatchingOpOperand(argument);
    if (!isa<ShapedType>(operand->get().getType()))
      return operand->get(); // the scalar of a fill
    return read(b, operand->get(), op.getMatchingIndexingMap(operand), point);
  }
  Operation *def = value.getDefiningOp();
  if (auto index = dyn_cast<linalg::IndexOp>(def)) {
    bool isSecond = index.getDim() == second;
    Value base = materialize(b, point[index.getDim()]);
    if (index.getDim() != laneDim && !isSecond)
      return base;
    auto type = cast<VectorType>(vectorType(indexType));
    SmallVector<Attribute> values;
    for (int64_t lane = 0; lane < lanes; ++lane)
      values.push_back(b.getIntegerAttr(indexType, isSecond ? lane % 2
                                                   : second ? lane / 2
                                                            : lane));
    Value step = arith::ConstantOp::create(
        b, b.getLoc(), DenseElementsAttr::get(type, values));
    Value lanePositions =
        arith::AddIOp::create(b, b.getLoc(), toVector(b, base), step);
    // Lanes past the end repeat the last position: it may be read.
    if (isSecond || ShapedType::isDynamic(laneExtent) || !isPartial(point))
      return lanePositions;
    int64_t last = op.getStaticLoopRanges()[laneDim] - 1;
    return b.createOrFold<arith::MinSIOp>(b.getLoc(), lanePositions,
                                          toVector(b, b.index(last)));
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(def))
    return computeExtract(b, extract, point);
  return computeElementwise(b, def, point);
}

Value BodyEvaluator::read(IRBuilder &b, Value tensor, AffineMap map,
                          const Point &point) {
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> coordinates;
  std::optional<PairIndex> pair;
  if (map.getNumResults() > 0)
    pair = asPair(map.getResults().back());
  bool isPair = pair && pair->dim == laneDim;
  bool isVector = second ? isPair && pair->second == *second
                         : map.getNumResults() > 0 &&
                               map.getResults().back() == b.d(laneDim);
  if (isPair && !second) {
    auto both = vector::DeinterleaveOp::create(
        b, b.getLoc(), readPairs(b, tensor, map, point));
    return both->getResult(*getConstantIntValue(point[pair->second]));
  }
  for (AffineExpr expr : map.getResults())
    coordinates.push_back(coordinate(b, expr, point));

  if (auto fill = registers.fills.find(tensor); fill != registers.fills.end())
    return isVector ? toVector(b, fill->second) : fill->second;
  // An op on other types may have put them into vectors of another length.
  if (auto tile = registers.tiles.find(tensor);
      tile != registers.tiles.end() && !coordinates.empty() &&
      cast<VectorType>(tile->second.vectors.front().getType())
              .getNumElements() == lanes) {
    // Linear position of the vector, if every coordinate is a constant.
    std::optional<int64_t> linear = 0;
    for (auto [dim, coordinate] : llvm::enumerate(coordinates)) {
      std::optional<int64_t> constant = getConstantIntValue(coordinate);
      if (!constant) {
        linear.reset();
        break;
      }
      bool last = dim + 1 == coordinates.size();
      linear = *linear * (last ? tile->second.chunks : type.getDimSize(dim)) +
               (last ? *constant / lanes : *constant);
    }
    if (linear) {
      Value vector = tile->second.vectors[*linear];
      if (isVector)
        return vector;
      return vector::ExtractOp::create(
          b, b.getLoc(), vector,
          *getConstantIntValue(coordinates.back()) % lanes);
    }
  }
  SmallVector<Value> indices;
  for (OpFoldResult coordinate : coordinates)
    indices.push_back(materialize(b, coordinate));
  if (!isVector)
    return b.extract(tensor, indices);
  return readVector(b, tensor, indices, lanes, !isPartial(point));
}

Value BodyEvaluator::computeElementwise(IRBuilder &b, Operation *def,
                                        const Point &point) {
  Location loc = b.getLoc();
  SmallVector<Value> operands;
  bool varying = false;
  for (Value operand : def->getOperands()) {
    operands.push_back(evaluate(b, operand, point));
    varying |= isa<VectorType>(operands.back().getType());
  }
  Type element = def->getResult(0).getType();
  if (!varying) {
    IRMapping mapping;
    for (auto [from, to] : llvm::zip(def->getOperands(), operands))
      mapping.map(from, to);
    return b.clone(*def, mapping)->getResult(0);
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp>(def)) {
    // Between index and integers, lanes only change their width.
    auto to = cast<VectorType>(vectorType(element));
    auto from = cast<VectorType>(operands[0].getType());
    unsigned width = to.getElementTypeBitWidth(),
             had = from.getElementTypeBitWidth();
    if (width == had)
      return operands[0];
    if (width < had)
      return arith::TruncIOp::create(b, loc, to, operands[0]);
    if (isa<arith::IndexCastUIOp>(def))
      return arith::ExtUIOp::create(b, loc, to, operands[0]);
    return arith::ExtSIOp::create(b, loc, to, operands[0]);
  }
  // A select between vectors may keep its scalar condition.
  bool scalarFirst =
      isa<arith::SelectOp>(def) && !isa<VectorType>(operands[0].getType());
  for (auto [index, operand] : llvm::enumerate(operands))
    if (index != 0 || !scalarFirst)
      operand = toVector(b, operand);
  Operation *result = b.create(loc, def->getName().getIdentifier(), operands,
                               {vectorType(element)}, def->getAttrs());
  return result->getResult(0);
}
