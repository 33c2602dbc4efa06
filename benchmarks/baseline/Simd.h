//===- Simd.h - What the kernels are made of --------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Everything here is static and inlined, and no standard header with code in it
// is included: these files are compiled for AVX-512, and a function of theirs
// that the linker took for another file's would be an illegal instruction on a
// lesser processor.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCHMARKS_BASELINE_SIMD_H
#define ATTN_BENCHMARKS_BASELINE_SIMD_H

#include <cstddef>
#include <cstdint>
#include <immintrin.h>

#define ATTN_INLINE static inline __attribute__((always_inline))
#define ATTN_COLD __attribute__((noinline, cold)) static
/// Loops over accumulators: one that stayed rolled would put them in memory.
#define ATTN_UNROLL _Pragma("clang loop unroll(full)")

namespace attn::baseline {

/// Queries of a vector.
constexpr int lanes = 16;
/// Keys whose scores are computed at once, in registers.
constexpr int keyBlock = 8;
/// How much, in powers of two, a score may exceed the maximum that its
/// exponential is taken relative to before that maximum is moved.
constexpr float slack = 60;
constexpr float log2e = 1.4426950408889634f;

/// 2^f on [0, 1): relative error 7.5e-8 for f32, 7.5e-5 for bf16 results.
alignas(64) static const float exp2Degree5[] = {
    1.877576413e-03f, 8.989340725e-03f, 5.582631752e-02f,
    2.401536172e-01f, 6.931530732e-01f, 9.999999251e-01f};
alignas(64) static const float exp2Degree3[] = {
    7.802449975e-02f, 2.260671880e-01f, 6.958335293e-01f, 9.999252191e-01f};

/// The same address, which the optimiser knows nothing of any more: what is
/// read there stays in memory, instead of taking registers from accumulators in
/// the loop before.
template <typename T, size_t N>
ATTN_INLINE const T *opaque(const T (&values)[N]) {
  const T *pointer = values;
  asm volatile("" : "+r"(pointer));
  return pointer;
}

/// 2^x. vreduceps and vscalefps run beside the multiply-adds; vscalefps floors
/// its exponent itself.
template <int degree>
ATTN_INLINE __m512 exp2(__m512 x, const float *coefficients) {
  __m512 fraction = _mm512_reduce_ps(x, 0x09);
  __m512 power = _mm512_set1_ps(coefficients[0]);
  ATTN_UNROLL for (int term = 1; term <= degree; ++term) power =
      _mm512_fmadd_ps(power, fraction, _mm512_set1_ps(coefficients[term]));
  return _mm512_scalef_ps(power, x);
}

ATTN_INLINE float squareRoot(float x) {
  return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(x)));
}

ATTN_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// Turns 16 rows of 16 elements of 32 bits into columns.
ATTN_INLINE void transpose16(__m512 rows[16]) {
  __m512 t[16];
  ATTN_UNROLL for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
  }
  ATTN_UNROLL for (int i = 0; i < 16; i += 4) {
    auto low = [&](int a, int b) {
      return (__m512)_mm512_unpacklo_pd((__m512d)t[a], (__m512d)t[b]);
    };
    auto high = [&](int a, int b) {
      return (__m512)_mm512_unpackhi_pd((__m512d)t[a], (__m512d)t[b]);
    };
    rows[i] = low(i, i + 2);
    rows[i + 1] = high(i, i + 2);
    rows[i + 2] = low(i + 1, i + 3);
    rows[i + 3] = high(i + 1, i + 3);
  }
  ATTN_UNROLL for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_f32x4(rows[i], rows[i + 4], 0x88);
    t[i + 4] = _mm512_shuffle_f32x4(rows[i], rows[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_f32x4(rows[i + 8], rows[i + 12], 0x88);
    t[i + 12] = _mm512_shuffle_f32x4(rows[i + 8], rows[i + 12], 0xdd);
  }
  ATTN_UNROLL for (int i = 0; i < 4; ++i) {
    rows[i] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0x88);
    rows[i + 8] = _mm512_shuffle_f32x4(t[i], t[i + 8], 0xdd);
    rows[i + 4] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0x88);
    rows[i + 12] = _mm512_shuffle_f32x4(t[i + 4], t[i + 12], 0xdd);
  }
}

/// Cuts queries into tiles of three and at most two of two vectors: one alone
/// would not fill the multipliers. Two vectors at least.
struct QueryTiles {
  explicit QueryTiles(int64_t queries) {
    int64_t vectors = (queries + lanes - 1) / lanes;
    ofTwo = (3 - vectors % 3) % 3;
    ofThree = (vectors - 2 * ofTwo) / 3;
  }
  int64_t ofThree, ofTwo;
};

} // namespace attn::baseline

#endif // ATTN_BENCHMARKS_BASELINE_SIMD_H
