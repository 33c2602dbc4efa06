//===- ExpandConversions.cpp - bf16 and f16 by integer arithmetic
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// None of the tricks reads a denormal f32, so that a program that flushes
// denormals gets the same results.
//
//===----------------------------------------------------------------------===//

#include "attn/Target/Passes.h"
#include "attn/Target/TargetSpec.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace attn {
#define GEN_PASS_DEF_EXPANDCONVERSIONS
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ExpandConversions
    : attn::impl::ExpandConversionsBase<ExpandConversions> {
  void runOnOperation() override;
};

/// Arithmetic on values of the shape of `like`, a scalar or a vector.
class Bits {
public:
  Bits(OpBuilder &b, Location loc, Type like) : b(b), loc(loc), like(like) {}

  Type shaped(Type element) {
    if (auto vector = dyn_cast<VectorType>(like))
      return vector.clone(element);
    return element;
  }
  Type integers(unsigned width) { return shaped(b.getIntegerType(width)); }

  Value constant(Value as, uint64_t bits) {
    Type element = getElementTypeOrSelf(as.getType());
    APInt value(element.getIntOrFloatBitWidth(), bits);
    TypedAttr attr;
    if (auto real = dyn_cast<FloatType>(element))
      attr = b.getFloatAttr(real, APFloat(real.getFloatSemantics(), value));
    else
      attr = b.getIntegerAttr(element, value);
    if (auto vector = dyn_cast<VectorType>(as.getType()))
      attr = DenseElementsAttr::get(vector, Attribute(attr));
    return arith::ConstantOp::create(b, loc, attr);
  }
  Value cast(Value x, Type element) {
    return arith::BitcastOp::create(b, loc, shaped(element), x);
  }
  Value asBits(Value x) {
    return cast(x,
                b.getIntegerType(
                    getElementTypeOrSelf(x.getType()).getIntOrFloatBitWidth()));
  }
  Value asF32(Value x) { return cast(x, b.getF32Type()); }
  Value widen(Value x) {
    return arith::ExtUIOp::create(b, loc, integers(32), x);
  }
  Value narrow(Value x) {
    return arith::TruncIOp::create(b, loc, integers(16), x);
  }
  Value andBits(Value x, uint64_t mask) {
    return arith::AndIOp::create(b, loc, x, constant(x, mask));
  }
  Value orBits(Value x, uint64_t mask) {
    return arith::OrIOp::create(b, loc, x, constant(x, mask));
  }
  Value both(Value x, Value y) { return arith::OrIOp::create(b, loc, x, y); }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  /// Modulo the width: negative numbers too.
  Value add(Value x, uint32_t y) { return add(x, constant(x, y)); }
  Value left(Value x, unsigned by) {
    return arith::ShLIOp::create(b, loc, x, constant(x, by));
  }
  Value right(Value x, unsigned by) {
    return arith::ShRUIOp::create(b, loc, x, constant(x, by));
  }
  Value less(Value x, uint64_t y) {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, x,
                                 constant(x, y));
  }
  Value isNaN(Value x) {
    return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, x, x);
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, loc, condition, x, y);
  }

  OpBuilder &b;
  Location loc;
  Type like;
};
} // namespace

/// bf16 is the upper half of f32.
static Value extendBF16(Bits &e, Value x) {
  return e.asF32(e.left(e.widen(e.asBits(x)), 16));
}

/// Adds half a unit, less one bit where the last kept bit is even: to nearest,
/// ties to even, and past the largest to infinity. A NaN, whose mantissa might
/// overflow or be cut off, is made quiet.
static Value truncateToBF16(Bits &e, Value x) {
  Value bits = e.asBits(x);
  Value even = e.andBits(e.right(bits, 16), 1);
  Value rounded = e.right(e.add(e.add(bits, 0x7fff), even), 16);
  Value quiet = e.orBits(e.right(bits, 16), 0x40);
  return e.cast(e.narrow(e.select(e.isNaN(x), quiet, rounded)),
                e.b.getBF16Type());
}

