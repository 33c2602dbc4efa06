//===- GenericVectorizer.cpp - Loops and vectors for one linalg op
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GenericVectorizer.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

int64_t attn::lanesFor(linalg::LinalgOp op, int64_t vectorBits) {
  int64_t width = 32;
  op.getBlock()->walk([&](Operation *inner) {
    for (Type type : inner->getOperandTypes())
      if (auto real = dyn_cast<FloatType>(type))
        width = std::max<int64_t>(width, real.getWidth());
  });
  return vectorBits / width;
}

GenericVectorizer::GenericVectorizer(linalg::LinalgOp op, int64_t vectorBits,
                                     RegisterFile &registers)
    : op(op), registers(registers), lanes(lanesFor(op, vectorBits)) {}

//===----------------------------------------------------------------------===//
// Which dimension does what
//===----------------------------------------------------------------------===//

unsigned GenericVectorizer::findLaneDim() {
  // The last dimension of the output; of the first input for a full reduction.
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (map.getNumResults() == 0)
    map = op.getIndexingMapsArray().front();
  AffineExpr last = map.getResults().back();
  if (std::optional<PairIndex> pair = asPair(last))
    return pair->dim;
  return cast<AffineDimExpr>(last).getPosition();
}

/// Whether every iteration computes the same by `inner`, an op of `body`: it
/// stays the scalar that it is.
static bool isInvariant(Operation &inner, Block *body) {
  return isPure(&inner) && inner.getNumRegions() == 0 &&
         llvm::all_of(inner.getOperands(), [&](Value operand) {
           if (operand.getParentBlock() != body)
             return true;
           Operation *def = operand.getDefiningOp();
           return def && isInvariant(*def, body);
         });
}

std::string GenericVectorizer::whyNot() {
  for (OpOperand &operand : op->getOpOperands())
    for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults())
      if (!isa<AffineDimExpr>(expr) && !asPair(expr) &&
          !(isa<AffineConstantExpr>(expr) && op.isDpsInput(&operand)) &&
          !isOnlyFetched(op, operand))
        return "an operand is not indexed by dimensions or pairs of them";
  if (op.getNumLoops() == 0) // a fill of one element is that element
    return isa<linalg::FillOp>(op.getOperation()) ? "" : "it has no dimension";
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (!type && !isa<linalg::FillOp>(op.getOperation()))
      return "an operand is not a tensor";
    if (type && type.getRank() > 0 && type.getElementTypeBitWidth() < 8)
      return "an operand's elements are smaller than a byte";
  }
  for (Operation &inner : op.getBlock()->without_terminator())
    if (!OpTrait::hasElementwiseMappableTraits(&inner) &&
        !isa<linalg::IndexOp, tensor::ExtractOp>(inner) &&
        !isInvariant(inner, op.getBlock()))
      return ("'" + inner.getName().getStringRef() +
              "' in its body has no vector form")
          .str();
  laneDim = findLaneDim();
  AffineExpr lane = getAffineDimExpr(laneDim, op.getContext());
  for (OpOperand &operand : op->getOpOperands()) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    // An input that nothing reads is only a shape.
    bool isRead = op.isDpsInit(&operand) ||
                  !op.getMatchingBlockArgument(&operand).use_empty();
    if (!isRead || !map.isFunctionOfDim(laneDim) ||
        map.getResults().back() == lane)
      continue;
    std::optional<PairIndex> pair = asPair(map.getResults().back());
    if (!pair || pair->dim != laneDim)
      return "it reads or writes across its lanes";
  }
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (AffineMap map : op.getIndexingMapsArray())
    for (AffineExpr expr : map.getResults()) {
      std::optional<PairIndex> pair = asPair(expr);
      if (!pair)
        continue;
      if (op.getStaticLoopRanges()[pair->second] != 2)
        return "a pair does not have two elements";
      bool reduced = iterators[pair->second] == utils::IteratorType::reduction;
      if (reduced && !BodyEvaluator(op, laneDim, lanes, registers)
                          .isPairContraction(pair->second))
        return "it reduces pairs by something else than products of bf16";
    }
  for (unsigned index = 0; index < op.getNumDpsInits(); ++index) {
    if (keepsLanes(index))
      continue;
    if (op.getMatchingIndexingMap(op.getDpsInitOperand(index)).getNumResults())
      return "it reduces its last dimension into a tensor";
    if (!isa_and_nonnull<arith::OrIOp>(
            op.getBlock()->getTerminator()->getOperand(index).getDefiningOp()))
      return "it reduces its last dimension by something else than arith.ori";
  }
  return "";
}

