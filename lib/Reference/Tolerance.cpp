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

double attn::reference::outputBound(const Magnitudes &magnitudes,
                                    const Rounding &rounding, int64_t row,
                                    int64_t element, double reference) {
  double bound = sumError(magnitudes, rounding, row) * magnitudes.value[row];
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
