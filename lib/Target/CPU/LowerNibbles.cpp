//===- LowerNibbles.cpp - Numbers of four bits, looked up in a register
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// attn-unpack-nibbles leaves, for half `h` of a byte,
//
//   sitofp(shrsi(shli(extsi(bytes) : i32, 28 - 4 * h), 28)) : f32 or bf16
//
// and perhaps a rounding to bf16, which is exact. The permutations of AVX-512
// read the lowest bits of a position and ignore the others: they look a low
// half up as it is, and a high one after a shift.
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Target/Passes.h"
#include "attn/Target/TargetSpec.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

namespace attn {
#define GEN_PASS_DEF_LOWERNIBBLES
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct LowerNibbles : attn::impl::LowerNibblesBase<LowerNibbles> {
  void runOnOperation() override;
};

/// Half `half` of each of `bytes`.
struct Nibbles {
  Value bytes;
  int64_t half;
};
} // namespace

static bool isSplat(Value value, uint64_t of) {
  APInt constant;
  return matchPattern(value, m_ConstantInt(&constant)) && constant == of;
}

static std::optional<Nibbles> nibblesOf(arith::SIToFPOp op) {
  auto down = op.getIn().getDefiningOp<arith::ShRSIOp>();
  auto up = down ? down.getLhs().getDefiningOp<arith::ShLIOp>() : nullptr;
  auto wide = up ? up.getLhs().getDefiningOp<arith::ExtSIOp>() : nullptr;
  if (!wide || !isa<VectorType>(wide.getType()) ||
      !getElementTypeOrSelf(wide.getIn()).isInteger(8) ||
      !getElementTypeOrSelf(wide).isInteger(32) || !isSplat(down.getRhs(), 28))
    return std::nullopt;
  for (int64_t half : {0, 1})
    if (isSplat(up.getRhs(), 28 - 4 * half))
      return Nibbles{wide.getIn(), half};
  return std::nullopt;
}

/// The sixteen numbers, again and again, as `type`.
static Value tableOf(IRBuilder &b, VectorType type) {
  SmallVector<Attribute> numbers;
  for (int64_t index = 0; index < type.getNumElements(); ++index)
    numbers.push_back(b.getFloatAttr(type.getElementType(),
                                     double((index & 7) - (index & 8))));
  return arith::ConstantOp::create(b, b.getLoc(),
                                   DenseElementsAttr::get(type, numbers));
}

/// `op` has 512 bits: a vector of f32, or of bf16.
static void lookUp(Operation *op, Nibbles nibbles) {
  OpBuilder builder(op);
  IRBuilder b(builder, op->getLoc());
  Location loc = b.getLoc();
  auto type = cast<VectorType>(op->getResult(0).getType());
  auto positions = cast<VectorType>(
      type.clone(b.getIntegerType(type.getElementTypeBitWidth())));
  Value position = arith::ExtUIOp::create(b, loc, positions, nibbles.bytes);
  if (nibbles.half == 1) {
    Value four = arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(positions, Attribute(b.getIntegerAttr(
                                              positions.getElementType(), 4))));
    position = arith::ShRUIOp::create(b, loc, position, four);
  }
  Value table = tableOf(b, type), result;
  bool isF32 = type.getElementType().isF32();
  if (!isF32)
    table = vector::BitCastOp::create(b, loc, positions, table);
  result = LLVM::CallIntrinsicOp::create(
               b, loc, table.getType(),
               b.getStringAttr(isF32 ? "llvm.x86.avx512.permvar.sf.512"
                                     : "llvm.x86.avx512.permvar.hi.512"),
               ValueRange{table, position})
               .getResult(0);
  if (!isF32)
    result = vector::BitCastOp::create(b, loc, type, result);
  op->getResult(0).replaceAllUsesWith(result);
  op->erase();
}

static bool isRegisterOf(Value value, bool (Type::*isElement)() const) {
  auto type = dyn_cast<VectorType>(value.getType());
  return type && type.getRank() == 1 && (type.getElementType().*isElement)() &&
         type.getNumElements() * type.getElementTypeBitWidth() == 512;
}

void LowerNibbles::runOnOperation() {
  std::optional<TargetSpec> spec = getTargetSpec(getOperation());
  if (!spec || spec->vectorBits != 512 ||
      !StringRef(spec->features).contains("+avx512bw"))
    return;
  // Those that are rounded first: the f32 is twice as long then.
  getOperation().walk([](arith::TruncFOp op) {
    auto number = op.getIn().getDefiningOp<arith::SIToFPOp>();
    std::optional<Nibbles> nibbles = number ? nibblesOf(number) : std::nullopt;
    if (nibbles && isRegisterOf(op, &Type::isBF16))
      lookUp(op, *nibbles);
  });
  getOperation().walk([](arith::SIToFPOp op) {
    std::optional<Nibbles> nibbles = nibblesOf(op);
    if (nibbles &&
        (isRegisterOf(op, &Type::isF32) || isRegisterOf(op, &Type::isBF16)))
      lookUp(op, *nibbles);
  });
}
