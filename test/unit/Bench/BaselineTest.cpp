//===- BaselineTest.cpp - Tests of the hand-written kernels ---------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../../../benchmarks/baseline/Kernels.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <vector>

using namespace attn::baseline;

namespace {

/// Elements of any type, and what they stand for.
struct Data {
  std::vector<double> values;
  std::vector<char> bytes;
  std::vector<float> scales; ///< One a row; of integers only.
};

} // namespace

static double elementBytes(Type type) {
  return type == Type::f32    ? 4
         : type == Type::bf16 ? 2
         : type == Type::i8   ? 1
                              : 0.5;
}

static uint16_t toBF16(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

static float fromBF16(uint16_t half) {
  uint32_t bits = uint32_t(half) << 16;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

static Data makeData(Type type, int64_t rows, int64_t features,
                     double amplitude, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0, float(amplitude));
  std::uniform_real_distribution<float> around(0.75, 1.25);
  Data data;
  data.bytes.resize(size_t(double(rows * features) * elementBytes(type)));
  for (int64_t row = 0; row < rows; ++row) {
    if (type == Type::i8 || type == Type::i4)
      data.scales.push_back(around(generator) / (type == Type::i8 ? 42 : 2.3f));
    for (int64_t d = 0; d < features; ++d) {
      int64_t at = row * features + d;
      float value = normal(generator);
      if (type == Type::f32) {
        std::memcpy(&data.bytes[at * 4], &value, 4);
      } else if (type == Type::bf16) {
        uint16_t half = toBF16(value);
        std::memcpy(&data.bytes[at * 2], &half, 2);
        value = fromBF16(half);
      } else {
        int least = type == Type::i8 ? -128 : -8, most = -least - 1;
        int level = std::min(
            std::max(int(std::lround(value / data.scales[row])), least), most);
        if (type == Type::i8)
          data.bytes[at] = char(level);
        else
          data.bytes[at / 2] |= char((level & 15) << (at % 2 * 4));
        value = float(level) * data.scales[row];
      }
      data.values.push_back(value);
    }
  }
  return data;
}

/// The largest error of the kernel for `problem`, which is called `name`.
static double largestError(const Problem &problem, const std::string &name,
                           double amplitude = 1) {
  const Kernel *kernel = findKernel(problem);
  EXPECT_EQ(kernel->name, name);
  int64_t D = problem.headSize, group = problem.heads / problem.keyHeads;
  int64_t queryRows = problem.batch * problem.heads * problem.queries;
  int64_t keyRows = problem.batch * problem.keyHeads * problem.keys;
  Data query = makeData(problem.type, queryRows, D, amplitude, 1);
  Data key = makeData(problem.cacheType, keyRows, D, amplitude, 2);
  Data value = makeData(problem.cacheType, keyRows, D, 1, 3);
  std::vector<char> result(query.bytes.size());
  size_t bytes = (kernel->workspaceBytes(problem) + 63) / 64 * 64;
  std::unique_ptr<char, decltype(&std::free)> workspace(
      static_cast<char *>(std::aligned_alloc(64, bytes)), &std::free);
  std::memset(workspace.get(), 0xff, bytes); // NaN
  Tensors tensors = {query.bytes.data(),  key.bytes.data(),
                     value.bytes.data(),  key.scales.data(),
                     value.scales.data(), result.data()};
  kernel->run(problem, tensors, workspace.get());

  double worst = 0;
  for (int64_t row = 0; row < queryRows; ++row) {
    int64_t head = row / problem.queries, i = row % problem.queries;
    int64_t first = head / group * problem.keys;
    int64_t live = problem.causal ? i + 1 : problem.keys;
    std::vector<double> p(live);
    double most = -1e300, sum = 0;
    for (int64_t j = 0; j < live; ++j) {
      for (int64_t d = 0; d < D; ++d)
        p[j] += query.values[row * D + d] * key.values[(first + j) * D + d];
      p[j] /= std::sqrt(double(D));
      most = std::max(most, p[j]);
    }
    for (double &x : p)
      sum += x = std::exp(x - most);
    for (int64_t d = 0; d < D; ++d) {
      double expected = 0;
      for (int64_t j = 0; j < live; ++j)
        expected += p[j] / sum * value.values[(first + j) * D + d];
      double actual;
      int64_t at = row * D + d;
      if (problem.type == Type::f32) {
        float element;
        std::memcpy(&element, &result[at * 4], 4);
        actual = element;
      } else {
        uint16_t half;
        std::memcpy(&half, &result[at * 2], 2);
        actual = fromBF16(half);
      }
      double error = std::fabs(actual - expected);
      worst = std::isnan(error) ? INFINITY : std::max(worst, error);
    }
  }
  return worst;
}

#define NEEDS_KERNELS(PROBLEM)                                                 \
  if (!findKernel(PROBLEM))                                                    \
  GTEST_SKIP() << "this processor lacks the instructions"

TEST(Baseline, DenseF32) {
  for (int64_t D : {64, 128}) {
    // Ragged key tiles, tiles of two and three vectors, grouped heads.
    Problem problem = {2, 4, 2, 112, 552, D, false, Type::f32, Type::f32};
    NEEDS_KERNELS(problem);
    EXPECT_LT(largestError(problem, "dense f32"), 2e-6) << D;
    // Scores that span hundreds: the maxima move.
    EXPECT_LT(largestError(problem, "dense f32", 6), 1e-4) << D;
  }
}

TEST(Baseline, CausalF32) {
  for (int64_t D : {64, 128})
    for (int64_t length : {32, 48, 304, 544}) {
      Problem problem = {1, 2,    1,         length,   length,
                         D, true, Type::f32, Type::f32};
      NEEDS_KERNELS(problem);
      EXPECT_LT(largestError(problem, "causal f32"), 4e-6)
          << D << ' ' << length;
      EXPECT_LT(largestError(problem, "causal f32", 6), 1e-4)
          << D << ' ' << length;
    }
}

TEST(Baseline, ShortF32) {
  for (int64_t D : {32, 64})
    for (int64_t keys : {8, 13, 197, 512})
      for (int64_t queries : {17, 64, 100}) {
        Problem problem = {2, 2,     1,         queries,  keys,
                           D, false, Type::f32, Type::f32};
        NEEDS_KERNELS(problem);
        EXPECT_LT(largestError(problem, "short f32"), 4e-6) << D << ' ' << keys;
        EXPECT_LT(largestError(problem, "short f32", 6), 1e-4)
            << D << ' ' << keys;
      }
}

TEST(Baseline, DenseBF16) {
  for (int64_t D : {64, 128}) {
    Problem problem = {2, 4, 2, 112, 552, D, false, Type::bf16, Type::bf16};
    NEEDS_KERNELS(problem);
    EXPECT_LT(largestError(problem, "dense bf16"), 0.01) << D;
    EXPECT_LT(largestError(problem, "dense bf16", 4), 0.03) << D;
  }
}

TEST(Baseline, Decode) {
  for (Type type : {Type::f32, Type::bf16})
    for (Type cache : {Type::f32, Type::bf16, Type::i8, Type::i4}) {
      Problem problem = {2, 8, 2, 1, 192, 128, false, type, cache};
      if (cache == Type::f32 && type != Type::f32) {
        EXPECT_FALSE(findKernel(problem));
        continue;
      }
      NEEDS_KERNELS(problem);
      bool isExact = cache == Type::f32;
      EXPECT_LT(largestError(problem, isExact ? "decode f32" : "decode"),
                isExact ? 2e-6 : 0.02)
          << int(type) << ' ' << int(cache);
    }
}

TEST(Baseline, RefusesWhatItWasNotWrittenFor) {
  Problem covered = {1, 4, 4, 64, 1024, 64, false, Type::f32, Type::f32};
  auto without = [&](auto change) {
    Problem problem = covered;
    change(problem);
    return findKernel(problem);
  };
  EXPECT_FALSE(without([](Problem &p) { p.headSize = 80; }));
  EXPECT_FALSE(without([](Problem &p) { p.queries = 63; }));
  EXPECT_FALSE(without([](Problem &p) { p.queries = 16; }));
  EXPECT_FALSE(without([](Problem &p) { p.keys = 1025; }));
  EXPECT_FALSE(without([](Problem &p) { p.causal = true; }));
  EXPECT_FALSE(without([](Problem &p) { p.cacheType = Type::bf16; }));
}
