//===- Measure.h - Repetitions beside their limits --------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_MEASURE_H
#define ATTN_BENCH_MEASURE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <functional>
#include <vector>

namespace attn::bench {

struct Budget {
  double seconds = 1;  ///< Of repetitions and probes; at least 7 repetitions.
  int64_t repeats = 0; ///< That many instead; 0: as `seconds` says.
};

/// The middle of `values`, of which there is at least one.
double median(std::vector<double> values);

/// What was seen of one call.
struct Samples {
  std::vector<double> seconds; ///< Of one call, a repetition.
  /// For each repetition the mean of the readings just before and just after.
  std::vector<double> peaks, bandwidths;

  double minimum() const;
  /// 100 times the median over repetitions of `work` a second, divided by the
  /// limit.
  double percentOf(const std::vector<double> &limits, double work) const;
};

struct Probes {
  std::function<double()> peak, bandwidth;
};

using Call = std::function<llvm::Error()>;

/// Calls each of `calls` in turns, again and again, with a reading of each
/// probe in between. Problems that take less than a millisecond are called
/// several times a repetition. As many samples as calls.
llvm::Expected<std::vector<Samples>>
measure(llvm::ArrayRef<Call> calls, const Probes &probes, const Budget &budget);

} // namespace attn::bench

#endif // ATTN_BENCH_MEASURE_H
