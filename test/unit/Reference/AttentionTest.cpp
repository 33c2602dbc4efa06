//===- AttentionTest.cpp - attn.attention by hand and by independent loops
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpretText.h"
#include <cmath>
#include <functional>
#include <limits>

using namespace attn::reference;
using namespace llvm;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();
const double quiet = std::numeric_limits<double>::quiet_NaN();

struct AttentionTest : InterpretTest {};

/// One head, one feature: values that a reader can check.
constexpr StringLiteral tiny = R"(
  func.func @tiny(%q: tensor<1x?x1xf32>, %k: tensor<1x?x1xf32>,
                  %v: tensor<1x?x1xf32>, %n: index)
      -> (tensor<1x?x1xf32>, tensor<1x?xf32>, tensor<1x?xf32>) {
    %o, %lse, %max = attn.attention query(%q) key(%k) value(%v)
      mask(%b: index, %h: index, %i: index, %j: index) {
        %keep = arith.cmpi slt, %j, %n : index
        attn.yield %keep : i1
      } {aux = ["lse", "row_max"], scale = 1.0 : f64}
      : (tensor<1x?x1xf32>, tensor<1x?x1xf32>, tensor<1x?x1xf32>)
      -> (tensor<1x?x1xf32>, tensor<1x?xf32>, tensor<1x?xf32>)
    return %o, %lse, %max : tensor<1x?x1xf32>, tensor<1x?xf32>, tensor<1x?xf32>
  })";
} // namespace

TEST_F(AttentionTest, ByHand) {
  // Scores log 3 and 0: weights 3/4 and 1/4.
  auto results =
      run(tiny, {floats({1, 1, 1}, 1.0), floats({1, 2, 1}, {std::log(3.0), 0}),
                 floats({1, 2, 1}, {8, 4}), position(2)});
  ASSERT_EQ(results.size(), 3u) << error;
  EXPECT_NEAR(results[0][0].f, 7, 1e-14);
  EXPECT_NEAR(results[1][0].f, std::log(4.0), 1e-15);
  EXPECT_NEAR(results[2][0].f, std::log(3.0), 1e-15);
}

TEST_F(AttentionTest, SinkTakesWeight) {
  StringRef text = R"(
    func.func @sink(%q: tensor<1x1x1xf32>, %k: tensor<1x?x1xf32>,
                    %sinks: tensor<1xf32>)
        -> (tensor<1x1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>) {
      %o, %lse, %max = attn.attention query(%q) key(%k) value(%k) sinks(%sinks)
        {aux = ["lse", "row_max"], scale = 1.0 : f64}
        : (tensor<1x1x1xf32>, tensor<1x?x1xf32>, tensor<1x?x1xf32>,
           tensor<1xf32>)
        -> (tensor<1x1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>)
      return %o, %lse, %max
        : tensor<1x1x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
    })";
  // Scores log 3, and a sink of 0: weights 3/4, and 1/4 for nothing.
  auto some = run(text, {floats({1, 1, 1}, 1.0),
                         floats({1, 1, 1}, std::log(3.0)), floats({1}, 0.0)});
  ASSERT_EQ(some.size(), 3u) << error;
  EXPECT_NEAR(some[0][0].f, 0.75 * std::log(3.0), 1e-15);
  EXPECT_NEAR(some[1][0].f, std::log(4.0), 1e-15);
  EXPECT_NEAR(some[2][0].f, std::log(3.0), 1e-15);
  auto none = run(
      text, {floats({1, 1, 1}, 1.0), floats({1, 0, 1}, {}), floats({1}, 5.0)});
  ASSERT_EQ(none.size(), 3u) << error;
  EXPECT_EQ(none[0][0].f, 0);
  EXPECT_EQ(none[1][0].f, 5);
  EXPECT_EQ(none[2][0].f, -inf);
}

TEST_F(AttentionTest, ProductsWithTables) {
  // The query is not scaled; rows before and behind the table are its ends.
  StringRef text = R"(
    func.func @tables(%q: tensor<1x1x2xf32>, %k: tensor<1x?x2xf32>,
                      %t: tensor<2x2xf32>)
        -> (tensor<1x1x2xf32>, tensor<1x1x?xf32>) {
      %o, %s = attn.attention query(%q) key(%k) value(%k)
        score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
          %c1 = arith.constant 1 : index
          %before = arith.subi %j, %c1 : index
          %x = attn.query_dot %t[%j] : tensor<2x2xf32>
          %y = attn.key_dot %t[%before] : tensor<2x2xf32>
          %xy = arith.addf %x, %y : f32
          %r = arith.addf %s, %xy : f32
          attn.yield %r : f32
        } {aux = ["scores"], scale = 2.0 : f64}
        : (tensor<1x1x2xf32>, tensor<1x?x2xf32>, tensor<1x?x2xf32>)
        -> (tensor<1x1x2xf32>, tensor<1x1x?xf32>)
      return %o, %s : tensor<1x1x2xf32>, tensor<1x1x?xf32>
    })";
  auto results = run(text, {floats({1, 1, 2}, {1, 10}),
                            floats({1, 3, 2}, {1, 0, 0, 1, 1, 1}),
                            floats({2, 2}, {3, 5, 7, 11})});
  ASSERT_EQ(results.size(), 2u) << error;
  // 2 q.k + q.t[min(j, 1)] + k.t[clamp(j - 1)]
  EXPECT_EQ(results[1][0].f, 2 * 1 + 53 + 3);
  EXPECT_EQ(results[1][1].f, 2 * 10 + 117 + 5);
  EXPECT_EQ(results[1][2].f, 2 * 11 + 117 + 18);
}

