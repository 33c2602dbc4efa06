//===- AttentionShapeTest.cpp - Tests of the named dimensions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttentionShape.h"
#include "gtest/gtest.h"

using namespace attn;

TEST(HeadLayout, DefaultPutsHeadsBeforeTheSequence) {
  std::optional<HeadLayout> layout = parseHeadLayout("", 4);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->batch, 0u);
  EXPECT_EQ(layout->head, 1u);
  EXPECT_EQ(layout->sequence, 2u);
  EXPECT_EQ(layout->feature, 3u);
  EXPECT_EQ(layout->rank(), 4u);
}

TEST(HeadLayout, SequenceMajorSwapsHeadsAndSequence) {
  std::optional<HeadLayout> layout = parseHeadLayout("bshd", 4);
  ASSERT_TRUE(layout);
  EXPECT_EQ(layout->sequence, 1u);
  EXPECT_EQ(layout->head, 2u);
}

TEST(HeadLayout, RankThreeIsOneBatch) {
  std::optional<HeadLayout> layout = parseHeadLayout("shd", 3);
  ASSERT_TRUE(layout);
  EXPECT_FALSE(layout->batch);
  EXPECT_EQ(layout->sequence, 0u);
  EXPECT_EQ(layout->rank(), 3u);
}

TEST(HeadLayout, NamesOfAnotherRankAreUnknown) {
  EXPECT_FALSE(parseHeadLayout("bhsd", 3));
  EXPECT_FALSE(parseHeadLayout("hsd", 4));
  EXPECT_FALSE(parseHeadLayout("sdh", 3));
}
