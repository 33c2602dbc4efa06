//===- CacheTest.cpp - Element types, scales, pages, packed sequences
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each is compared with the plain attention over what it means.
//
//===----------------------------------------------------------------------===//

#include "InterpretText.h"
#include <cmath>

using namespace attn::reference;
using namespace llvm;

namespace {
constexpr double inf = std::numeric_limits<double>::infinity();

struct CacheTest : InterpretTest {
  Tensor integers(unsigned bits, ArrayRef<int64_t> shape,
                  ArrayRef<int64_t> values) {
    return Tensor::integers(integer(bits), shape, values);
  }
  /// Of all values that fit.
  Tensor randomIntegers(unsigned bits, ArrayRef<int64_t> shape) {
    Tensor result(integer(bits), shape);
    for (int64_t at = 0; at < result.getNumElements(); ++at)
      result[at].i = wrapInteger(generator(), bits);
    return result;
  }
  /// Softmax attention over f32 of one head size, with the scores.
  std::vector<Tensor> plain(StringRef layout, const Tensor &q, const Tensor &k,
                            const Tensor &v) {
    auto type = [](const Tensor &t) {
      std::string text = "tensor<";
      for (int64_t size : t.getShape())
        text += std::to_string(size) + "x";
      return text + "f32>";
    };
    return run("func.func @f(%q: " + type(q) + ", %k: " + type(k) +
                   ", %v: " + type(v) + ") -> " + type(q) + R"( {
      %o = attn.attention query(%q) key(%k) value(%v) {layout = ")" +
                   layout.str() + "\"} : (" + type(q) + ", " + type(k) + ", " +
                   type(v) + ") -> " + type(q) + " return %o : " + type(q) +
                   "}",
               {q, k, v});
  }
  void expectEqual(const Tensor &actual, const Tensor &expected) {
    ASSERT_EQ(actual.getShape(), expected.getShape());
    for (int64_t at = 0; at < actual.getNumElements(); ++at)
      EXPECT_NEAR(actual[at].f, expected[at].f, 1e-13) << at;
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Element types, scales, zero points
//===----------------------------------------------------------------------===//

TEST_F(CacheTest, IntegersWithoutScalesAreTheirValues) {
  auto results = run(R"(
    func.func @f(%q: tensor<1x1x1xf32>, %k: tensor<1x2x1xi8>, %v: tensor<1x2x2xi4>)
        -> tensor<1x1x2xf32> {
      %o = attn.attention query(%q) key(%k) value(%v) {scale = 1.0 : f64}
        : (tensor<1x1x1xf32>, tensor<1x2x1xi8>, tensor<1x2x2xi4>)
        -> tensor<1x1x2xf32>
      return %o : tensor<1x1x2xf32>
    })",
                     {floats({1, 1, 1}, {std::log(3.0) / 100}),
                      integers(8, {1, 2, 1}, {-100, -0}),
                      integers(4, {1, 2, 2}, {-8, 7, 4, -1})});
  ASSERT_EQ(results.size(), 1u) << error;
  // Weights 1/4 and 3/4.
  EXPECT_NEAR(results[0][0].f, -8.0 / 4 + 3, 1e-14);
  EXPECT_NEAR(results[0][1].f, 7.0 / 4 - 0.75, 1e-14);
}

TEST_F(CacheTest, ScalesAndZeroPointsByRowAndByGroup) {
  // The key has one scale a row, the value one for each two features.
  Tensor q = random({2, 3, 4}), k = randomIntegers(8, {2, 5, 4}),
         v = randomIntegers(4, {2, 5, 4}), ks = random({2, 5}),
         vs = random({2, 5, 2}), kz = randomIntegers(8, {2, 5}),
         vz = random({2, 5, 2});
  auto results = run(R"(
    func.func @f(%q: tensor<2x3x4xf32>, %k: tensor<2x5x4xi8>, %v: tensor<2x5x4xi4>,
                 %ks: tensor<2x5xf32>, %vs: tensor<2x5x2xf32>,
                 %kz: tensor<2x5xi8>, %vz: tensor<2x5x2xf32>) -> tensor<2x3x4xf32> {
      %o = attn.attention query(%q) key(%k) value(%v) key_scales(%ks)
          key_zero_points(%kz) value_scales(%vs) value_zero_points(%vz)
        : (tensor<2x3x4xf32>, tensor<2x5x4xi8>, tensor<2x5x4xi4>, tensor<2x5xf32>,
           tensor<2x5xi8>, tensor<2x5x2xf32>, tensor<2x5x2xf32>) -> tensor<2x3x4xf32>
      return %o : tensor<2x3x4xf32>
    })",
                     {q, k, v, ks, vs, kz, vz});
  ASSERT_EQ(results.size(), 1u) << error;
  Tensor keys(f32(), {2, 5, 4}), values(f32(), {2, 5, 4});
  for (int64_t row = 0; row < 10; ++row)
    for (int64_t d = 0; d < 4; ++d) {
      int64_t at = row * 4 + d, group = row * 2 + d / 2;
      keys[at].f = double(k[at].i - kz[row].i) * ks[row].f;
      values[at].f = (double(v[at].i) - vz[group].f) * vs[group].f;
    }
  expectEqual(results[0], plain("hsd", q, keys, values)[0]);
}

TEST_F(CacheTest, ScalesOfFloatsAndOfAnotherLayout) {
  Tensor q = random({3, 2, 4}), k = random({5, 2, 4}), ks = random({5, 2, 1});
  auto results =
      run(R"(
    func.func @f(%q: tensor<3x2x4xf32>, %k: tensor<?x2x4xf16>, %s: tensor<?x2x1xbf16>)
        -> tensor<3x2x4xf32> {
      %o = attn.attention query(%q) key(%k) value(%k) key_scales(%s) {layout = "shd"}
        : (tensor<3x2x4xf32>, tensor<?x2x4xf16>, tensor<?x2x4xf16>, tensor<?x2x1xbf16>)
        -> tensor<3x2x4xf32>
      return %o : tensor<3x2x4xf32>
    })",
          {q,
           [&] {
             Tensor half(mlir::Float16Type::get(&context), k.getShape());
             std::copy_n(k.data(), 40, half.data());
             return half;
           }(),
           [&] {
             Tensor brain(mlir::BFloat16Type::get(&context), ks.getShape());
             std::copy_n(ks.data(), 10, brain.data());
             return brain;
           }()});
  ASSERT_EQ(results.size(), 1u) << error;
  Tensor keys = k;
  for (int64_t at = 0; at < 40; ++at)
    keys[at].f *= ks[at / 4].f;
  expectEqual(results[0], plain("shd", q, keys, k)[0]);
}

TEST_F(CacheTest, ScalesOfAnotherLengthAreAnError) {
  run(R"(
    func.func @f(%q: tensor<1x1x4xf32>, %k: tensor<1x?x4xi8>, %s: tensor<1x?xf32>)
        -> tensor<1x1x4xf32> {
      %o = attn.attention query(%q) key(%k) value(%k) value_scales(%s)
        : (tensor<1x1x4xf32>, tensor<1x?x4xi8>, tensor<1x?x4xi8>, tensor<1x?xf32>)
        -> tensor<1x1x4xf32>
      return %o : tensor<1x1x4xf32>
    })",
      {random({1, 1, 4}), randomIntegers(8, {1, 3, 4}), random({1, 2})});
  EXPECT_NE(error.find("expects value_scales of one row for each of the value"),
            std::string::npos)
      << error;
}

