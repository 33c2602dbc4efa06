//===- MaskEvaluator.cpp - Abstract interpretation of a mask
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskEvaluator.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/Attributes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn;
using namespace attn::mask;

MaskEvaluator::MaskEvaluator(ScalarBuilder &scalars, Region &region,
                             const MaskBox &box, Box bounds)
    : zones(scalars, bounds), scalars(scalars), region(region),
      maxQueries(box.maxQueries), maxKeys(box.maxKeys), maxReads(box.maxReads),
      linear(scalars, bounds), integers(linear),
      predicates(linear, integers, zones) {
  copies.map(region.getArguments().take_front(2), ValueRange({box.b, box.h}));
  for (Value position : {box.b, box.h})
    knownBounds.try_emplace(position, positionBounds);
  Value i = region.getArgument(2), j = region.getArgument(3);
  Scalar zero = ScalarBuilder::constant(0);
  values.try_emplace(i, Integer{LinearForm{1, 0, zero, zero}});
  values.try_emplace(j, Integer{LinearForm{0, 1, zero, zero}});
  uniformity.try_emplace(i, false);
  uniformity.try_emplace(j, false);
}

Predicate MaskEvaluator::evaluate() {
  return truth(region.front().getTerminator()->getOperand(0));
}

//===----------------------------------------------------------------------===//
// Values without i and j
//===----------------------------------------------------------------------===//

/// Calls `visit` on all that `op` reads, with the ops inside of it.
static void forEachInput(Operation *op, llvm::function_ref<void(Value)> visit) {
  llvm::SetVector<Value> inputs(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), inputs);
  llvm::for_each(inputs, visit);
}

bool MaskEvaluator::isUniform(Value value) {
  if (auto known = uniformity.find(value); known != uniformity.end())
    return known->second;
  Operation *op = value.getDefiningOp();
  // Which entry names a key depends on both.
  bool uniform = !isa_and_nonnull<EntryOp>(op);
  if (op && region.isAncestor(op->getParentRegion()))
    forEachInput(op, [&](Value input) { uniform &= isUniform(input); });
  uniformity.try_emplace(value, uniform);
  return uniform;
}

Value MaskEvaluator::copyUniform(Value value) {
  Operation *op = value.getDefiningOp();
  if (copies.contains(value) || !op ||
      !region.isAncestor(op->getParentRegion()))
    return copies.lookupOrDefault(value);
  forEachInput(op, [&](Value input) { copyUniform(input); });
  Operation *copy = scalars.builder.clone(*op, copies);
  SmallVector<Value> folded;
  if (succeeded(scalars.builder.tryFold(copy, folded)) && !folded.empty()) {
    copies.map(op->getResults(), folded);
    copy->erase();
  }
  return copies.lookup(value);
}

Integer MaskEvaluator::uniformInteger(Value value) {
  Value copy = copyUniform(value);
  Bounds bounds = staticBounds(copy, knownBounds);
  if (!copy.getType().isIndex())
    copy = scalars.builder.createOrFold<arith::IndexCastOp>(
        scalars.loc, scalars.builder.getIndexType(), copy);
  return IntegerBuilder::exactly(ScalarBuilder::of(copy, bounds));
}

//===----------------------------------------------------------------------===//
// Truth values
//===----------------------------------------------------------------------===//

Predicate MaskEvaluator::truth(Value value) {
  if (auto known = truths.find(value); known != truths.end())
    return known->second;
  Predicate result = isUniform(value)
                         ? predicates.uniform(Bit(copyUniform(value)))
                         : truthOf(value.getDefiningOp());
  truths.try_emplace(value, result);
  return result;
}

Predicate MaskEvaluator::truthOf(Operation *op) {
  auto operand = [&](unsigned index) { return truth(op->getOperand(index)); };
  return llvm::TypeSwitch<Operation *, Predicate>(op)
      .Case<arith::CmpIOp>([&](auto comparison) { return compare(comparison); })
      .Case<arith::AndIOp>(
          [&](auto) { return predicates.conjoin(operand(0), operand(1)); })
      .Case<arith::OrIOp>(
          [&](auto) { return predicates.disjoin(operand(0), operand(1)); })
      .Case<arith::XOrIOp>(
          [&](auto) { return predicates.differ(operand(0), operand(1)); })
      .Case<arith::SelectOp>([&](auto) {
        return predicates.select(operand(0), operand(1), operand(2));
      })
      .Case<arith::TruncIOp>([&](auto cast) { return lowestBit(cast); })
      .Case<tensor::ExtractOp>([&](auto load) { return loadTruth(load); })
      .Default([&](auto) {
        giveUp(op);
        return Predicate::unknown();
      });
}

