//===- ScoresTest.cpp - Scores of the library, by formulas ----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApplyMods.h"
#include <cmath>

using namespace attn::reference;

namespace {
struct ModScores : ApplyMods {};
} // namespace

TEST_F(ModScores, OfTheScore) {
  expectScore("scale", {real(0.25)}, [](Pair p) { return 0.25 * p.s; });
  expectScore("softcap", {real(1.5)},
              [](Pair p) { return 1.5 * std::tanh(p.s / 1.5); });
  double temperatures[] = {0.5, 4};
  expectScore("temperature", {reals(temperatures)},
              [&](Pair p) { return p.s / temperatures[p.h]; });
  expectScore("length_temperature", {real(8), real(0.5)}, [](Pair p) {
    return p.s * (1 + 0.5 * std::log(1 + (p.i + 1) / 8));
  });
}

TEST_F(ModScores, OfTheDistance) {
  double slopes[] = {0.5, 0.25}, rates[] = {2, 1};
  expectScore("alibi", {reals(slopes)},
              [&](Pair p) { return p.s + slopes[p.h] * (p.j - p.i); });
  expectScore("kerple", {reals(slopes), reals(rates)}, [&](Pair p) {
    return p.s - slopes[p.h] * std::log(1 + rates[p.h] * std::abs(p.i - p.j));
  });
  double frequencies[] = {1, 0.5, 0.25, 0.125, 2, 4, 8, 16};
  double weights[] = {1, 2, 3, 4, 5, 6, 7, 0};
  expectScore("sandwich", {reals(frequencies), reals(weights)}, [&](Pair p) {
    double sum = p.s;
    for (int k = 0; k < 8; ++k)
      sum += weights[k] * std::cos(frequencies[k] * (p.j - p.i));
    return sum;
  });
}
