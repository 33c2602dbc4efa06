//===- AttentionMatch.cpp - Recognise an attention among scalar expressions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionMatch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace attn::raising;

static constexpr double infinity = std::numeric_limits<double>::infinity();

/// A factor log2(e) of scores in base 2, rounded to f32 or less, as what it
/// stands for: together with the ln(2) of the power it is exactly 1.
static double unrounded(double factor) {
  return std::abs(factor / M_LOG2E - 1) < 1e-6 ? M_LOG2E : factor;
}

/// One constant multiplication or division: the rest and the factor.
static std::optional<std::pair<const Expr *, double>>
matchConstantFactor(TensorExprs &exprs, const Expr *expr) {
  const Expr *def = exprs.definition(expr);
  if (def->isApply<arith::MulFOp>()) {
    if (auto factor = exprs.constantValue(def->operands[1]))
      return std::pair{def->operands[0], unrounded(*factor)};
    if (auto factor = exprs.constantValue(def->operands[0]))
      return std::pair{def->operands[1], unrounded(*factor)};
  }
  if (def->isApply<arith::DivFOp>())
    if (auto divisor = exprs.constantValue(def->operands[1]);
        divisor && *divisor != 0)
      return std::pair{def->operands[0], 1 / *divisor};
  return std::nullopt;
}

std::optional<double> attn::raising::matchScaled(TensorExprs &exprs,
                                                 const Expr *scaled,
                                                 const Expr *inner) {
  double factor = 1;
  for (;;) {
    scaled = exprs.skipFloatCasts(scaled);
    Bindings none;
    if (exprs.definition(scaled) == inner ||
        unify(exprs, exprs.definition(scaled), inner, {}, none))
      return factor;
    auto step = matchConstantFactor(exprs, scaled);
    if (!step)
      return std::nullopt;
    scaled = step->first;
    factor *= step->second;
  }
}

namespace {
/// Takes apart what a softmax normalizes.
class ScoreMatcher {
public:
  ScoreMatcher(TensorExprs &exprs, AttentionMatch &match)
      : exprs(exprs), match(match) {}

  LogicalResult run(const Expr *score, Mismatch &mismatch);

private:
  const Expr *findDot(const Expr *expr);
  bool isDot(const Expr *reduce);
  const Expr *takeMasks(const Expr *expr);
  void takeFactors();

  TensorExprs &exprs;
  AttentionMatch &match;
};
} // namespace

/// Query times key: one factor runs along the keys, the other one doesn't.
bool ScoreMatcher::isDot(const Expr *reduce) {
  auto factors = matchContraction(exprs, reduce);
  return factors && exprs.dependsOnAny(factors->first, match.keys) !=
                        exprs.dependsOnAny(factors->second, match.keys);
}

const Expr *ScoreMatcher::findDot(const Expr *expr) {
  const Expr *def = exprs.definition(expr);
  if (isDot(def))
    return def;
  if (!def->is(Expr::Kind::Apply))
    return nullptr;
  for (const Expr *operand : def->operands)
    if (const Expr *dot = findDot(operand))
      return dot;
  return nullptr;
}

bool attn::raising::contains(TensorExprs &exprs, const Expr *expr,
                             const Expr *dot) {
  const Expr *def = exprs.definition(expr);
  if (def->op && def->op == dot->op)
    return true;
  return def->is(Expr::Kind::Apply) &&
         llvm::any_of(def->operands, [&](const Expr *operand) {
           return contains(exprs, operand, dot);
         });
}

/// Removes what makes the score -infinity, and collects it as masks. Only where
/// -infinity reaches the softmax unchanged: through sums and positive factors.
const Expr *ScoreMatcher::takeMasks(const Expr *expr) {
  const Expr *def = exprs.definition(exprs.skipFloatCasts(expr));
  if (def->isApply<arith::SelectOp>() &&
      !contains(exprs, def->operands[0], match.dot)) {
    for (bool keeps : {true, false}) {
      if (exprs.constantValue(def->operands[keeps ? 2 : 1]) != -infinity)
        continue;
      match.masks.push_back({def->operands[0], keeps});
      return takeMasks(def->operands[keeps ? 1 : 2]);
    }
  }
  if (def->isApply<arith::AddFOp>()) {
    const Expr *a = takeMasks(def->operands[0]);
    const Expr *b = takeMasks(def->operands[1]);
    if (exprs.constantValue(b) == 0.0)
      return a;
    if (exprs.constantValue(a) == 0.0)
      return b;
    bool changed = a != def->operands[0] || b != def->operands[1];
    return changed ? exprs.apply(def->op, {a, b}) : expr;
  }
  if (auto scaled = matchConstantFactor(exprs, def);
      scaled && scaled->second > 0) {
    const Expr *inner = takeMasks(scaled->first);
    if (inner == scaled->first)
      return expr;
    SmallVector<const Expr *> operands(def->operands);
    llvm::replace(operands, scaled->first, inner);
    return exprs.apply(def->op, operands);
  }
  return expr;
}

