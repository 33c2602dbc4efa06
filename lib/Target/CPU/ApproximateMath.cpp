//===- ApproximateMath.cpp - Functions of vectors as polynomials ---------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attn {
#define GEN_PASS_DEF_APPROXIMATEMATH
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ApproximateMath : attn::impl::ApproximateMathBase<ApproximateMath> {
  void runOnOperation() override;
};
} // namespace

void ApproximateMath::runOnOperation() {
  RewritePatternSet patterns(&getContext());
  populateMathPolynomialApproximationPatterns(patterns);
  if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
    return signalPassFailure();
  // One instruction each on every target; the rest are calls.
  getOperation().walk([](Operation *op) {
    if (!isa<math::MathDialect>(op->getDialect()) ||
        isa<math::AbsFOp, math::AbsIOp, math::SqrtOp, math::FmaOp,
            math::FloorOp, math::CeilOp, math::CopySignOp>(op) ||
        !isa<VectorType>(op->getResult(0).getType()))
      return;
    remark::missed(op->getLoc(),
                   remark::RemarkOpts::name("math").category("attn"))
        << (op->getName().getStringRef() + " is a library call for each lane")
               .str();
  });
}
