//===- ProjectionTest.cpp - attn.project_heads and attn.merge_heads
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpretText.h"
#include <cmath>

using namespace attn::reference;

namespace {
struct ProjectionTest : InterpretTest {};
} // namespace

TEST_F(ProjectionTest, SplitsFeaturesIntoHeads) {
  // Two positions, two heads of one feature: W = [[1, 2], [3, 4]].
  auto results = run(R"(
    func.func @f(%x: tensor<2x2xf32>, %w: tensor<2x2xf32>, %b: tensor<2xf32>)
        -> (tensor<2x2x1xf32>, tensor<2x2x1xf32>) {
      %p = attn.project_heads %x weights(%w) biases(%b) {heads = array<i64: 2>}
          : tensor<2x2xf32>, (tensor<2x2xf32>), (tensor<2xf32>) -> tensor<2x2x1xf32>
      %r = attn.project_heads %x weights(%w)
          {heads = array<i64: 2>, layout = "shd", activation = "relu"}
          : tensor<2x2xf32>, (tensor<2x2xf32>) -> tensor<2x2x1xf32>
      return %p, %r : tensor<2x2x1xf32>, tensor<2x2x1xf32>
    })",
                     {floats({2, 2}, {1, 1, -1, 0}),
                      floats({2, 2}, {1, 2, 3, 4}), floats({2}, {10, 20})});
  ASSERT_EQ(results.size(), 2u) << error;
  double heads[] = {13, 9, 27, 17}, positions[] = {3, 7, 0, 0};
  for (int at = 0; at < 4; ++at) {
    EXPECT_EQ(results[0][at].f, heads[at]) << at;
    EXPECT_EQ(results[1][at].f, positions[at]) << at;
  }
}

TEST_F(ProjectionTest, MergeAddsHeadsUp) {
  auto results = run(R"(
    func.func @f(%a: tensor<2x1x2xf32>, %w: tensor<1x4xf32>, %b: tensor<1xf32>)
        -> (tensor<1x1xf32>, tensor<1x1xf32>) {
      %m = attn.merge_heads %a weight(%w) bias(%b)
          : tensor<2x1x2xf32>, tensor<1x4xf32>, tensor<1xf32> -> tensor<1x1xf32>
      %g = attn.merge_heads %a weight(%w) {activation = "gelu"}
          : tensor<2x1x2xf32>, tensor<1x4xf32> -> tensor<1x1xf32>
      return %m, %g : tensor<1x1xf32>, tensor<1x1xf32>
    })",
                     {floats({2, 1, 2}, {1, 2, 3, 4}),
                      floats({1, 4}, {0.5, 0.25, -1, 0.5}), floats({1}, 2.0)});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_EQ(results[0][0].f, 2);
  EXPECT_EQ(results[1][0].f, 0);
}

TEST_F(ProjectionTest, GeluIsExact) {
  auto results = run(R"(
    func.func @f(%x: tensor<1x1xf32>, %w: tensor<1x1xf32>) -> tensor<1x1x1xf32> {
      %g = attn.project_heads %x weights(%w)
          {heads = array<i64: 1>, activation = "gelu"}
          : tensor<1x1xf32>, (tensor<1x1xf32>) -> tensor<1x1x1xf32>
      return %g : tensor<1x1x1xf32>
    })",
                     {floats({1, 1}, 1.0), floats({1, 1}, 1.0)});
  ASSERT_EQ(results.size(), 1u) << error;
  EXPECT_NEAR(results[0][0].f, 0.841344746068543, 1e-15);
}

TEST_F(ProjectionTest, RoundTripThroughAnIdentity) {
  // Projecting with the identity and merging with it gives the input back.
  auto results = run(R"(
    func.func @f(%x: tensor<?x?x6xf32>, %eye: tensor<6x6xf32>) -> tensor<?x?x6xf32> {
      %p = attn.project_heads %x weights(%eye) {heads = array<i64: 3>, layout = "bshd"}
          : tensor<?x?x6xf32>, (tensor<6x6xf32>) -> tensor<?x?x3x2xf32>
      %y = attn.merge_heads %p weight(%eye) {layout = "bshd"}
          : tensor<?x?x3x2xf32>, tensor<6x6xf32> -> tensor<?x?x6xf32>
      return %y : tensor<?x?x6xf32>
    })",
                     {random({2, 3, 6}), [&] {
                        Tensor eye = floats({6, 6}, std::vector<double>(36, 0));
                        for (int at = 0; at < 6; ++at)
                          eye[at * 7].f = 1;
                        return eye;
                      }()});
  ASSERT_EQ(results.size(), 1u) << error;
  generator.seed(1);
  Tensor input = random({2, 3, 6});
  for (int64_t at = 0; at < input.getNumElements(); ++at)
    EXPECT_EQ(results[0][at].f, input[at].f);
}
