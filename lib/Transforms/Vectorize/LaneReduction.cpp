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
#include "LaneTree.h"
#include "attn/Support/Attributes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
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
  /// Columns whose partial sums stay in registers until they meet.
  static constexpr int64_t groupSize = 4;
  /// Vectors of a column that are read without a loop. Each load then steps by
  /// the same distance from group to group, which the hardware learns.
  static constexpr int64_t maxUnrolled = 8;

  bool isMaximum() const { return join != LaneJoin::Sum; }
  int64_t columns() const { return isMatrix ? lanes : 1; }
  Point pointAt(IRBuilder &b, int64_t row, OpFoldResult column, int64_t part,
                OpFoldResult depth) const;
  SmallVector<Value> partialSums(IRBuilder &b, int64_t rows,
                                 OpFoldResult column);
  SmallVector<Value> sumColumns(IRBuilder &b, int64_t rows, OpFoldResult column,
                                int64_t level);
  void readRows(IRBuilder &b, int64_t rows);
  Value usedColumns(IRBuilder &b);
  SmallVector<Value> sumAllColumns(IRBuilder &b, int64_t rows);

  linalg::GenericOp op;
  int64_t lanes;
  bool pairs;
  unsigned depthDim;     ///< In the lanes: the last; before the two of a pair.
  int64_t parts = 1;     ///< Of each row, whose elements lie side by side.
  bool isMatrix = false; ///< The results are rows of whole vectors.
  LaneJoin join = LaneJoin::Sum;
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
  unsigned rank = map.getNumResults();
  if (map !=
          AffineMap::getMultiDimIdentityMap(op.getNumLoops(), op.getContext())
              .getMajorSubMap(rank) ||
      rank == 0 || rank > 2 || depthDim < rank || depthDim > rank + 1)
    return false;
  isMatrix = rank == 2;
  // A single element is known without its index: it would be in every lane.
  if (op.getStaticLoopRanges()[depthDim] == 1)
    return false;
  if (depthDim > rank)
    parts = op.getStaticLoopRanges()[rank];
  // Lanes beyond the end are zero because what they read is.
  if (llvm::none_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
        return !op.getMatchingBlockArgument(operand).use_empty() &&
               op.getMatchingIndexingMap(operand).isFunctionOfDim(depthDim);
      }))
    return false;
  Operation *last =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  if (isa_and_nonnull<arith::MaximumFOp>(last))
    join = LaneJoin::Maximum;
  else if (isa_and_nonnull<arith::SelectOp>(last))
    join = LaneJoin::MaxNumber;
  else if (!isa_and_nonnull<arith::AddFOp>(last))
    return false;
  if (pairs && !body.isPairContraction(depthDim + 1))
    return false;
  if (!isMatrix)
    return true;
  if (op.getStaticLoopRanges()[1] != lanes || lanes == 1)
    return false;
  // Of maxima, the same one in each column is all that is written this way.
  bool isUniform =
      op.getBlock()->getOps<linalg::IndexOp>().empty() &&
      llvm::none_of(op.getDpsInputOperands(), [&](OpOperand *operand) {
        return op.getMatchingIndexingMap(operand).isFunctionOfDim(1);
      });
  return isUniform || !isMaximum();
}

Point LaneReduction::pointAt(IRBuilder &b, int64_t row, OpFoldResult column,
                             int64_t part, OpFoldResult depth) const {
  Point point = {b.getIndexAttr(row)};
  if (isMatrix)
    point.push_back(column);
  if (depthDim == point.size() + 1)
    point.push_back(b.getIndexAttr(part));
  point.push_back(depth);
  if (pairs)
    point.push_back(b.getIndexAttr(0));
  return point;
}

static OpFoldResult plus(IRBuilder &b, OpFoldResult index, int64_t by) {
  return affine::makeComposedFoldedAffineApply(b, b.getLoc(), b.d(0) + by,
                                               {index});
}

