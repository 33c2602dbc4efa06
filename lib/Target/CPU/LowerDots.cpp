//===- LowerDots.cpp - Contractions of pairs as dot-product instructions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Target/Passes.h"
#include "attn/Target/TargetSpec.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/X86Vector/X86VectorDialect.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/TargetParser/Triple.h"

namespace attn {
#define GEN_PASS_DEF_LOWERDOTS
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct LowerDots : attn::impl::LowerDotsBase<LowerDots> {
  void runOnOperation() override;
};
} // namespace

/// The `lanes x 2` vector as one of `2 lanes`: what it was cast from.
static Value flat(IRBuilder &b, Value pairs) {
  auto type = cast<VectorType>(pairs.getType());
  auto wide = VectorType::get({type.getNumElements()}, type.getElementType());
  if (auto cast = pairs.getDefiningOp<vector::ShapeCastOp>())
    if (cast.getSource().getType() == wide)
      return cast.getSource();
  return vector::ShapeCastOp::create(b, b.getLoc(), wide, pairs);
}

/// acc[lane] += a[lane, 0] * b[lane, 0] + a[lane, 1] * b[lane, 1], in bf16.
static bool isPairContraction(vector::ContractionOp op) {
  auto left = op.getLhsType(), right = op.getRhsType();
  auto acc = dyn_cast<VectorType>(op.getAccType());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  return acc && acc.getRank() == 1 && left == right && left.getRank() == 2 &&
         left.getDimSize(1) == 2 && left.getElementType().isBF16() &&
         acc.getElementType().isF32() && maps[0].isIdentity() &&
         maps[1].isIdentity() && op.getKind() == vector::CombiningKind::ADD;
}

/// The one instruction: x86's vdpbf16ps or AArch64's bfdot.
static Value dot(IRBuilder &b, const TargetSpec &spec, Value acc, Value left,
                 Value right) {
  llvm::Triple triple(spec.triple);
  if (triple.isX86())
    return x86vector::DotBF16Op::create(b, b.getLoc(), acc.getType(), acc, left,
                                        right);
  assert(triple.isAArch64() && "no other target has bf16DotPack == 2");
  return LLVM::CallIntrinsicOp::create(
             b, b.getLoc(), acc.getType(),
             b.getStringAttr("llvm.aarch64.neon.bfdot"),
             ValueRange{acc, left, right})
      .getResult(0);
}

/// Two f32 vectors, rounded to bf16, as pairs: one instruction rounds both and
/// puts them behind each other, a second interleaves. LLVM alone takes five.
static void lowerRounding(vector::InterleaveOp op) {
  auto even = op.getLhs().getDefiningOp<arith::TruncFOp>();
  auto odd = op.getRhs().getDefiningOp<arith::TruncFOp>();
  auto type = cast<VectorType>(op.getType());
  if (!even || !odd || type.getShape() != ArrayRef<int64_t>{32} ||
      !type.getElementType().isBF16() ||
      !getElementTypeOrSelf(even.getIn()).isF32() ||
      !getElementTypeOrSelf(odd.getIn()).isF32())
    return;
  OpBuilder builder(op);
  IRBuilder b(builder, op.getLoc());
  Value both = LLVM::CallIntrinsicOp::create(
                   b, b.getLoc(), type,
                   b.getStringAttr("llvm.x86.avx512bf16.cvtne2ps2bf16.512"),
                   ValueRange{odd.getIn(), even.getIn()})
                   .getResult(0);
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < 16; ++lane)
    order.append({lane, 16 + lane});
  Value pairs = vector::ShuffleOp::create(b, b.getLoc(), both, both, order);
  op.replaceAllUsesWith(pairs);
  op.erase();
}

void LowerDots::runOnOperation() {
  std::optional<TargetSpec> spec = getTargetSpec(getOperation());
  bool hasDot = spec && spec->bf16DotPack == 2;
  WalkResult result = getOperation().walk([&](vector::ContractionOp op) {
    if (!isPairContraction(op))
      return WalkResult::advance();
    auto acc = cast<VectorType>(op.getAccType());
    if (!hasDot || (acc.getNumElements() * 32 != spec->vectorBits)) {
      op.emitOpError("contracts pairs of bf16, which is not supported by "
                     "target '")
          << (spec ? spec->name : "") << "'; use a schedule with dot = 1";
      return WalkResult::interrupt();
    }
    OpBuilder builder(op);
    IRBuilder b(builder, op.getLoc());
    op.replaceAllUsesWith(
        dot(b, *spec, op.getAcc(), flat(b, op.getLhs()), flat(b, op.getRhs())));
    op.erase();
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return signalPassFailure();
  if (hasDot && StringRef(spec->features).contains("+avx512bf16"))
    getOperation().walk([](vector::InterleaveOp op) { lowerRounding(op); });
}