TEST_F(CacheTest, OutputOfTheAccumulationType) {
  auto results = run(
      R"(
    func.func @f(%q: tensor<1x1x2xbf16>) -> tensor<1x1x2xf32> {
      %o = attn.attention query(%q) key(%q) value(%q)
        : (tensor<1x1x2xbf16>, tensor<1x1x2xbf16>, tensor<1x1x2xbf16>) -> tensor<1x1x2xf32>
      return %o : tensor<1x1x2xf32>
    })",
      {Tensor::floats(mlir::BFloat16Type::get(&context), {1, 1, 2}, {1, 2})});
  ASSERT_EQ(results.size(), 1u) << error;
  EXPECT_EQ(results[0].getElementType(), f32());
  EXPECT_EQ(results[0][1].f, 2);
}

//===----------------------------------------------------------------------===//
// Pages
//===----------------------------------------------------------------------===//

namespace {
constexpr StringLiteral paged = R"(
  func.func @f(%q: tensor<2x2x1x4xf32>, %k: tensor<?x1x2x4xf32>, %t: tensor<2x?xi32>,
               %n: tensor<2xi32>) -> tensor<2x2x1x4xf32> {
    %o = attn.attention query(%q) key(%k) value(%k) page_table(%t)
      mask(%b: index, %h: index, %i: index, %j: index) {
        %l = tensor.extract %n[%b] : tensor<2xi32>
        %li = arith.index_cast %l : i32 to index
        %live = arith.cmpi slt, %j, %li : index
        attn.yield %live : i1
      }
      : (tensor<2x2x1x4xf32>, tensor<?x1x2x4xf32>, tensor<?x1x2x4xf32>, tensor<2x?xi32>)
      -> tensor<2x2x1x4xf32>
    return %o : tensor<2x2x1x4xf32>
  })";
} // namespace

