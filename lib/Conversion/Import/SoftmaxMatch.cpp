//===- SoftmaxMatch.cpp - Recognise a softmax among scalar expressions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SoftmaxMatch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace attn::raising;

/// The operands of a binary op in both orders.
static SmallVector<std::pair<const Expr *, const Expr *>, 2>
bothOrders(const Expr *apply) {
  const Expr *a = apply->operands[0], *b = apply->operands[1];
  return {{a, b}, {b, a}};
}

static bool isExponential(const Expr *expr) {
  return expr->isApply<math::ExpOp>() || expr->isApply<math::Exp2Op>();
}

/// Whether `indices` together run over all of `variables`, each position once.
static bool cover(TensorExprs &exprs, ArrayRef<Index> indices,
                  ArrayRef<int> variables) {
  SmallVector<Digit> digits;
  for (const Index &index : indices)
    for (const Digit &digit : index) {
      if (digit.isConstant() ||
          !llvm::is_contained(variables, digit.variable) ||
          llvm::is_contained(digits, digit))
        return false;
      digits.push_back(digit);
    }
  SmallVector<Digit> whole;
  for (int variable : variables)
    whole.push_back({variable, 1, exprs.extent(variable)});
  int64_t extent = extentOf(digits);
  if (ShapedType::isDynamic(extent))
    return digits.size() == whole.size() &&
           llvm::all_of(whole, [&](const Digit &digit) {
             return llvm::is_contained(digits, digit);
           });
  return extent == extentOf(whole);
}

/// Whether `sum` adds up `term` over all keys.
static bool isSumOf(TensorExprs &exprs, const Expr *sum, const Expr *term,
                    ArrayRef<int> keys) {
  if (!sum->is(Expr::Kind::Reduce) || sum->reduction != ReductionKind::Sum)
    return false;
  Bindings bindings;
  if (!unify(exprs, term, sum->operands.front(), sum->variables, bindings))
    return false;
  SmallVector<Index> bound;
  for (int variable : sum->variables)
    bound.push_back(bindings.lookup(variable));
  return cover(exprs, bound, keys);
}

/// `1 / x` gives x, and x^-1 as exp(-log x) is not written by anybody.
static const Expr *reciprocalOf(TensorExprs &exprs, const Expr *expr) {
  const Expr *def = exprs.definition(expr);
  if (def->isApply<arith::DivFOp>() &&
      exprs.constantValue(def->operands[0]) == 1.0)
    return def->operands[1];
  return nullptr;
}

/// Numerator and denominator of a quotient however it is written.
static std::optional<std::pair<const Expr *, const Expr *>>
matchQuotient(TensorExprs &exprs, const Expr *def) {
  if (def->isApply<arith::DivFOp>())
    return std::pair{def->operands[0], def->operands[1]};
  if (def->isApply<arith::MulFOp>())
    for (auto [a, b] : bothOrders(def))
      if (const Expr *divisor = reciprocalOf(exprs, b))
        return std::pair{a, divisor};
  return std::nullopt;
}

/// Peels off what is the same for all keys: `score - maximum` gives the score.
static const Expr *withoutShift(TensorExprs &exprs, const Expr *score,
                                ArrayRef<int> keys) {
  for (;;) {
    const Expr *def = exprs.definition(exprs.skipFloatCasts(score));
    if (def->isApply<arith::SubFOp>() &&
        !exprs.dependsOnAny(def->operands[1], keys)) {
      score = def->operands[0];
      continue;
    }
    return score;
  }
}

static bool isNegativeInfinity(TensorExprs &exprs, const Expr *expr) {
  std::optional<double> value = exprs.constantValue(expr);
  return value && *value == -std::numeric_limits<double>::infinity();
}

/// Whether `condition` (or its negation) says that every score of the row is
/// -infinity.
static bool saysNoLiveKey(TensorExprs &exprs, const Expr *condition,
                          const Expr *score, ArrayRef<int> keys, bool negated) {
  const Expr *def = exprs.definition(condition);
  if (def->isApply<arith::XOrIOp>())
    for (auto [a, b] : bothOrders(def))
      if (exprs.constantValue(b) == 1.0)
        return saysNoLiveKey(exprs, a, score, keys, !negated);
  // all(score == -inf), or not any(score != -inf).
  if (!def->is(Expr::Kind::Reduce) ||
      def->reduction != (negated ? ReductionKind::Or : ReductionKind::And))
    return false;
  const Expr *test = exprs.definition(def->operands.front());
  bool negatedTest = negated;
  if (test->isApply<arith::XOrIOp>() &&
      exprs.constantValue(test->operands[1]) == 1.0) {
    negatedTest = !negatedTest;
    test = exprs.definition(test->operands[0]);
  }
  if (!test->isApply<arith::CmpFOp>())
    return false;
  arith::CmpFPredicate predicate = cast<arith::CmpFOp>(test->op).getPredicate();
  if (predicate != (negatedTest ? arith::CmpFPredicate::UNE
                                : arith::CmpFPredicate::OEQ) ||
      !isNegativeInfinity(exprs, test->operands[1]))
    return false;
  Bindings bindings;
  if (!unify(exprs, exprs.skipFloatCasts(score),
             exprs.skipFloatCasts(test->operands[0]), def->variables, bindings))
    return false;
  SmallVector<Index> bound;
  for (int variable : def->variables)
    bound.push_back(bindings.lookup(variable));
  return cover(exprs, bound, keys);
}

