//===- MaskGrammar.cpp - Random masks
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskGrammar.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn;
using namespace attn::test;

MaskGrammar::MaskGrammar(MLIRContext &context, unsigned seed)
    : random(seed), builder(&context), loc(builder.getUnknownLoc()),
      index(builder.getIndexType()), i8(builder.getI8Type()),
      i32(builder.getI32Type()), i64(builder.getI64Type()),
      i1(builder.getI1Type()) {
  for (Type type : {index, index, i32, i64})
    captures.push_back(outside.addArgument(type, loc));
  table = outside.addArgument(RankedTensorType::get({4}, i32), loc);
  flags = outside.addArgument(RankedTensorType::get({3, 4}, i1), loc);
}

void MaskGrammar::start(Region &mask) {
  Block &block = mask.emplaceBlock();
  for (Value *argument : {&b, &h, &i, &j})
    *argument = block.addArgument(index, loc);
  builder.setInsertionPointToEnd(&block);
}

void MaskGrammar::finish(Value keep) { YieldOp::create(builder, loc, keep); }

int64_t MaskGrammar::drawConstant(bool moderate) {
  if (moderate || chance(85))
    return uniform(-3, 9);
  int64_t power = int64_t(1) << uniform(5, 62);
  return uniform(-1, 1) + (chance(50) ? power : -power);
}

Oracle MaskGrammar::drawCaptures(bool moderate) {
  Oracle oracle;
  for (Value capture : captures) {
    int64_t value = drawConstant(moderate);
    oracle.integers[capture] =
        capture.getType() == i32 ? int64_t(int32_t(value)) : value;
  }
  for (unsigned at = 0; at < 4; ++at)
    oracle.tensors[table].push_back(int32_t(drawConstant(moderate)));
  for (unsigned at = 0; at < 12; ++at)
    oracle.tensors[flags].push_back(chance(30));
  return oracle;
}

Value MaskGrammar::constant(int64_t value, Type type) {
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  APInt bits = APInt(64, value, /*isSigned=*/true).trunc(width);
  return arith::ConstantOp::create(builder, loc,
                                   builder.getIntegerAttr(type, bits));
}

Value MaskGrammar::load(Value at) {
  return tensor::ExtractOp::create(builder, loc, table, at);
}

/// A position in the table that doesn't depend on i and j.
Value MaskGrammar::uniformIndex() {
  Value four = constant(4, index);
  return arith::RemUIOp::create(builder, loc, chance(50) ? b : h, four);
}

Value MaskGrammar::anyIndex() {
  Value position = chance(50) ? i : j;
  // The last is within the table for small positions only.
  switch (uniform(0, 3)) {
  case 0:
    return arith::RemUIOp::create(builder, loc, position, constant(4, index));
  case 1:
    return arith::AndIOp::create(builder, loc, position, constant(3, index));
  case 2:
    return arith::MinUIOp::create(builder, loc, position, constant(3, index));
  default:
    return arith::DivUIOp::create(builder, loc, position, constant(3, index));
  }
}

Value MaskGrammar::flag() {
  Value row = arith::DivUIOp::create(builder, loc, i, constant(3, index));
  Value column = anyIndex();
  return tensor::ExtractOp::create(builder, loc, flags,
                                   ValueRange{row, column});
}

Value MaskGrammar::bit() {
  Value word = load(anyIndex()), one = constant(1, i32);
  Value at = arith::AndIOp::create(builder, loc, chance(50) ? i : j,
                                   constant(chance(50) ? 7 : 31, index));
  Value shift = convert(at, i32);
  if (chance(30))
    word = arith::ShRSIOp::create(builder, loc, word, constant(1, i32));
  Value some;
  if (chance(50)) {
    Value moved = arith::ShRUIOp::create(builder, loc, word, shift);
    if (chance(30))
      return arith::TruncIOp::create(builder, loc, i1, moved);
    some = arith::AndIOp::create(builder, loc, moved, one);
  } else {
    Value probe = arith::ShLIOp::create(builder, loc, one, shift);
    some = arith::AndIOp::create(builder, loc, word, probe);
  }
  return arith::CmpIOp::create(builder, loc,
                               chance(70) ? arith::CmpIPredicate::ne
                                          : arith::CmpIPredicate::eq,
                               some, constant(0, i32));
}

/// `value` as `type`, by any op that does it.
Value MaskGrammar::convert(Value value, Type type) {
  Type from = value.getType();
  if (from == type)
    return value;
  if (from.isIndex() || type.isIndex()) {
    if (chance(70))
      return arith::IndexCastOp::create(builder, loc, type, value);
    return arith::IndexCastUIOp::create(builder, loc, type, value);
  }
  if (from.getIntOrFloatBitWidth() > type.getIntOrFloatBitWidth())
    return arith::TruncIOp::create(builder, loc, type, value);
  if (chance(70))
    return arith::ExtSIOp::create(builder, loc, type, value);
  return arith::ExtUIOp::create(builder, loc, type, value);
}

Value MaskGrammar::leaf(Type type) {
  switch (uniform(0, 9)) {
  case 0:
  case 1:
  case 2:
    return convert(i, type);
  case 3:
  case 4:
  case 5:
    return convert(j, type);
  case 6:
    return convert(pick(captures), type);
  case 7:
    return convert(load(chance(40) ? uniformIndex() : anyIndex()), type);
  case 8:
    return convert(chance(50) ? b : h, type);
  default:
    return constant(drawConstant(false), type);
  }
}

