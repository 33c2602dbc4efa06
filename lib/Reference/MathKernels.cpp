//===- MathKernels.cpp - The scalar meaning of math and index
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include "mlir/Dialect/Index/IR/IndexOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace attn::reference;

static bool fusedMultiplyAdd(const Instruction &in, Scalar *slots) {
  slots[in.result].f =
      std::fma(slots[in.operands[0]].f, slots[in.operands[1]].f,
               slots[in.operands[2]].f);
  return true;
}

/// A question about a float.
template <typename Question>
static bool classify(Instruction &in, Question) {
  in.kernel = [](const Instruction &in, Scalar *slots) {
    slots[in.result].i = Question::ask(slots[in.operands[0]].f);
    return true;
  };
  return true;
}
namespace {
struct IsNaN {
  static bool ask(double value) { return std::isnan(value); }
};
struct IsInf {
  static bool ask(double value) { return std::isinf(value); }
};
struct IsFinite {
  static bool ask(double value) { return std::isfinite(value); }
};
} // namespace

bool attn::reference::selectMath(Operation *op, Instruction &in) {
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](math::AbsFOp) { return useFloat1(in, std::fabs); })
      .Case([&](math::ExpOp) { return useFloat1(in, std::exp); })
      .Case([&](math::Exp2Op) { return useFloat1(in, std::exp2); })
      .Case([&](math::ExpM1Op) { return useFloat1(in, std::expm1); })
      .Case([&](math::LogOp) { return useFloat1(in, std::log); })
      .Case([&](math::Log2Op) { return useFloat1(in, std::log2); })
      .Case([&](math::Log10Op) { return useFloat1(in, std::log10); })
      .Case([&](math::Log1pOp) { return useFloat1(in, std::log1p); })
      .Case([&](math::SqrtOp) { return useFloat1(in, std::sqrt); })
      .Case([&](math::RsqrtOp) {
        return useFloat1(in, [](double a) { return 1 / std::sqrt(a); });
      })
      .Case([&](math::CbrtOp) { return useFloat1(in, std::cbrt); })
      .Case([&](math::TanhOp) { return useFloat1(in, std::tanh); })
      .Case([&](math::SinhOp) { return useFloat1(in, std::sinh); })
      .Case([&](math::CoshOp) { return useFloat1(in, std::cosh); })
      .Case([&](math::SinOp) { return useFloat1(in, std::sin); })
      .Case([&](math::CosOp) { return useFloat1(in, std::cos); })
      .Case([&](math::TanOp) { return useFloat1(in, std::tan); })
      .Case([&](math::AtanOp) { return useFloat1(in, std::atan); })
      .Case([&](math::ErfOp) { return useFloat1(in, std::erf); })
      .Case([&](math::ErfcOp) { return useFloat1(in, std::erfc); })
      .Case([&](math::FloorOp) { return useFloat1(in, std::floor); })
      .Case([&](math::CeilOp) { return useFloat1(in, std::ceil); })
      .Case([&](math::RoundOp) { return useFloat1(in, std::round); })
      .Case([&](math::RoundEvenOp) { return useFloat1(in, std::nearbyint); })
      .Case([&](math::TruncOp) { return useFloat1(in, std::trunc); })
      .Case([&](math::PowFOp) { return useFloat2(in, std::pow); })
      .Case([&](math::Atan2Op) { return useFloat2(in, std::atan2); })
      .Case([&](math::CopySignOp) { return useFloat2(in, std::copysign); })
      .Case([&](math::FmaOp) {
        in.kernel = fusedMultiplyAdd;
        return true;
      })
      .Case([&](math::IsNaNOp) { return classify(in, IsNaN()); })
      .Case([&](math::IsInfOp) { return classify(in, IsInf()); })
      .Case([&](math::IsFiniteOp) { return classify(in, IsFinite()); })
      .Case([&](math::AbsIOp) {
        return useInteger1(
            in, [](int64_t a) { return a < 0 ? int64_t(0 - uint64_t(a)) : a; });
      })
      .Default(false);
}

bool attn::reference::selectIndex(Operation *op, Instruction &in) {
  using I = int64_t;
  using U = uint64_t;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](index::AddOp) {
        return useInteger2(in, [](I a, I b) { return I(U(a) + U(b)); });
      })
      .Case([&](index::SubOp) {
        return useInteger2(in, [](I a, I b) { return I(U(a) - U(b)); });
      })
      .Case([&](index::MulOp) {
        return useInteger2(in, [](I a, I b) { return I(U(a) * U(b)); });
      })
      .Case([&](index::DivSOp) {
        return useDivision(in, [](I a, I b) { return a / b; });
      })
      .Case([&](index::RemSOp) {
        return useDivision(in, [](I a, I b) { return a % b; });
      })
      .Case([&](index::FloorDivSOp) {
        return useDivision(
            in, [](I a, I b) { return llvm::divideFloorSigned(a, b); });
      })
      .Case([&](index::CeilDivSOp) {
        return useDivision(
            in, [](I a, I b) { return llvm::divideCeilSigned(a, b); });
      })
      .Case([&](index::DivUOp) {
        return useDivisionUnsigned(in, [](I a, I b) { return I(U(a) / U(b)); });
      })
      .Case([&](index::RemUOp) {
        return useDivisionUnsigned(in, [](I a, I b) { return I(U(a) % U(b)); });
      })
      .Case([&](index::MaxSOp) {
        return useInteger2(in, [](I a, I b) { return std::max(a, b); });
      })
      .Case([&](index::MinSOp) {
        return useInteger2(in, [](I a, I b) { return std::min(a, b); });
      })
      .Case([&](index::AndOp) {
        return useInteger2(in, [](I a, I b) { return a & b; });
      })
      .Case([&](index::OrOp) {
        return useInteger2(in, [](I a, I b) { return a | b; });
      })
      .Case([&](index::XOrOp) {
        return useInteger2(in, [](I a, I b) { return a ^ b; });
      })
      .Case([&](index::CastSOp) {
        return useInteger1(in, [](I a) { return a; });
      })
      .Case([&](index::CmpOp cmp) {
        return useCompareIntegers(in, int64_t(cmp.getPred()));
      })
      .Default(false);
}
