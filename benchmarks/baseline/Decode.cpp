//===- Decode.cpp - One query, four heads to a key head -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Keys and values are read once for the four heads of a group. The scores of 4
// keys and 4 heads are 16 accumulators, whose lanes one transposing reduction
// sums: the lanes of its result are [key][head], and so are those of maxima,
// sums and probabilities. Scales of rows multiply scores and probabilities,
// never a row.
//
// int8 keys are multiplied with a query rounded to int8: as x ^ 128, which is
// unsigned, less 128 times the query's sum. Four bits become the bf16 136 + x
// by two instructions; the 136 is taken off by the sums of queries and
// probabilities.
//
//===----------------------------------------------------------------------===//

#include "Entries.h"
#include "Simd.h"

using namespace attn::baseline;

namespace {

constexpr int D = 128, group = 4;
/// What a four-bit number is more as the bf16 that it becomes.
constexpr float nibbleOffset = 136;

/// How a cache is read: keys and values in turns, a block of each, in the order
/// in which they lie in memory, which the hardware fetches ahead. Four rows
/// read in turns halve the bandwidth on Zen 4, and fetching by software never
/// helps.
template <Type cache>
struct Cache {
  static constexpr int rowBytes = cache == Type::f32    ? 4 * D
                                  : cache == Type::bf16 ? 2 * D
                                  : cache == Type::i8   ? D
                                                        : D / 2;
  static constexpr int block = cache == Type::f32    ? 16
                               : cache == Type::bf16 ? 32
                                                     : 64;
  static constexpr bool hasScales = cache == Type::i8 || cache == Type::i4;
};

/// Of the four heads of a group.
struct alignas(64) Query {
  char elements[group * D * 4]; ///< In the type that keys are multiplied in.
  float offset[16],
      factor[16]; ///< [key][head]: score = (dot + offset) * factor
};

struct alignas(64) State {
  Query query;
  float result[group * D]; ///< Not normalised, in the order of `placeOf`.
  float probabilities[64 * group]; ///< [key][head]
  uint32_t pairs[64 / 2 * group];  ///< As bf16, [key pair][head]
};

} // namespace

ATTN_INLINE float fromBF16(uint16_t bits) {
  uint32_t wide = uint32_t(bits) << 16;
  float value;
  __builtin_memcpy(&value, &wide, sizeof(value));
  return value;
}