template <typename... Ops>
static Value oneOf(OpBuilder &builder, Location loc, unsigned choice, Value a,
                   Value b) {
  Value result;
  unsigned position = 0;
  ((position++ == choice % sizeof...(Ops)
        ? (result = Ops::create(builder, loc, a, b), 0)
        : 0),
   ...);
  return result;
}

Value MaskGrammar::integer(unsigned depth, Type type) {
  if (depth == 0 || chance(20))
    return leaf(type);
  auto operand = [&] { return integer(depth - 1, type); };
  unsigned choice = uniform(0, 1000);
  switch (uniform(0, 10)) {
  case 10: {
    Value by = arith::AndIOp::create(builder, loc, operand(),
                                     constant(choice % 2 ? 1 : 7, type));
    if (chance(60))
      by = constant(uniform(0, 6), type);
    return oneOf<arith::ShLIOp, arith::ShRUIOp, arith::ShRSIOp>(
        builder, loc, choice, operand(), by);
  }
  case 0:
  case 1:
  case 2:
  case 3:
    return oneOf<arith::AddIOp, arith::SubIOp>(builder, loc, choice, operand(),
                                               operand());
  case 4:
    return oneOf<arith::MulIOp, arith::AndIOp, arith::OrIOp, arith::XOrIOp>(
        builder, loc, choice, operand(), operand());
  case 5:
    return oneOf<arith::MinSIOp, arith::MaxSIOp, arith::MinUIOp,
                 arith::MaxUIOp>(builder, loc, choice, operand(), operand());
  case 6: {
    Value divisor = chance(70) ? constant(uniform(1, 5), type)
                               : convert(pick(captures), type);
    return oneOf<arith::DivSIOp, arith::DivUIOp, arith::FloorDivSIOp,
                 arith::RemSIOp, arith::RemUIOp>(builder, loc, choice,
                                                 operand(), divisor);
  }
  case 7:
    return math::AbsIOp::create(builder, loc, operand());
  case 8: {
    Type other = choice % 3 == 0 ? i8 : choice % 3 == 1 ? i32 : index;
    if (other == type || (type != index && other == index))
      other = type;
    return convert(integer(depth - 1, other), type);
  }
  default:
    if (choice % 4 == 0)
      return convert(truth(depth - 1), type);
    return arith::SelectOp::create(builder, loc, truth(depth - 1), operand(),
                                   operand());
  }
}

arith::CmpIPredicate MaskGrammar::predicate(bool isSigned) {
  return arith::CmpIPredicate(uniform(0, isSigned ? 5 : 9));
}

Value MaskGrammar::truth(unsigned depth) {
  if (depth <= 1 || chance(30)) {
    if (chance(15))
      return chance(50) ? flag() : bit();
    Type type = chance(60) ? index : chance(60) ? i32 : chance(50) ? i64 : i8;
    unsigned operandDepth = depth ? depth - 1 : 0;
    Value a = integer(operandDepth, type);
    return arith::CmpIOp::create(builder, loc, predicate(chance(70)), a,
                                 integer(operandDepth, type));
  }
  Value a = truth(depth - 1), b = truth(depth - 1);
  unsigned choice = uniform(0, 1000);
  if (chance(85))
    return oneOf<arith::AndIOp, arith::OrIOp, arith::XOrIOp>(builder, loc,
                                                             choice, a, b);
  if (chance(50))
    return arith::SelectOp::create(builder, loc, truth(depth - 1), a, b);
  return arith::CmpIOp::create(builder, loc, predicate(false), a, b);
}

void MaskGrammar::drawAny(Region &mask) {
  start(mask);
  finish(truth(uniform(1, 4)));
}

Value MaskGrammar::exactTruth(unsigned numAtoms) {
  if (numAtoms > 1) {
    unsigned left = uniform(1, numAtoms - 1);
    Value a = exactTruth(left), b = exactTruth(numAtoms - left);
    Value both =
        oneOf<arith::AndIOp, arith::OrIOp>(builder, loc, uniform(0, 1), a, b);
    if (chance(75))
      return both;
    return arith::XOrIOp::create(builder, loc, both, constant(1, i1));
  }
  Value variable;
  switch (uniform(0, 3)) {
  case 0:
    variable = i;
    break;
  case 1:
    variable = j;
    break;
  case 2:
    variable = arith::SubIOp::create(builder, loc, i, j);
    break;
  default:
    variable = math::AbsIOp::create(builder, loc,
                                    arith::SubIOp::create(builder, loc, j, i));
  }
  Value limit = chance(50)   ? constant(uniform(-2, 6), index)
                : chance(50) ? convert(load(uniformIndex()), index)
                             : pick({captures[0], captures[1]});
  bool swap = chance(30);
  // Equality of a distance is two cases, inequality of it too; others are one.
  return arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate(uniform(2, 5)),
      swap ? limit : variable, swap ? variable : limit);
}

void MaskGrammar::drawExact(Region &mask, unsigned numAtoms) {
  start(mask);
  finish(exactTruth(numAtoms));
}