TEST_F(AttentionTest, RelativeValues) {
  StringRef text = R"(
    func.func @values(%q: tensor<2x1x1xf32>, %v: tensor<2x?x1xf32>,
                      %t: tensor<2x2x1xf32>) -> tensor<2x1x1xf32> {
      %o = attn.attention query(%q) key(%v) value(%v) value_table(%t)
        value_row(%b: index, %h: index, %i: index, %j: index) {
          attn.yield %h, %j : index, index
        } {normalizer = "none", scale = 1.0 : f64}
        : (tensor<2x1x1xf32>, tensor<2x?x1xf32>, tensor<2x?x1xf32>,
           tensor<2x2x1xf32>) -> tensor<2x1x1xf32>
      return %o : tensor<2x1x1xf32>
    })";
  auto results = run(text, {floats({2, 1, 1}, {1, 10}),
                            floats({2, 3, 1}, {1, 2, 3, 4, 5, 6}),
                            floats({2, 2, 1}, {100, 200, 300, 400})});
  ASSERT_EQ(results.size(), 1u) << error;
  // The last key has no row of its own: the last one of its head.
  EXPECT_EQ(results[0][0].f, 1 * 101 + 2 * 202 + 3 * 203);
  EXPECT_EQ(results[0][1].f, 40 * 304 + 50 * 405 + 60 * 406);
}

TEST_F(AttentionTest, RowWithoutLiveKeyIsZero) {
  auto results = run(tiny, {floats({1, 1, 1}, 1.0), floats({1, 2, 1}, {1, 2}),
                            floats({1, 2, 1}, {8, 4}), position(0)});
  ASSERT_EQ(results.size(), 3u) << error;
  EXPECT_EQ(results[0][0].f, 0);
  EXPECT_EQ(results[1][0].f, -inf);
  EXPECT_EQ(results[2][0].f, -inf);
}

TEST_F(AttentionTest, NoKeysAndNoQueries) {
  auto noKeys = run(tiny, {floats({1, 1, 1}, 1.0), floats({1, 0, 1}, {}),
                           floats({1, 0, 1}, {}), position(3)});
  ASSERT_EQ(noKeys.size(), 3u) << error;
  EXPECT_EQ(noKeys[0][0].f, 0);
  auto noQueries = run(tiny, {floats({1, 0, 1}, {}), floats({1, 1, 1}, 1.0),
                              floats({1, 1, 1}, 1.0), position(3)});
  ASSERT_EQ(noQueries.size(), 3u) << error;
  EXPECT_EQ(noQueries[0].getNumElements(), 0);
}

TEST_F(AttentionTest, MaskedKeysChangeNothing) {
  for (double poison : {quiet, inf, -inf}) {
    auto results =
        run(tiny, {floats({1, 1, 1}, 1.0), floats({1, 2, 1}, {0.5, poison}),
                   floats({1, 2, 1}, {8, poison}), position(1)});
    ASSERT_EQ(results.size(), 3u) << error;
    EXPECT_EQ(results[0][0].f, 8);
    EXPECT_EQ(results[1][0].f, 0.5);
  }
}

TEST_F(AttentionTest, LiveNaNStaysInItsRow) {
  auto results =
      run(tiny, {floats({1, 2, 1}, {quiet, 1}), floats({1, 1, 1}, 1.0),
                 floats({1, 1, 1}, 8.0), position(1)});
  ASSERT_EQ(results.size(), 3u) << error;
  EXPECT_TRUE(std::isnan(results[0][0].f));
  EXPECT_TRUE(std::isnan(results[1][0].f));
  EXPECT_EQ(results[0][1].f, 8);
}

TEST_F(AttentionTest, LargeScoresDoNotOverflow) {
  auto results =
      run(tiny, {floats({1, 1, 1}, 1e4), floats({1, 2, 1}, {1e4, -1e4}),
                 floats({1, 2, 1}, {8, 4}), position(2)});
  ASSERT_EQ(results.size(), 3u) << error;
  EXPECT_EQ(results[0][0].f, 8);
  EXPECT_EQ(results[1][0].f, 1e8);
}

