//===- ArithKernels.cpp - The scalar meaning of arith
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <cmath>

using namespace mlir;
using namespace attn::reference;

/// Whether one of the orders that a predicate accepts holds: bits 0 to 3 of its
/// value are equal, greater, less and unordered.
static bool compareFloats(const Instruction &in, Scalar *slots) {
  double a = slots[in.operands[0]].f, b = slots[in.operands[1]].f;
  bool unordered = std::isnan(a) || std::isnan(b);
  int64_t order = unordered ? 8 : a < b ? 4 : a > b ? 2 : 1;
  slots[in.result].i = (in.immediate & order) != 0;
  return true;
}

static bool select(const Instruction &in, Scalar *slots) {
  bool first = slots[in.operands[0]].i;
  slots[in.result] = slots[in.operands[first ? 1 : 2]];
  return true;
}

static bool integerToFloat(const Instruction &in, Scalar *slots) {
  int64_t value = slots[in.operands[0]].i;
  // A signed i1 is 0 or -1.
  slots[in.result].f = in.width == 1 ? -value : value;
  return true;
}

static bool unsignedToFloat(const Instruction &in, Scalar *slots) {
  uint64_t value = slots[in.operands[0]].i;
  slots[in.result].f =
      in.width >= 64 ? value : value & ((uint64_t(1) << in.width) - 1);
  return true;
}

/// Rounds toward zero, into the range of the integer; NaN gives zero.
static bool floatToSigned(const Instruction &in, Scalar *slots) {
  double value = slots[in.operands[0]].f,
         limit = std::ldexp(1.0, in.resultWidth - 1);
  slots[in.result].i = std::isnan(value) ? 0
                       : value >= limit  ? llvm::maxIntN(in.resultWidth)
                       : value <= -limit ? llvm::minIntN(in.resultWidth)
                                         : int64_t(value);
  // Of one bit, true is 1.
  slots[in.result].i = wrapInteger(slots[in.result].i, in.resultWidth);
  return true;
}

static bool floatToUnsigned(const Instruction &in, Scalar *slots) {
  double value = slots[in.operands[0]].f,
         limit = std::ldexp(1.0, in.resultWidth);
  uint64_t result = !(value > 0)     ? 0
                    : value >= limit ? llvm::maxUIntN(in.resultWidth)
                                     : uint64_t(value);
  slots[in.result].i = wrapInteger(int64_t(result), in.resultWidth);
  return true;
}

static double maximum(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? a + b : std::max(a, b);
}

static double minimum(double a, double b) {
  return std::isnan(a) || std::isnan(b) ? a + b : std::min(a, b);
}

static bool selectFloat(Operation *op, Instruction &in) {
  using F = double;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::AddFOp) {
        return useFloat2(in, [](F a, F b) { return a + b; });
      })
      .Case([&](arith::SubFOp) {
        return useFloat2(in, [](F a, F b) { return a - b; });
      })
      .Case([&](arith::MulFOp) {
        return useFloat2(in, [](F a, F b) { return a * b; });
      })
      .Case([&](arith::DivFOp) {
        return useFloat2(in, [](F a, F b) { return a / b; });
      })
      .Case([&](arith::RemFOp) { return useFloat2(in, std::fmod); })
      .Case(
          [&](arith::NegFOp) { return useFloat1(in, [](F a) { return -a; }); })
      .Case([&](arith::MaximumFOp) { return useFloat2(in, maximum); })
      .Case([&](arith::MinimumFOp) { return useFloat2(in, minimum); })
      .Case([&](arith::MaxNumFOp) { return useFloat2(in, std::fmax); })
      .Case([&](arith::MinNumFOp) { return useFloat2(in, std::fmin); })
      // A reference does not round: values are exact until they are stored.
      .Case<arith::ExtFOp, arith::TruncFOp>(
          [&](auto) { return useFloat1(in, [](F a) { return a; }); })
      .Case([&](arith::CmpFOp cmp) {
        in.immediate = int64_t(cmp.getPredicate());
        in.kernel = compareFloats;
        return true;
      })
      .Default(false);
}

static bool selectCast(Operation *op, Instruction &in) {
  auto use = [&](Kernel kernel) {
    in.kernel = kernel;
    return true;
  };
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::SIToFPOp) { return use(integerToFloat); })
      .Case([&](arith::UIToFPOp) { return use(unsignedToFloat); })
      .Case([&](arith::FPToSIOp) { return use(floatToSigned); })
      .Case([&](arith::FPToUIOp) { return use(floatToUnsigned); })
      .Case<arith::ExtSIOp, arith::IndexCastOp>([&](auto) {
        bool fromBool = in.width == 1 && in.resultWidth != 1;
        return useInteger1(
            in, fromBool ? [](int64_t a) { return -a; }
                         : [](int64_t a) { return a; });
      })
      .Case([&](arith::TruncIOp) {
        return useInteger1(in, [](int64_t a) { return a; });
      })
      // Zero-extends from the width of the operand.
      .Case<arith::ExtUIOp, arith::IndexCastUIOp>([&](auto) {
        return use([](const Instruction &in, Scalar *slots) {
          uint64_t value = slots[in.operands[0]].i;
          if (in.width < 64)
            value &= (uint64_t(1) << in.width) - 1;
          slots[in.result].i = wrapInteger(value, in.resultWidth);
          return true;
        });
      })
      .Default(false);
}

