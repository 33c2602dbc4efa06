//===- PrefillBF16.cpp - Many queries, dense, in bf16 ---------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// vdpbf16ps multiplies pairs. A pair of features of K is one broadcast from its
// row, as it lies; of Q a transpose of 32-bit elements packs the pairs. For the
// second product pairs are neighbouring keys: of the probabilities one
// conversion and one permutation interleaves two rows, of V all rows are
// interleaved once a head. Scores, sums and the result accumulate in f32.
//
// A degree of 3 suffices for probabilities of bf16, and the scale is part of
// the subtraction of the maximum: 4 instructions a score vector beside the
// products, against 5 in f32.
//
//===----------------------------------------------------------------------===//

#include "Entries.h"
#include "Simd.h"

using namespace attn::baseline;

namespace {

constexpr int mostQueries = 3 * lanes, keyTile = 256;

template <int D>
struct alignas(64) Tile {
  uint32_t query[D / 2 * mostQueries]; ///< Pairs of features, transposed.
  float result[mostQueries * D];       ///< O, not normalised.
  float maximum[mostQueries];          ///< Of scores without their scale.
  float scaledMaximum[mostQueries], threshold[mostQueries], sum[mostQueries];
  uint32_t probabilities[keyTile / 2 * mostQueries]; ///< Pairs of keys.
};

} // namespace

/// Permutations that take a 16-bit element from one half or vector and from the
/// other in turns: the first and the second half of two vectors, and the two
/// halves of one.
#define ATTN_TURNS(FROM, DISTANCE)                                             \
  FROM, FROM + DISTANCE, FROM + 1, FROM + 1 + DISTANCE, FROM + 2,              \
      FROM + 2 + DISTANCE, FROM + 3, FROM + 3 + DISTANCE
#define ATTN_ALL_TURNS(FROM, DISTANCE)                                         \
  {ATTN_TURNS(FROM, DISTANCE), ATTN_TURNS(FROM + 4, DISTANCE),                 \
   ATTN_TURNS(FROM + 8, DISTANCE), ATTN_TURNS(FROM + 12, DISTANCE)}
alignas(64) static const uint16_t lowHalves[] = ATTN_ALL_TURNS(0, 32);
alignas(64) static const uint16_t highHalves[] = ATTN_ALL_TURNS(16, 32);
alignas(64) static const uint16_t bothHalves[] = ATTN_ALL_TURNS(0, 16);

/// Rounds two rows of probabilities to pairs of keys.
ATTN_INLINE __m512i makePairs(__m512 even, __m512 odd,
                              const uint16_t *permutation) {
  return _mm512_permutexvar_epi16(_mm512_load_si512(permutation),
                                  (__m512i)_mm512_cvtne2ps_pbh(odd, even));
}

template <int D, int vectors>
ATTN_INLINE void packQueries(Tile<D> &tile, const uint16_t *query) {
  for (int j = 0; j < vectors; ++j)
    for (int d = 0; d < D / 2; d += 16) {
      __m512 rows[16];
      ATTN_UNROLL for (int i = 0; i < 16; ++i) rows[i] =
          _mm512_loadu_ps(query + (lanes * j + i) * D + 2 * d);
      transpose16(rows);
      ATTN_UNROLL for (int i = 0; i < 16; ++i) _mm512_store_ps(
          tile.query + ((d + i) * vectors + j) * lanes, rows[i]);
    }
}

template <int D>
static void packValues(const uint16_t *value, int64_t keys, uint16_t *packed) {
  __m512i low = _mm512_load_si512(lowHalves);
  __m512i high = _mm512_load_si512(highHalves);
  for (int64_t k = 0; k < keys; k += 2)
    for (int d = 0; d < D; d += 32) {
      __m512i even = _mm512_loadu_si512(value + k * D + d);
      __m512i odd = _mm512_loadu_si512(value + (k + 1) * D + d);
      uint16_t *to = packed + k * D + 2 * d;
      _mm512_storeu_si512(to, _mm512_permutex2var_epi16(even, low, odd));
      _mm512_storeu_si512(to + 32, _mm512_permutex2var_epi16(even, high, odd));
    }
}

