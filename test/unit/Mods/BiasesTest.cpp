//===- BiasesTest.cpp - Biases of the library, by formulas ----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApplyMods.h"
#include <cmath>

using namespace attn::reference;

namespace {
struct ModBiases : ApplyMods {};
} // namespace

TEST_F(ModBiases, OfPairs) {
  Parameter ij = table({24, 31});
  expectScore("bias_ij", {ij},
              [&](Pair p) { return p.s + ij.value[p.i * 31 + p.j].f; });
  Parameter ofTwo = table({2, 24, 31});
  expectScore("bias_hij", {ofTwo}, [&](Pair p) {
    return p.s + ofTwo.value[(p.h * 24 + p.i) * 31 + p.j].f;
  });
  expectScore("bias_bij", {ofTwo}, [&](Pair p) {
    return p.s + ofTwo.value[(p.b * 24 + p.i) * 31 + p.j].f;
  });
  Parameter all = table({2, 2, 24, 31});
  expectScore("bias_bhij", {all}, [&](Pair p) {
    return p.s + all.value[((p.b * 2 + p.h) * 24 + p.i) * 31 + p.j].f;
  });
  Parameter keys = table({2, 31});
  expectScore("bias_bj", {keys},
              [&](Pair p) { return p.s + keys.value[p.b * 31 + p.j].f; });
  Parameter kinds = drawn({2, 24, 31}, "i32", 9), rows = table({9, 2});
  expectScore("graphormer", {kinds, rows}, [&](Pair p) {
    int64_t kind = kinds.value[(p.b * 24 + p.i) * 31 + p.j].i;
    return p.s + rows.value[kind * 2 + p.h].f;
  });
}

/// The bucket of T5 as its paper has it, of `buckets` for one direction.
static int64_t logBucket(int64_t far, int64_t buckets) {
  int64_t exact = buckets / 2;
  if (far < exact)
    return far;
  double part = std::log(double(far) / exact) / std::log(128.0 / exact);
  // Powers of two are rounded to just below their logarithm.
  return std::min<int64_t>(exact + part * (buckets - exact) + 1e-9,
                           buckets - 1);
}

TEST_F(ModBiases, OfDistances) {
  Parameter rows = table({2, 9});
  expectScore("relative_bias", {rows}, [&](Pair p) {
    int64_t row = std::clamp<int64_t>(p.j - p.i + 4, 0, 8);
    return p.s + rows.value[p.h * 9 + row].f;
  });
  Parameter buckets = table({32, 2});
  expectScore(
      "t5", {buckets},
      [&](Pair p) {
        int64_t row = logBucket(std::abs(p.j - p.i), 16) + (p.j > p.i ? 16 : 0);
        return p.s + buckets.value[row * 2 + p.h].f;
      },
      150, 150);
  expectScore(
      "t5_causal", {buckets},
      [&](Pair p) {
        int64_t row = logBucket(std::max<int64_t>(p.i - p.j, 0), 32);
        return p.s + buckets.value[row * 2 + p.h].f;
      },
      150, 150);
  Parameter places = table({5 * 7, 2});
  expectScore(
      "swin", {place(3), place(4), places},
      [&](Pair p) {
        int64_t dy = p.i / 4 - p.j / 4, dx = p.i % 4 - p.j % 4;
        return p.s + places.value[((dy + 2) * 7 + dx + 3) * 2 + p.h].f;
      },
      12, 12);
}

TEST_F(ModBiases, OfLearnedRows) {
  Parameter rows = table({9, 4});
  expectScore("shaw", {rows, real(0.5)}, [&](Pair p) {
    int64_t row = std::clamp<int64_t>(p.j - p.i + 4, 0, 8);
    return p.s + 0.5 * dot(*query, p.queryRow, rows.value, row);
  });
  Parameter keys = table({2, 8, 4}), queries = table({2, 8, 4});
  expectScore("deberta", {keys, queries, real(0.25)}, [&](Pair p) {
    int64_t row = p.h * 8 + std::clamp<int64_t>(p.i - p.j + 4, 0, 7);
    return p.s + 0.25 * (dot(*query, p.queryRow, keys.value, row) +
                         dot(*key, p.keyRow, queries.value, row));
  });
}
