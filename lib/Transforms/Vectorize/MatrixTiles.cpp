//===- MatrixTiles.cpp - Contractions on matrix registers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A contraction of pairs whose block of results is a grid of 16 x 16 squares:
// each square is one value through the whole sum, and a step multiplies 16 rows
// of 16 pairs by 16 pairs of 16 columns. Squares are two-dimensional vectors
// here, which the target keeps in registers of their own.
//
//===----------------------------------------------------------------------===//

#include "GenericVectorizer.h"
#include "attn/Support/Attributes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

/// Rows and columns of a square, and pairs of one step.
static constexpr int64_t square = 16;

namespace {
/// The loop nest of a contraction: rows, columns, what is summed, and which of
/// a pair.
class MatrixContraction {
public:
  MatrixContraction(IRBuilder &b, linalg::LinalgOp op)
      : op(op), extents(op.getStaticLoopRanges()), depth(op.getNumLoops() - 2) {
    for (const Range &range : op.createLoopRanges(b, b.getLoc()))
      sizes.push_back(
          getValueOrCreateConstantIndexOp(b, b.getLoc(), range.size));
  }

  SmallVector<Value> sum(IRBuilder &b, ValueRange squares, Point point,
                         unsigned dim = 2);
  int64_t rows() const { return extents[0]; }
  int64_t columns() const { return extents[1]; }

private:
  SmallVector<Value> step(IRBuilder &b, ValueRange squares, Point point);
  Value readTile(IRBuilder &b, unsigned operand, const Point &point);

  linalg::LinalgOp op;
  SmallVector<int64_t> extents;
  SmallVector<Value> sizes; ///< The same, as index values.
  unsigned depth;           ///< The dimension of pairs.
};
} // namespace

/// 16 rows of 16 pairs of a factor, from `point` on.
Value MatrixContraction::readTile(IRBuilder &b, unsigned operand,
                                  const Point &point) {
  OpOperand *factor = op.getDpsInputOperand(operand);
  AffineMap map = op.getMatchingIndexingMap(factor);
  SmallVector<OpFoldResult> offsets, sizes;
  for (AffineExpr expr : map.getResults()) {
    std::optional<PairIndex> pair = asPair(expr);
    unsigned dim = pair ? pair->dim : cast<AffineDimExpr>(expr).getPosition();
    bool whole = dim < 2 || dim == depth;
    offsets.push_back(affine::makeComposedFoldedAffineApply(
        b, b.getLoc(), b.d(0) * (pair ? 2 : 1), {point[dim]}));
    sizes.push_back(b.getIndexAttr(pair ? 2 * square : whole ? square : 1));
  }
  auto type = cast<RankedTensorType>(factor->get().getType());
  Type element = type.getElementType();
  Value slice =
      b.slice(factor->get(), offsets, sizes, type.clone({square, 2 * square}));
  Value padding =
      arith::ConstantOp::create(b, b.getLoc(), b.getZeroAttr(element));
  Value zero = b.index(0);
  Value tile = vector::TransferReadOp::create(
      b, b.getLoc(), VectorType::get({square, 2 * square}, element), slice,
      ValueRange{zero, zero}, padding, b.getMultiDimIdentityMap(2),
      ArrayRef<bool>{true, true});
  return vector::ShapeCastOp::create(
      b, b.getLoc(), VectorType::get({square, square, 2}, element), tile);
}

/// All squares, further by 16 pairs of the depth.
SmallVector<Value> MatrixContraction::step(IRBuilder &b, ValueRange squares,
                                           Point point) {
  SmallVector<Value> left, right, results;
  for (int64_t row = 0; row < rows(); row += square) {
    point[0] = b.getIndexAttr(row);
    left.push_back(readTile(b, 0, point));
  }
  for (int64_t column = 0; column < columns(); column += square) {
    point[1] = b.getIndexAttr(column);
    right.push_back(readTile(b, 1, point));
  }
  // row, column, pair, which of it
  auto map = [&](ArrayRef<AffineExpr> exprs) {
    return AffineMap::get(4, 0, exprs, b.getContext());
  };
  SmallVector<AffineMap> maps = {map({b.d(0), b.d(2), b.d(3)}),
                                 map({b.d(2), b.d(1), b.d(3)}),
                                 map({b.d(0), b.d(1)})};
  SmallVector<Attribute> iterators;
  for (bool reduced : {false, false, true, true})
    iterators.push_back(vector::IteratorTypeAttr::get(
        b.getContext(), reduced ? vector::IteratorType::reduction
                                : vector::IteratorType::parallel));
  for (Value a : left)
    for (Value c : right)
      results.push_back(vector::ContractionOp::create(
          b, b.getLoc(), a, c, squares[results.size()],
          b.getAffineMapArrayAttr(maps), b.getArrayAttr(iterators)));
  return results;
}

SmallVector<Value> MatrixContraction::sum(IRBuilder &b, ValueRange squares,
                                          Point point, unsigned dim) {
  if (dim > depth)
    return step(b, squares, point);
  return b.loop(b.index(0), sizes[dim], dim == depth ? square : 1, squares,
                [&](IRBuilder &b, Value iv, ValueRange arguments) {
                  point[dim] = iv;
                  return sum(b, arguments, point, dim + 1);
                });
}

bool attn::vectorizeMatrixTiles(RewriterBase &rewriter, linalg::LinalgOp op,
                                RegisterFile &registers) {
  if (!op->hasAttr(matrixTilesAttr))
    return false;
  rewriter.setInsertionPoint(op);
  IRBuilder b(rewriter, op.getLoc());
  Location loc = b.getLoc();
  MatrixContraction contraction(b, op);
  Value init = op.getDpsInits()[0], into = init;
  auto type = cast<RankedTensorType>(init.getType());
  auto squareType = VectorType::get({square, square}, type.getElementType());
  bool isFilled = registers.fills.contains(init);
  if (isFilled) // nothing reads the memory that was filled
    into = registers.blanks[init];
  auto forSquares = [&](auto body) {
    for (int64_t row = 0; row < contraction.rows(); row += square)
      for (int64_t column = 0; column < contraction.columns(); column += square)
        body(SmallVector<Value>{b.index(row), b.index(column)});
  };
  SmallVector<Value> squares;
  forSquares([&](ValueRange at) {
    if (isFilled) {
      Value fill = registers.fills[init];
      squares.push_back(vector::BroadcastOp::create(b, loc, squareType, fill));
      return;
    }
    Value padding = b.floating(type.getElementType(), 0);
    squares.push_back(vector::TransferReadOp::create(
        b, loc, squareType, init, at, padding, b.getMultiDimIdentityMap(2),
        ArrayRef<bool>{true, true}));
  });
  Point origin(op.getNumLoops(), b.getIndexAttr(0));
  squares = contraction.sum(b, squares, origin);
  unsigned next = 0;
  forSquares([&](ValueRange at) {
    into = vector::TransferWriteOp::create(b, loc, squares[next++], into, at,
                                           b.getMultiDimIdentityMap(2),
                                           ArrayRef<bool>{true, true})
               ->getResult(0);
  });
  registers.forget(op);
  rewriter.replaceOp(op, into);
  return true;
}