/// The exponents of f16 are those of f32 less 112. Infinity and NaN need that
/// twice; for denormals, 2^-14 is put before the mantissa and subtracted.
static Value extendF16(Bits &e, Value x) {
  constexpr uint32_t bias = 112u << 23;
  Value half = e.widen(e.asBits(x));
  Value sign = e.left(e.andBits(half, 0x8000), 16);
  Value magnitude = e.left(e.andBits(half, 0x7fff), 13);
  Value normal = e.add(magnitude, bias);
  Value special = e.add(magnitude, 2 * bias);
  Value shifted = e.asF32(e.add(magnitude, bias + (1u << 23)));
  Value denormal = e.asBits(arith::SubFOp::create(
      e.b, e.loc, shifted, e.constant(shifted, bias + (1u << 23))));
  Value result = e.select(e.less(magnitude, 0x0f800000), normal, special);
  result = e.select(e.less(magnitude, 1u << 23), denormal, result);
  return e.asF32(e.both(result, sign));
}

/// As bf16, with 13 bits to drop. What becomes a denormal is rounded by adding
/// a number whose last bit is f16's smallest denormal.
static Value truncateToF16(Bits &e, Value x) {
  Value bits = e.asBits(x);
  Value sign = e.right(e.andBits(bits, 0x80000000), 16);
  Value magnitude = e.andBits(bits, 0x7fffffff);
  Value even = e.andBits(e.right(magnitude, 13), 1);
  Value normal =
      e.right(e.add(e.add(magnitude, 0xfffu - (112u << 23)), even), 13);
  constexpr uint32_t unit = (127u - 15 + 23 - 10 + 1) << 23;
  Value real = e.asF32(magnitude);
  Value denormal = e.add(
      e.asBits(arith::AddFOp::create(e.b, e.loc, real, e.constant(real, unit))),
      0u - unit);
  Value infinity = e.constant(bits, 0x7c00);
  Value quiet = e.orBits(e.andBits(e.right(magnitude, 13), 0x3ff), 0x7e00);
  Value result = e.select(e.less(magnitude, 113u << 23), denormal, normal);
  result = e.select(e.less(magnitude, 143u << 23), result, infinity);
  result = e.select(e.isNaN(x), quiet, result);
  return e.cast(e.narrow(e.both(result, sign)), e.b.getF16Type());
}

/// f64 to f32, rounded to odd: rounding that once more gives what rounding once
/// would have. Where f32 is not exact, the result is the neighbour towards zero
/// with its last bit set.
static Value truncateToOdd(Bits &e, Value x) {
  OpBuilder &b = e.b;
  Type f32 = e.shaped(b.getF32Type());
  Value nearest = arith::TruncFOp::create(b, e.loc, f32, x);
  Value back = arith::ExtFOp::create(b, e.loc, x.getType(), nearest);
  Value inexact =
      arith::CmpFOp::create(b, e.loc, arith::CmpFPredicate::ONE, back, x);
  auto magnitude = [&](Value real) {
    return e.andBits(e.asBits(real), INT64_MAX);
  };
  Value above = arith::CmpIOp::create(b, e.loc, arith::CmpIPredicate::ugt,
                                      magnitude(back), magnitude(x));
  Value bits = e.asBits(nearest);
  Value odd = e.orBits(e.select(above, e.add(bits, 0xffffffff), bits), 1);
  return e.asF32(e.select(inexact, odd, bits));
}

/// The bits of a signed integer that may differ from its sign.
static unsigned significantBits(Value integer) {
  if (auto wider = integer.getDefiningOp<arith::ExtSIOp>())
    return significantBits(wider.getIn());
  unsigned width = getElementTypeOrSelf(integer).getIntOrFloatBitWidth();
  APInt by;
  if (auto shift = integer.getDefiningOp<arith::ShRSIOp>();
      shift && matchPattern(shift.getRhs(), m_ConstantInt(&by)))
    return width - by.getZExtValue();
  return width;
}

static bool isHalf(Type type) { return type.isBF16() || type.isF16(); }