TEST_F(AttentionTest, SampledRowsOnly) {
  InterpretOptions options;
  options.queryRows = SmallVector<int64_t>{1};
  auto results = run(tiny,
                     {floats({1, 3, 1}, {1, 2, 3}), floats({1, 1, 1}, 1.0),
                      floats({1, 1, 1}, 8.0), position(1)},
                     options);
  ASSERT_EQ(results.size(), 3u) << error;
  EXPECT_TRUE(std::isnan(results[0][0].f));
  EXPECT_EQ(results[0][1].f, 8);
  EXPECT_TRUE(std::isnan(results[0][2].f));
}

TEST_F(AttentionTest, LengthsMustAgree) {
  run(tiny, {floats({1, 1, 1}, 1.0), floats({1, 2, 1}, {1, 2}),
             floats({1, 1, 1}, 8.0), position(2)});
  EXPECT_EQ(error, "'attn.attention' op expects key and value of one length, "
                   "got 2 and 1");
}

TEST_F(AttentionTest, LoadsAreKeptInTheirTensor) {
  // Elements -1, 0, 1 and 2 of two.
  auto results = run(
      R"(
    func.func @f(%q: tensor<1x1x1xf32>, %k: tensor<1x4x1xf32>, %t: tensor<?xf32>)
        -> (tensor<1x1x1xf32>, tensor<1x1x4xf32>) {
      %o, %s = attn.attention query(%q) key(%k) value(%k)
        score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
          %c1 = arith.constant 1 : index
          %at = arith.subi %j, %c1 : index
          %x = tensor.extract %t[%at] : tensor<?xf32>
          attn.yield %x : f32
        } {aux = ["scores"]}
        : (tensor<1x1x1xf32>, tensor<1x4x1xf32>, tensor<1x4x1xf32>)
        -> (tensor<1x1x1xf32>, tensor<1x1x4xf32>)
      return %o, %s : tensor<1x1x1xf32>, tensor<1x1x4xf32>
    })",
      {floats({1, 1, 1}, 1.0), floats({1, 4, 1}, 1.0), floats({2}, {5, 7})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_EQ(results[1][0].f, 5);
  EXPECT_EQ(results[1][1].f, 5);
  EXPECT_EQ(results[1][2].f, 7);
  EXPECT_EQ(results[1][3].f, 7);
}

TEST_F(AttentionTest, ReadingAnEmptyTensorIsAnError) {
  run(R"(
    func.func @f(%q: tensor<1x1x1xf32>, %t: tensor<?xf32>) -> tensor<1x1x1xf32> {
      %o = attn.attention query(%q) key(%q) value(%q)
        score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
          %x = tensor.extract %t[%j] : tensor<?xf32>
          attn.yield %x : f32
        } : (tensor<1x1x1xf32>, tensor<1x1x1xf32>, tensor<1x1x1xf32>)
        -> tensor<1x1x1xf32>
      return %o : tensor<1x1x1xf32>
    })",
      {floats({1, 1, 1}, 1.0), floats({0}, {})});
  EXPECT_NE(error.find("index out of bounds"), std::string::npos) << error;
}

//===----------------------------------------------------------------------===//
// Independent loops
//===----------------------------------------------------------------------===//

namespace {
/// Sizes of a case: B, H, HKV, SQ, SK, D, DV.
struct Sizes {
  int64_t batch, heads, keyHeads, queries, keys, headSize, valueSize;
  bool sequenceFirst;
  /// The linear index of (b, h, s, d) in a tensor with `count` heads.
  int64_t at(int64_t count, int64_t length, int64_t size, int64_t b, int64_t h,
             int64_t s, int64_t d) const {
    return sequenceFirst ? ((b * length + s) * count + h) * size + d
                         : ((b * count + h) * length + s) * size + d;
  }
};

using Score = std::function<double(double, int64_t, int64_t, int64_t, int64_t)>;

/// Softmax attention in the plainest way, without a running anything.
std::vector<double> loops(const Sizes &n, const Tensor &q, const Tensor &k,
                          const Tensor &v, double scale, Score score) {
  std::vector<double> output(n.batch * n.heads * n.queries * n.valueSize, 0);
  for (int64_t b = 0; b < n.batch; ++b)
    for (int64_t h = 0; h < n.heads; ++h)
      for (int64_t i = 0; i < n.queries; ++i) {
        int64_t g = h * n.keyHeads / n.heads;
        double total = 0;
        for (int64_t j = 0; j < n.keys; ++j) {
          double x = 0;
          for (int64_t d = 0; d < n.headSize; ++d)
            x += q[n.at(n.heads, n.queries, n.headSize, b, h, i, d)].f *
                 k[n.at(n.keyHeads, n.keys, n.headSize, b, g, j, d)].f;
          double p = std::exp(score(scale * x, b, h, i, j));
          total += p;
          for (int64_t d = 0; d < n.valueSize; ++d)
            output[n.at(n.heads, n.queries, n.valueSize, b, h, i, d)] +=
                p * v[n.at(n.keyHeads, n.keys, n.valueSize, b, g, j, d)].f;
        }
        for (int64_t d = 0; d < n.valueSize && total > 0; ++d)
          output[n.at(n.heads, n.queries, n.valueSize, b, h, i, d)] /= total;
      }
  return output;
}
} // namespace

