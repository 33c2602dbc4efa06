//===- ProbeTest.cpp - Tests of the probes, but for how fast they are
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Probe.h"
#include "gtest/gtest.h"
#include <atomic>
#include <cmath>

using namespace attn::bench;

TEST(Team, RunsEveryMemberOnceEachTime) {
  Team team(3);
  ASSERT_EQ(team.size(), 3u);
  std::atomic<int> calls[3] = {0, 0, 0};
  for (int round = 0; round < 20; ++round)
    EXPECT_GE(team.run([&](unsigned member) { ++calls[member]; }), 0);
  for (std::atomic<int> &count : calls)
    EXPECT_EQ(count, 20);
}

TEST(Team, EndsWithoutARun) { Team team(2); }

TEST(PeakProbe, MeasuresEveryType) {
  Team team(1);
  for (llvm::StringRef dtype : {"f32", "f64", "f16", "bf16"}) {
    PeakProbe probe(dtype, team);
    double rate = probe.measure();
    EXPECT_TRUE(std::isfinite(rate) && rate > 0) << dtype.str();
  }
}

TEST(PeakProbe, TakesDotProductsForBF16Only) {
  Team team(1);
  EXPECT_FALSE(PeakProbe("f16", team).name().contains("bf16"));
  EXPECT_FALSE(PeakProbe("f32", team).name().contains("f64"));
  EXPECT_TRUE(PeakProbe("f64", team).name().contains("f64"));
}

TEST(BandwidthProbe, ReadsBuffersOfAnySize) {
  Team team(2);
  for (size_t bytes : {size_t(0), size_t(1), size_t(100000), size_t(5) << 20}) {
    double rate = BandwidthProbe(bytes, team).measure();
    EXPECT_TRUE(std::isfinite(rate) && rate > 0) << bytes;
  }
}