/// As of f32; scores are not scaled yet, hence the factor. Pairs of
/// probabilities are scaled as f32 and rounded again.
template <int D, int vectors>
ATTN_COLD void moveMaxima(Tile<D> &tile, const float *blockMaxima, int rows,
                          float scale) {
  __m512 factor = _mm512_set1_ps(scale);
  for (int j = 0; j < vectors; ++j) {
    __m512 old = _mm512_load_ps(tile.maximum + lanes * j);
    __m512 moved = _mm512_max_ps(old, _mm512_load_ps(blockMaxima + lanes * j));
    __m512 ratio =
        exp2<5>(_mm512_mul_ps(_mm512_sub_ps(old, moved), factor), exp2Degree5);
    _mm512_store_ps(tile.maximum + lanes * j, moved);
    _mm512_store_ps(tile.scaledMaximum + lanes * j,
                    _mm512_mul_ps(moved, factor));
    _mm512_store_ps(tile.threshold + lanes * j,
                    _mm512_add_ps(moved, _mm512_set1_ps(slack / scale)));
    float *sum = tile.sum + lanes * j;
    _mm512_store_ps(sum, _mm512_mul_ps(ratio, _mm512_load_ps(sum)));
    alignas(64) float ratios[lanes];
    _mm512_store_ps(ratios, ratio);
    for (int i = 0; i < lanes; ++i)
      for (int d = 0; d < D; d += lanes) {
        float *at = tile.result + (lanes * j + i) * D + d;
        _mm512_store_ps(
            at, _mm512_mul_ps(_mm512_set1_ps(ratios[i]), _mm512_load_ps(at)));
      }
    for (int row = 0; row < rows / 2; ++row) {
      uint32_t *at = tile.probabilities + (row * vectors + j) * lanes;
      __m512i pair = _mm512_load_si512(at);
      __m512 even = _mm512_mul_ps(ratio, (__m512)_mm512_slli_epi32(pair, 16));
      __m512 odd = _mm512_mul_ps(
          ratio, (__m512)_mm512_and_si512(pair, _mm512_set1_epi32(-65536)));
      _mm512_store_si512(at, makePairs(even, odd, bothHalves));
    }
  }
}

