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

namespace {
/// A polynomial for 2^f on [0, 1), highest power first.
struct Polynomial {
  StringLiteral table; ///< Symbol of its coefficients.
  ArrayRef<double> coefficients;
};
} // namespace

/// Minimax, relative error 7.5e-8: for f32.
static constexpr double single[] = {1.877576413e-03, 8.989340725e-03,
                                    5.582631752e-02, 2.401536172e-01,
                                    6.931530732e-01, 9.999999251e-01};
/// Minimax, relative error 7.5e-5: for f32 that is rounded to bf16.
static constexpr double half[] = {7.802449975e-02, 2.260671880e-01,
                                  6.958335293e-01, 9.999252191e-01};
/// Interpolated at Chebyshev points, relative error 5e-18: for f64.
static constexpr double full[] = {
    6.301478117433779e-10, 6.538608553499254e-09,  1.0258188854184174e-07,
    1.320769749209033e-06, 1.5253231141364262e-05, 0.0001540350928370369,
    0.0013333558734919516, 0.00961812909724503,    0.0555041086659012,
    0.24022650695904277,   0.6931471805599465,     1.0};

static const Polynomial &polynomialFor(math::Exp2Op op) {
  static const Polynomial forSingle = {"attn_exp2_coefficients", single};
  static const Polynomial forHalf = {"attn_exp2_bf16_coefficients", half};
  static const Polynomial forFull = {"attn_exp2_f64_coefficients", full};
  if (cast<VectorType>(op.getType()).getElementType().isF64())
    return forFull;
  return op->hasAttr("attn.rounded_to_bf16") ? forHalf : forSingle;
}

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
  const Polynomial *numbers = nullptr;
  Location loc = b.getUnknownLoc();
  Value pointer; ///< The table, opaque to the optimiser.
};
} // namespace

Value BlockExpander::coefficient(unsigned index, VectorType type) {
  Type pointerType = LLVM::LLVMPointerType::get(b.getContext());
  if (!pointer) {
    Value address =
        LLVM::AddressOfOp::create(b, loc, pointerType, numbers->table);
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
  for (unsigned index = 1; index < numbers->coefficients.size(); ++index) {
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
  Value all = constant(b.getIntegerType(type.getNumElements()), -1);
  Value rounding = constant(b.getI32Type(), 4); // the current direction
  Value towardsFloor = constant(b.getI32Type(), 9);
  auto call = [&](StringRef name, ValueRange operands) -> Value {
    return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                         operands)
        .getResult(0);
  };
  std::string suffix = type.getElementType().isF64() ? "pd.512" : "ps.512";
  Value fraction = call("llvm.x86.avx512.mask.reduce." + suffix,
                        {x, towardsFloor, zero, all, rounding});
  return call("llvm.x86.avx512.mask.scalef." + suffix,
              {polynomial(fraction), x, zero, all, rounding});
}

/// Adding 1.5 * 2^mantissa rounds to an integer in the low mantissa bits, which
/// move into the exponent. Below the smallest exponent the factor is zero,
/// above the largest infinity; NaN stays NaN.
Value BlockExpander::expandGeneric(Value x) {
  auto type = cast<VectorType>(x.getType());
  auto real = cast<FloatType>(type.getElementType());
  int64_t mantissa = real.getFPMantissaWidth() - 1; // bits that are stored
  int64_t bias = real.isF64() ? 1023 : 127;
  Type integer = b.getIntegerType(real.getWidth());
  auto integers = VectorType::get(type.getShape(), integer);
  auto number = [&](double value) {
    return splat(type, b.getFloatAttr(real, value));
  };
  auto bitsOf = [&](int64_t value) {
    return splat(integers, b.getIntegerAttr(integer, value));
  };
  // Its floor is -bias, whose biased exponent 0 makes the factor zero; one less
  // would be a negative infinity.
  Value lowest = number(0.5 - bias);
  Value below =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x, lowest);
  Value clamped = arith::SelectOp::create(b, loc, below, lowest, x);
  // The floor of the highest is bias + 1, whose factor is infinite; one more
  // would be a negative zero.
  Value highest = number(bias + 1.5);
  Value above = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                      clamped, highest);
  clamped = arith::SelectOp::create(b, loc, above, highest, clamped);
  // Half less, so that rounding to nearest is the floor, up to ties.
  Value magic = number(std::ldexp(1.5, mantissa));
  Value shifted = arith::AddFOp::create(
      b, loc, arith::SubFOp::create(b, loc, clamped, number(0.5)), magic);
  Value floor = arith::SubFOp::create(b, loc, shifted, magic);
  Value fraction = arith::SubFOp::create(b, loc, clamped, floor);
  Value bits = arith::BitcastOp::create(b, loc, integers, shifted);
  Value biased = arith::AddIOp::create(b, loc, bits, bitsOf(bias));
  Value exponent = arith::ShLIOp::create(b, loc, biased, bitsOf(mantissa));
  Value power = arith::BitcastOp::create(b, loc, type, exponent);
  return arith::MulFOp::create(b, loc, polynomial(fraction), power);
}

void BlockExpander::expand(math::Exp2Op op) {
  b.setInsertionPoint(op);
  loc = op.getLoc();
  // Of its own for every op: shared, the coefficients would be kept in six
  // registers through the whole block, and accumulators be spilled for them.
  pointer = {};
  numbers = &polynomialFor(op);
  auto type = cast<VectorType>(op.getType());
  int64_t bits = type.getNumElements() * type.getElementTypeBitWidth();
  Value result = avx512 && bits == 512 ? expandAVX512(op.getOperand())
                                       : expandGeneric(op.getOperand());
  op.replaceAllUsesWith(result);
  op.erase();
}

/// The coefficients as a constant of the module.
static void addTable(ModuleOp module, const Polynomial &polynomial,
                     FloatType type) {
  if (module.lookupSymbol(polynomial.table))
    return;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  SmallVector<Attribute> values;
  for (double value : polynomial.coefficients)
    values.push_back(b.getFloatAttr(type, value));
  int64_t count = values.size();
  auto dense = DenseElementsAttr::get(RankedTensorType::get({count}, type),
                                      ArrayRef(values));
  LLVM::GlobalOp::create(b, module.getLoc(),
                         LLVM::LLVMArrayType::get(type, count),
                         /*isConstant=*/true, LLVM::Linkage::Internal,
                         polynomial.table, dense, /*alignment=*/64);
}

void ExpandExp2::runOnOperation() {
  ModuleOp module = getOperation();
  std::optional<TargetSpec> spec = getTargetSpec(module);
  bool avx512 = spec && StringRef(spec->features).contains("+avx512dq");
  llvm::MapVector<Block *, SmallVector<math::Exp2Op>> blocks;
  module.walk([&](math::Exp2Op op) {
    auto type = dyn_cast<VectorType>(op.getType());
    if (type && type.getRank() == 1 &&
        isa<Float32Type, Float64Type>(type.getElementType()))
      blocks[op->getBlock()].push_back(op);
  });
  OpBuilder b(&getContext());
  for (auto &[block, ops] : blocks) {
    BlockExpander expander(b, avx512);
    for (math::Exp2Op op : ops) {
      Type element = cast<VectorType>(op.getType()).getElementType();
      addTable(module, polynomialFor(op), cast<FloatType>(element));
      expander.expand(op);
    }
  }
}
