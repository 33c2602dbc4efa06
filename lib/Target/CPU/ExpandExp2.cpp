//===- ExpandExp2.cpp - exp2 of vectors as a polynomial
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/Passes.h"
#include "attn/Target/TargetSpec.h"

namespace attn {
#define GEN_PASS_DEF_EXPANDEXP2
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

static constexpr StringLiteral tableName = "attn_exp2_coefficients";

/// 2^f on [0, 1), highest power first; minimax, relative error 7.5e-8.
static constexpr float coefficients[] = {1.877576413e-03f, 8.989340725e-03f,
                                         5.582631752e-02f, 2.401536172e-01f,
                                         6.931530732e-01f, 9.999999251e-01f};

namespace {
struct ExpandExp2 : attn::impl::ExpandExp2Base<ExpandExp2> {
  void runOnOperation() override;
};

/// Expands the exp2 ops of one block.
class BlockExpander {
public:
  BlockExpander(OpBuilder &b, bool avx512) : b(b), avx512(avx512) {}
  void expand(math::Exp2Op op);

private:
  Value coefficient(unsigned index, VectorType type);
  Value polynomial(Value fraction);
  Value expandAVX512(Value x);
  Value expandGeneric(Value x);
  Value splat(VectorType type, Attribute element) {
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(type, element));
  }

  OpBuilder &b;
  bool avx512;
  Location loc = b.getUnknownLoc();
  Value pointer; ///< The table, opaque to the optimiser.
};
} // namespace

Value BlockExpander::coefficient(unsigned index, VectorType type) {
  Type pointerType = LLVM::LLVMPointerType::get(b.getContext());
  if (!pointer) {
    Value address = LLVM::AddressOfOp::create(b, loc, pointerType, tableName);
    pointer = LLVM::InlineAsmOp::create(
                  b, loc, pointerType, ValueRange{address}, /*asm_string=*/"",
                  /*constraints=*/"=r,0", /*has_side_effects=*/true,
                  /*is_align_stack=*/false, LLVM::TailCallKind::None,
                  LLVM::AsmDialectAttr(), ArrayAttr())
                  .getResult(0);
  }
  Value address =
      LLVM::GEPOp::create(b, loc, pointerType, type.getElementType(), pointer,
                          ArrayRef<LLVM::GEPArg>{int32_t(index)});
  Value scalar = LLVM::LoadOp::create(b, loc, type.getElementType(), address);
  return vector::BroadcastOp::create(b, loc, type, scalar);
}

Value BlockExpander::polynomial(Value fraction) {
  auto type = cast<VectorType>(fraction.getType());
  Value sum = coefficient(0, type);
  for (unsigned index = 1; index < std::size(coefficients); ++index) {
    Value product = arith::MulFOp::create(b, loc, sum, fraction,
                                          arith::FastMathFlags::contract);
    sum = arith::AddFOp::create(b, loc, product, coefficient(index, type),
                                arith::FastMathFlags::contract);
  }
  return sum;
}

/// vreduceps gives x - floor(x), vscalefps multiplies by 2^floor(x).
Value BlockExpander::expandAVX512(Value x) {
  auto type = cast<VectorType>(x.getType());
  Value zero = splat(type, b.getZeroAttr(type.getElementType()));
  auto constant = [&](Type type, int64_t value) -> Value {
    return LLVM::ConstantOp::create(b, loc, type,
                                    b.getIntegerAttr(type, value));
  };
  Value all = constant(b.getI16Type(), -1);
  Value rounding = constant(b.getI32Type(), 4); // the current direction
  Value towardsFloor = constant(b.getI32Type(), 9);
  auto call = [&](StringRef name, ValueRange operands) -> Value {
    return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                         operands)
        .getResult(0);
  };
  Value fraction = call("llvm.x86.avx512.mask.reduce.ps.512",
                        {x, towardsFloor, zero, all, rounding});
  return call("llvm.x86.avx512.mask.scalef.ps.512",
              {polynomial(fraction), x, zero, all, rounding});
}

/// Adding 1.5 * 2^23 rounds to an integer in the low mantissa bits, which move
/// into the exponent. Below -126 the factor is zero; NaN stays NaN.
Value BlockExpander::expandGeneric(Value x) {
  auto type = cast<VectorType>(x.getType());
  Type real = type.getElementType();
  auto integers = VectorType::get(type.getShape(), b.getI32Type());
  auto number = [&](double value) {
    return splat(type, b.getFloatAttr(real, value));
  };
  auto integer = [&](int64_t value) {
    return splat(integers, b.getI32IntegerAttr(value));
  };
  // Its floor is -127, whose biased exponent 0 makes the factor zero; one less
  // would be a negative infinity.
  Value lowest = number(-126.5);
  Value below =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, lowest);
  Value clamped = arith::SelectOp::create(b, loc, below, lowest, x);
  // Half less, so that rounding to nearest is the floor, up to ties.
  Value magic = number(12582912.0);
  Value shifted = arith::AddFOp::create(
      b, loc, arith::SubFOp::create(b, loc, clamped, number(0.5)), magic);
  Value floor = arith::SubFOp::create(b, loc, shifted, magic);
  Value fraction = arith::SubFOp::create(b, loc, clamped, floor);
  Value bits = arith::BitcastOp::create(b, loc, integers, shifted);
  Value biased = arith::AddIOp::create(b, loc, bits, integer(127));
  Value exponent = arith::ShLIOp::create(b, loc, biased, integer(23));
  Value power = arith::BitcastOp::create(b, loc, type, exponent);
  return arith::MulFOp::create(b, loc, polynomial(fraction), power);
}

void BlockExpander::expand(math::Exp2Op op) {
  b.setInsertionPoint(op);
  loc = op.getLoc();
  // Of its own for every op: shared, the coefficients would be kept in six
  // registers through the whole block, and accumulators be spilled for them.
  pointer = {};
  auto type = cast<VectorType>(op.getType());
  Value result = avx512 && type.getNumElements() == 16
                     ? expandAVX512(op.getOperand())
                     : expandGeneric(op.getOperand());
  op.replaceAllUsesWith(result);
  op.erase();
}

void ExpandExp2::runOnOperation() {
  ModuleOp module = getOperation();
  std::optional<TargetSpec> spec = getTargetSpec(module);
  bool avx512 = spec && StringRef(spec->features).contains("+avx512dq");
  llvm::MapVector<Block *, SmallVector<math::Exp2Op>> blocks;
  module.walk([&](math::Exp2Op op) {
    auto type = dyn_cast<VectorType>(op.getType());
    if (type && type.getRank() == 1 && type.getElementType().isF32())
      blocks[op->getBlock()].push_back(op);
  });
  if (blocks.empty())
    return;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  if (!module.lookupSymbol(tableName)) {
    auto values = DenseElementsAttr::get(
        RankedTensorType::get({int64_t(std::size(coefficients))},
                              b.getF32Type()),
        ArrayRef<float>(coefficients));
    LLVM::GlobalOp::create(
        b, module.getLoc(),
        LLVM::LLVMArrayType::get(b.getF32Type(), std::size(coefficients)),
        /*isConstant=*/true, LLVM::Linkage::Internal, tableName, values,
        /*alignment=*/64);
  }
  for (auto &[block, ops] : blocks) {
    BlockExpander expander(b, avx512);
    for (math::Exp2Op op : ops)
      expander.expand(op);
  }
}
