//===- Sweep.h - Many shapes by a rule --------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_SWEEP_H
#define ATTN_BENCH_SWEEP_H

#include "attn/Bench/Shape.h"

namespace attn::bench {

struct SweepRule {
  int64_t count = 240;
  uint64_t seed = 1;
  /// Changes whenever other shapes come out for the same count and seed.
  static constexpr int version = 1;
};

/// `count` different attentions, drawn from the whole range that the compiler
/// is for: batches of 1 to 64, 1 to 64 heads with 1 to 8 of them to a key head,
/// head sizes from 16 to 256 and odd ones, 1 to 16384 positions as prefill, as
/// decoding and with other lengths of keys; dense, causal, window, lengths;
/// each type. A shorter sweep has the first shapes of a longer one.
///
/// Twenty shapes in a row have the types in fixed shares (10 f32, 5 bf16, 2
/// f16, 1 f64, 1 bf16 with int8 and 1 with int4 keys); all else is uniform over
/// a list, lengths over the exponent. What then has more than 70 GFLOP or 512
/// MiB is halved in batch, heads, and at last length.
std::vector<Shape> makeSweep(const SweepRule &rule);

} // namespace attn::bench

#endif // ATTN_BENCH_SWEEP_H