TEST_F(AttentionTest, GroupedHeadsBothLayoutsScoreAndMask) {
  for (bool sequenceFirst : {false, true}) {
    Sizes n{2, 6, 3, 5, 7, 4, 3, sequenceFirst};
    std::string layout = sequenceFirst ? "bshd" : "bhsd";
    std::string qt =
        sequenceFirst ? "tensor<2x5x6x4xf32>" : "tensor<2x6x5x4xf32>";
    std::string kt =
        sequenceFirst ? "tensor<2x7x3x4xf32>" : "tensor<2x3x7x4xf32>";
    std::string vt =
        sequenceFirst ? "tensor<2x7x3x3xf32>" : "tensor<2x3x7x3xf32>";
    std::string ot =
        sequenceFirst ? "tensor<2x5x6x3xf32>" : "tensor<2x6x5x3xf32>";
    std::string text =
        "func.func @f(%q: " + qt + ", %k: " + kt + ", %v: " + vt +
        ", %slopes: tensor<6xf32>, %lengths: tensor<2xi32>) -> " + ot + R"( {
      %o = attn.attention query(%q) key(%k) value(%v)
        score(%s: f32, %b: index, %h: index, %i: index, %j: index) {
          %m = tensor.extract %slopes[%h] : tensor<6xf32>
          %d = arith.subi %j, %i : index
          %di = arith.index_cast %d : index to i32
          %df = arith.sitofp %di : i32 to f32
          %t = arith.mulf %m, %df : f32
          %r = arith.addf %s, %t : f32
          attn.yield %r : f32
        }
        mask(%b: index, %h: index, %i: index, %j: index) {
          %l = tensor.extract %lengths[%b] : tensor<2xi32>
          %li = arith.index_cast %l : i32 to index
          %live = arith.cmpi slt, %j, %li : index
          %past = arith.cmpi sle, %j, %i : index
          %keep = arith.andi %live, %past : i1
          attn.yield %keep : i1
        } {layout = ")" +
        layout + "\"} : (" + qt + ", " + kt + ", " + vt + ") -> " + ot +
        "\n return %o : " + ot + " }";
    Tensor q = sequenceFirst ? random({2, 5, 6, 4}) : random({2, 6, 5, 4});
    Tensor k = sequenceFirst ? random({2, 7, 3, 4}) : random({2, 3, 7, 4});
    Tensor v = sequenceFirst ? random({2, 7, 3, 3}) : random({2, 3, 7, 3});
    Tensor slopes = random({6});
    int64_t lengths[] = {3, 0};
    auto results = run(
        text, {q, k, v, slopes, Tensor::integers(integer(32), {2}, lengths)});
    ASSERT_EQ(results.size(), 1u) << error;
    auto expected =
        loops(n, q, k, v, 0.5,
              [&](double s, int64_t b, int64_t h, int64_t i, int64_t j) {
                return j < lengths[b] && j <= i
                           ? s + slopes[h].f * double(j - i)
                           : -inf;
              });
    for (auto [at, value] : llvm::enumerate(expected))
      EXPECT_NEAR(results[0][at].f, value, 1e-13) << layout << " at " << at;
  }
}

TEST_F(AttentionTest, OffsetsShiftWhatRegionsSee) {
  auto results = run(R"(
    func.func @f(%q: tensor<1x1x1xf32>, %k: tensor<1x2x1xf32>, %x: index,
                 %zero: index) -> tensor<1x1x1xf32> {
      %o = attn.attention query(%q) key(%k) value(%k)
        offsets(%zero, %zero, %x, %zero)
        mask(%b: index, %h: index, %i: index, %j: index) {
          %keep = arith.cmpi sle, %j, %i : index
          attn.yield %keep : i1
        } : (tensor<1x1x1xf32>, tensor<1x2x1xf32>, tensor<1x2x1xf32>)
        -> tensor<1x1x1xf32>
      return %o : tensor<1x1x1xf32>
    })",
                     {floats({1, 1, 1}, 0.0), floats({1, 2, 1}, {2, 4}),
                      position(1), position(0)});
  ASSERT_EQ(results.size(), 1u) << error;
  EXPECT_EQ(results[0][0].f, 3);
}
