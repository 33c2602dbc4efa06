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
  for (auto [index, time] : llvm::enumerate(seconds))
    ratios.push_back(work / time / ((limits[index] + limits[index + 1]) / 2));
  return 100 * median(ratios);
}

/// Seconds of one call, the mean of `calls`.
static llvm::Expected<double>
timeCalls(const std::function<llvm::Error()> &call, int64_t calls) {
  Clock::time_point start = Clock::now();
  for (int64_t index = 0; index < calls; ++index)
    if (llvm::Error error = call())
      return std::move(error);
  return secondsSince(start) / double(calls);
}

/// How many calls take a millisecond. Doubles: the first calls are slow, and
/// the clock is too coarse for one short call.
static llvm::Expected<int64_t>
callsARepetition(const std::function<llvm::Error()> &call) {
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

llvm::Expected<Samples>
attn::bench::measure(const std::function<llvm::Error()> &call,
                     const Probes &probes, const Budget &budget) {
  llvm::Expected<int64_t> calls = callsARepetition(call);
  if (!calls)
    return calls.takeError();

  constexpr size_t fewest = 7, mostSamples = 100000;
  Samples samples;
  auto probe = [&] {
    // The peak last: what just ran on this core decides its clock.
    samples.bandwidths.push_back(probes.bandwidth());
    samples.peaks.push_back(probes.peak());
  };
  auto isEnough = [&](Clock::time_point start) {
    size_t done = samples.seconds.size();
    if (budget.repeats)
      return done >= size_t(budget.repeats);
    return done >= mostSamples ||
           (done >= fewest && secondsSince(start) >= budget.seconds);
  };
  probe();
  for (Clock::time_point start = Clock::now(); !isEnough(start);) {
    llvm::Expected<double> seconds = timeCalls(call, *calls);
    if (!seconds)
      return seconds.takeError();
    samples.seconds.push_back(*seconds);
    probe();
  }
  return samples;
}