/// A vector of partial sums for each row of one column, read to its end before
/// the next: memory read in its order is fetched ahead by the hardware, which
/// several streams of short rows defeat. (Two columns at once save loads of
/// rows that do not stay in registers: 15 % where all is in the cache, but 12
/// to 26 % are lost where keys come from memory.)
SmallVector<Value> LaneReduction::partialSums(IRBuilder &b, int64_t rows,
                                              OpFoldResult column) {
  auto type = VectorType::get({lanes}, element);
  double neutral = isMaximum() ? -std::numeric_limits<double>::infinity() : 0.0;
  Value start = arith::ConstantOp::create(
      b, b.getLoc(),
      DenseElementsAttr::get(type, b.getFloatAttr(element, neutral)));
  auto round = [&](IRBuilder &b, Value depth, int64_t vectors,
                   ValueRange sums) {
    body.enterBlock();
    SmallVector<Value> next(sums);
    for (int64_t at = 0; at < vectors; ++at)
      for (int64_t part = 0; part < parts; ++part)
        for (auto [row, sum] : llvm::enumerate(next)) {
          Point point = pointAt(b, row, column, part,
                                getAsOpFoldResult(b.add(depth, at * lanes)));
          sum = pairs ? body.contractPairs(b, point, sum, depthDim + 1)
                      : body.toVector(b, body.yields(b, point, {sum})[0]);
        }
    return next;
  };
  int64_t extent = op.getStaticLoopRanges()[depthDim];
  int64_t vectors = extent / lanes, unrolled = 1, done = 0;
  while (unrolled < maxUnrolled && vectors % (unrolled * 2) == 0)
    unrolled *= 2;
  SmallVector<Value> sums(rows, start);
  if (vectors * parts > maxUnrolled) {
    done = vectors * lanes;
    sums = b.loop(b.index(0), b.index(done), unrolled * lanes, sums,
                  [&](IRBuilder &b, Value depth, ValueRange sums) {
                    return round(b, depth, unrolled, sums);
                  });
  }
  sums = round(b, b.index(done), llvm::divideCeil(extent - done, lanes), sums);
  body.enterBlock();
  return sums;
}

/// For each row, a vector of the sums of 2^level columns in turns.
SmallVector<Value> LaneReduction::sumColumns(IRBuilder &b, int64_t rows,
                                             OpFoldResult column,
                                             int64_t level) {
  if (level == 0)
    return partialSums(b, rows, column);
  int64_t half = int64_t(1) << (level - 1);
  SmallVector<Value> first = sumColumns(b, rows, column, level - 1);
  SmallVector<Value> second =
      sumColumns(b, rows, plus(b, column, half), level - 1);
  for (auto [sum, other] : llvm::zip_equal(first, second))
    sum = addHalves(b, sum, other, level - 1);
  return first;
}

/// Reads the rows once for all columns, where registers, or the stack, hold
/// them: a row that is read again for each column is a reason for the scheduler
/// to take columns in turns.
void LaneReduction::readRows(IRBuilder &b, int64_t rows) {
  int64_t vectors = llvm::divideCeil(op.getStaticLoopRanges()[depthDim], lanes);
  if (vectors * parts > maxUnrolled)
    return;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t at = 0; at < vectors; ++at)
      for (int64_t part = 0; part < parts; ++part)
        body.readInputs(b,
                        pointAt(b, row, b.getIndexAttr(0), part,
                                b.getIndexAttr(at * lanes)),
                        /*without=*/1);
  body.keep();
}

/// How many columns have sums that are used: those up to the bound of a
/// position that grows with them, where the op says so; else null.
Value LaneReduction::usedColumns(IRBuilder &b) {
  if (!op->hasAttr(boundedLanesAttr))
    return {};
  for (auto least : op.getBlock()->getOps<arith::MinSIOp>()) {
    Value position = least.getLhs(), first = b.index(0);
    if (auto sum = position.getDefiningOp<arith::AddIOp>();
        sum && sum.getLhs().getParentBlock() != op.getBlock()) {
      first = sum.getLhs();
      position = sum.getRhs();
    }
    auto column = position.getDefiningOp<linalg::IndexOp>();
    if (least->hasAttr(boundAttr) && column && column.getDim() == 1 &&
        least.getRhs().getParentBlock() != op.getBlock())
      return b.add(b.sub(least.getRhs(), first), 1);
  }
  return {};
}