ATTN_INLINE uint16_t toBF16(float value) {
  uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof(bits));
  return uint16_t((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}

/// Lane i of the result is the sum of the lanes of the i-th accumulator.
template <typename Add>
ATTN_INLINE __m512 reduce16(__m512 sums[16], Add add) {
  ATTN_UNROLL for (int i = 0; i < 8; ++i) sums[i] =
      add(_mm512_unpacklo_ps(sums[2 * i], sums[2 * i + 1]),
          _mm512_unpackhi_ps(sums[2 * i], sums[2 * i + 1]));
  ATTN_UNROLL for (int i = 0; i < 4; ++i) {
    auto even = (__m512d)sums[2 * i], odd = (__m512d)sums[2 * i + 1];
    sums[i] = add((__m512)_mm512_unpacklo_pd(even, odd),
                  (__m512)_mm512_unpackhi_pd(even, odd));
  }
  ATTN_UNROLL for (int width = 2; width; width /= 2)
      ATTN_UNROLL for (int i = 0; i < width; ++i) sums[i] =
          add(_mm512_shuffle_f32x4(sums[2 * i], sums[2 * i + 1], 0x88),
              _mm512_shuffle_f32x4(sums[2 * i], sums[2 * i + 1], 0xdd));
  return sums[0];
}

/// The i-th nibble of each 16 bits, as the bf16 that is 136 more: the sign bit
/// turned over and 128's exponent above it.
ATTN_INLINE __m512i nibble(__m512i words, int i) {
  // (words & 15) ^ 0x4308
  return _mm512_ternarylogic_epi32(_mm512_srli_epi16(words, 4 * i),
                                   _mm512_set1_epi16(0xf),
                                   _mm512_set1_epi16(0x4308), 0x6a);
}

//===----------------------------------------------------------------------===//
// Queries and scores
//===----------------------------------------------------------------------===//

/// `query` has the four heads behind each other.
template <Type cache>
static void packQuery(const float *query, Query &packed) {
  for (int head = 0; head < group; ++head) {
    const float *row = query + head * D;
    float offset = 0, factor = log2e / squareRoot(D);
    if (cache == Type::f32)
      __builtin_memcpy(packed.elements + head * D * 4, row, D * 4);
    auto *halves = reinterpret_cast<uint16_t *>(packed.elements) + head * D;
    if (cache == Type::bf16)
      for (int d = 0; d < D; ++d)
        halves[d] = toBF16(row[d]);
    if (cache == Type::i8) {
      float most = 1e-30f;
      for (int d = 0; d < D; ++d)
        most = __builtin_fabsf(row[d]) > most ? __builtin_fabsf(row[d]) : most;
      int sum = 0;
      for (int d = 0; d < D; ++d) {
        int level = int(__builtin_rintf(row[d] * 127 / most));
        packed.elements[head * D + d] = char(level);
        sum += level;
      }
      offset = -128.0f * float(sum);
      factor *= most / 127;
    }
    if (cache == Type::i4) {
      // The i-th nibble of word w is feature 4 w + i.
      float sum = 0;
      for (int i = 0; i < 4; ++i)
        for (int word = 0; word < D / 4; ++word) {
          uint16_t half = toBF16(row[4 * word + i]);
          halves[32 * i + word] = half;
          sum += fromBF16(half);
        }
      offset = -nibbleOffset * sum;
    }
    for (int key = 0; key < 4; ++key) {
      packed.offset[key * group + head] = offset;
      packed.factor[key * group + head] = factor;
    }
  }
}

/// The dot products of 4 keys and 4 heads.
template <Type cache>
ATTN_INLINE __m512 dotKeys(const char *keys, const Query &query) {
  constexpr int rowBytes = Cache<cache>::rowBytes;
  __m512 sums[16];
  ATTN_UNROLL for (int i = 0; i < 16; ++i) sums[i] = _mm512_setzero_ps();
  ATTN_UNROLL for (int k = 0; k < 4; ++k)
      ATTN_UNROLL for (int at = 0; at < rowBytes; at += 64) {
    __m512i row = _mm512_loadu_si512(keys + k * rowBytes + at);
    if (cache == Type::i8)
      row = _mm512_xor_si512(row, _mm512_set1_epi8(-128));
    ATTN_UNROLL for (int part = 0; part < (cache == Type::i4 ? 4 : 1); ++part) {
      __m512i left = cache == Type::i4 ? nibble(row, part) : row;
      ATTN_UNROLL for (int head = 0; head < group; ++head) {
        __m512 &sum = sums[k * group + head];
        if (cache == Type::f32)
          sum = _mm512_fmadd_ps(
              (__m512)left, _mm512_load_ps(query.elements + head * D * 4 + at),
              sum);
        if (cache == Type::bf16)
          sum = _mm512_dpbf16_ps(
              sum, (__m512bh)left,
              (__m512bh)_mm512_load_si512(query.elements + head * D * 2 + at));
        if (cache == Type::i8)
          sum = (__m512)_mm512_dpbusd_epi32(
              (__m512i)sum, left,
              _mm512_load_si512(query.elements + head * D + at));
        if (cache == Type::i4)
          sum =
              _mm512_dpbf16_ps(sum, (__m512bh)left,
                               (__m512bh)_mm512_load_si512(
                                   query.elements + head * D * 2 + 64 * part));
      }
    }
  }
  if (cache == Type::i8)
    return _mm512_cvtepi32_ps((__m512i)reduce16(
        sums, [](__m512 a, __m512 b) __attribute__((always_inline)) {
          return (__m512)_mm512_add_epi32((__m512i)a, (__m512i)b);
        }));
  return reduce16(sums, [](__m512 a, __m512 b) __attribute__((always_inline)) {
    return _mm512_add_ps(a, b);
  });
}

/// The scales of 4 rows as [key][head].
ATTN_INLINE __m512 spreadScales(const float *scales) {
  const __m512i eachFour =
      _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  return _mm512_permutexvar_ps(eachFour,
                               _mm512_castps128_ps512(_mm_loadu_ps(scales)));
}

//===----------------------------------------------------------------------===//
// Values
//===----------------------------------------------------------------------===//

/// int8 to the upper halves of f32, which hold it exactly.
ATTN_INLINE __m512i widen(const char *bytes) {
  return (__m512i)_mm512_cvtepi32_ps(
      _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)bytes)));
}

