//===- OnlineState.cpp - How the state of a task begins and ends
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnlineState.h"
#include "attn/Support/Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

OnlineState OnlineState::namesFor(AttentionOp op) {
  OnlineState state;
  state.names.push_back("acc");
  if (op.getNormalizer() == "softmax")
    state.names.append({"max", "sum"});
  if (op.getAuxResult("row_max"))
    state.names.push_back("row_max");
  return state;
}

Value OnlineState::get(StringRef name) const {
  for (auto [known, value] : llvm::zip_equal(names, values))
    if (known == name)
      return value;
  return {};
}

void OnlineState::set(StringRef name, Value value) {
  for (auto [known, part] : llvm::zip_equal(names, values))
    if (known == name)
      part = value;
}

ArrayRef<StringRef> OnlineState::aux() const {
  return ArrayRef(names).drop_front(llvm::is_contained(names, "sum") ? 3 : 1);
}

double OnlineState::initial(StringRef name) {
  if (name == "max")
    return lowestMaximum;
  return name == "row_max" ? -std::numeric_limits<double>::infinity() : 0;
}

void attn::addSinks(IRBuilder &b, OnlineState &state, OpFoldResult live,
                    llvm::function_ref<Value(IRBuilder &, Value)> sink) {
  Value max = state.get("max"), sum = state.get("sum"), acc = state.get("acc");
  auto type = cast<RankedTensorType>(acc.getType());
  Type element = type.getElementType();
  Value factors = b.scratch(type.getDimSize(0), element);
  // The sink counts for the maximum: it may be far above the keys' scores, or
  // the only one. All results in one op: alpha needs the old maximum. Rows that
  // are not live hold anything, and become anything.
  ResultRange results = b.generic(
      "p", {}, {}, {max, sum, factors}, {{0}, {0}, {0}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value row = b.indexOf(0);
        Value score = b.mulf(b.convert(sink(b, row), element),
                             b.floating(element, log2e));
        Value larger = b.maxNumber(score, args[0]);
        auto power = [&](Value x) -> Value {
          return math::Exp2Op::create(b, loc,
                                      arith::SubFOp::create(b, loc, x, larger));
        };
        Value alpha = power(args[0]);
        return {larger, b.addf(b.mulf(args[1], alpha), power(score)), alpha};
      });
  state.set("max", results[0]);
  state.set("sum", results[1]);
  OpFoldResult zero = b.getIndexAttr(0);
  SmallVector<OpFoldResult> offsets = {zero, zero},
                            sizes = {live, b.getIndexAttr(type.getDimSize(1))};
  Value scaled =
      b.generic("pp", b.slice(results[2], {zero}, {live}), {{0}},
                b.slice(acc, offsets, sizes), {{0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {b.mulf(args[0], args[1])};
                })[0];
  state.set("acc", b.insert(scaled, acc, offsets, sizes));
}

Value attn::raiseRowMax(IRBuilder &b, StringRef normalizer, Value score,
                        Value maximum) {
  if (normalizer == "softmax")
    return b.maxNumber(score, maximum);
  return arith::MaximumFOp::create(b, b.getLoc(), score, maximum);
}

Value attn::inverseOf(IRBuilder &b, Value sum) {
  Location loc = b.getLoc();
  Value zero = b.floating(sum.getType(), 0), one = b.floating(sum.getType(), 1);
  Value some =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, sum, zero);
  Value inverse = arith::DivFOp::create(b, loc, one, sum);
  return arith::SelectOp::create(b, loc, some, inverse, zero);
}

Value attn::rowStatistic(IRBuilder &b, StringRef name, double unit,
                         const OnlineState &row) {
  Location loc = b.getLoc();
  Value max = row.get("max"), sum = row.get("sum"), peak = row.get("row_max");
  Type element = (name == "lse" ? sum : peak).getType();
  Value toNatural = b.floating(element, 1.0 / unit);
  if (name == "lse") {
    // log2(0) is -inf.
    Value log = math::Log2Op::create(b, loc, sum);
    return b.mulf(b.addf(max, log), toNatural);
  }
  // A maximum leaves NaN out, and the sum does not.
  if (unit != 1)
    peak = b.mulf(peak, toNatural);
  if (!sum)
    return peak;
  Value isNaN =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, sum, sum);
  return arith::SelectOp::create(b, loc, isNaN, sum, peak);
}
