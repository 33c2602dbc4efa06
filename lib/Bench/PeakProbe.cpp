//===- PeakProbe.cpp - Multiply-adds in registers -------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Written in assembly: from a loop in C, a compiler with fast-math dropped one
// of 24 equal chains, and the peak came out 4 % too high. Twice 5 chains cover
// the latency of every processor so far; 24 is what a real kernel has where
// there are 32 registers, and where there are 16, as many as fit.
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Probe.h"
#include <algorithm>
#include <chrono>
#include <limits>

using namespace attn::bench;

#if defined(__x86_64__)

#define TWELVE "0,1,2,3,4,5,6,7,8,9,10,11"
#define TWENTY_FOUR TWELVE ",12,13,14,15,16,17,18,19,20,21,22,23"

// INSTRUCTION acc += x * x on each of CHAINS registers of kind R; x in the
// register after the last chain. What is added is 1, so that nothing gets
// denormal or infinite.
#define FMA_LOOP(R, SET_X, CHAINS, X, INSTRUCTION)                             \
  SET_X "\n"                                                                   \
        ".irp n," CHAINS "\n"                                                  \
        "vmovaps %%" R X ", %%" R "\\n\n"                                      \
        ".endr\n"                                                              \
        "1:\n"                                                                 \
        ".irp n," CHAINS "\n" INSTRUCTION " %%" R X ", %%" R X ", %%" R        \
        "\\n\n"                                                                \
        ".endr\n"                                                              \
        "dec %[rounds]\n"                                                      \
        "jnz 1b\n"

#define LOW_REGISTERS                                                          \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",      \
      "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"
#define ALL_REGISTERS                                                          \
  LOW_REGISTERS, "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21",         \
      "xmm22", "xmm23", "xmm24"

#define PROBE(NAME, TARGET, TEXT, REGISTERS)                                   \
  __attribute__((target(TARGET))) static void NAME(int64_t rounds) {           \
    asm volatile(TEXT "vzeroupper\n"                                           \
                 : [rounds] "+r"(rounds)                                       \
                 : [one] "m"(one), [halves] "m"(halves), [real] "m"(real)      \
                 : "cc", REGISTERS);                                           \
  }

static const float one = 1;
static const double real = 1;
static const uint32_t halves = 0x3f003f00; ///< Two bf16 0.5.

PROBE(avx512F32, "avx512f",
      FMA_LOOP("zmm", "vbroadcastss %[one], %%zmm24", TWENTY_FOUR, "24",
               "vfmadd231ps"),
      ALL_REGISTERS)
PROBE(avx512F64, "avx512f",
      FMA_LOOP("zmm", "vbroadcastsd %[real], %%zmm24", TWENTY_FOUR, "24",
               "vfmadd231pd"),
      ALL_REGISTERS)
PROBE(avx512BF16, "avx512f,avx512bf16",
      FMA_LOOP("zmm", "vpbroadcastd %[halves], %%zmm24", TWENTY_FOUR, "24",
               "vdpbf16ps"),
      ALL_REGISTERS)
PROBE(avx2F32, "avx2,fma",
      FMA_LOOP("ymm", "vbroadcastss %[one], %%ymm15", TWELVE, "15",
               "vfmadd231ps"),
      LOW_REGISTERS)
PROBE(avx2F64, "avx2,fma",
      FMA_LOOP("ymm", "vbroadcastsd %[real], %%ymm15", TWELVE, "15",
               "vfmadd231pd"),
      LOW_REGISTERS)

// Without a fused instruction a multiply-add is a product and a sum: six chains
// of each, side by side.
#define SSE_PROBE(NAME, SUFFIX, X)                                             \
  static void NAME(int64_t rounds) {                                           \
    asm volatile("movap" SUFFIX " %[x], %%xmm15\n"                             \
                 ".irp n," TWELVE "\n"                                         \
                 "movap" SUFFIX " %%xmm15, %%xmm\\n\n"                         \
                 ".endr\n"                                                     \
                 "1:\n"                                                        \
                 ".irp n,0,1,2,3,4,5\n"                                        \
                 "mulp" SUFFIX " %%xmm15, %%xmm\\n\n"                          \
                 ".endr\n"                                                     \
                 ".irp n,6,7,8,9,10,11\n"                                      \
                 "addp" SUFFIX " %%xmm15, %%xmm\\n\n"                          \
                 ".endr\n"                                                     \
                 "dec %[rounds]\n"                                             \
                 "jnz 1b\n"                                                    \
                 : [rounds] "+r"(rounds)                                       \
                 : [x] "m"(X)                                                  \
                 : "cc", LOW_REGISTERS);                                       \
  }

alignas(16) static const float ones[4] = {1, 1, 1, 1};
alignas(16) static const double reals[2] = {1, 1};
SSE_PROBE(sseF32, "s", ones)
SSE_PROBE(sseF64, "d", reals)

static bool hasAVX512() { return __builtin_cpu_supports("avx512f"); }
static bool hasAVX512BF16() { return __builtin_cpu_supports("avx512bf16"); }
static bool hasAVX2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
static bool always() { return true; }

// Best first.
static constexpr PeakProbe::Kernel kernels[] = {
    {"avx512 bf16 dot", 24 * 64, avx512BF16, hasAVX512BF16, true, false},
    {"avx512 fma f32", 24 * 32, avx512F32, hasAVX512, false, false},
    {"avx512 fma f64", 24 * 16, avx512F64, hasAVX512, false, true},
    {"avx2 fma f32", 12 * 16, avx2F32, hasAVX2, false, false},
    {"avx2 fma f64", 12 * 8, avx2F64, hasAVX2, false, true},
    {"sse mul + add f32", 12 * 4, sseF32, always, false, false},
    {"sse mul + add f64", 12 * 2, sseF64, always, false, true},
};

#else

static void anyProcessor(int64_t rounds) {
  float sums[24] = {};
  for (; rounds; --rounds)
    for (float &sum : sums) {
      sum += 1;
      asm volatile("" : "+m"(sum));
    }
}
static bool always() { return true; }
static constexpr PeakProbe::Kernel kernels[] = {
    {"scalar", 24, anyProcessor, always, false, false},
    {"scalar", 24, anyProcessor, always, false, true},
};

#endif

PeakProbe::PeakProbe(llvm::StringRef dtype, Team &team) : team(team) {
  for (const Kernel &candidate : kernels)
    if (!kernel && candidate.isSupported() &&
        candidate.isF64 == (dtype == "f64") &&
        (!candidate.isBF16 || dtype == "bf16"))
      kernel = &candidate;
  // About a millisecond, found on this thread alone: the wait for another one
  // is no work. A pause in between makes one try slow, not three.
  auto seconds = [&] {
    double best = std::numeric_limits<double>::infinity();
    for (int tries = 0; tries < 3; ++tries) {
      auto start = std::chrono::steady_clock::now();
      kernel->run(rounds);
      std::chrono::duration<double> time =
          std::chrono::steady_clock::now() - start;
      best = std::min(best, time.count());
    }
    return best;
  };
  while (seconds() < 7e-4)
    rounds *= 2;
}

double PeakProbe::measure() {
  double seconds = team.run([&](unsigned) { kernel->run(rounds); });
  return kernel->flopsARound * double(rounds) * team.size() / seconds * 1e-9;
}
