//===- TransposedRead.cpp - Rows read into lanes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "GenericVectorizer.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace attn;

/// Transposes `rows` (as many vectors as each has lanes) in log2(lanes) rounds
/// of interleaving: one round rotates the bits of (row, lane) by one.
static void transpose(IRBuilder &b, SmallVectorImpl<Value> &rows) {
  int64_t lanes = rows.size(), half = lanes / 2;
  SmallVector<int64_t> low, high;
  for (int64_t lane = 0; lane < half; ++lane) {
    low.append({lane, lanes + lane});
    high.append({half + lane, lanes + half + lane});
  }
  for (int64_t round = lanes; round > 1; round /= 2) {
    SmallVector<Value> next;
    for (int64_t row = 0; row < half; ++row)
      for (ArrayRef<int64_t> mask : {ArrayRef(low), ArrayRef(high)})
        next.push_back(vector::ShuffleOp::create(b, b.getLoc(), rows[row],
                                                 rows[half + row], mask));
    rows.assign(next);
  }
}

/// Whether the op writes pairs, `out[d, 2 * lane + second]`.
static bool writesPairs(AffineMap map) {
  if (map.getNumDims() != 3 || map.getNumResults() != 2)
    return false;
  auto pair = asPair(map.getResult(1));
  return map.getResult(0) == getAffineDimExpr(0, map.getContext()) && pair &&
         pair->dim == 1 && pair->second == 2;
}

/// Whether `index` is `2 * d0 + d2`.
static bool isPairOfColumns(Value index) {
  auto add = index.getDefiningOp<arith::AddIOp>();
  auto twice = add ? add.getLhs().getDefiningOp<arith::MulIOp>() : nullptr;
  auto second = add ? add.getRhs().getDefiningOp<linalg::IndexOp>() : nullptr;
  auto first =
      twice ? twice.getLhs().getDefiningOp<linalg::IndexOp>() : nullptr;
  return first && first.getDim() == 0 && second && second.getDim() == 2 &&
         getConstantIntValue(twice.getRhs()) == 2;
}

bool attn::vectorizeTransposedRead(RewriterBase &rewriter, linalg::LinalgOp op,
                                   int64_t vectorBits) {
  // out[d, lane], and one extract [row(lane), d] that depends on nothing else;
  // or the same with pairs of columns, which are transposed as one number.
  if (op.getNumDpsInputs() != 0 || op.getNumDpsInits() != 1)
    return false;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  bool pairs = writesPairs(map);
  if ((!pairs && (!map.isIdentity() || map.getNumDims() != 2)) ||
      llvm::any_of(extents, ShapedType::isDynamic))
    return false;
  auto extracts = op.getBlock()->getOps<tensor::ExtractOp>();
  if (!llvm::hasSingleElement(extracts))
    return false;
  tensor::ExtractOp extract = *extracts.begin();
  if (extract.getIndices().size() != 2)
    return false;
  Value column = extract.getIndices()[1];
  auto index = column.getDefiningOp<linalg::IndexOp>();
  int64_t lanes = lanesFor(op, vectorBits), each = pairs ? 2 : 1;
  RegisterFile none;
  BodyEvaluator body(op, /*laneDim=*/1, lanes * each, none);
  bool columnFits =
      pairs ? isPairOfColumns(column) : index && index.getDim() == 0;
  if (!columnFits || extents[1] % lanes != 0 ||
      !body.isVarying(extract.getIndices()[0]))
    return false;

  rewriter.setInsertionPoint(op);
  IRBuilder b(rewriter, op.getLoc());
  Type element =
      cast<RankedTensorType>(extract.getTensor().getType()).getElementType();
  auto vectorType = VectorType::get({lanes * each}, element);
  auto bits = VectorType::get(
      {lanes}, b.getIntegerType(each * element.getIntOrFloatBitWidth()));
  Value padding =
      arith::ConstantOp::create(b, b.getLoc(), b.getZeroAttr(element));
  // A coordinate for each dimension: the second of a pair is never moved.
  auto at = [&](OpFoldResult depth, OpFoldResult lane) {
    Point point = {depth, lane};
    if (pairs)
      point.push_back(b.getIndexAttr(0));
    return point;
  };

  // `lanes` rows from lane `group` on, times the columns [first, first +
  // count).
  auto emit = [&](IRBuilder &b, Value first, int64_t count, Value group,
                  Value into) -> Value {
    Location loc = b.getLoc();
    SmallVector<Value> rows;
    for (int64_t lane = 0; lane < lanes; ++lane) {
      // The row of one lane: the body's index arithmetic on scalars.
      BodyEvaluator scalar(op, /*laneDim=*/0, lanes, none);
      Value row = scalar.evaluate(b, extract.getIndices()[0],
                                  at(b.getIndexAttr(0), b.add(group, lane)));
      rows.push_back(vector::TransferReadOp::create(
          b, loc, vectorType, extract.getTensor(),
          ValueRange{row, b.mul(first, each)}, padding,
          AffineMap::getMinorIdentityMap(2, 1, b.getContext()),
          ArrayRef<bool>{count == lanes}));
      if (pairs)
        rows.back() = vector::BitCastOp::create(b, loc, bits, rows.back());
    }
    transpose(b, rows);
    for (int64_t feature = 0; feature < count; ++feature) {
      Value depth = b.add(first, feature), row = rows[feature];
      if (pairs)
        row = vector::BitCastOp::create(b, loc, vectorType, row);
      body.enterBlock();
      body.substitute(extract.getResult(), row);
      SmallVector<Value> results = body.yields(b, at(depth, group), {Value()});
      into =
          vector::TransferWriteOp::create(
              b, loc, results[0], into, ValueRange{depth, b.mul(group, each)},
              AffineMap::getMinorIdentityMap(2, 1, b.getContext()),
              ArrayRef<bool>{true})
              ->getResult(0);
    }
    return into;
  };
  auto groups = [&](IRBuilder &b, Value first, int64_t count, Value into) {
    return b.loop(b.index(0), b.index(extents[1]), lanes, into,
                  [&](IRBuilder &b, Value group,
                      ValueRange arguments) -> SmallVector<Value> {
                    return {emit(b, first, count, group, arguments[0])};
                  })[0];
  };
  int64_t whole = extents[0] / lanes * lanes;
  Value into = op.getDpsInits()[0];
  if (whole > 0)
    into = b.loop(b.index(0), b.index(whole), lanes, into,
                  [&](IRBuilder &b, Value first,
                      ValueRange arguments) -> SmallVector<Value> {
                    return {groups(b, first, lanes, arguments[0])};
                  })[0];
  if (whole < extents[0])
    into = groups(b, b.index(whole), extents[0] - whole, into);
  rewriter.replaceOp(op, into);
  return true;
}
