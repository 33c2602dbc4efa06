//===- LinearAttentionTest.cpp - attn.linear_attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpretText.h"
#include <cmath>

using namespace attn::reference;

namespace {
struct LinearAttentionTest : InterpretTest {};

constexpr double infinity = std::numeric_limits<double>::infinity();

/// One head of two features and one value, with the operands `gates`.
std::string recurrence(const std::string &parameters, const std::string &gates,
                       const std::string &types) {
  return "func.func @f(%q: tensor<1x?x2xf32>, %k: tensor<1x?x2xf32>, "
         "%v: tensor<1x?x1xf32>" +
         parameters +
         ") -> (tensor<1x?x1xf32>, tensor<1x2x1xf32>) {\n"
         "%o, %s = attn.linear_attention query(%q) key(%k) value(%v) " +
         gates +
         " {scale = 2.0 : f64} : (tensor<1x?x2xf32>, tensor<1x?x2xf32>, "
         "tensor<1x?x1xf32>" +
         types +
         ") -> (tensor<1x?x1xf32>, tensor<1x2x1xf32>)\n"
         "return %o, %s : tensor<1x?x1xf32>, tensor<1x2x1xf32>\n}";
}
} // namespace

TEST_F(LinearAttentionTest, AddsValuesAtKeys) {
  auto results = run(recurrence("", "", ""), {floats({1, 2, 2}, {1, 0, 1, 1}),
                                              floats({1, 2, 2}, {1, 2, 3, 4}),
                                              floats({1, 2, 1}, {10, 100})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_EQ(results[0][0].f, 2 * 10);
  EXPECT_EQ(results[0][1].f, 2 * (310 + 420));
  EXPECT_EQ(results[1][0].f, 310);
  EXPECT_EQ(results[1][1].f, 420);
}

TEST_F(LinearAttentionTest, DecaysBeforeItWrites) {
  auto results = run(
      recurrence(", %g: tensor<1x?x2xf32>", "decay(%g)", ", tensor<1x?x2xf32>"),
      {floats({1, 2, 2}, {1, 0, 1, 1}), floats({1, 2, 2}, {1, 2, 3, 4}),
       floats({1, 2, 1}, {10, 100}),
       floats({1, 2, 2}, {0, 0, std::log(0.5), -infinity})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_NEAR(results[1][0].f, 305, 1e-12);
  EXPECT_EQ(results[1][1].f, 400);
  EXPECT_NEAR(results[0][1].f, 2 * 705, 1e-12);
}

TEST_F(LinearAttentionTest, DeltaRuleWritesWhatIsMissing) {
  auto results = run(recurrence(", %g: tensor<1xf32>, %b: tensor<1x?xf32>, "
                                "%s0: tensor<1x2x1xf32>",
                                "decay(%g) beta(%b) state(%s0)",
                                ", tensor<1xf32>, tensor<1x?xf32>, "
                                "tensor<1x2x1xf32>"),
                     {floats({1, 1, 2}, {1, 1}), floats({1, 1, 2}, {0, 1}),
                      floats({1, 1, 1}, {7}), floats({1}, {std::log(0.5)}),
                      floats({1, 1}, {0.25}), floats({1, 2, 1}, {4, 6})});
  ASSERT_EQ(results.size(), 2u) << error;
  // 7 is at the key where 3 was: a quarter of the difference is added.
  EXPECT_NEAR(results[1][0].f, 2, 1e-12);
  EXPECT_NEAR(results[1][1].f, 4, 1e-12);
  EXPECT_NEAR(results[0][0].f, 12, 1e-12);
}

TEST_F(LinearAttentionTest, NoTokensLeaveTheState) {
  auto results =
      run(recurrence("", "", ""), {floats({1, 0, 2}, {}), floats({1, 0, 2}, {}),
                                   floats({1, 0, 1}, {})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_EQ(results[0].getNumElements(), 0);
  EXPECT_EQ(results[1][0].f, 0);
}

TEST_F(LinearAttentionTest, LengthsMustAgree) {
  auto results = run(recurrence("", "", ""), {floats({1, 2, 2}, {1, 0, 1, 1}),
                                              floats({1, 2, 2}, {1, 2, 3, 4}),
                                              floats({1, 1, 1}, {10})});
  EXPECT_TRUE(results.empty());
  EXPECT_NE(error.find("different lengths"), std::string::npos) << error;
}
