//===- WorkTest.cpp - Tests of how much work a shape is
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Shape.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace attn::bench;

static Shape parsed(const std::string &text) {
  llvm::Expected<Shape> shape = parseShape(text);
  if (shape)
    return *shape;
  ADD_FAILURE() << text << ": " << llvm::toString(shape.takeError());
  return {};
}

/// The masks as the contract defines them, a pair at a time.
static bool isLive(const Shape &shape, int64_t i, int64_t j) {
  const std::string &mask = shape.maskText;
  int64_t n = shape.mask.size;
  if (mask == "causal")
    return j <= i;
  if (mask == "causal_br")
    return j <= i + shape.keys - shape.queries;
  if (mask.rfind("window", 0) == 0)
    return std::abs(i - j) <= n;
  if (mask.rfind("prefix", 0) == 0)
    return j < n || j <= i;
  return true;
}

static int64_t countPairs(const Shape &shape) {
  int64_t pairs = 0;
  for (int64_t b = 0; b < shape.batch; ++b)
    for (int64_t i = 0; i < shape.queries; ++i)
      for (int64_t j = 0; j < shape.keys; ++j)
        pairs += (shape.lengths.empty() || j < shape.lengths[b]) &&
                 isLive(shape, i, j);
  return pairs * shape.heads;
}

TEST(LivePairs, AreThoseOfTheMask) {
  for (const char *mask : {"none", "causal", "causal_br", "window0", "window3",
                           "window100", "prefix0", "prefix5", "prefix100"})
    for (const char *lengths : {"none", "random", "full", "0", "4:1"})
      for (const char *sizes : {"SQ=9,SK=9", "SQ=5,SK=12", "SQ=12,SK=5",
                                "SQ=1,SK=9", "SQ=0,SK=6", "SQ=6,SK=4"}) {
        std::string text = std::string("B=2,H=6,HKV=3,D=8,") + sizes +
                           ",mask=" + mask + ",lengths=" + lengths;
        Shape shape = parsed(text);
        EXPECT_EQ(livePairs(shape), countPairs(shape)) << text;
      }
}

TEST(LivePairs, NoKeysAreNone) {
  EXPECT_EQ(livePairs(parsed("H=2,SQ=3,SK=0,D=8,mask=prefix2")), 0);
}

TEST(Flops, OfAttention) {
  // 2 (D + DV) for each of 3 + 2 + 1 pairs and 4 heads.
  EXPECT_EQ(countFlops(parsed("H=4,HKV=2,SQ=3,D=16,DV=8,mask=causal")),
            2.0 * 24 * 6 * 4);
}

TEST(Flops, OfProjections) {
  EXPECT_EQ(countFlops(parsed("op=project_heads,M=10,K=12,N=3x8")),
            2.0 * 10 * 12 * 24);
}

TEST(Flops, OfALayerAreTheSum) {
  Shape shape = parsed("op=layer,B=2,H=4,HKV=2,SQ=5,D=8,DV=16,K=24,N=40");
  double queries = 4 * 8, keys = 2 * 8, values = 2 * 16;
  EXPECT_EQ(countFlops(shape), 2.0 * 10 * 24 * (queries + keys + values) +
                                   2.0 * (8 + 16) * 2 * 4 * 25 +
                                   2.0 * 10 * 40 * (4 * 16));
}

TEST(Bytes, AreEachTensorOnce) {
  // q and o have 6 x 8 elements, k and v 10 x 8 of each of 2 heads.
  Shape shape = parsed("H=4,HKV=2,SQ=6,SK=10,D=8");
  EXPECT_EQ(countBytes(shape), 4.0 * 8 * (2 * 4 * 6 + 2 * 2 * 10));
  EXPECT_EQ(streamedBytes(shape), 4.0 * 8 * 2 * 2 * 10);
}

TEST(Bytes, KeysPastTheLengthsAreNotRead) {
  Shape shape = parsed("B=2,H=1,SQ=1,SK=10,D=8,lengths=10:0");
  double lengths = 2 * 4;
  EXPECT_EQ(countBytes(shape), 4.0 * 8 * (2 * 2 + 2 * 10) + lengths);
}

TEST(Bytes, HalveWithTheType) {
  EXPECT_EQ(streamedBytes(parsed("H=1,SQ=10,D=8,dtype=bf16")), 2.0 * 2 * 80);
  EXPECT_EQ(streamedBytes(parsed("H=1,SQ=10,D=8,kv_dtype=int4")), 80);
}

TEST(Bytes, ScalesAreReadAsFarAsTheLengths) {
  Shape shape =
      parsed("B=2,H=1,SQ=1,SK=10,D=8,kv_dtype=i8,dtype=bf16,lengths=10:0");
  double lengths = 2 * 4, queriesAndResults = 2 * 2 * 8 * 2;
  EXPECT_EQ(countBytes(shape), lengths + queriesAndResults + 10 * 2 * (8 + 4));
}