/// Values agree between arith and index: eq, ne, then lt, le, gt, ge signed and
/// unsigned.
static bool compareIntegers(const Instruction &in, Scalar *slots) {
  int64_t a = slots[in.operands[0]].i, b = slots[in.operands[1]].i;
  // Sign extension keeps the unsigned order; a signed true is below false.
  if (in.width == 1 && in.immediate < 6)
    a = -a, b = -b;
  uint64_t ua = a, ub = b;
  bool holds[] = {
      a == b,  a != b, a<b, a <= b, a> b, a >= b, ua<ub, ua <= ub, ua> ub,
      ua >= ub};
  slots[in.result].i = holds[in.immediate];
  return true;
}

bool attn::reference::useCompareIntegers(Instruction &instruction,
                                         int64_t predicate) {
  instruction.immediate = predicate;
  instruction.kernel = compareIntegers;
  return true;
}

static bool selectInteger(Operation *op, Instruction &in) {
  using I = int64_t;
  using U = uint64_t;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::AddIOp) {
        return useInteger2(in, [](I a, I b) { return I(U(a) + U(b)); });
      })
      .Case([&](arith::SubIOp) {
        return useInteger2(in, [](I a, I b) { return I(U(a) - U(b)); });
      })
      .Case([&](arith::MulIOp) {
        return useInteger2(in, [](I a, I b) { return I(U(a) * U(b)); });
      })
      .Case([&](arith::DivSIOp) {
        return useDivision(in, [](I a, I b) { return a / b; });
      })
      .Case([&](arith::RemSIOp) {
        return useDivision(in, [](I a, I b) { return a % b; });
      })
      .Case([&](arith::FloorDivSIOp) {
        return useDivision(
            in, [](I a, I b) { return llvm::divideFloorSigned(a, b); });
      })
      .Case([&](arith::CeilDivSIOp) {
        return useDivision(
            in, [](I a, I b) { return llvm::divideCeilSigned(a, b); });
      })
      .Case([&](arith::DivUIOp) {
        return useDivisionUnsigned(in, [](I a, I b) { return I(U(a) / U(b)); });
      })
      .Case([&](arith::RemUIOp) {
        return useDivisionUnsigned(in, [](I a, I b) { return I(U(a) % U(b)); });
      })
      .Case([&](arith::CeilDivUIOp) {
        return useDivisionUnsigned(
            in, [](I a, I b) { return I(llvm::divideCeil(U(a), U(b))); });
      })
      .Case([&](arith::AndIOp) {
        return useInteger2(in, [](I a, I b) { return a & b; });
      })
      .Case([&](arith::OrIOp) {
        return useInteger2(in, [](I a, I b) { return a | b; });
      })
      .Case([&](arith::XOrIOp) {
        return useInteger2(in, [](I a, I b) { return a ^ b; });
      })
      // A shift by the width or more, read as unsigned, moves all bits out.
      .Case([&](arith::ShLIOp) {
        return useInteger2(
            in, [](I a, I b) { return U(b) < 64 ? I(U(a) << b) : I(0); });
      })
      .Case([&](arith::ShRSIOp) {
        return useInteger2(in,
                           [](I a, I b) { return a >> std::min<U>(b, 63); });
      })
      .Case([&](arith::ShRUIOp) {
        return useUnsigned2(
            in, [](I a, I b) { return U(b) < 64 ? I(U(a) >> b) : I(0); });
      })
      .Case([&](arith::MaxSIOp) {
        return useInteger2(in, [](I a, I b) { return std::max(a, b); });
      })
      .Case([&](arith::MinSIOp) {
        return useInteger2(in, [](I a, I b) { return std::min(a, b); });
      })
      .Case([&](arith::MaxUIOp) {
        return useUnsigned2(in,
                            [](I a, I b) { return I(std::max(U(a), U(b))); });
      })
      .Case([&](arith::MinUIOp) {
        return useUnsigned2(in,
                            [](I a, I b) { return I(std::min(U(a), U(b))); });
      })
      .Case([&](arith::CmpIOp cmp) {
        return useCompareIntegers(in, int64_t(cmp.getPredicate()));
      })
      .Default(false);
}

bool attn::reference::selectArith(Operation *op, Instruction &instruction) {
  if (isa<arith::SelectOp>(op)) {
    instruction.kernel = select;
    return true;
  }
  return selectFloat(op, instruction) || selectCast(op, instruction) ||
         selectInteger(op, instruction);
}
