//===- LaneReduction.cpp - Reductions over the lanes of vectors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A reduction over what lies contiguously in memory has its reduced dimension
// in the lanes: each element of the result is first a vector of partial sums.
// As many of them as a vector has lanes are reduced together, by a tree of
// shuffles and additions that ends with one element a lane
// ("transpose-reduce"); others one by one.
//
//===----------------------------------------------------------------------===//

#include "GenericVectorizer.h"
#include "attn/Support/Attributes.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

namespace {
class LaneReduction {
public:
  LaneReduction(linalg::GenericOp op, int64_t vectorBits,
                const RegisterFile &registers);
  bool matches();
  void run(RewriterBase &rewriter, RegisterFile &registers);

private:
  /// Results reduced together from one round of partial sums: their rows are
  /// read in turns, which is how memory likes it, and their accumulators stay
  /// in registers.
  static constexpr int64_t groupSize = 4;
  /// The reduction is unrolled for this many partial sums at most; of more, the
  /// scheduler would interleave what comes after, and spill.
  static constexpr int64_t maxUnrolled = 4;

  int64_t columns() const { return isMatrix ? lanes : 1; }
  Point pointAt(IRBuilder &b, int64_t row, int64_t column,
                OpFoldResult depth) const;
  SmallVector<Value> partialSums(IRBuilder &b, int64_t rows, int64_t column,
                                 int64_t count);
  Value addHalves(IRBuilder &b, Value first, Value second, int64_t level);
  Value reduceTree(IRBuilder &b, SmallVector<Value> vectors, int64_t level);
  Value reduceOne(IRBuilder &b, Value vector, Value initial);

  linalg::GenericOp op;
  int64_t lanes;
  bool pairs;
  unsigned depthDim;     ///< In the lanes: the last; before the two of a pair.
  bool isMatrix = false; ///< The results are rows of whole vectors.
  bool isMaximum = false;
  Type element;
  BodyEvaluator body;
};
} // namespace

static bool hasPairs(linalg::GenericOp op) {
  return llvm::any_of(op.getIndexingMapsArray(), [](AffineMap map) {
    return llvm::any_of(map.getResults(),
                        [](AffineExpr expr) { return asPair(expr); });
  });
}

LaneReduction::LaneReduction(linalg::GenericOp op, int64_t vectorBits,
                             const RegisterFile &registers)
    : op(op), lanes(lanesFor(op, vectorBits)), pairs(hasPairs(op)),
      depthDim(op.getNumLoops() - (pairs ? 2 : 1)),
      element(cast<RankedTensorType>(op.getDpsInits()[0].getType())
                  .getElementType()),
      body(op, depthDim, lanes, registers) {}

bool LaneReduction::matches() {
  if (op.getNumDpsInits() != 1 || !isa<FloatType>(element))
    return false;
  for (auto [dim, extent] : llvm::enumerate(op.getStaticLoopRanges()))
    if (ShapedType::isDynamic(extent))
      return false;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (map !=
          AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext())
              .getMajorSubMap(depthDim) ||
      depthDim == 0 || depthDim > 2)
    return false;
  isMatrix = depthDim == 2;
  Operation *last =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  isMaximum = isa_and_nonnull<arith::SelectOp>(last);
  if (!isMaximum && !isa_and_nonnull<arith::AddFOp>(last))
    return false;
  if (pairs && !body.isPairContraction(depthDim + 1))
    return false;
  return !isMatrix ||
         (!isMaximum && op.getStaticLoopRanges()[1] == lanes && lanes > 1);
}

Point LaneReduction::pointAt(IRBuilder &b, int64_t row, int64_t column,
                             OpFoldResult depth) const {
  Point point = {b.getIndexAttr(row)};
  if (isMatrix)
    point.push_back(b.getIndexAttr(column));
  point.push_back(depth);
  if (pairs)
    point.push_back(b.getIndexAttr(0));
  return point;
}

/// Vectors of partial sums of `rows` x `count` results, row-major.
SmallVector<Value> LaneReduction::partialSums(IRBuilder &b, int64_t rows,
                                              int64_t column, int64_t count) {
  auto type = VectorType::get({lanes}, element);
  double neutral = isMaximum ? -std::numeric_limits<double>::infinity() : 0.0;
  Value start = arith::ConstantOp::create(
      b, b.getLoc(),
      DenseElementsAttr::get(type, b.getFloatAttr(element, neutral)));
  SmallVector<Value> sums(rows * count, start);
  auto step = [&](IRBuilder &b, OpFoldResult depth,
                  MutableArrayRef<Value> sums) {
    for (int64_t c = 0; c < count; ++c)
      for (int64_t row = 0; row < rows; ++row) {
        Point point = pointAt(b, row, column + c, depth);
        Value &sum = sums[row * count + c];
        sum = pairs ? body.contractPairs(b, point, sum)
                    : body.toVector(b, body.yields(b, point, {sum})[0]);
      }
  };
  body.enterBlock();
  int64_t extent = op.getStaticLoopRanges()[depthDim];
  int64_t steps = llvm::divideCeil(extent, lanes);
  if (steps == 1 || rows * count <= maxUnrolled) {
    for (int64_t at = 0; at < extent; at += lanes)
      step(b, b.getIndexAttr(at), sums);
    return sums;
  }
  SmallVector<Value> results =
      b.loop(b.index(0), b.index(extent), lanes, sums,
             [&](IRBuilder &b, Value depth, ValueRange arguments) {
               body.enterBlock();
               SmallVector<Value> next(arguments);
               step(b, depth, next);
               return next;
             });
  body.enterBlock();
  return results;
}

