//===- SweepTest.cpp - Tests of the rule of sweeps ------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Plan.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <set>

using namespace attn::bench;

TEST(Sweep, IsAlwaysTheSame) {
  std::vector<Shape> one = makeSweep({30, 7}), other = makeSweep({40, 7});
  ASSERT_EQ(one.size(), 30u);
  for (size_t index = 0; index < one.size(); ++index)
    EXPECT_EQ(one[index].label(), other[index].label());
  EXPECT_NE(one.front().label(), makeSweep({30, 8}).front().label());
}

/// Pinned: a rule that draws other shapes is another version.
TEST(Sweep, BeginsAsItDid) {
  std::vector<Shape> shapes = makeSweep({3, 1});
  EXPECT_EQ(SweepRule::version, 1);
  EXPECT_EQ(shapes[0].label(), "B4 H27 S8 D64 causal");
}

TEST(Sweep, CoversTheRange) {
  std::vector<Shape> shapes = makeSweep({});
  EXPECT_GE(shapes.size(), 200u);
  std::set<std::string> labels, types, masks;
  std::set<int64_t> groups, batches;
  int64_t longest = 0, decodes = 0, crosses = 0, oddSizes = 0, lengths = 0;
  for (const Shape &shape : shapes) {
    labels.insert(shape.label());
    types.insert(shape.dtype + "/" + shape.keyValueType);
    masks.insert(shape.maskText.substr(0, 6));
    groups.insert(shape.heads / shape.keyHeads);
    batches.insert(shape.batch);
    longest = std::max(longest, shape.keys);
    decodes += shape.queries <= 16 && shape.keys > 1000;
    crosses += shape.queries != shape.keys;
    oddSizes += shape.headSize % 16 != 0;
    lengths += !shape.lengths.empty();
    EXPECT_LE(shape.heads, 64);
    EXPECT_TRUE(shape.headSize >= 16 && shape.headSize <= 256);
    EXPECT_LE(4.0 * shape.batch * shape.heads * shape.queries * shape.keys *
                  shape.headSize,
              7e10);
    // Every query sees a key: peers disagree on what happens without.
    if (shape.lengths.empty())
      for (int64_t i = 0; i < shape.queries; ++i) {
        auto [first, last] = shape.mask.liveKeys(i, shape.queries, shape.keys);
        EXPECT_LT(first, last) << shape.label() << ' ' << i;
      }
  }
  EXPECT_EQ(labels.size(), shapes.size());
  EXPECT_EQ(types, (std::set<std::string>{"f32/f32", "bf16/bf16", "f16/f16",
                                          "f64/f64", "bf16/i8", "bf16/i4"}));
  EXPECT_EQ(masks, (std::set<std::string>{"none", "causal", "window"}));
  EXPECT_EQ(groups, (std::set<int64_t>{1, 2, 3, 4, 8}));
  EXPECT_EQ(batches.size(), 7u);
  EXPECT_GE(longest, 12000);
  EXPECT_GE(decodes, 10);
  EXPECT_GE(crosses, 50);
  EXPECT_GE(oddSizes, 20);
  EXPECT_GE(lengths, 20);
}

TEST(Plan, HasAllThatAnotherProgramNeeds) {
  Plan plan;
  plan.shapes = makeSweep({2, 1});
  plan.rule = SweepRule{2, 1};
  plan.machine = "a \"machine\"";
  std::string text;
  llvm::raw_string_ostream os(text);
  writePlan(plan, os);
  llvm::Expected<llvm::json::Value> json = llvm::json::parse(text);
  ASSERT_TRUE(bool(json)) << llvm::toString(json.takeError());
  const llvm::json::Object &object = *json->getAsObject();
  EXPECT_EQ(*object.getString("machine"), "a \"machine\"");
  EXPECT_EQ(*object.getObject("rule")->getInteger("count"), 2);
  const llvm::json::Object &shape =
      *object.getArray("shapes")->front().getAsObject();
  EXPECT_EQ(*shape.getString("label"), plan.shapes.front().label());
  EXPECT_TRUE(shape.getString("module")->contains("attn.attention"));
  EXPECT_EQ(shape.getArray("inputs")->size(), 3u);
  EXPECT_EQ(*(*shape.getArray("inputs"))[1].getAsObject()->getString("name"),
            "k");
}