/// Two rows as bf16 pairs, eight vectors in the order of `placeOf`.
template <Type cache>
ATTN_INLINE void loadPairs(const char *rows, __m512i pairs[8]) {
  constexpr int rowBytes = Cache<cache>::rowBytes;
  if (cache == Type::bf16)
    ATTN_UNROLL for (int j = 0; j < 4; ++j) {
      __m512i even = _mm512_loadu_si512(rows + 64 * j);
      __m512i odd = _mm512_loadu_si512(rows + 64 * j + rowBytes);
      pairs[2 * j] = _mm512_unpacklo_epi16(even, odd);
      pairs[2 * j + 1] = _mm512_unpackhi_epi16(even, odd);
    }
  if (cache == Type::i8)
    ATTN_UNROLL for (int j = 0; j < 8; ++j) {
      const char *at = rows + 16 * j;
      // (even >> 16) | (odd & 0xffff0000)
      pairs[j] = _mm512_ternarylogic_epi32(_mm512_srli_epi32(widen(at), 16),
                                           widen(at + rowBytes),
                                           _mm512_set1_epi32(-65536), 0xf8);
    }
  if (cache == Type::i4) {
    __m512i even = _mm512_loadu_si512(rows);
    __m512i odd = _mm512_loadu_si512(rows + rowBytes);
    __m512i low = _mm512_unpacklo_epi16(even, odd);
    __m512i high = _mm512_unpackhi_epi16(even, odd);
    ATTN_UNROLL for (int i = 0; i < 4; ++i) {
      pairs[i] = nibble(low, i);
      pairs[4 + i] = nibble(high, i);
    }
  }
}

/// Adds one block of values to two heads from `head` on.
template <Type cache>
ATTN_INLINE void addValues(State &state, const char *values, int head) {
  constexpr int rowBytes = Cache<cache>::rowBytes;
  __m512 sums[2][8];
  float *result = state.result + head * D;
  ATTN_UNROLL for (int h = 0; h < 2; ++h)
      ATTN_UNROLL for (int j = 0; j < 8; ++j) sums[h][j] =
          _mm512_load_ps(result + h * D + lanes * j);
  if constexpr (cache == Type::f32) {
    for (int k = 0; k < Cache<cache>::block; ++k)
      ATTN_UNROLL for (int j = 0; j < 8; ++j) {
        __m512 value = _mm512_loadu_ps(values + k * rowBytes + 64 * j);
        ATTN_UNROLL for (int h = 0; h < 2; ++h) sums[h][j] = _mm512_fmadd_ps(
            _mm512_set1_ps(state.probabilities[k * group + head + h]), value,
            sums[h][j]);
      }
  } else {
    for (int k = 0; k < Cache<cache>::block; k += 2) {
      __m512i pairs[8];
      loadPairs<cache>(values + k * rowBytes, pairs);
      ATTN_UNROLL for (int h = 0; h < 2; ++h) {
        auto p = (__m512bh)_mm512_set1_epi32(
            int32_t(state.pairs[k / 2 * group + head + h]));
        ATTN_UNROLL for (int j = 0; j < 8; ++j) sums[h][j] =
            _mm512_dpbf16_ps(sums[h][j], p, (__m512bh)pairs[j]);
      }
    }
  }
  ATTN_UNROLL for (int h = 0; h < 2; ++h)
      ATTN_UNROLL for (int j = 0; j < 8; ++j)
          _mm512_store_ps(result + h * D + lanes * j, sums[h][j]);
}