/// One level of the tree. Both vectors hold 2^level results in turns; the sum
/// holds those of `first` and then those of `second` in turns. Levels stay
/// inside 128 bits as long as they can: such shuffles are the cheap ones.
Value LaneReduction::addHalves(IRBuilder &b, Value first, Value second,
                               int64_t level) {
  int64_t inner =
      std::min<int64_t>(lanes, 128 / element.getIntOrFloatBitWidth());
  int64_t unit = int64_t(1) << level;
  SmallVector<int64_t> low, high;
  if (unit < inner) {
    for (int64_t base = 0; base < lanes; base += inner)
      for (int64_t at = 0; at < inner / 2; at += unit)
        for (int64_t from : {base + at, lanes + base + at})
          for (int64_t lane = 0; lane < unit; ++lane) {
            low.push_back(from + lane);
            high.push_back(from + inner / 2 + lane);
          }
  } else {
    for (int64_t base = 0; base < 2 * lanes; base += 2 * inner)
      for (int64_t lane = 0; lane < inner; ++lane) {
        low.push_back(base + lane);
        high.push_back(base + inner + lane);
      }
  }
  Location loc = b.getLoc();
  return arith::AddFOp::create(
      b, loc, vector::ShuffleOp::create(b, loc, first, second, low),
      vector::ShuffleOp::create(b, loc, first, second, high));
}

Value LaneReduction::reduceTree(IRBuilder &b, SmallVector<Value> vectors,
                                int64_t level) {
  for (; vectors.size() > 1; ++level) {
    SmallVector<Value> next;
    for (size_t at = 0; at < vectors.size(); at += 2)
      next.push_back(addHalves(b, vectors[at], vectors[at + 1], level));
    vectors = std::move(next);
  }
  return vectors[0];
}

Value LaneReduction::reduceOne(IRBuilder &b, Value vector, Value initial) {
  Location loc = b.getLoc();
  if (isMaximum)
    return vector::ReductionOp::create(b, loc, vector::CombiningKind::MAXNUMF,
                                       vector, initial);
  return vector::ReductionOp::create(b, loc, vector::CombiningKind::ADD, vector,
                                     initial, arith::FastMathFlags::reassoc);
}

void LaneReduction::run(RewriterBase &rewriter, RegisterFile &registers) {
  rewriter.setInsertionPoint(op);
  IRBuilder b(rewriter, op.getLoc());
  Location loc = b.getLoc();
  int64_t rows = op.getStaticLoopRanges()[0];
  Value into = op.getDpsInits()[0];
  if (!isMatrix) {
    SmallVector<Value> sums = partialSums(b, rows, 0, 1);
    for (auto [row, sum] : llvm::enumerate(sums)) {
      Value at = b.index(row);
      Value whole = reduceOne(b, sum, b.extract(into, at));
      into = tensor::InsertOp::create(b, loc, whole, into, at);
    }
    rewriter.replaceOp(op, into);
    return;
  }
  int64_t group = std::min(groupSize, lanes);
  SmallVector<SmallVector<Value>> groups(rows);
  for (int64_t column = 0; column < lanes; column += group) {
    SmallVector<Value> sums = partialSums(b, rows, column, group);
    for (int64_t row = 0; row < rows; ++row)
      groups[row].push_back(reduceTree(
          b, SmallVector<Value>(ArrayRef(sums).slice(row * group, group)), 0));
  }
  RegisterFile::Tile tile;
  tile.chunks = 1;
  auto fill = registers.fills.find(op.getDpsInits()[0]);
  bool fromZero = fill != registers.fills.end() &&
                  matchPattern(fill->second, m_AnyZeroFloat());
  auto type = cast<RankedTensorType>(into.getType());
  for (int64_t row = 0; row < rows; ++row) {
    Value vector = reduceTree(b, groups[row], llvm::Log2_64(group));
    SmallVector<Value> at = {b.index(row), b.index(0)};
    if (!fromZero) {
      Value padding = arith::ConstantOp::create(b, loc, b.getZeroAttr(element));
      Value initial = vector::TransferReadOp::create(
          b, loc, cast<VectorType>(vector.getType()), op.getDpsInits()[0], at,
          padding, b.getMultiDimIdentityMap(2).getMinorSubMap(1),
          ArrayRef<bool>{true});
      vector = arith::AddFOp::create(b, loc, initial, vector);
    }
    tile.vectors.push_back(vector);
    into =
        vector::TransferWriteOp::create(
            b, loc, vector, into, at,
            AffineMap::getMinorIdentityMap(type.getRank(), 1, b.getContext()),
            ArrayRef<bool>{true})
            ->getResult(0);
  }
  registers.tiles[into] = tile;
  rewriter.replaceOp(op, into);
}

bool attn::vectorizeLaneReduction(RewriterBase &rewriter, linalg::LinalgOp op,
                                  int64_t vectorBits, RegisterFile &registers) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic || !generic->hasAttr(reduceLanesAttr))
    return false;
  LaneReduction reduction(generic, vectorBits, registers);
  if (!reduction.matches())
    return false;
  reduction.run(rewriter, registers);
  return true;
}