static FailureOr<SoftmaxMatch> matchNormalized(TensorExprs &exprs,
                                               const Expr *def,
                                               ArrayRef<int> keys,
                                               Mismatch &mismatch) {
  static constexpr StringLiteral otherAxis =
      "the softmax normalizes over other dimensions than the ones that the "
      "multiplication with the values sums over";
  SoftmaxMatch match;
  if (def->is(Expr::Kind::Softmax)) {
    mismatch.softmax = match.op = def->op;
    match.score = def->operands.front();
    if (cover(exprs, def->index, keys))
      return match;
    mismatch.reason = otherAxis;
    return failure();
  }
  const Expr *numerator = def, *sum = nullptr;
  if (auto quotient = matchQuotient(exprs, def)) {
    numerator = quotient->first;
    sum = exprs.definition(exprs.skipFloatCasts(quotient->second));
  }
  const Expr *power = exprs.definition(exprs.skipFloatCasts(numerator));
  if (!isExponential(power))
    return failure();
  const Expr *term = numerator;
  if (!sum && power->isApply<math::ExpOp>()) {
    // exp(x - log(sum exp(x)))
    const Expr *x = exprs.definition(power->operands.front());
    const Expr *log =
        x->isApply<arith::SubFOp>() ? exprs.definition(x->operands[1]) : x;
    if (!log->isApply<math::LogOp>())
      return failure();
    sum = exprs.definition(log->operands.front());
    if (!sum->is(Expr::Kind::Reduce) ||
        !exprs.definition(sum->operands.front())->isApply<math::ExpOp>())
      return failure();
    mismatch.softmax = match.op = sum->op;
    // Compare what is exponentiated: there is no op that computes the term.
    Bindings bindings;
    const Expr *summed =
        exprs.definition(sum->operands.front())->operands.front();
    SmallVector<Index> bound;
    if (unify(exprs, x->operands[0], summed, sum->variables, bindings)) {
      for (int variable : sum->variables)
        bound.push_back(bindings.lookup(variable));
      if (cover(exprs, bound, keys)) {
        match.score = withoutShift(exprs, x->operands[0], keys);
        return match;
      }
    }
    mismatch.reason = otherAxis;
    return failure();
  }
  if (!sum || !sum->is(Expr::Kind::Reduce))
    return failure();
  mismatch.softmax = match.op = sum->op;
  if (exprs.dependsOnAny(sum, keys)) {
    mismatch.reason = otherAxis;
    return failure();
  }
  if (!isSumOf(exprs, sum, term, keys)) {
    mismatch.reason = "the exponentials are not divided by their own sum";
    return failure();
  }
  match.score = withoutShift(exprs, power->operands.front(), keys);
  if (power->isApply<math::Exp2Op>())
    match.factor = M_LN2;
  return match;
}

/// Notes a softmax that element-wise ops change before anybody multiplies it.
static void noteChangedSoftmax(TensorExprs &exprs, const Expr *expr,
                               ArrayRef<int> keys, Mismatch &mismatch) {
  const Expr *def = exprs.definition(expr);
  if (!def->is(Expr::Kind::Apply) || mismatch.softmax)
    return;
  for (const Expr *operand : def->operands) {
    Mismatch inner;
    if (succeeded(matchSoftmax(exprs, operand, keys, inner))) {
      mismatch.softmax = inner.softmax;
      mismatch.reason = "the probabilities are changed before they are "
                        "multiplied with the values";
      return;
    }
  }
}

FailureOr<SoftmaxMatch> attn::raising::matchSoftmax(TensorExprs &exprs,
                                                    const Expr *probability,
                                                    ArrayRef<int> keys,
                                                    Mismatch &mismatch) {
  const Expr *def = exprs.definition(exprs.skipFloatCasts(probability));
  if (!def->isApply<arith::SelectOp>()) {
    FailureOr<SoftmaxMatch> match = matchNormalized(exprs, def, keys, mismatch);
    if (failed(match))
      noteChangedSoftmax(exprs, def, keys, mismatch);
    return match;
  }
  for (bool negated : {false, true}) {
    const Expr *dead = def->operands[negated ? 2 : 1];
    const Expr *live = def->operands[negated ? 1 : 2];
    if (exprs.constantValue(dead) != 0.0)
      continue;
    FailureOr<SoftmaxMatch> match = matchNormalized(
        exprs, exprs.definition(exprs.skipFloatCasts(live)), keys, mismatch);
    if (failed(match))
      return failure();
    if (saysNoLiveKey(exprs, def->operands[0], match->score, keys, negated))
      return match;
    mismatch.reason = "probabilities are replaced for another reason than that "
                      "no key is live";
    mismatch.culprit = def->op->getParentOp();
    return failure();
  }
  return failure();
}

Operation *attn::raising::getSoftmaxOf(TensorExprs &exprs, Operation *op) {
  if (isa<linalg::SoftmaxOp>(op))
    return op;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumReductionLoops() == 0 ||
      !linalgOp.hasPureTensorSemantics() || linalgOp->getNumResults() != 1)
    return nullptr;
  const Expr *sum = exprs.definition(exprs.accessWhole(linalgOp->getResult(0)));
  if (!sum->is(Expr::Kind::Reduce) || sum->reduction != ReductionKind::Sum ||
      sum->op != op)
    return nullptr;
  return isExponential(exprs.definition(sum->operands.front())) ? op : nullptr;
}
