//===- Fetch.cpp - Fetches rows while a contraction runs
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Fetch.h"
#include "attn/Support/Attributes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace attn;

/// Of every processor so far; where lines are longer, some are fetched twice.
static constexpr int64_t lineBytes = 64;
/// About as many steps as the lines of one row take.
static constexpr int64_t mostSteps = 8, fewestSteps = 4;

bool attn::isOnlyFetched(linalg::LinalgOp op, OpOperand &operand) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  return op.isDpsInput(&operand) && map.getNumResults() > 0 &&
         llvm::all_of(map.getResults(), [](AffineExpr expr) {
           return isa<AffineConstantExpr>(expr);
         });
}

Fetches::Fetches(linalg::LinalgOp op, int64_t steps) : steps(steps) {
  auto rows = op->getAttrOfType<DenseI64ArrayAttr>(fetchAttr);
  if (!rows || ShapedType::isDynamic(steps))
    return;
  for (int64_t divisor = fewestSteps; divisor <= mostSteps; ++divisor)
    if (steps % divisor == 0)
      every = divisor;
  if (every == 0)
    return;
  ArrayRef<int64_t> left = rows;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!isOnlyFetched(op, operand) || left.empty())
      continue;
    auto type = cast<RankedTensorType>(operand.get().getType());
    if (type.getRank() != 2 || type.isDynamicDim(1))
      continue;
    int64_t lineElements = lineBytes * 8 / type.getElementTypeBitWidth();
    matrices.push_back(
        {operand.get(),
         left.front(),
         int64_t(llvm::divideCeil(type.getDimSize(1), lineElements)),
         lineElements,
         {},
         {}});
    left = left.drop_front();
  }
  if (matrices.empty())
    every = 0;
}

void Fetches::prepare(IRBuilder &b) {
  for (Matrix &matrix : matrices) {
    auto type = cast<RankedTensorType>(matrix.tensor.getType());
    auto memory = MemRefType::get(
        type.getShape(), type.getElementType(),
        StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic,
                               {ShapedType::kDynamic, ShapedType::kDynamic}));
    matrix.memory = bufferization::ToBufferOp::create(
        b, b.getLoc(), memory, matrix.tensor, /*read_only=*/true);
    if (type.getDimSize(0) != matrix.rows)
      matrix.last = b.sub(b.dim(matrix.tensor, 0), b.index(1));
  }
}

void Fetches::emit(IRBuilder &b, Value step) const {
  Location loc = b.getLoc();
  Value part = b.createOrFold<arith::DivUIOp>(loc, step, b.index(every));
  for (const Matrix &matrix : matrices) {
    int64_t lines = matrix.rows * matrix.linesPerRow, parts = steps / every,
            each = llvm::divideCeil(lines, parts);
    for (int64_t number = 0; number < each; ++number) {
      Value line = b.add(b.mul(part, each), number);
      if (each * parts != lines)
        line = b.min(line, b.index(lines - 1));
      Value perRow = b.index(matrix.linesPerRow);
      Value row = b.createOrFold<arith::DivUIOp>(loc, line, perRow);
      Value column = b.mul(b.createOrFold<arith::RemUIOp>(loc, line, perRow),
                           matrix.lineElements);
      if (matrix.last)
        row = b.min(row, matrix.last);
      memref::PrefetchOp::create(b, loc, matrix.memory, ValueRange{row, column},
                                 /*isWrite=*/false, /*localityHint=*/3,
                                 /*isDataCache=*/true);
    }
  }
}
