//===- ShardTest.cpp - attn.merge_partials and attn.append
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpretText.h"
#include <cmath>

using namespace attn::reference;

namespace {
struct ShardTest : InterpretTest {
  Tensor integers(llvm::ArrayRef<int64_t> shape,
                  llvm::ArrayRef<int64_t> values) {
    return Tensor::integers(integer(32), shape, values);
  }
};

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Two shards of two rows of one head, and one that is no stack.
constexpr const char *merge = R"(
  func.func @f(%o: tensor<?x1x2x2xf32>, %l: tensor<?x1x2xf32>, %p: tensor<1x2x2xf32>, %m: tensor<1x2xf32>)
      -> (tensor<1x2x2xf32>, tensor<1x2xf32>) {
    %0, %1 = attn.merge_partials outputs(%o, %p) lses(%l, %m) {aux = ["lse"]}
        : (tensor<?x1x2x2xf32>, tensor<1x2x2xf32>, tensor<?x1x2xf32>, tensor<1x2xf32>)
        -> (tensor<1x2x2xf32>, tensor<1x2xf32>)
    return %0, %1 : tensor<1x2x2xf32>, tensor<1x2xf32>
  })";
} // namespace

TEST_F(ShardTest, WeighsShardsByTheirSums) {
  // Sums of exponentials 1, 2 and 5 in the first row.
  auto results =
      run(merge, {floats({2, 1, 2, 2}, {8, 0, NAN, NAN, 0, 4, 7, 9}),
                  floats({2, 1, 2}, {0, -infinity, std::log(2), -1000}),
                  floats({1, 2, 2}, {1.6, -1.6, NAN, 1}),
                  floats({1, 2}, {std::log(5), -infinity})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_NEAR(results[0][0].f, 2, 1e-12);
  EXPECT_NEAR(results[0][1].f, 0, 1e-12);
  EXPECT_NEAR(results[1][0].f, std::log(8), 1e-12);
  // In the second, one shard alone has live keys.
  EXPECT_EQ(results[0][2].f, 7);
  EXPECT_EQ(results[0][3].f, 9);
  EXPECT_EQ(results[1][1].f, -1000);
}

TEST_F(ShardTest, RowWithoutLiveKeysIsZero) {
  auto results = run(merge, {floats({1, 1, 2, 2}, {1, 2, 3, 4}),
                             floats({1, 1, 2}, {-infinity, NAN}),
                             floats({1, 2, 2}, {1, 2, 3, 4}),
                             floats({1, 2}, {-infinity, 0})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_EQ(results[0][0].f, 0);
  EXPECT_EQ(results[1][0].f, -infinity);
  EXPECT_TRUE(std::isnan(results[0][2].f));
  EXPECT_TRUE(std::isnan(results[1][1].f));
}

TEST_F(ShardTest, RefusesShardsOfDifferentSizes) {
  run(R"(func.func @f(%o: tensor<?x2x?x2xf32>, %l: tensor<?x2x?xf32>) -> tensor<2x?x2xf32> {
      %0 = attn.merge_partials outputs(%o) lses(%l)
          : (tensor<?x2x?x2xf32>, tensor<?x2x?xf32>) -> tensor<2x?x2xf32>
      return %0 : tensor<2x?x2xf32>
    })",
      {Tensor(f32(), {3, 2, 4, 2}), Tensor(f32(), {2, 2, 6})});
  EXPECT_EQ(error, "'attn.merge_partials' op has shards of different sizes");
}

namespace {
/// Rows of two batches into sequences of four positions.
constexpr const char *append = R"(
  func.func @f(%new: tensor<?x1x?x1xf32>, %cache: tensor<?x1x4x1xf32>, %at: tensor<?xi32>) -> tensor<?x1x4x1xf32> {
    %0 = attn.append rows(%new) cache(%cache) positions(%at)
        : (tensor<?x1x?x1xf32>, tensor<?x1x4x1xf32>, tensor<?xi32>) -> tensor<?x1x4x1xf32>
    return %0 : tensor<?x1x4x1xf32>
  })";

/// Into pages of two rows, heads behind positions; scales of one a row.
constexpr const char *appendPaged = R"(
  func.func @f(%new: tensor<?x?x2xf32>, %pool: tensor<?x2x2xf32>, %at: tensor<?xi32>, %pages: tensor<?x?xi32>)
      -> tensor<?x2x2xf32> {
    %0 = attn.append rows(%new) cache(%pool) positions(%at) page_table(%pages) {layout = "bsh"}
        : (tensor<?x?x2xf32>, tensor<?x2x2xf32>, tensor<?xi32>, tensor<?x?xi32>) -> tensor<?x2x2xf32>
    return %0 : tensor<?x2x2xf32>
  })";
} // namespace

TEST_F(ShardTest, AppendsAtEachPosition) {
  Tensor cache = floats({2, 1, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8});
  Tensor rows = floats({2, 1, 2, 1}, {10, 20, 30, 40});
  auto results = run(append, {rows, cache, integers({2}, {2, 0})});
  ASSERT_EQ(results.size(), 1u) << error;
  double expected[] = {1, 2, 10, 20, 30, 40, 7, 8};
  for (int at = 0; at < 8; ++at)
    EXPECT_EQ(results[0][at].f, expected[at]) << at;
  for (int position : {-1, 3}) {
    EXPECT_TRUE(
        run(append, {rows, cache, integers({2}, {2, position})}).empty());
    EXPECT_NE(error.find("of a cache with room for 4"), std::string::npos)
        << error;
  }
}

TEST_F(ShardTest, AppendsAcrossPages) {
  Tensor pool = floats({3, 2, 2}, llvm::SmallVector<double>(12, 0));
  Tensor rows = floats({1, 2, 2}, {1, 2, 3, 4});
  auto results = run(
      appendPaged, {rows, pool, integers({1}, {1}), integers({1, 2}, {2, 0})});
  ASSERT_EQ(results.size(), 1u) << error;
  // Row 1 of page 2, then row 0 of page 0.
  double expected[] = {3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2};
  for (int at = 0; at < 12; ++at)
    EXPECT_EQ(results[0][at].f, expected[at]) << at;
  EXPECT_TRUE(run(appendPaged,
                  {rows, pool, integers({1}, {1}), integers({1, 2}, {2, 3})})
                  .empty());
  EXPECT_NE(error.find("page 3 for batch 0 in a pool of 3"), std::string::npos)
      << error;
}
