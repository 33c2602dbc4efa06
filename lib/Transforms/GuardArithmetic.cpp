//===- GuardArithmetic.cpp - Give integer arithmetic a result for all operands
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Before loads are guarded and anything is tiled: what proves an index, and
// what is known of a mask, holds for the arithmetic that runs. Of lanes that
// stand for no pair, nothing is known; a guard of their operands covers them as
// well.
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/FloatBounds.h"
#include "attn/Analysis/LoadBounds.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringExtras.h"

namespace attn {
#define GEN_PASS_DEF_GUARDARITHMETIC
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using namespace attn::mask;

namespace {
struct GuardArithmetic : attn::impl::GuardArithmeticBase<GuardArithmetic> {
  void runOnOperation() override;
};

/// Guards the ops of a function, or of one region of an attention.
class ArithmeticGuard {
public:
  explicit ArithmeticGuard(llvm::DenseMap<Value, Bounds> known)
      : known(std::move(known)) {}
  /// Returns what `op` is called where it needed a guard.
  StringRef guard(Operation *op);

private:
  /// Nothing of integers beyond 64 bits.
  std::optional<Bounds> boundsOf(Value value);
  bool guardDivision(Operation *op, bool isSigned);
  bool guardShift(Operation *op);
  bool guardConversion(Operation *op);

