//===- Tolerance.cpp - How far compiled attention may be off
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Reference/Tolerance.h"
#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace attn::reference;

double attn::reference::roundingUnit(Type type) {
  const auto &semantics = cast<FloatType>(type).getFloatSemantics();
  return std::ldexp(1, -int(llvm::APFloat::semanticsPrecision(semantics)));
}

/// Half of the smallest number above zero: what rounding adds where numbers are
/// too small for a relative error.
static double underflowUnit(Type type) {
  const auto &semantics = cast<FloatType>(type).getFloatSemantics();
  return llvm::APFloat::getSmallest(semantics).convertToDouble() / 2;
}

/// The same of sums of products of `type`: instructions that multiply bf16 take
/// and give zero for what is not normal.
static double accumulationUnderflow(Type type) {
  if (type.isBF16())
    return 0x1p-126;
  return underflowUnit(type.isF64() ? type
                                    : Float32Type::get(type.getContext()));
}

static double largest(Type type) {
  const auto &semantics = cast<FloatType>(type).getFloatSemantics();
  return llvm::APFloat::getLargest(semantics).convertToDouble();
}

static bool isNarrow(Type type) { return type.getIntOrFloatBitWidth() == 16; }

/// The relative error of the sums, but for what narrow types add: the exponents
/// and the sums over features and keys.
static double sumError(const Magnitudes &magnitudes, const Rounding &rounding,
                       int64_t row, double scoreFactor = 2) {
  // Of f64 the reference rounds as much as the code.
  double epsilon = rounding.query.isF64() ? 0x1p-51 : 0x1p-23;
  double product = magnitudes.product[row];
  double scores = product;
  if (rounding.operations)
    scores = rounding.slope * product +
             rounding.operations * (product + magnitudes.score[row]);
  double error =
      epsilon * (4 * std::sqrt(double(magnitudes.headSize)) +
                 scoreFactor * scores + std::sqrt(magnitudes.keys[row]));
  // Scores may be infinite.
  if (rounding.queryUnit != 0)
    error += rounding.queryUnit * scores;
  return error;
}

/// By how much a score of at most `score` that is wrong by `error` moves its
/// weight, which is not a softmax's.
static double weightError(llvm::StringRef normalizer, double score,
                          double error) {
  if (normalizer == "sigmoid")
    return error / 4;
  if (normalizer == "relu2")
    return (2 * std::fabs(score) + error) * error;
  return error;
}

/// The error of an output whose weights are of each score by itself: nothing
/// cancels, and errors of n keys add up as those of both signs do.
static double weightedSumError(const Magnitudes &magnitudes,
                               const Rounding &rounding, int64_t row,
                               int64_t element) {
  double epsilon = rounding.query.isF64() ? 0x1p-51 : 0x1p-23;
  double score = magnitudes.score[row], root = std::sqrt(magnitudes.keys[row]);
  double error = statisticBound(magnitudes, rounding, row, score);
  double bound = (1 + root) * weightError(rounding.normalizer, score, error) *
                     magnitudes.value[row] +
                 epsilon * (8 + root) * magnitudes.weighted[element].f;
  // Squares leave f32 where float64 holds them.
  if (rounding.normalizer == "relu2" && !rounding.query.isF64() &&
      score * score * std::fmax(magnitudes.value[row], 1) >= 0x1p126)
    return std::numeric_limits<double>::infinity();
  return bound;
}

double attn::reference::weightBound(const Magnitudes &magnitudes,
                                    const Rounding &rounding, int64_t row,
                                    double score, double lse,
                                    double reference) {
  double epsilon = rounding.query.isF64() ? 0x1p-51 : 0x1p-23;
  double error = statisticBound(magnitudes, rounding, row, score);
  // Exponentials below the normal numbers may be zero.
  double bound = 8 * epsilon * std::fabs(reference) +
                 (rounding.query.isF64() ? 0x1p-1021 : 0x1p-125);
  if (rounding.normalizer != "softmax")
    return bound + weightError(rounding.normalizer, score, error);
  // Of an exponential, errors of the exponent are relative.
  error += statisticBound(magnitudes, rounding, row, lse);
  return bound + std::fabs(reference) * std::expm1(error);
}

double attn::reference::outputBound(const Magnitudes &magnitudes,
                                    const Rounding &rounding, int64_t row,
                                    int64_t element, double reference) {
  double bound =
      rounding.normalizer == "softmax"
          ? sumError(magnitudes, rounding, row) * magnitudes.value[row]
          : weightedSumError(magnitudes, rounding, row, element);
  // Probabilities may be rounded to the query's type.
  if (isNarrow(rounding.query))
    bound += 2 * roundingUnit(rounding.query) * magnitudes.weighted[element].f;
  if (isNarrow(rounding.output))
    bound += roundingUnit(rounding.output) * std::fabs(reference);
  bound +=
      2 * (magnitudes.keys[row] + 1) * accumulationUnderflow(rounding.query) +
      underflowUnit(rounding.output);
  // What may be too large for the type may become an infinity.
  if (std::fabs(reference) + bound >= largest(rounding.output))
    return std::numeric_limits<double>::infinity();
  return bound;
}

double attn::reference::statisticBound(const Magnitudes &magnitudes,
                                       const Rounding &rounding, int64_t row,
                                       double reference) {
  // A logarithm of a sum has the sum's relative error as its absolute one; then
  // it is rounded itself.
  double epsilon = rounding.query.isF64() ? 0x1p-51 : 0x1p-23;
  double size = std::isfinite(reference) ? std::fabs(reference) : 0;
  // Nothing averages the scores' errors out here: for products of one sign they
  // grow with the partial sums.
  double scoreFactor = std::fmax(2, std::sqrt(double(magnitudes.headSize)) / 3);
  return sumError(magnitudes, rounding, row, scoreFactor) + epsilon * size;
}

double attn::reference::projectionBound(Type element, int64_t products,
                                        double magnitude, double reference) {
  double epsilon = element.isF64() ? 0x1p-51 : 0x1p-23;
  double bound = epsilon * (4 + std::sqrt(double(products))) * magnitude;
  if (isNarrow(element))
    bound += roundingUnit(element) * std::fabs(reference);
  bound += 2 * (double(products) + 1) * accumulationUnderflow(element) +
           underflowUnit(element);
  if (std::fabs(reference) + bound >= largest(element))
    return std::numeric_limits<double>::infinity();
  return bound;
}
