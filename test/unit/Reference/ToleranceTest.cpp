//===- ToleranceTest.cpp - The bounds of docs/tolerances.md
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Reference/Tolerance.h"
#include "InterpretText.h"
#include <cmath>

using namespace attn::reference;
using namespace llvm;

namespace {
struct ToleranceTest : InterpretTest {
  /// Two queries of two features and three keys; the second query does not see
  /// the last.
  Magnitudes measure() {
    std::vector<Magnitudes> all;
    InterpretOptions options;
    options.magnitudes = &all;
    run(R"(
      func.func @f(%q: tensor<1x2x2xf32>, %k: tensor<1x3x2xf32>,
                   %v: tensor<1x3x1xf32>) -> tensor<1x2x1xf32> {
        %o = attn.attention query(%q) key(%k) value(%v)
          score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
            %one = arith.constant 1.0 : f32
            %r = arith.subf %s, %one : f32
            attn.yield %r : f32
          }
          mask(%b: index, %h: index, %i: index, %j: index) {
            %n = arith.addi %i, %j : index
            %two = arith.constant 2 : index
            %live = arith.cmpi sle, %n, %two : index
            attn.yield %live : i1
          } {scale = -0.5 : f64}
          : (tensor<1x2x2xf32>, tensor<1x3x2xf32>, tensor<1x3x1xf32>) -> tensor<1x2x1xf32>
        return %o : tensor<1x2x1xf32>
      })",
        {floats({1, 2, 2}, {1, 2, 0, 0}),
         floats({1, 3, 2}, {1, -1, 2, 2, NAN, 3}),
         floats({1, 3, 1}, {5, -6, 7})},
        options);
    EXPECT_EQ(all.size(), 1u) << error;
    return all.empty() ? Magnitudes() : all[0];
  }
  mlir::Type bf16() { return mlir::BFloat16Type::get(&context); }
  mlir::Type f16() { return mlir::Float16Type::get(&context); }
  mlir::Type f64() { return mlir::Float64Type::get(&context); }
};
} // namespace

TEST_F(ToleranceTest, MagnitudesCountLiveKeys) {
  Magnitudes rows = measure();
  ASSERT_EQ(rows.product.size(), 2u);
  // |q| . |k|, halved: 1.5 and 3; the third key is NaN, which is no size.
  EXPECT_EQ(rows.product[0], 3);
  EXPECT_EQ(rows.value[0], 7);
  // The second query is zero and sees two keys: scores -1, weights 1/2.
  EXPECT_EQ(rows.product[1], 0);
  EXPECT_EQ(rows.score[1], 1);
  EXPECT_EQ(rows.value[1], 6);
  EXPECT_EQ(rows.weighted[1].f, 5.5);
  EXPECT_EQ(rows.keys[1], 3);
  EXPECT_EQ(rows.headSize, 2);
}

TEST_F(ToleranceTest, UnitsAreHalfAnUlp) {
  EXPECT_EQ(roundingUnit(bf16()), 0x1p-8);
  EXPECT_EQ(roundingUnit(f16()), 0x1p-11);
  EXPECT_EQ(roundingUnit(f32()), 0x1p-24);
  EXPECT_EQ(roundingUnit(f64()), 0x1p-53);
}

TEST_F(ToleranceTest, Bounds) {
  Magnitudes rows = measure();
  rows.product[0] = 3;
  rows.weighted[0].f = 6.5;
  double sums = 4 * std::sqrt(2) + 2 * 3 + std::sqrt(3);
  auto close = [](double actual, double expected) {
    EXPECT_NEAR(actual, expected, 1e-12 * expected);
  };
  Rounding rounding;
  rounding.query = rounding.output = f32();
  close(outputBound(rows, rounding, 0, 0, 4), 0x1p-23 * sums * 7);
  close(statisticBound(rows, rounding, 0, -4), 0x1p-23 * (sums + 4));
  // An empty row's LSE.
  close(statisticBound(rows, rounding, 0, -INFINITY), 0x1p-23 * sums);
  for (mlir::Type narrow : {bf16(), f16()}) {
    double unit = roundingUnit(narrow);
    rounding.query = rounding.output = narrow;
    double bound = 0x1p-23 * sums * 7 + unit * (4 + 2 * 6.5);
    EXPECT_NEAR(outputBound(rows, rounding, 0, 0, -4), bound, 1e-7);
    // Not rounded at the end.
    rounding.output = f32();
    close(outputBound(rows, rounding, 0, 0, -4), bound - unit * 4);
    // The sum is one of unrounded probabilities.
    close(statisticBound(rows, rounding, 0, 4), 0x1p-23 * (sums + 4));
  }
  rounding.query = rounding.output = f64();
  close(outputBound(rows, rounding, 0, 0, 4), 0x1p-51 * sums * 7);
}

TEST_F(ToleranceTest, ProjectionsSumProductsAndRoundOnce) {
  auto close = [](double actual, double expected) {
    EXPECT_NEAR(actual, expected, 1e-12 * expected);
  };
  // 64 products whose absolute values sum to 10, and a result of -3.
  double sums = (4 + 8) * 10;
  close(projectionBound(f32(), 64, 10, -3), 0x1p-23 * sums);
  close(projectionBound(f64(), 64, 10, -3), 0x1p-51 * sums);
  close(projectionBound(bf16(), 64, 10, -3), 0x1p-23 * sums + 0x1p-8 * 3);
  EXPECT_NEAR(projectionBound(f16(), 64, 10, -3), 0x1p-23 * sums + 0x1p-11 * 3,
              0x1p-24);
  EXPECT_EQ(projectionBound(f16(), 64, 1e6, 65504), INFINITY);
  EXPECT_GE(projectionBound(f32(), 64, 0, 0), 0x1p-150);
}

TEST_F(ToleranceTest, ScoreRegionsStretchAndRound) {
  Magnitudes rows = measure();
  rows.product[0] = 3;
  rows.score[0] = 10;
  Rounding rounding;
  rounding.query = rounding.output = f32();
  rounding.slope = 2;
  rounding.operations = 4;
  double sums = 4 * std::sqrt(2) + 2 * (2 * 3 + 4 * (3 + 10)) + std::sqrt(3);
  EXPECT_NEAR(statisticBound(rows, rounding, 0, 0), 0x1p-23 * sums, 1e-15);
}

TEST_F(ToleranceTest, RoundedQueriesAddTheirUnit) {
  Magnitudes rows = measure();
  Rounding rounding;
  rounding.query = rounding.output = f32();
  double without = statisticBound(rows, rounding, 0, 0);
  rounding.queryUnit = 0x1p-8;
  EXPECT_NEAR(statisticBound(rows, rounding, 0, 0), without + 0x1p-8 * 3,
              1e-12);
}

TEST_F(ToleranceTest, WhatMayOverflowMayBeInfinite) {
  Magnitudes rows = measure();
  Rounding rounding;
  rounding.query = rounding.output = f16();
  EXPECT_EQ(outputBound(rows, rounding, 1, 1, 65504), INFINITY);
  EXPECT_LT(outputBound(rows, rounding, 1, 1, 60000), 200);
}

TEST_F(ToleranceTest, BelowTheNormalNumbersRoundingIsAbsolute) {
  Magnitudes rows = measure();
  rows.value[1] = rows.weighted[1].f = 1e-44;
  Rounding rounding;
  rounding.query = rounding.output = f32();
  EXPECT_GT(outputBound(rows, rounding, 1, 1, 0), 0x1p-150);
  rounding.output = f16();
  EXPECT_GE(outputBound(rows, rounding, 1, 1, 0), 0x1p-25);
}