template <int D, int vectors, bool isStart>
ATTN_INLINE void scoreBlock(Tile<D> &tile, const uint16_t *key, int row,
                            float scale) {
  __m512 scores[keyBlock][vectors];
  ATTN_UNROLL for (int r = 0; r < keyBlock; ++r)
      ATTN_UNROLL for (int j = 0; j < vectors; ++j) scores[r][j] =
          _mm512_setzero_ps();
  _Pragma("clang loop unroll_count(8)") for (int d = 0; d < D / 2; ++d) {
    __m512bh query[vectors];
    ATTN_UNROLL for (int j = 0; j < vectors; ++j) query[j] =
        (__m512bh)_mm512_load_si512(tile.query + (d * vectors + j) * lanes);
    ATTN_UNROLL for (int r = 0; r < keyBlock; ++r) {
      int32_t pair;
      __builtin_memcpy(&pair, key + r * D + 2 * d, sizeof(pair));
      __m512bh element = (__m512bh)_mm512_set1_epi32(pair);
      ATTN_UNROLL for (int j = 0; j < vectors; ++j) scores[r][j] =
          _mm512_dpbf16_ps(scores[r][j], element, query[j]);
    }
  }

  __m512 maxima[vectors];
  ATTN_UNROLL for (int j = 0; j < vectors; ++j) {
    maxima[j] = scores[0][j];
    ATTN_UNROLL for (int r = 1; r < keyBlock; ++r) maxima[j] =
        _mm512_max_ps(maxima[j], scores[r][j]);
  }
  __m512 factor = _mm512_set1_ps(scale);
  if (isStart) {
    ATTN_UNROLL for (int j = 0; j < vectors; ++j) {
      _mm512_store_ps(tile.maximum + lanes * j, maxima[j]);
      _mm512_store_ps(tile.scaledMaximum + lanes * j,
                      _mm512_mul_ps(maxima[j], factor));
      _mm512_store_ps(tile.threshold + lanes * j,
                      _mm512_add_ps(maxima[j], _mm512_set1_ps(slack / scale)));
      _mm512_store_ps(tile.sum + lanes * j, _mm512_setzero_ps());
    }
  } else {
    unsigned above = 0;
    ATTN_UNROLL for (int j = 0; j < vectors; ++j) above |= _mm512_cmp_ps_mask(
        maxima[j], _mm512_load_ps(tile.threshold + lanes * j), _CMP_GT_OQ);
    if (__builtin_expect(above, 0)) {
      alignas(64) float spilled[mostQueries];
      for (int j = 0; j < vectors; ++j)
        _mm512_store_ps(spilled + lanes * j, maxima[j]);
      moveMaxima<D, vectors>(tile, spilled, row, scale);
    }
  }

  const float *coefficients = opaque(exp2Degree3);
  const uint16_t *permutation = opaque(bothHalves);
  ATTN_UNROLL for (int j = 0; j < vectors; ++j) {
    __m512 maximum = _mm512_load_ps(tile.scaledMaximum + lanes * j);
    __m512 sums[2] = {_mm512_load_ps(tile.sum + lanes * j),
                      _mm512_setzero_ps()};
    ATTN_UNROLL for (int r = 0; r < keyBlock; r += 2) {
      __m512 p[2];
      ATTN_UNROLL for (int k = 0; k < 2; ++k) {
        p[k] = exp2<3>(_mm512_fmsub_ps(scores[r + k][j], factor, maximum),
                       coefficients);
        sums[k] = _mm512_add_ps(sums[k], p[k]);
      }
      _mm512_store_si512(tile.probabilities +
                             ((row + r) / 2 * vectors + j) * lanes,
                         makePairs(p[0], p[1], permutation));
    }
    _mm512_store_ps(tile.sum + lanes * j, _mm512_add_ps(sums[0], sums[1]));
  }
}

/// Adds to the result of `queries` queries from `first` on, 64 features.
template <int D, int vectors, int queries, bool isStart>
ATTN_INLINE void multiplyValues(Tile<D> &tile, const uint16_t *packed,
                                int pairs, int first, int feature) {
  constexpr int columns = 64 / lanes;
  __m512 sums[queries][columns];
  float *result = tile.result + first * D + feature;
  ATTN_UNROLL for (int i = 0; i < queries; ++i)
      ATTN_UNROLL for (int j = 0; j < columns; ++j) sums[i][j] =
          isStart ? _mm512_setzero_ps()
                  : _mm512_load_ps(result + i * D + lanes * j);
  _Pragma("clang loop unroll_count(4)") for (int k = 0; k < pairs; ++k) {
    __m512bh row[columns];
    ATTN_UNROLL for (int j = 0; j < columns; ++j) row[j] =
        (__m512bh)_mm512_loadu_si512(packed + k * 2 * D +
                                     2 * (feature + lanes * j));
    ATTN_UNROLL for (int i = 0; i < queries; ++i) {
      __m512bh p = (__m512bh)_mm512_set1_epi32(
          int32_t(tile.probabilities[k * vectors * lanes + first + i]));
      ATTN_UNROLL for (int j = 0; j < columns; ++j) sums[i][j] =
          _mm512_dpbf16_ps(sums[i][j], p, row[j]);
    }
  }
  ATTN_UNROLL for (int i = 0; i < queries; ++i)
      ATTN_UNROLL for (int j = 0; j < columns; ++j)
          _mm512_store_ps(result + i * D + lanes * j, sums[i][j]);
}

