//===- MaskReshapedReads.cpp - Vectors beyond rows of reshaped buffers ----===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attn {
#define GEN_PASS_DEF_MASKRESHAPEDREADS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct MaskReshapedReads
    : attn::impl::MaskReshapedReadsBase<MaskReshapedReads> {
  void runOnOperation() override;
};
} // namespace

/// Whether what lies beyond the row counts as padding.
static bool maySeePadding(vector::TransferReadOp read) {
  return read.getVectorType().getRank() == 1 && !read.getMask() &&
         read.getPermutationMap().isMinorIdentity() && read.hasOutOfBoundsDim();
}

void MaskReshapedReads::runOnOperation() {
  getOperation().walk([](vector::TransferReadOp read) {
    if (!read.getBase().getDefiningOp<memref::ExpandShapeOp>() ||
        !maySeePadding(read))
      return;
    OpBuilder builder(read);
    IRBuilder b(builder, read.getLoc());
    Value size = b.createOrFold<memref::DimOp>(
        b.getLoc(), read.getBase(), read.getShapedType().getRank() - 1);
    Value rest = b.sub(size, read.getIndices().back());
    read.getMaskMutable().assign(vector::CreateMaskOp::create(
        b, b.getLoc(), read.getVectorType().clone(b.getI1Type()), rest));
    read.setInBoundsAttr(b.getBoolArrayAttr({true}));
  });
}