void GenericVectorizer::analyze(IRBuilder &b) {
  SmallVector<Range> ranges = op.createLoopRanges(b, op.getLoc());
  for (auto [range, extent, type] :
       llvm::zip(ranges, op.getStaticLoopRanges(), op.getIteratorTypesArray()))
    dims.push_back({extent,
                    getValueOrCreateConstantIndexOp(b, op.getLoc(), range.size),
                    type == utils::IteratorType::reduction, false});
  laneDim = findLaneDim();
  for (AffineMap map : op.getIndexingMapsArray())
    for (AffineExpr expr : map.getResults())
      if (auto pair = asPair(expr); pair && dims[pair->second].reduction)
        pairContraction = pair->second, dims[pair->second].absorbed = true;
  chooseUnrolled();
  body = std::make_unique<BodyEvaluator>(op, laneDim, lanes, registers);
}

bool GenericVectorizer::keepsLanes(unsigned index) {
  return op.getMatchingIndexingMap(op.getDpsInitOperand(index))
      .isFunctionOfDim(laneDim);
}

void GenericVectorizer::chooseUnrolled() {
  int64_t vectors = 1;
  auto tryUnroll = [&](unsigned dim) {
    int64_t extent = dims[dim].extent;
    if (ShapedType::isDynamic(extent))
      return;
    int64_t count = llvm::divideCeil(extent, step(dim));
    if (vectors * count > maxUnrolled || dims[dim].absorbed)
      return;
    vectors *= count;
    dims[dim].unrolled = true;
  };
  tryUnroll(laneDim);
  for (unsigned index = 0; index < op.getNumDpsInits(); ++index)
    if (std::optional<unsigned> dim = pairDim(index)) {
      dims[*dim].unrolled = true; // both are written at once
      vectors *= 2;
    }
  for (bool reduction : {false, true})
    for (unsigned dim = dims.size(); dim-- > 0;)
      if (dim != laneDim && !dims[dim].unrolled &&
          dims[dim].reduction == reduction)
        tryUnroll(dim);
}

SmallVector<unsigned> GenericVectorizer::loops(bool reduction) const {
  SmallVector<unsigned> list;
  for (unsigned dim = 0; dim < dims.size(); ++dim)
    if (!dims[dim].unrolled && !dims[dim].absorbed &&
        dims[dim].reduction == reduction)
      list.push_back(dim);
  return list;
}

SmallVector<Point> GenericVectorizer::unrolledPoints(bool reduction,
                                                     const Point &at) {
  SmallVector<Point> list = {at};
  Builder builder(op.getContext());
  for (unsigned dim = 0; dim < dims.size(); ++dim) {
    if (!dims[dim].unrolled || dims[dim].reduction != reduction)
      continue;
    SmallVector<Point> longer;
    for (const Point &point : list)
      for (int64_t at = 0; at < dims[dim].extent; at += step(dim)) {
        longer.push_back(point);
        longer.back()[dim] = builder.getIndexAttr(at);
      }
    list = std::move(longer);
  }
  return list;
}

//===----------------------------------------------------------------------===//
// Emission
//===----------------------------------------------------------------------===//