  llvm::DenseMap<Value, Bounds> known;
};
} // namespace

static bool isSignedDivision(Operation *op) {
  return isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
             arith::CeilDivSIOp, index::DivSOp, index::RemSOp,
             index::FloorDivSOp, index::CeilDivSOp>(op);
}

static bool isUnsignedDivision(Operation *op) {
  return isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp, index::DivUOp,
             index::RemUOp, index::CeilDivUOp>(op);
}

static bool isSignedShift(Operation *op) {
  return isa<arith::ShRSIOp, index::ShrSOp>(op);
}

static bool isShift(Operation *op) {
  return isSignedShift(op) ||
         isa<arith::ShLIOp, arith::ShRUIOp, index::ShlOp, index::ShrUOp>(op);
}

static unsigned widthOf(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// The constant of an integer type with these low bits.
static Value constantBits(IRBuilder &b, Type type, const APInt &value) {
  return arith::ConstantOp::create(b, b.getLoc(),
                                   b.getIntegerAttr(type, value));
}

static Value constant(IRBuilder &b, Type type, int64_t value) {
  return constantBits(
      b, type, APInt(64, value, /*isSigned=*/true).sextOrTrunc(widthOf(type)));
}

/// Marks a guard for those that look through it.
static Value mark(Value guard) {
  if (Operation *op = guard.getDefiningOp())
    op->setAttr(guardAttr, UnitAttr::get(guard.getContext()));
  return guard;
}

/// The outermost op whose regions `value` is not of, seen from `op`: what is
/// made of it alone is made there, once.
static Operation *placeOf(Value value, Operation *op) {
  Region *home = value.getParentRegion();
  while (op->getParentRegion() != home)
    op = op->getParentOp();
  return op;
}

std::optional<Bounds> ArithmeticGuard::boundsOf(Value value) {
  if (!Bounds::ofType(value.getType()))
    return std::nullopt;
  return staticBounds(value, known);
}

bool ArithmeticGuard::guardDivision(Operation *op, bool isSigned) {
  Value number = op->getOperand(0), divisor = op->getOperand(1);
  Type type = divisor.getType();
  unsigned width = widthOf(type);
  std::optional<Bounds> by = boundsOf(divisor), of = boundsOf(number);
  bool mayBeZero = !by || by->contains({0, 0});
  bool mayOverflow = isSigned && (!by || by->contains({-1, -1})) &&
                     (!of || of->min == Bounds::ofWidth(width).min);
  if (!mayBeZero && !mayOverflow)
    return false;
  Location loc = op->getLoc();
  OpBuilder builder(mayOverflow ? op : placeOf(divisor, op));
  IRBuilder b(builder, loc);
  Value one = constant(b, type, 1);
  Value guarded;
  if (by && by->min >= 0) {
    guarded = mark(arith::MaxSIOp::create(b, loc, divisor, one));
  } else if (!isSigned) {
    guarded = mark(arith::MaxUIOp::create(b, loc, divisor, one));
  } else {
    Value bad;
    if (mayBeZero)
      bad = b.compare(arith::CmpIPredicate::eq, divisor, constant(b, type, 0));
    if (mayOverflow) {
      // Divided by one, the least integer is itself too.
      Value isLeast =
          b.compare(arith::CmpIPredicate::eq, number,
                    constantBits(b, type, APInt::getSignedMinValue(width)));
      Value isOpposite =
          b.compare(arith::CmpIPredicate::eq, divisor, constant(b, type, -1));
      Value overflows = arith::AndIOp::create(b, loc, isLeast, isOpposite);
      bad = bad ? arith::OrIOp::create(b, loc, bad, overflows) : overflows;
    }
    guarded = arith::SelectOp::create(b, loc, bad, one, divisor);
  }
  op->setOperand(1, guarded);
  return true;
}

bool ArithmeticGuard::guardShift(Operation *op) {
  Value by = op->getOperand(1);
  Type type = by.getType();
  int64_t width = widthOf(type);
  std::optional<Bounds> bounds = boundsOf(by);
  if (bounds && Bounds{0, width - 1}.contains(*bounds))
    return false;
  Location loc = op->getLoc();
  if (isSignedShift(op)) {
    OpBuilder builder(placeOf(by, op));
    IRBuilder b(builder, loc);
    op->setOperand(
        1, arith::MinUIOp::create(b, loc, by, constant(b, type, width - 1)));
    return true;
  }
  OpBuilder builder(op->getContext());
  builder.setInsertionPointAfter(op);
  IRBuilder b(builder, loc);
  Value isInside =
      b.compare(arith::CmpIPredicate::ult, by, constant(b, type, width));
  Value shifted = op->getResult(0);
  Value guarded = mark(
      arith::SelectOp::create(b, loc, isInside, shifted, constant(b, type, 0)));
  shifted.replaceAllUsesExcept(guarded, guarded.getDefiningOp());
  return true;
}

bool ArithmeticGuard::guardConversion(Operation *op) {
  Value number = op->getOperand(0);
  Type type = op->getResult(0).getType();
  bool isSigned = isa<arith::FPToSIOp>(op);
  unsigned width = widthOf(type);
  // From `least` to before `beyond`; both are exact.
  double beyond = std::ldexp(1.0, isSigned ? width - 1 : width);
  double least = isSigned ? -beyond : 0;
  std::optional<FloatBounds> bounds = floatBounds(number, known);
  if (bounds && bounds->min >= least && bounds->max < beyond)
    return false;

  Location loc = op->getLoc();
  OpBuilder builder(op);
  IRBuilder before(builder, loc);
  if (widthOf(number.getType()) < 32) {
    number = before.convert(number, before.getF32Type());
    op->setOperand(0, number);
  }
  builder.setInsertionPointAfter(op);
  IRBuilder b(builder, loc);
  Type real = number.getType();
  auto choose = [&](arith::CmpFPredicate predicate, Value limit, APInt value,
                    Value otherwise) {
    Value holds = arith::CmpFOp::create(b, loc, predicate, number, limit);
    return arith::SelectOp::create(b, loc, holds, constantBits(b, type, value),
                                   otherwise);
  };
  Value integer = op->getResult(0);
  Value low =
      choose(arith::CmpFPredicate::OLE, b.floating(real, least),
             isSigned ? APInt::getSignedMinValue(width) : APInt::getZero(width),
             integer);
  Operation *first = low.getDefiningOp();
  Value high = choose(arith::CmpFPredicate::OGE, b.floating(real, beyond),
                      isSigned ? APInt::getSignedMaxValue(width)
                               : APInt::getMaxValue(width),
                      low);
  Value guarded =
      choose(arith::CmpFPredicate::UNO, number, APInt::getZero(width), high);
  integer.replaceAllUsesExcept(guarded, first);
  return true;
}

/// What an op promises of its operands, and would be undefined without.
static void dropPromises(Operation *op) {
  MLIRContext *context = op->getContext();
  if (auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(op);
      flags && (flags.hasNoSignedWrap() || flags.hasNoUnsignedWrap()))
    op->setAttr(flags.getIntegerOverflowAttrName(),
                arith::IntegerOverflowFlagsAttr::get(
                    context, arith::IntegerOverflowFlags::none));
  // Conversions may do without the attribute.
  if (auto flags = dyn_cast<arith::ArithFastMathInterface>(op))
    if (arith::FastMathFlagsAttr given = flags.getFastMathFlagsAttr())
      op->setAttr(
          flags.getFastMathAttrName(),
          arith::FastMathFlagsAttr::get(
              context, given.getValue() & ~(arith::FastMathFlags::nnan |
                                            arith::FastMathFlags::ninf)));
  if (auto division = dyn_cast<arith::DivSIOp>(op))
    division.setIsExact(false);
  if (auto division = dyn_cast<arith::DivUIOp>(op))
    division.setIsExact(false);
  if (auto shift = dyn_cast<arith::ShRSIOp>(op))
    shift.setIsExact(false);
  if (auto shift = dyn_cast<arith::ShRUIOp>(op))
    shift.setIsExact(false);
}

StringRef ArithmeticGuard::guard(Operation *op) {
  dropPromises(op);
  // What is done to whole tensors is left alone.
  if (op->getNumResults() != 1 || op->getNumOperands() == 0 ||
      !op->getResult(0).getType().isIntOrIndexOrFloat())
    return "";
  if (isSignedDivision(op) || isUnsignedDivision(op))
    return guardDivision(op, isSignedDivision(op)) ? "division" : "";
  if (isShift(op))
    return guardShift(op) ? "shift" : "";
  if (isa<arith::FPToSIOp, arith::FPToUIOp>(op))
    return guardConversion(op) ? "conversion to an integer" : "";
  return "";
}

/// Of a dimension that a tensor lacks nothing is defined, nor said by
/// upstream's verifier.
static LogicalResult verifySizes(func::FuncOp function) {
  WalkResult result = function.walk([](tensor::DimOp size) {
    auto type = dyn_cast<RankedTensorType>(size.getSource().getType());
    std::optional<int64_t> index = getConstantIntValue(size.getIndex());
    if (!type || !index || (*index >= 0 && *index < type.getRank()))
      return WalkResult::advance();
    size.emitOpError("expects a dimension of ") << type << ", got " << *index;
    return WalkResult::interrupt();
  });
  return success(!result.wasInterrupted());
}

void GuardArithmetic::runOnOperation() {
  func::FuncOp function = getOperation();
  if (function.isExternal())
    return;
  if (failed(verifySizes(function)))
    return signalPassFailure();
  SmallVector<std::string> guarded;
  auto guardAll = [&](ArrayRef<Operation *> ops,
                      llvm::DenseMap<Value, Bounds> known) {
    ArithmeticGuard guard(std::move(known));
    for (Operation *op : ops) {
      StringRef what = guard.guard(op);
      if (what.empty())
        continue;
      std::string text = what.str();
      if (auto at = op->getLoc()->findInstanceOf<FileLineColLoc>())
        text += " at " + at.getFilename().str() + ':' +
                std::to_string(at.getLine()) + ':' +
                std::to_string(at.getColumn());
      guarded.push_back(std::move(text));
    }
  };
  SmallVector<Operation *> others;
  function->walk([&](Operation *op) {
    if (op->getParentOfType<AttentionOp>())
      return;
    others.push_back(op);
    auto attention = dyn_cast<AttentionOp>(op);
    if (!attention)
      return;
    for (Region &region : op->getRegions()) {
      SmallVector<Operation *> ops;
      region.walk([&](Operation *inner) { ops.push_back(inner); });
      if (!ops.empty())
        guardAll(ops, boundsInRegion(attention, region));
    }
  });
  guardAll(others, llvm::DenseMap<Value, Bounds>());
  if (guarded.empty())
    return;
  bool one = guarded.size() == 1;
  remark::analysis(function.getLoc(),
                   remark::RemarkOpts::name("arithmetic").category("attn"))
      << std::to_string(guarded.size()) +
             (one ? " operation is" : " operations are") +
             " guarded, as nothing proves that " + (one ? "its" : "their") +
             " operands have a result: " + llvm::join(guarded, "; ");
}
