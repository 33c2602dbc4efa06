//===- BandwidthProbe.cpp - Reading a buffer through ----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Probe.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace attn;
using namespace attn::bench;

namespace {
/// Eight cache lines a round: enough loads under way to fill the line buffers.
constexpr size_t roundBytes = 512;

using Words = int64_t __attribute__((vector_size(64)));
} // namespace

/// Inlined into a function for each width of vectors.
__attribute__((always_inline)) static inline void readThrough(const char *bytes,
                                                              size_t count) {
  Words sums[8] = {};
  for (size_t at = 0; at < count; at += roundBytes) {
    const Words *words = reinterpret_cast<const Words *>(bytes + at);
#pragma clang loop unroll(full)
    for (int line = 0; line < 8; ++line)
      sums[line] ^= words[line];
  }
  for (Words &sum : sums)
    asm volatile("" : : "m"(sum));
}

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void readAVX512(const char *bytes,
                                                          size_t count) {
  readThrough(bytes, count);
}
__attribute__((target("avx2"))) static void readAVX2(const char *bytes,
                                                     size_t count) {
  readThrough(bytes, count);
}
#endif
static void readAny(const char *bytes, size_t count) {
  readThrough(bytes, count);
}

static void readBuffer(const char *bytes, size_t count) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f"))
    return readAVX512(bytes, count);
  if (__builtin_cpu_supports("avx2"))
    return readAVX2(bytes, count);
#endif
  readAny(bytes, count);
}

BandwidthProbe::BandwidthProbe(size_t bytes, Team &team)
    : buffer(
          llvm::alignTo(std::max<size_t>(bytes, 1), roundBytes * team.size()),
          Placement::aligned),
      team(team) {
  // At least 32 MB outlast the threads' start by far.
  constexpr size_t enough = 32 << 20;
  passes = int64_t(llvm::divideCeil(enough, buffer.size()));
}

double BandwidthProbe::measure() {
  size_t part = buffer.size() / team.size();
  double seconds = team.run([&](unsigned member) {
    for (int64_t pass = 0; pass < passes; ++pass)
      readBuffer(buffer.data() + member * part, part);
  });
  return double(buffer.size()) * double(passes) / seconds * 1e-9;
}
