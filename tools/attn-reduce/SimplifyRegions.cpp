//===- SimplifyRegions.cpp - Smaller score and mask regions for a bug
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SimplifyRegions.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Reducer/ReductionPatternInterface.h"

using namespace mlir;
using namespace attn;

namespace {
/// What an op of a region computes becomes an operand of its type, or a
/// constant; what nothing uses then goes.
struct ReplaceComputed : RewritePattern {
  explicit ReplaceComputed(MLIRContext *context)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, context) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    if (!isa_and_nonnull<AttentionOp>(op->getParentOp()) ||
        isa<YieldOp, arith::ConstantOp>(op) || op->getNumResults() != 1)
      return failure();
    Type type = op->getResult(0).getType();
    for (Value operand : op->getOperands())
      if (operand.getType() == type) {
        rewriter.replaceOp(op, operand);
        return success();
      }
    TypedAttr zero = type.isInteger(1)
                         ? cast<TypedAttr>(rewriter.getBoolAttr(true))
                         : rewriter.getZeroAttr(type);
    if (!zero)
      return failure();
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, zero);
    return success();
  }
};

struct Simplification : DialectReductionPatternInterface {
  explicit Simplification(Dialect *dialect)
      : DialectReductionPatternInterface(dialect) {}
  void populateReductionPatterns(RewritePatternSet &patterns) const override {
    patterns.add<ReplaceComputed>(patterns.getContext());
  }
};
} // namespace

void attn::registerRegionSimplification(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *, AttnDialect *dialect) {
    dialect->addInterfaces<Simplification>();
  });
}