/// Moves constant factors of query and key into the scale.
void ScoreMatcher::takeFactors() {
  match.dotFactor = 1;
  for (const Expr **operand : {&match.query, &match.key}) {
    while (auto scaled = matchConstantFactor(exprs, *operand)) {
      *operand = scaled->first;
      match.dotFactor *= scaled->second;
    }
    *operand = exprs.separableSource(*operand);
  }
}

LogicalResult ScoreMatcher::run(const Expr *score, Mismatch &mismatch) {
  match.dot = findDot(score);
  if (!match.dot) {
    mismatch.reason = "the scores are not computed from a multiplication of "
                      "queries with keys";
    return failure();
  }
  auto [a, b] = *matchContraction(exprs, match.dot);
  bool keyFirst = exprs.dependsOnAny(a, match.keys);
  match.query = keyFirst ? b : a;
  match.key = keyFirst ? a : b;
  match.features = match.dot->variables;
  takeFactors();
  if (!match.query->is(Expr::Kind::Access) ||
      !match.key->is(Expr::Kind::Access)) {
    mismatch.reason =
        "queries or keys are no tensors: they are computed inside "
        "of the multiplication";
    mismatch.culprit = match.dot->op;
    return failure();
  }
  match.score = takeMasks(score);
  while (auto scaled = matchConstantFactor(exprs, match.score)) {
    // A score that is nothing but scaled needs no region.
    if (auto factor = matchScaled(exprs, match.score, match.dot)) {
      match.dotFactor *= *factor;
      match.score = match.dot;
      break;
    }
    match.scoreFactor *= scaled->second;
    match.score = scaled->first;
  }
  if (match.score == match.dot ||
      exprs.definition(exprs.skipFloatCasts(match.score)) == match.dot) {
    match.score = match.dot;
    match.dotFactor *= match.scoreFactor;
    match.scoreFactor = 1;
  }
  return success();
}

FailureOr<AttentionMatch> attn::raising::matchAttention(TensorExprs &exprs,
                                                        Value result,
                                                        Mismatch &mismatch) {
  AttentionMatch match;
  match.result = result;
  match.whole = exprs.accessWhole(result);
  const Expr *sum = exprs.definition(match.whole);
  const Expr *addend = nullptr;
  if (sum->isApply<arith::AddFOp>())
    for (unsigned at : {0, 1})
      if (sum->operands[at]->is(Expr::Kind::Reduce)) {
        addend = sum->operands[1 - at];
        sum = sum->operands[at];
        break;
      }
  auto factors = matchContraction(exprs, sum);
  if (!factors)
    return failure();
  match.keys = sum->variables;
  for (auto [probability, value] :
       {*factors, std::pair{factors->second, factors->first}}) {
    FailureOr<SoftmaxMatch> softmax =
        matchSoftmax(exprs, probability, match.keys, mismatch);
    if (failed(softmax))
      continue;
    if (addend) {
      mismatch.reason = "the multiplication with the values adds to a tensor";
      mismatch.culprit = sum->op;
      return failure();
    }
    match.softmax = softmax->op;
    match.scoreFactor = softmax->factor;
    match.value = exprs.separableSource(value);
    if (!match.value->is(Expr::Kind::Access)) {
      mismatch.reason = "values are no tensor: they are computed inside of the "
                        "multiplication";
      mismatch.culprit = sum->op;
      return failure();
    }
    if (failed(ScoreMatcher(exprs, match).run(softmax->score, mismatch)))
      return failure();
    return match;
  }
  return failure();
}