/// The loop over `dim` in runs of steps, with something to fetch between them.
SmallVector<Value> GenericVectorizer::emitFetching(IRBuilder &b, unsigned dim,
                                                   Fetches &fetches,
                                                   Point point,
                                                   ValueRange accumulators) {
  fetches.prepare(b);
  SmallVector<Value> results = b.loop(
      b.index(0), dims[dim].size, fetches.interval(), accumulators,
      [&](IRBuilder &b, Value first, ValueRange arguments) {
        fetches.emit(b, first);
        return SmallVector<Value>(b.loop(
            first, b.add(first, fetches.interval()), step(dim), arguments,
            [&](IRBuilder &b, Value iv, ValueRange arguments) {
              body->enterBlock();
              point[dim] = iv;
              return emitReduction(b, {}, point, arguments);
            }));
      });
  body->enterBlock();
  return results;
}

/// One step of the reduction: every accumulator at every unrolled point.
SmallVector<Value> GenericVectorizer::emitReduction(IRBuilder &b,
                                                    ArrayRef<unsigned> loopDims,
                                                    Point point,
                                                    ValueRange accumulators) {
  if (!loopDims.empty()) {
    unsigned dim = loopDims.front();
    if (Fetches fetches(op, loopDims.size() == 1 ? dims[dim].extent
                                                 : ShapedType::kDynamic);
        fetches.interval() > 0)
      return emitFetching(b, dim, fetches, point, accumulators);
    SmallVector<Value> results = b.loop(
        b.index(0), dims[dim].size, step(dim), accumulators,
        [&](IRBuilder &b, Value iv, ValueRange arguments) {
          body->enterBlock();
          point[dim] = iv;
          return emitReduction(b, loopDims.drop_front(), point, arguments);
        });
    body->enterBlock();
    return results;
  }
  SmallVector<Value> values(accumulators);
  unsigned outputs = op.getNumDpsInits();
  for (auto [index, at] : llvm::enumerate(unrolledPoints(false, point)))
    for (const Point &step : unrolledPoints(true, at)) {
      auto current = MutableArrayRef(values).slice(index * outputs, outputs);
      if (pairContraction) {
        current[0] = body->contractPairs(b, step, current[0], *pairContraction);
        continue;
      }
      SmallVector<Value> next = body->yields(b, step, current);
      for (auto [slot, value] : llvm::zip(current, next))
        slot = body->toVector(b, value);
    }
  return values;
}

SmallVector<Value> GenericVectorizer::emitBlock(IRBuilder &b, const Point &at,
                                                ValueRange tensors) {
  unsigned outputs = op.getNumDpsInits();
  SmallVector<Value> accumulators;
  // Lanes that are reduced away have one accumulator for all their vectors.
  points = unrolledPoints(false, at);
  for (const Point &point : points)
    for (unsigned index = 0; index < outputs; ++index) {
      AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(index));
      Value value = body->read(b, tensors[index], map, point);
      accumulators.push_back(body->toVector(b, value));
    }
  accumulators = emitReduction(b, loops(true), at, accumulators);
  SmallVector<Value> results(tensors);
  blockResults = accumulators;
  for (unsigned slot = 0; slot < points.size(); ++slot)
    for (unsigned index = 0; index < outputs; ++index)
      if (keepsLanes(index))
        results[index] =
            emitWrite(b, index, slot, accumulators, results[index]);
  return results;
}

std::optional<unsigned> GenericVectorizer::pairDim(unsigned index) {
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(index));
  if (map.getNumResults() == 0)
    return std::nullopt;
  std::optional<PairIndex> pair = asPair(map.getResults().back());
  return pair ? std::optional(pair->second) : std::nullopt;
}