/// For each row, a vector with each column's sum in its lane. The columns of a
/// group meet in registers; groups wait in memory for each other.
SmallVector<Value> LaneReduction::sumAllColumns(IRBuilder &b, int64_t rows) {
  int64_t group = std::min(groupSize, lanes), groups = lanes / group;
  int64_t level = llvm::Log2_64(group);
  if (groups == 1)
    return sumColumns(b, rows, b.getIndexAttr(0), level);
  auto vector = VectorType::get({lanes}, element);
  auto row = AffineMap::getMinorIdentityMap(3, 1, b.getContext());
  SmallVector<bool> inBounds = {true};
  Value waiting = b.empty(
      {b.getIndexAttr(rows), b.getIndexAttr(groups), b.getIndexAttr(lanes)},
      element);
  readRows(b, rows);
  Value last = b.index(groups);
  if (Value used = usedColumns(b))
    last = b.min(last, b.createOrFold<arith::CeilDivSIOp>(b.getLoc(), used,
                                                          b.index(group)));
  waiting = b.loop(
      b.index(0), last, 1, waiting,
      [&](IRBuilder &b, Value at, ValueRange args) -> SmallVector<Value> {
        Value into = args[0];
        SmallVector<Value> sums =
            sumColumns(b, rows, getAsOpFoldResult(b.mul(at, group)), level);
        for (auto [index, sum] : llvm::enumerate(sums)) {
          SmallVector<Value> indices = {b.index(index), at, b.index(0)};
          into = vector::TransferWriteOp::create(b, b.getLoc(), sum, into,
                                                 indices, row, inBounds)
                     ->getResult(0);
        }
        return {into};
      })[0];
  body.release();
  Value padding =
      arith::ConstantOp::create(b, b.getLoc(), b.getZeroAttr(element));
  SmallVector<Value> results;
  for (int64_t index = 0; index < rows; ++index) {
    SmallVector<Value> vectors;
    for (int64_t at = 0; at < groups; ++at) {
      SmallVector<Value> indices = {b.index(index), b.index(at), b.index(0)};
      vectors.push_back(vector::TransferReadOp::create(
          b, b.getLoc(), vector, waiting, indices, padding, row, inBounds));
    }
    for (int64_t next = level; vectors.size() > 1; ++next) {
      for (size_t at = 0; at < vectors.size() / 2; ++at)
        vectors[at] = addHalves(b, vectors[2 * at], vectors[2 * at + 1], next);
      vectors.truncate(vectors.size() / 2);
    }
    results.push_back(vectors[0]);
  }
  return results;
}

void LaneReduction::run(RewriterBase &rewriter, RegisterFile &registers) {
  rewriter.setInsertionPoint(op);
  IRBuilder b(rewriter, op.getLoc());
  Location loc = b.getLoc();
  int64_t rows = op.getStaticLoopRanges()[0];
  Value into = op.getDpsInits()[0];
  if (!isMatrix) {
    SmallVector<Value> sums = partialSums(b, rows, b.getIndexAttr(0));
    for (auto [row, sum] : llvm::enumerate(sums)) {
      Value at = b.index(row);
      Value whole = joinLanes(b, join, sum, b.extract(into, at));
      into = tensor::InsertOp::create(b, loc, whole, into, at);
    }
    rewriter.replaceOp(op, into);
    return;
  }
  SmallVector<Value> sums = isMaximum()
                                ? partialSums(b, rows, b.getIndexAttr(0))
                                : sumAllColumns(b, rows);
  RegisterFile::Tile tile;
  tile.chunks = 1;
  auto fill = registers.fills.find(op.getDpsInits()[0]);
  bool isFilled = fill != registers.fills.end();
  bool fromZero = isFilled && matchPattern(fill->second, m_AnyZeroFloat());
  auto type = cast<RankedTensorType>(into.getType());
  for (int64_t row = 0; row < rows; ++row) {
    Value vector = sums[row];
    SmallVector<Value> at = {b.index(row), b.index(0)};
    if (isMaximum()) {
      Value initial = isFilled ? fill->second : b.extract(into, at);
      vector = vector::BroadcastOp::create(b, loc, vector.getType(),
                                           joinLanes(b, join, vector, initial));
    } else if (!fromZero) {
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
