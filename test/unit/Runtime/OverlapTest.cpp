//===- OverlapTest.cpp - Which tensors share bytes ------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

extern "C" {
#include "Overlap.h"
}
#include "gtest/gtest.h"
#include <random>
#include <set>
#include <vector>

static attn_rt_span spanOf(uintptr_t first, std::vector<int64_t> shape,
                           std::vector<int64_t> strides) {
  attn_rt_span span;
  EXPECT_TRUE(attn_rt_span_of(first, 4, int32_t(shape.size()), shape.data(),
                              strides.data(), &span));
  return span;
}

TEST(Overlap, NeighboursDoNot) {
  auto a = spanOf(1000, {10}, {1}), b = spanOf(1040, {10}, {1});
  EXPECT_FALSE(attn_rt_spans_overlap(&a, &b));
  auto c = spanOf(1036, {10}, {1});
  EXPECT_TRUE(attn_rt_spans_overlap(&a, &c));
}

/// Q, K, V and the output as [sequence, 4, heads * size] in one buffer.
TEST(Overlap, InterleavedTensorsDoNot) {
  attn_rt_span parts[4];
  for (int i = 0; i < 4; ++i)
    parts[i] =
        spanOf(4096 + i * 4 * 96, {2, 3, 50, 32}, {50 * 384, 32, 384, 1});
  for (int i = 0; i < 4; ++i) {
    EXPECT_FALSE(parts[i].self_overlaps);
    for (int j = 0; j < 4; ++j)
      EXPECT_EQ(attn_rt_spans_overlap(&parts[i], &parts[j]), i == j);
  }
}

TEST(Overlap, ZeroStridesOverlapThemselves) {
  EXPECT_TRUE(spanOf(4096, {2, 4}, {0, 1}).self_overlaps);
  EXPECT_TRUE(spanOf(4096, {2, 4}, {3, 1}).self_overlaps);
  EXPECT_FALSE(spanOf(4096, {2, 4}, {-4, 1}).self_overlaps);
  EXPECT_FALSE(spanOf(4096, {1, 4}, {0, 1}).self_overlaps);
}

TEST(Overlap, ReachBeyondMemory) {
  attn_rt_span span;
  int64_t shape[] = {3}, strides[] = {INT64_MAX / 8};
  EXPECT_FALSE(attn_rt_span_of(UINTPTR_MAX - 8, 4, 1, shape, strides, &span));
  strides[0] = -1;
  EXPECT_FALSE(attn_rt_span_of(4, 4, 1, shape, strides, &span));
}

/// Against a list of all bytes: a shared byte is never missed.
TEST(Overlap, NeverMissesASharedElement) {
  std::mt19937 random(20240607);
  auto pick = [&](int n) { return int64_t(random() % n); };
  int apart = 0;
  for (int round = 0; round < 5000; ++round) {
    attn_rt_span spans[2];
    std::set<int64_t> elements[2];
    bool selfOverlaps[2] = {false, false};
    for (int t = 0; t < 2; ++t) {
      int64_t first = 100000 + pick(40);
      std::vector<int64_t> shape, strides;
      for (int d = 0; d < 3; ++d) {
        shape.push_back(1 + pick(3));
        strides.push_back(pick(25) - 8);
      }
      spans[t] = spanOf(first * 4, shape, strides);
      for (int64_t i = 0; i < shape[0]; ++i)
        for (int64_t j = 0; j < shape[1]; ++j)
          for (int64_t k = 0; k < shape[2]; ++k)
            selfOverlaps[t] |= !elements[t]
                                    .insert(first + i * strides[0] +
                                            j * strides[1] + k * strides[2])
                                    .second;
      EXPECT_LE(selfOverlaps[t], bool(spans[t].self_overlaps));
    }
    bool shared = false;
    for (int64_t element : elements[0])
      shared |= elements[1].count(element) != 0;
    bool found = attn_rt_spans_overlap(&spans[0], &spans[1]);
    EXPECT_EQ(found, bool(attn_rt_spans_overlap(&spans[1], &spans[0])));
    EXPECT_LE(shared, found);
    apart += !found;
  }
  EXPECT_GT(apart, 100); // and it does tell some apart
}