Value GenericVectorizer::emitWrite(IRBuilder &b, unsigned index, unsigned slot,
                                   ValueRange accumulators, Value into) {
  unsigned outputs = op.getNumDpsInits();
  const Point &point = points[slot];
  Value vector = accumulators[slot * outputs + index];
  if (std::optional<unsigned> second = pairDim(index)) {
    // The point with the other element of the pair; it is written with this.
    if (getConstantIntValue(point[*second]) != 0)
      return into;
    Point other = point;
    other[*second] = b.getIndexAttr(1);
    unsigned partner = llvm::find(points, other) - points.begin();
    vector = vector::InterleaveOp::create(
        b, b.getLoc(), vector, accumulators[partner * outputs + index]);
  }
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(index));
  SmallVector<Value> indices;
  for (AffineExpr expr : map.getResults())
    indices.push_back(getValueOrCreateConstantIndexOp(
        b, b.getLoc(),
        affine::makeComposedFoldedAffineApply(
            b, b.getLoc(), AffineMap::get(point.size(), 0, expr), point)));
  auto type = cast<RankedTensorType>(into.getType());
  bool whole = !ShapedType::isDynamic(dims[laneDim].extent) &&
               dims[laneDim].extent % lanes == 0;
  return vector::TransferWriteOp::create(
             b, b.getLoc(), vector, into, indices,
             AffineMap::getMinorIdentityMap(type.getRank(), 1, b.getContext()),
             ArrayRef<bool>{whole})
      ->getResult(0);
}

SmallVector<Value> GenericVectorizer::emitParallel(IRBuilder &b,
                                                   ArrayRef<unsigned> loopDims,
                                                   Point point,
                                                   ValueRange tensors) {
  if (loopDims.empty())
    return emitBlock(b, point, tensors);
  unsigned dim = loopDims.front();
  SmallVector<Value> results =
      b.loop(b.index(0), dims[dim].size, step(dim), tensors,
             [&](IRBuilder &b, Value iv, ValueRange arguments) {
               body->enterBlock();
               point[dim] = iv;
               return emitParallel(b, loopDims.drop_front(), point, arguments);
             });
  body->enterBlock();
  return results;
}

void GenericVectorizer::run(RewriterBase &rewriter) {
  rewriter.setInsertionPoint(op);
  IRBuilder b(rewriter, op.getLoc());
  if (auto fill = dyn_cast<linalg::FillOp>(op.getOperation())) {
    Value scalar = fill.getInputs()[0];
    registers.fills[fill.getResult(0)] = scalar;
    auto type = cast<RankedTensorType>(fill.getResult(0).getType());
    if (type.getRank() == 0) {
      Value single = tensor::FromElementsOp::create(b, b.getLoc(), type,
                                                    ValueRange{scalar});
      registers.fills[single] = scalar;
      registers.forget(op);
      rewriter.replaceOp(op, single);
      return;
    }
  }
  analyze(b);

  Point origin(dims.size(), b.getIndexAttr(0));
  SmallVector<unsigned> parallel = loops(false);
  SmallVector<Value> inits = llvm::to_vector(op.getDpsInits());
  SmallVector<Value> results = emitParallel(b, parallel, origin, inits);
  unsigned outputs = op.getNumDpsInits();
  for (unsigned index = 0; index < outputs; ++index) {
    Value result = op->getResult(index);
    if (!keepsLanes(index)) {
      Value scalar = vector::ReductionOp::create(
          b, b.getLoc(), vector::CombiningKind::OR, blockResults[index]);
      results[index] = tensor::FromElementsOp::create(
          b, b.getLoc(), cast<RankedTensorType>(result.getType()),
          ValueRange{scalar});
      continue;
    }
    if (parallel.empty() && !pairDim(index) &&
        !registers.fills.contains(result)) {
      RegisterFile::Tile tile;
      tile.chunks = llvm::divideCeil(dims[laneDim].extent, lanes);
      for (unsigned slot = 0; slot < points.size(); ++slot)
        tile.vectors.push_back(blockResults[slot * outputs + index]);
      registers.tiles[results[index]] = tile;
    }
    if (auto fill = registers.fills.find(result);
        fill != registers.fills.end()) {
      Value scalar = fill->second;
      registers.fills[results[index]] = scalar;
      registers.blanks[results[index]] = inits[index];
    }
  }
  registers.forget(op);
  rewriter.replaceOp(op, results);
}
