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

TEST(Samples, PercentIsTheMedianOverRepetitions) {
  Samples samples;
  samples.seconds = {1, 2, 4};
  samples.peaks = {200, 200, 500};
  // 100 of 200, 50 of 200, and 25 of 500.
  EXPECT_DOUBLE_EQ(samples.percentOf(samples.peaks, 100), 25);
  EXPECT_EQ(samples.minimum(), 1);
}

static llvm::Error doNothing() { return llvm::Error::success(); }

TEST(Measure, LimitsAreMeansOfBothSides) {
  double reading = 0;
  Probes probes = {[&] { return reading += 100; }, [] { return 10.0; }};
  Budget budget;
  budget.repeats = 2;
  auto samples = measure({doNothing}, probes, budget);
  ASSERT_TRUE(bool(samples));
  EXPECT_EQ(samples->front().peaks, (std::vector<double>{150, 250}));
}

TEST(Measure, TakesTurns) {
  double reading = 0;
  Probes probes = {[&] { return reading += 100; }, [] { return 10.0; }};
  Budget budget;
  budget.repeats = 2;
  auto samples = measure({doNothing, doNothing}, probes, budget);
  ASSERT_TRUE(bool(samples));
  ASSERT_EQ(samples->size(), 2u);
  EXPECT_EQ((*samples)[0].peaks, (std::vector<double>{150, 350}));
  EXPECT_EQ((*samples)[1].peaks, (std::vector<double>{250, 450}));
}

TEST(Measure, TakesAsManyRepetitionsAsAsked) {
  Budget budget;
  budget.repeats = 3;
  auto samples = measure({doNothing}, constantProbes(), budget);
  ASSERT_TRUE(bool(samples));
  EXPECT_EQ(samples->front().seconds.size(), 3u);
  EXPECT_EQ(samples->front().peaks.size(), 3u);
  EXPECT_EQ(samples->front().bandwidths.size(), 3u);
}

TEST(Measure, TakesSevenRepetitionsAtLeast) {
  Budget budget;
  budget.seconds = 0;
  auto samples = measure({doNothing}, constantProbes(), budget);
  ASSERT_TRUE(bool(samples));
  EXPECT_EQ(samples->front().seconds.size(), 7u);
}

TEST(Measure, RepeatsShortCallsWithinARepetition) {
  int64_t calls = 0;
  Budget budget;
  budget.repeats = 1;
  auto call = [&] {
    ++calls;
    return llvm::Error::success();
  };
  auto samples = measure({call}, constantProbes(), budget);
  ASSERT_TRUE(bool(samples));
  EXPECT_GT(calls, 100);
  EXPECT_LT(samples->front().minimum(), 1e-4);
}

TEST(Measure, HandsOnTheErrorOfACall) {
  auto call = [] {
    return llvm::createStringError(std::errc::invalid_argument, "refused");
  };
  auto samples = measure({call}, constantProbes(), Budget());
  ASSERT_FALSE(bool(samples));
  EXPECT_EQ(llvm::toString(samples.takeError()), "refused");
}