template <int D, int vectors, bool isStart>
ATTN_INLINE void addValues(Tile<D> &tile, const uint16_t *packed, int keys) {
  constexpr int block = 6, live = vectors * lanes; // queries
  for (int feature = 0; feature < D; feature += 64) {
    int first = 0;
    for (; first + block <= live; first += block)
      multiplyValues<D, vectors, block, isStart>(tile, packed, keys / 2, first,
                                                 feature);
    if constexpr (live % block)
      multiplyValues<D, vectors, live % block, isStart>(tile, packed, keys / 2,
                                                        first, feature);
  }
}

template <int D, int vectors>
__attribute__((noinline)) static void
attendTile(Tile<D> &tile, int64_t keys, const uint16_t *query,
           const uint16_t *key, const uint16_t *packedValue, uint16_t *result) {
  const float scale = log2e / squareRoot(D);
  packQueries<D, vectors>(tile, query);
  for (int64_t at = 0; at < keys; at += keyTile) {
    int count = int(smaller(keyTile, keys - at)), row = 0;
    if (at == 0) {
      scoreBlock<D, vectors, true>(tile, key, 0, scale);
      row = keyBlock;
    }
    for (; row < count; row += keyBlock)
      scoreBlock<D, vectors, false>(tile, key + (at + row) * D, row, scale);
    if (at == 0)
      addValues<D, vectors, true>(tile, packedValue, count);
    else
      addValues<D, vectors, false>(tile, packedValue + at * D, count);
  }
  for (int i = 0; i < vectors * lanes; ++i) {
    __m512 inverse = _mm512_set1_ps(1 / tile.sum[i]);
    for (int d = 0; d < D; d += 32) {
      auto part = [&](int at) {
        return _mm512_mul_ps(inverse,
                             _mm512_load_ps(tile.result + i * D + d + at));
      };
      _mm512_storeu_si512(result + i * D + d,
                          (__m512i)_mm512_cvtne2ps_pbh(part(16), part(0)));
    }
  }
}

template <int D>
static void attend(const Problem &problem, const Tensors &tensors,
                   void *workspace) {
  Tile<D> &tile = *static_cast<Tile<D> *>(workspace);
  auto *packedValue = reinterpret_cast<uint16_t *>(&tile + 1);
  QueryTiles tiles(problem.queries);
  int64_t group = problem.heads / problem.keyHeads;
  for (int64_t head = 0; head < problem.batch * problem.heads; ++head) {
    int64_t queryAt = head * problem.queries * D;
    int64_t keyAt = head / group * problem.keys * D;
    auto *query = static_cast<const uint16_t *>(tensors.query) + queryAt;
    auto *key = static_cast<const uint16_t *>(tensors.key) + keyAt;
    auto *value = static_cast<const uint16_t *>(tensors.value) + keyAt;
    auto *result = static_cast<uint16_t *>(tensors.result) + queryAt;
    if (head % group == 0)
      packValues<D>(value, problem.keys, packedValue);
    int64_t position = 0;
    for (int64_t n = 0; n < tiles.ofThree; ++n, position += 3 * lanes)
      attendTile<D, 3>(tile, problem.keys, query + position * D, key,
                       packedValue, result + position * D);
    for (int64_t n = 0; n < tiles.ofTwo; ++n, position += 2 * lanes)
      attendTile<D, 2>(tile, problem.keys, query + position * D, key,
                       packedValue, result + position * D);
  }
}

size_t attn::baseline::prefillBF16Bytes(const Problem &problem) {
  size_t packed = size_t(problem.keys * problem.headSize) * sizeof(uint16_t);
  return packed +
         (problem.headSize == 64 ? sizeof(Tile<64>) : sizeof(Tile<128>));
}

void attn::baseline::prefillBF16(const Problem &problem, const Tensors &tensors,
                                 void *workspace) {
  if (problem.headSize == 64)
    attend<64>(problem, tensors, workspace);
  else
    attend<128>(problem, tensors, workspace);
}