Predicate MaskEvaluator::lowestBit(arith::TruncIOp op) {
  std::optional<Bounds> type = Bounds::ofType(op.getIn().getType());
  if (!type) {
    giveUp(op);
    return Predicate::unknown();
  }
  Integer bit =
      integers.bitAnd(integer(op.getIn()), IntegerBuilder::constant(1), *type);
  return predicates.lessEqual(IntegerBuilder::constant(1), bit);
}

Predicate MaskEvaluator::compare(arith::CmpIOp op) {
  using arith::CmpIPredicate;
  if (!Bounds::ofType(op.getLhs().getType())) {
    giveUp(op);
    return Predicate::unknown();
  }
  CmpIPredicate predicate = op.getPredicate();
  bool isUnsigned = llvm::is_contained({CmpIPredicate::ult, CmpIPredicate::ule,
                                        CmpIPredicate::ugt, CmpIPredicate::uge},
                                       predicate);
  // All predicates from one, so that there is one place to be right in.
  auto lessEqual = [&](Value a, Value b) {
    if (a.getType().isInteger(1)) {
      Predicate x = truth(a), y = truth(b);
      return isUnsigned ? predicates.disjoin(!x, y) : predicates.disjoin(x, !y);
    }
    return isUnsigned ? predicates.unsignedLessEqual(integer(a), integer(b))
                      : predicates.lessEqual(integer(a), integer(b));
  };
  Value a = op.getLhs(), b = op.getRhs();
  Predicate result;
  switch (predicate) {
  case CmpIPredicate::eq:
    result = predicates.conjoin(lessEqual(a, b), lessEqual(b, a));
    break;
  case CmpIPredicate::ne:
    result = !predicates.conjoin(lessEqual(a, b), lessEqual(b, a));
    break;
  case CmpIPredicate::sle:
  case CmpIPredicate::ule:
    result = lessEqual(a, b);
    break;
  case CmpIPredicate::sge:
  case CmpIPredicate::uge:
    result = lessEqual(b, a);
    break;
  case CmpIPredicate::slt:
  case CmpIPredicate::ult:
    result = !lessEqual(b, a);
    break;
  case CmpIPredicate::sgt:
  case CmpIPredicate::ugt:
    result = !lessEqual(a, b);
    break;
  }
  auto bounds = [](const Case &single) { return !single.zone.isEverything(); };
  numBounds += llvm::any_of(result.whenTrue, bounds) ||
               llvm::any_of(result.whenFalse, bounds);
  return result;
}

//===----------------------------------------------------------------------===//
// Integers
//===----------------------------------------------------------------------===//

Integer MaskEvaluator::integer(Value value) {
  if (auto known = values.find(value); known != values.end())
    return known->second;
  Integer result;
  if (isUniform(value)) {
    result = uniformInteger(value);
  } else {
    Bounds type = *Bounds::ofType(value.getType());
    result = integerOf(value.getDefiningOp(), type);
    if (result.assuming.isFalse())
      result = IntegerBuilder::unknown(type);
    if (result.isUnknown(type))
      giveUp(value.getDefiningOp());
  }
  values.try_emplace(value, result);
  return result;
}

Integer MaskEvaluator::extendTruth(Value value, int64_t one) {
  Predicate predicate = truth(value);
  return integers.fromTruth(zones.any(predicate.whenFalse),
                            zones.any(predicate.whenTrue), one);
}

Integer MaskEvaluator::selectInteger(arith::SelectOp op) {
  // The abstract operations assume what such a guard asks.
  if (op->hasAttr(guardAttr))
    return integer(op.getTrueValue());
  Integer a = integer(op.getTrueValue()), b = integer(op.getFalseValue());
  if (isUniform(op.getCondition()))
    return integers.select(Bit(copyUniform(op.getCondition())), a, b);
  return integers.either(a, b);
}

