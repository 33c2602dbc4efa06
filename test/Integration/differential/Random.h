//===- Random.h - Numbers that a seed decides, on every machine ----- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_RANDOM_H
#define ATTN_TEST_DIFFERENTIAL_RANDOM_H

#include "llvm/ADT/ArrayRef.h"
#include <cmath>
#include <random>

namespace attn::differential {

/// The standard's engines are the same everywhere, its distributions are not.
class Random {
public:
  explicit Random(uint64_t seed, uint64_t stream = 0, uint64_t substream = 0) {
    std::seed_seq sequence{seed, seed >> 32, stream, substream};
    engine.seed(sequence);
  }

  /// An integer in [0, count).
  int64_t below(int64_t count) { return int64_t(engine() % uint64_t(count)); }
  bool chance(int percent) { return below(100) < percent; }
  double uniform(double low, double high) {
    return low + (high - low) * double(engine() >> 11) * 0x1p-53;
  }
  double normal() {
    double radius = std::sqrt(-2 * std::log(1 - uniform(0, 1)));
    return radius * std::cos(6.283185307179586 * uniform(0, 1));
  }
  template <typename T>
  T pick(std::initializer_list<T> values) {
    return *(values.begin() + below(values.size()));
  }

private:
  std::mt19937_64 engine;
};

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_RANDOM_H