/// Where in a row of the result feature `d` is: unpacking permutes features.
template <Type cache>
ATTN_INLINE int placeOf(int d) {
  if (cache == Type::bf16) {
    int in = d % 32;
    return d / 32 * 32 + in % 8 / 4 * 16 + in / 8 * 4 + in % 4;
  }
  if (cache == Type::i4) {
    int word = d / 4;
    return word % 8 / 4 * 64 + d % 4 * 16 + word / 8 * 4 + word % 4;
  }
  return d;
}

//===----------------------------------------------------------------------===//
// The softmax between them
//===----------------------------------------------------------------------===//

namespace {
/// Of one group, lanes [key][head]; the maximum is the same for all keys.
struct Softmax {
  __m512 maximum, sum, roundedSum;
};
} // namespace

/// By value, so that the lanes of the caller stay in registers.
ATTN_COLD Softmax moveMaximum(State &state, Softmax softmax,
                              __m512 blockMaximum) {
  __m512 moved = blockMaximum;
  moved = _mm512_max_ps(moved, _mm512_shuffle_f32x4(moved, moved, 0x4e));
  moved = _mm512_max_ps(moved, _mm512_shuffle_f32x4(moved, moved, 0xb1));
  moved = _mm512_max_ps(moved, softmax.maximum);
  // At least 2^-200: the first maximum is far below every score.
  __m512 factor = exp2<5>(_mm512_max_ps(_mm512_sub_ps(softmax.maximum, moved),
                                        _mm512_set1_ps(-200)),
                          exp2Degree5);
  alignas(64) float factors[16];
  _mm512_store_ps(factors, factor);
  for (int head = 0; head < group; ++head)
    for (int d = 0; d < D; ++d)
      state.result[head * D + d] *= factors[head];
  return {moved, _mm512_mul_ps(softmax.sum, factor),
          _mm512_mul_ps(softmax.roundedSum, factor)};
}

/// f32 [key][head] of 8 keys to bf16 pairs [key pair][head].
template <Type cache>
ATTN_INLINE void storePairs(uint32_t *to, __m512 first, __m512 second,
                            Softmax &softmax) {
  const __m512i half = _mm512_set1_epi32(0x8000);
  const __m512i upper = _mm512_set1_epi32(-65536);
  auto round = [&](__m512 x) {
    return _mm512_and_si512(_mm512_add_epi32((__m512i)x, half), upper);
  };
  __m512i even = round(_mm512_shuffle_f32x4(first, second, 0x88));
  __m512i odd = round(_mm512_shuffle_f32x4(first, second, 0xdd));
  if (cache == Type::i4)
    softmax.roundedSum = _mm512_add_ps(
        softmax.roundedSum, _mm512_add_ps((__m512)even, (__m512)odd));
  _mm512_store_si512(to, _mm512_or_si512(_mm512_srli_epi32(even, 16), odd));
}

/// Of scores in `state.probabilities`.
template <Type cache>
ATTN_INLINE void exponentiate(State &state, Softmax &softmax,
                              const float *valueScales) {
  ATTN_UNROLL for (int k = 0; k < Cache<cache>::block; k += 8) {
    __m512 p[2];
    ATTN_UNROLL for (int part = 0; part < 2; ++part) {
      float *at = state.probabilities + (k + 4 * part) * group;
      p[part] = exp2<5>(_mm512_sub_ps(_mm512_load_ps(at), softmax.maximum),
                        exp2Degree5);
      softmax.sum = _mm512_add_ps(softmax.sum, p[part]);
      if (Cache<cache>::hasScales)
        p[part] =
            _mm512_mul_ps(p[part], spreadScales(valueScales + k + 4 * part));
      if (cache == Type::f32)
        _mm512_store_ps(at, p[part]);
    }
    if (cache != Type::f32)
      storePairs<cache>(state.pairs + k / 2 * group, p[0], p[1], softmax);
  }
}

//===----------------------------------------------------------------------===//
// One group, and all
//===----------------------------------------------------------------------===//

