//===- Measure.cpp - Repetitions beside their limits ----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Measure.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <chrono>
#include <cmath>

using namespace attn::bench;
using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double attn::bench::median(std::vector<double> values) {
  llvm::sort(values);
  size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle]
                           : (values[middle - 1] + values[middle]) / 2;
}

double Samples::minimum() const { return *llvm::min_element(seconds); }

double Samples::percentOf(const std::vector<double> &limits,
                          double work) const {
  std::vector<double> ratios;
  for (auto [time, limit] : llvm::zip_equal(seconds, limits))
    ratios.push_back(work / time / limit);
  return 100 * median(ratios);
}

/// Seconds of one call, the mean of `calls`.
static llvm::Expected<double> timeCalls(const Call &call, int64_t calls) {
  Clock::time_point start = Clock::now();
  for (int64_t index = 0; index < calls; ++index)
    if (llvm::Error error = call())
      return std::move(error);
  return secondsSince(start) / double(calls);
}

/// How many calls take a millisecond. Doubles: the first calls are slow, and
/// the clock is too coarse for one short call.
static llvm::Expected<int64_t> callsARepetition(const Call &call) {
  constexpr double enough = 1e-3;
  for (int64_t calls = 1;; calls *= 2) {
    llvm::Expected<double> seconds = timeCalls(call, calls);
    if (!seconds)
      return seconds.takeError();
    if (*seconds * double(calls) >= enough && calls > 1)
      return std::max<int64_t>(1, std::ceil(enough / *seconds));
    // A single long call needs no second look.
    if (*seconds >= 10 * enough)
      return 1;
  }
}

llvm::Expected<std::vector<Samples>>
attn::bench::measure(llvm::ArrayRef<Call> calls, const Probes &probes,
                     const Budget &budget) {
  std::vector<int64_t> counts;
  for (const Call &call : calls) {
    llvm::Expected<int64_t> count = callsARepetition(call);
    if (!count)
      return count.takeError();
    counts.push_back(*count);
  }

  constexpr size_t fewest = 7, mostSamples = 100000;
  std::vector<Samples> samples(calls.size());
  auto isEnough = [&](Clock::time_point start) {
    size_t done = samples.back().seconds.size();
    if (budget.repeats)
      return done >= size_t(budget.repeats);
    return done >= mostSamples ||
           (done >= fewest && secondsSince(start) >= budget.seconds);
  };
  // The peak last: what just ran on this core decides its clock.
  double bandwidth = probes.bandwidth(), peak = probes.peak();
  for (Clock::time_point start = Clock::now(); !isEnough(start);)
    for (auto [call, count, seen] : llvm::zip_equal(calls, counts, samples)) {
      llvm::Expected<double> seconds = timeCalls(call, count);
      if (!seconds)
        return seconds.takeError();
      double bandwidthBefore = bandwidth, peakBefore = peak;
      bandwidth = probes.bandwidth();
      peak = probes.peak();
      seen.seconds.push_back(*seconds);
      seen.bandwidths.push_back((bandwidthBefore + bandwidth) / 2);
      seen.peaks.push_back((peakBefore + peak) / 2);
    }
  return samples;
}