Integer MaskEvaluator::castInteger(Operation *op, bool isSigned, Bounds type) {
  Integer from = integer(op->getOperand(0));
  Bounds before = *Bounds::ofType(op->getOperand(0).getType());
  Integer result = integers.truncate(
      isSigned || from.bits ? from : integers.nonNegative(from), type);
  if (!from.bits)
    return result;
  // Where the sign moves into more bits, it must be known not to be set.
  Bounds maybe = from.bits->maybe.bounds;
  bool isWider = type.max > before.max;
  if (isSigned && isWider && !(maybe.min >= 0 && maybe.max <= before.max))
    return result;
  // As another type, the same bits may be another number.
  return integers.resizeBits(from, result, type);
}

Integer MaskEvaluator::integerOf(Operation *op, Bounds type) {
  using Rounding = IntegerBuilder::Rounding;
  auto x = [&] { return integer(op->getOperand(0)); };
  auto y = [&] { return integer(op->getOperand(1)); };
  // For non-negative operands signed and unsigned agree.
  auto ux = [&] { return integers.nonNegative(x()); };
  auto uy = [&] { return integers.nonNegative(y()); };
  bool fromTruth =
      op->getNumOperands() == 1 && op->getOperand(0).getType().isInteger(1);
  if (fromTruth && isa<arith::ExtUIOp, arith::IndexCastUIOp>(op))
    return extendTruth(op->getOperand(0), 1);
  if (fromTruth && isa<arith::ExtSIOp, arith::IndexCastOp>(op))
    return extendTruth(op->getOperand(0), -1);

  if (!isa<tensor::ExtractOp>(op))
    for (Value operand : op->getOperands())
      if (!Bounds::ofType(operand.getType()))
        return IntegerBuilder::unknown(type);
  return llvm::TypeSwitch<Operation *, Integer>(op)
      .Case<arith::AddIOp>([&](auto) { return integers.add(x(), y(), type); })
      .Case<arith::SubIOp>(
          [&](auto) { return integers.subtract(x(), y(), type); })
      .Case<arith::MulIOp>(
          [&](auto) { return integers.multiply(x(), y(), type); })
      .Case<arith::DivSIOp>([&](auto) {
        return integers.divide(x(), y(), Rounding::ToZero, type);
      })
      .Case<arith::DivUIOp>([&](auto) {
        return integers.divide(ux(), y(), Rounding::ToZero, type);
      })
      .Case<arith::FloorDivSIOp>([&](auto) {
        return integers.divide(x(), y(), Rounding::Floor, type);
      })
      .Case<arith::RemSIOp>(
          [&](auto) { return integers.remainder(x(), y(), type); })
      .Case<arith::RemUIOp>(
          [&](auto) { return integers.remainder(ux(), y(), type); })
      .Case<arith::MinSIOp>([&](auto) { return integers.min(x(), y()); })
      .Case<arith::MaxSIOp>([&](auto) { return integers.max(x(), y()); })
      .Case<arith::MinUIOp>([&](auto) { return integers.min(ux(), uy()); })
      .Case<arith::MaxUIOp>([&](auto) { return integers.max(ux(), uy()); })
      .Case<arith::AndIOp>(
          [&](auto) { return integers.bitAnd(x(), y(), type); })
      .Case<arith::OrIOp>([&](auto) { return integers.bitOr(x(), y(), type); })
      .Case<arith::XOrIOp>(
          [&](auto) { return integers.bitXor(x(), y(), type); })
      .Case<math::AbsIOp>([&](auto) { return integers.absolute(x(), type); })
      .Case<arith::ShLIOp>(
          [&](auto) { return integers.shiftLeft(x(), y(), type); })
      .Case<arith::ShRUIOp>([&](auto) {
        return integers.shiftRight(x(), y(), /*isSigned=*/false, type);
      })
      .Case<arith::ShRSIOp>([&](auto) {
        return integers.shiftRight(x(), y(), /*isSigned=*/true, type);
      })
      .Case<arith::IndexCastOp, arith::TruncIOp, arith::ExtSIOp>(
          [&](auto) { return castInteger(op, /*isSigned=*/true, type); })
      .Case<arith::IndexCastUIOp, arith::ExtUIOp>(
          [&](auto) { return castInteger(op, /*isSigned=*/false, type); })
      .Case<tensor::ExtractOp>(
          [&](auto extract) { return load(extract, type); })
      .Case<arith::SelectOp>([&](auto select) { return selectInteger(select); })
      .Default([&](auto) { return IntegerBuilder::unknown(type); });
}