template <Type cache>
__attribute__((noinline)) static void
attendGroup(State &state, int64_t keys, const char *key, const char *value,
            const float *keyScales, const float *valueScales, float *result) {
  constexpr int rowBytes = Cache<cache>::rowBytes, block = Cache<cache>::block;
  const __m512 lowest = _mm512_set1_ps(-1e30f);
  Softmax softmax = {lowest, _mm512_setzero_ps(), _mm512_setzero_ps()};
  __builtin_memset(state.result, 0, sizeof(state.result));
  __m512 offset = _mm512_load_ps(state.query.offset);
  __m512 factor = _mm512_load_ps(state.query.factor);
  for (int64_t at = 0; at < keys; at += block) {
    __m512 maximum = lowest;
    for (int k = 0; k < block; k += 4) {
      __m512 scores = _mm512_mul_ps(
          _mm512_add_ps(dotKeys<cache>(key + (at + k) * rowBytes, state.query),
                        offset),
          factor);
      if (Cache<cache>::hasScales)
        scores = _mm512_mul_ps(scores, spreadScales(keyScales + at + k));
      maximum = _mm512_max_ps(maximum, scores);
      _mm512_store_ps(state.probabilities + k * group, scores);
    }
    if (__builtin_expect(
            _mm512_cmp_ps_mask(
                maximum, _mm512_add_ps(softmax.maximum, _mm512_set1_ps(slack)),
                _CMP_GT_OQ),
            0))
      softmax = moveMaximum(state, softmax, maximum);
    exponentiate<cache>(state, softmax,
                        Cache<cache>::hasScales ? valueScales + at : nullptr);
    for (int head = 0; head < group; head += 2)
      addValues<cache>(state, value + at * rowBytes, head);
  }
  alignas(64) float sums[16], roundedSums[16];
  _mm512_store_ps(sums, softmax.sum);
  _mm512_store_ps(roundedSums, softmax.roundedSum);
  for (int head = 0; head < group; ++head) {
    float sum = 0, offsets = 0;
    for (int k = 0; k < 4; ++k) {
      sum += sums[k * group + head];
      offsets += nibbleOffset * roundedSums[k * group + head];
    }
    for (int d = 0; d < D; ++d)
      result[head * D + d] =
          (state.result[head * D + placeOf<cache>(d)] - offsets) / sum;
  }
}

template <Type cache>
static void attend(const Problem &problem, const Tensors &tensors,
                   void *workspace) {
  State &state = *static_cast<State *>(workspace);
  constexpr int count = group * D;
  alignas(64) float query[count], result[count];
  for (int64_t head = 0; head < problem.batch * problem.keyHeads; ++head) {
    // One query a head: those of a group lie behind each other.
    if (problem.type == Type::f32)
      __builtin_memcpy(query,
                       static_cast<const float *>(tensors.query) + head * count,
                       sizeof(query));
    else
      for (int i = 0; i < count; ++i)
        query[i] = fromBF16(
            static_cast<const uint16_t *>(tensors.query)[head * count + i]);
    packQuery<cache>(query, state.query);
    int64_t row = head * problem.keys;
    // Zero where there are none: nothing reads them.
    int64_t scale = Cache<cache>::hasScales ? row : 0;
    attendGroup<cache>(
        state, problem.keys,
        static_cast<const char *>(tensors.key) + row * Cache<cache>::rowBytes,
        static_cast<const char *>(tensors.value) + row * Cache<cache>::rowBytes,
        tensors.keyScales + scale, tensors.valueScales + scale, result);
    if (problem.type == Type::f32)
      __builtin_memcpy(static_cast<float *>(tensors.result) + head * count,
                       result, sizeof(result));
    else
      for (int i = 0; i < count; ++i)
        static_cast<uint16_t *>(tensors.result)[head * count + i] =
            toBF16(result[i]);
  }
}

size_t attn::baseline::decodeBytes(const Problem &) { return sizeof(State); }

void attn::baseline::decode(const Problem &problem, const Tensors &tensors,
                            void *workspace) {
  switch (problem.cacheType) {
  case Type::f32:
    return attend<Type::f32>(problem, tensors, workspace);
  case Type::bf16:
    return attend<Type::bf16>(problem, tensors, workspace);
  case Type::i8:
    return attend<Type::i8>(problem, tensors, workspace);
  case Type::i4:
    return attend<Type::i4>(problem, tensors, workspace);
  }
}
