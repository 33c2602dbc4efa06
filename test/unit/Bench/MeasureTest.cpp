//===- MeasureTest.cpp - Tests of repetitions and their statistics
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Measure.h"
#include "gtest/gtest.h"

using namespace attn::bench;

static Probes constantProbes() {
  return {[] { return 100.0; }, [] { return 10.0; }};
}

TEST(Median, IsTheMiddleOfOdd) { EXPECT_EQ(median({9, 1, 5}), 5); }

TEST(Median, IsTheMeanOfTheTwoMiddlesOfEven) {
  EXPECT_EQ(median({9, 1, 5, 2}), 3.5);
}

TEST(Samples, PercentUsesTheLimitsOnBothSides) {
  Samples samples;
  samples.seconds = {1, 2};
  samples.peaks = {100, 300, 100};
  // 100 of 200, and 50 of 200.
  EXPECT_DOUBLE_EQ(samples.percentOf(samples.peaks, 100), (50 + 25) / 2.0);
  EXPECT_EQ(samples.minimum(), 1);
}

TEST(Measure, TakesAsManyRepetitionsAsAsked) {
  Budget budget;
  budget.repeats = 3;
  auto samples =
      measure([] { return llvm::Error::success(); }, constantProbes(), budget);
  ASSERT_TRUE(bool(samples));
  EXPECT_EQ(samples->seconds.size(), 3u);
  EXPECT_EQ(samples->peaks.size(), 4u);
  EXPECT_EQ(samples->bandwidths.size(), 4u);
}

TEST(Measure, TakesSevenRepetitionsAtLeast) {
  Budget budget;
  budget.seconds = 0;
  auto samples =
      measure([] { return llvm::Error::success(); }, constantProbes(), budget);
  ASSERT_TRUE(bool(samples));
  EXPECT_EQ(samples->seconds.size(), 7u);
}

TEST(Measure, RepeatsShortCallsWithinARepetition) {
  int64_t calls = 0;
  Budget budget;
  budget.repeats = 1;
  auto call = [&] {
    ++calls;
    return llvm::Error::success();
  };
  auto samples = measure(call, constantProbes(), budget);
  ASSERT_TRUE(bool(samples));
  EXPECT_GT(calls, 100);
  EXPECT_LT(samples->minimum(), 1e-4);
}

TEST(Measure, HandsOnTheErrorOfACall) {
  auto call = [] {
    return llvm::createStringError(std::errc::invalid_argument, "refused");
  };
  auto samples = measure(call, constantProbes(), Budget());
  ASSERT_FALSE(bool(samples));
  EXPECT_EQ(llvm::toString(samples.takeError()), "refused");
}
