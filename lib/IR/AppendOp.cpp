//===- AppendOp.cpp - attn.append
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttributeAsm.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;

unsigned AppendOp::getSequenceDim() {
  return getLayout().starts_with("bs") ? 1 : 2;
}

int64_t AppendOp::getPageSize() {
  if (!getPageTable())
    return 0;
  return cast<RankedTensorType>(getCache().getType())
      .getDimSize(getSequenceDim());
}

/// append_c4, append_c5, append_c6
static LogicalResult verifyPlaces(AppendOp op) {
  auto rows = cast<RankedTensorType>(op.getRows().getType());
  auto cache = cast<RankedTensorType>(op.getCache().getType());
  auto positions = cast<RankedTensorType>(op.getPositions().getType());
  int64_t batch = rows.getDimSize(0);
  if (positions.getRank() != 1 ||
      !positions.getElementType().isSignlessInteger(32) ||
      failed(verifyCompatibleDims({positions.getDimSize(0), batch})))
    return op.emitOpError() << "expects positions of one i32 for each batch of "
                            << rows << ", got " << positions;
  if (!op.getPageTable()) {
    if (failed(verifyCompatibleDims({cache.getDimSize(0), batch})))
      return op.emitOpError() << "expects one batch size, got " << batch
                              << " and " << cache.getDimSize(0);
    return success();
  }
  auto table = cast<RankedTensorType>(op.getPageTable().getType());
  if (table.getRank() != 2 || !table.getElementType().isSignlessInteger(32) ||
      failed(verifyCompatibleDims({table.getDimSize(0), batch})))
    return op.emitOpError() << "expects a page_table of batch x pages i32 for "
                            << rows << ", got " << table;
  int64_t page = op.getPageSize();
  if (ShapedType::isDynamic(page) || !llvm::isPowerOf2_64(page))
    return op.emitOpError() << "expects a static power of two as the page "
                               "size, the cache's length, got "
                            << cache;
  return success();
}

LogicalResult AppendOp::verify() {
  auto rows = cast<RankedTensorType>(getRows().getType());
  auto cache = cast<RankedTensorType>(getCache().getType());
  int64_t rank = cache.getRank();
  // append_c1
  if ((rank != 3 && rank != 4) || rows.getRank() != rank)
    return emitOpError() << "expects rows and cache of one rank, 3 or 4, got "
                         << rows << " and " << cache;
  if (rows.getElementType() != cache.getElementType())
    return emitOpError() << "expects rows and cache of one element type, got "
                         << rows.getElementType() << " and "
                         << cache.getElementType();
  // append_c2
  SmallVector<StringRef, 3> layouts;
  if (rank == 4)
    layouts = {"", "bhsd", "bshd"};
  else
    layouts = {"", "bhs", "bsh"};
  if (!llvm::is_contained(layouts, getLayout()))
    return emitOpError() << "expects layout " << layouts[1] << " or "
                         << layouts[2] << " for rank " << rank << ", got \""
                         << getLayout() << '"';
  // append_c3
  for (int64_t dim = 1; dim < rank; ++dim)
    if (dim != getSequenceDim() &&
        (cache.isDynamicDim(dim) || cache.getDimSize(dim) == 0 ||
         rows.getDimSize(dim) != cache.getDimSize(dim)))
      return emitOpError()
             << "expects static, positive heads and head size, the same in "
                "rows and cache, got "
             << rows << " and " << cache;
  if (failed(verifyPlaces(*this)))
    return failure();
  // append_c7
  return asmutil::verifyAttributeNames(*this);
}

LogicalResult
AppendOp::reifyResultShapes(OpBuilder &builder,
                            ReifiedRankedShapedTypeDims &reified) {
  reified.push_back(tensor::getMixedSizes(builder, getLoc(), getCache()));
  return success();
}