namespace {
struct ExpandExtF : OpRewritePattern<arith::ExtFOp> {
  ExpandExtF(MLIRContext *context, bool nativeF16)
      : OpRewritePattern(context), nativeF16(nativeF16) {}

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &b) const override {
    Type from = getElementTypeOrSelf(op.getIn().getType());
    Type to = getElementTypeOrSelf(op.getType());
    if (!isHalf(from) || !(to.isF32() || to.isF64()))
      return failure();
    Bits e(b, op.getLoc(), op.getType());
    Type f32 = e.shaped(b.getF32Type());
    Value result;
    if (from.isBF16())
      result = extendBF16(e, op.getIn());
    else if (!nativeF16)
      result = extendF16(e, op.getIn());
    else if (to.isF64())
      result = arith::ExtFOp::create(b, op.getLoc(), f32, op.getIn());
    else
      return failure();
    if (to.isF64())
      result = arith::ExtFOp::create(b, op.getLoc(), op.getType(), result);
    b.replaceOp(op, result);
    return success();
  }
  bool nativeF16;
};

/// A small integer is exact in bf16: the upper half of its f32.
struct TakeUpperHalf : OpRewritePattern<arith::TruncFOp> {
  /// Before ExpandTruncF.
  explicit TakeUpperHalf(MLIRContext *context)
      : OpRewritePattern(context, /*benefit=*/2) {}
  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &b) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    auto integer = op.getIn().getDefiningOp<arith::SIToFPOp>();
    if (!type || !type.getElementType().isBF16() || !integer ||
        !getElementTypeOrSelf(integer).isF32() ||
        significantBits(integer.getIn()) > 8)
      return failure();
    SmallVector<int64_t> shape(type.getShape());
    shape.back() *= 2;
    Value halves = vector::BitCastOp::create(
        b, op.getLoc(), VectorType::get(shape, type.getElementType()),
        op.getIn());
    auto parts = vector::DeinterleaveOp::create(b, op.getLoc(), halves);
    b.replaceOp(op, parts.getRes2());
    return success();
  }
};

struct ExpandTruncF : OpRewritePattern<arith::TruncFOp> {
  ExpandTruncF(MLIRContext *context, bool nativeF16, bool nativeBF16)
      : OpRewritePattern(context), nativeF16(nativeF16),
        nativeBF16(nativeBF16) {}

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &b) const override {
    Type from = getElementTypeOrSelf(op.getIn().getType());
    Type to = getElementTypeOrSelf(op.getType());
    if (!isHalf(to) || !(from.isF32() || from.isF64()))
      return failure();
    if (op.getRoundingmode().value_or(arith::RoundingMode::to_nearest_even) !=
        arith::RoundingMode::to_nearest_even)
      return failure();
    bool native = to.isF16() ? nativeF16 : nativeBF16;
    if (native && from.isF32())
      return failure();
    Bits e(b, op.getLoc(), op.getType());
    Value x = from.isF64() ? truncateToOdd(e, op.getIn()) : op.getIn();
    Value result =
        native       ? arith::TruncFOp::create(b, op.getLoc(), op.getType(), x)
        : to.isF16() ? truncateToF16(e, x)
                     : truncateToBF16(e, x);
    b.replaceOp(op, result);
    return success();
  }
  bool nativeF16, nativeBF16;
};

/// What upstream's emulation leaves: one rounding of f32's fused result.
struct WidenFma : OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &b) const override {
    if (!isHalf(getElementTypeOrSelf(op.getType())))
      return failure();
    Bits e(b, op.getLoc(), op.getType());
    SmallVector<Value, 3> wide;
    for (Value x : op->getOperands())
      wide.push_back(
          arith::ExtFOp::create(b, op.getLoc(), e.shaped(b.getF32Type()), x));
    Value sum = math::FmaOp::create(b, op.getLoc(), wide[0], wide[1], wide[2]);
    b.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), sum);
    return success();
  }
};
} // namespace

void ExpandConversions::runOnOperation() {
  std::optional<TargetSpec> spec = getTargetSpec(getOperation());
  bool f16 = spec && spec->convertsF16, bf16 = spec && spec->convertsBF16;
  RewritePatternSet patterns(&getContext());
  patterns.add<ExpandExtF>(&getContext(), f16);
  patterns.add<ExpandTruncF>(&getContext(), f16, bf16);
  patterns.add<WidenFma, TakeUpperHalf>(&getContext());
  if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
    signalPassFailure();
}