TEST_F(CacheTest, PagesLieAnywhereInThePool) {
  Tensor q = random({2, 2, 1, 4}), pool = random({5, 1, 2, 4});
  // A page may be shared; entries behind the length are never read.
  int64_t table[] = {3, 0, -1, 4, 3, 1};
  auto results = run(
      paged, {q, pool, integers(32, {2, 3}, table), integers(32, {2}, {3, 6})});
  ASSERT_EQ(results.size(), 1u) << error;
  for (auto [b, length] : {std::pair(0, 3), {1, 6}}) {
    Tensor query(f32(), {2, 1, 4}), keys(f32(), {1, length, 4});
    std::copy_n(q.data() + b * 8, 8, query.data());
    for (int64_t j = 0; j < length; ++j)
      std::copy_n(pool.data() + (table[b * 3 + j / 2] * 2 + j % 2) * 4, 4,
                  keys.data() + j * 4);
    Tensor actual(f32(), {2, 1, 4});
    std::copy_n(results[0].data() + b * 8, 8, actual.data());
    std::string text = "tensor<1x" + std::to_string(length) + "x4xf32>";
    auto expected = run("func.func @f(%q: tensor<2x1x4xf32>, %k: " + text +
                            R"() -> tensor<2x1x4xf32> {
          %o = attn.attention query(%q) key(%k) value(%k)
            : (tensor<2x1x4xf32>, )" +
                            text + ", " + text + R"() -> tensor<2x1x4xf32>
          return %o : tensor<2x1x4xf32>
        })",
                        {query, keys});
    ASSERT_EQ(expected.size(), 1u) << error;
    expectEqual(actual, expected[0]);
  }
}

TEST_F(CacheTest, APageOutsideOfThePoolIsAnErrorWhereItIsRead) {
  Tensor q = random({2, 2, 1, 4}), pool = random({5, 1, 2, 4});
  run(paged,
      {q, pool, integers(32, {2, 2}, {0, 1, 2, 5}), integers(32, {2}, {4, 3})});
  EXPECT_EQ(error, "'attn.attention' op reads key 2 of batch 1 in page 5 of a "
                   "pool of 5");
  run(paged, {q, pool, integers(32, {2, 2}, {0, -1, 2, 3}),
              integers(32, {2}, {4, 3})});
  EXPECT_EQ(error, "'attn.attention' op reads key 2 of batch 0 in page -1 of a "
                   "pool of 5");
}

TEST_F(CacheTest, ScoresOfPagesHaveTheKeysOfASequence) {
  auto results = run(R"(
    func.func @f(%q: tensor<1x1x1x1xf32>, %k: tensor<9x1x2x1xi8>, %s: tensor<9x1x2xf32>,
                 %t: tensor<1x2xi32>) -> tensor<1x1x1x4xf32> {
      %o, %x = attn.attention query(%q) key(%k) value(%k) key_scales(%s) page_table(%t)
        {aux = ["scores"], scale = 1.0 : f64}
        : (tensor<1x1x1x1xf32>, tensor<9x1x2x1xi8>, tensor<9x1x2x1xi8>, tensor<9x1x2xf32>,
           tensor<1x2xi32>) -> (tensor<1x1x1x1xf32>, tensor<1x1x1x4xf32>)
      return %x : tensor<1x1x1x4xf32>
    })",
                     {floats({1, 1, 1, 1}, {2}),
                      [&] {
                        Tensor k(integer(8), {9, 1, 2, 1});
                        for (int64_t at = 0; at < 18; ++at)
                          k[at].i = at;
                        return k;
                      }(),
                      [&] {
                        // Scales lie in the pool like their rows.
                        Tensor s(f32(), {9, 1, 2});
                        for (int64_t at = 0; at < 18; ++at)
                          s[at].f = at < 10 ? 1 : 0.5;
                        return s;
                      }(),
                      integers(32, {1, 2}, {7, 2})});
  ASSERT_EQ(results.size(), 1u) << error;
  double expected[] = {14, 15, 8, 10};
  for (int at = 0; at < 4; ++at)
    EXPECT_EQ(results[0][at].f, expected[at]);
}

//===----------------------------------------------------------------------===//
// Packed sequences
//===----------------------------------------------------------------------===//

namespace {
/// Causal by position in the sequence, with a score that depends on b.
constexpr StringLiteral packed = R"(
  func.func @f(%q: tensor<?x2x4xf32>, %k: tensor<?x2x4xf32>, %s: tensor<?xi32>,
               %t: tensor<?xi32>)
      -> (tensor<?x2x4xf32>, tensor<2x?x?xf32>, tensor<2x?xf32>) {
    %o, %x, %l = attn.attention query(%q) key(%k) value(%k)
      query_starts(%s) key_starts(%t)
      score(%x: f32, %b: index, %h: index, %i: index, %j: index) {
        %bi = arith.index_cast %b : index to i32
        %bf = arith.sitofp %bi : i32 to f32
        %r = arith.addf %x, %bf : f32
        attn.yield %r : f32
      }
      mask(%b: index, %h: index, %i: index, %j: index) {
        %live = arith.cmpi sle, %j, %i : index
        attn.yield %live : i1
      } {layout = "shd", aux = ["scores", "lse"]}
      : (tensor<?x2x4xf32>, tensor<?x2x4xf32>, tensor<?x2x4xf32>, tensor<?xi32>,
         tensor<?xi32>) -> (tensor<?x2x4xf32>, tensor<2x?x?xf32>, tensor<2x?xf32>)
    return %o, %x, %l : tensor<?x2x4xf32>, tensor<2x?x?xf32>, tensor<2x?xf32>
  })";
} // namespace

TEST_F(CacheTest, PackedSequencesDoNotSeeEachOther) {
  // Sequences of (2, 3), (0, 2), (1, 0) and (3, 1) queries and keys.
  Tensor q = random({6, 2, 4}), k = random({6, 2, 4});
  int64_t s[] = {0, 2, 2, 3, 6}, t[] = {0, 3, 5, 5, 6};
  auto results =
      run(packed, {q, k, integers(32, {5}, s), integers(32, {5}, t)});
  ASSERT_EQ(results.size(), 3u) << error;
  for (int64_t n = 0; n < 4; ++n)
    for (int64_t h = 0; h < 2; ++h)
      for (int64_t i = s[n]; i < s[n + 1]; ++i) {
        double sum = 0, output[4] = {};
        for (int64_t j = 0; j < 6; ++j) {
          double score = -inf;
          if (j >= t[n] && j < t[n + 1] && j - t[n] <= i - s[n]) {
            score = double(n);
            for (int64_t d = 0; d < 4; ++d)
              score += q[(i * 2 + h) * 4 + d].f * k[(j * 2 + h) * 4 + d].f / 2;
          }
          double actual = results[1][(h * 6 + i) * 6 + j].f;
          if (score == -inf)
            EXPECT_EQ(actual, -inf);
          else
            EXPECT_NEAR(actual, score, 1e-13);
          sum += std::exp(score);
          for (int64_t d = 0; d < 4; ++d)
            output[d] += std::exp(score) * k[(j * 2 + h) * 4 + d].f;
        }
        for (int64_t d = 0; d < 4; ++d)
          EXPECT_NEAR(results[0][(i * 2 + h) * 4 + d].f,
                      sum == 0 ? 0 : output[d] / sum, 1e-13);
        double lse = results[2][h * 6 + i].f;
        if (sum == 0)
          EXPECT_EQ(lse, -inf);
        else
          EXPECT_NEAR(lse, std::log(sum), 1e-13);
      }
}

TEST_F(CacheTest, StartsRunFromZeroToTheLength) {
  Tensor q = random({3, 2, 4});
  SmallVector<int64_t> good = {0, 1, 3};
  for (SmallVector<int64_t> bad : {SmallVector<int64_t>{1, 2, 3},
                                   {0, 1, 2},
                                   {0, 4, 3},
                                   {0, -1, 3},
                                   {0, 1, 4}}) {
    run(packed, {q, q, integers(32, {3}, bad), integers(32, {3}, good)});
    EXPECT_NE(error.find("expects query_starts from 0 to the length 3, not "
                         "decreasing, got ["),
              std::string::npos)
        << error;
  }
  run(packed, {q, q, integers(32, {3}, good), integers(32, {3}, {0, 4, 3})});
  EXPECT_EQ(error, "'attn.attention' op expects key_starts from 0 to the "
                   "length 3, not decreasing, got [0, 4, 3]");
  run(packed, {q, q, integers(32, {3}, good), integers(32, {2}, {0, 3})});
  EXPECT_EQ(error, "'attn.attention' op expects as many key_starts as "
                   "query_starts, got 2 and 3");
}

TEST_F(CacheTest, NoSequences) {
  Tensor none = random({0, 2, 4}), start = integers(32, {1}, {0});
  auto results = run(packed, {none, none, start, start});
  ASSERT_EQ(results.size(), 3u) << error;
  EXPECT_EQ(results[0].getNumElements(), 0);
}
