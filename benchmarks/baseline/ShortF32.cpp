//===- ShortF32.cpp - All keys at once, in f32 ----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The probabilities of all keys fit the first-level cache: one pass, and the
// product with the values starts at zero and ends normalised. It is in natural
// orientation, O[query][d] = P^T[key][query] * V[key][d]: the result needs no
// transpose, and rows past the last query are never computed. A ragged block of
// keys is a smaller register tile.
//
//===----------------------------------------------------------------------===//

#include "Entries.h"
#include "Simd.h"

using namespace attn::baseline;

namespace {

constexpr int mostQueries = 3 * lanes, mostKeys = 512;

template <int D>
struct alignas(64) Tile {
  float query[D * mostQueries]; ///< Q^T, scaled.
  float maximum[mostQueries], threshold[mostQueries], sum[mostQueries];
  float probabilities[mostKeys * mostQueries]; ///< P^T
};

} // namespace

/// Of `live` queries; the others are copies of the last.
template <int D, int vectors>
ATTN_INLINE void packQueries(Tile<D> &tile, const float *query, int live,
                             float scale) {
  __m512 factor = _mm512_set1_ps(scale);
  for (int j = 0; j < vectors; ++j)
    for (int d = 0; d < D; d += 16) {
      __m512 rows[16];
      ATTN_UNROLL for (int i = 0; i < 16; ++i) {
        int64_t row = smaller(lanes * j + i, live - 1);
        rows[i] = _mm512_mul_ps(factor, _mm512_loadu_ps(query + row * D + d));
      }
      transpose16(rows);
      ATTN_UNROLL for (int i = 0; i < 16; ++i) _mm512_store_ps(
          tile.query + ((d + i) * vectors + j) * lanes, rows[i]);
    }
}

/// As of prefill, without a result to scale.
template <int D, int vectors>
ATTN_COLD void moveMaxima(Tile<D> &tile, const float *blockMaxima, int rows) {
  for (int j = 0; j < vectors; ++j) {
    __m512 old = _mm512_load_ps(tile.maximum + lanes * j);
    __m512 moved = _mm512_max_ps(old, _mm512_load_ps(blockMaxima + lanes * j));
    __m512 factor = exp2<5>(_mm512_sub_ps(old, moved), exp2Degree5);
    auto scale = [&](float *at) {
      _mm512_store_ps(at, _mm512_mul_ps(factor, _mm512_load_ps(at)));
    };
    _mm512_store_ps(tile.maximum + lanes * j, moved);
    _mm512_store_ps(tile.threshold + lanes * j,
                    _mm512_add_ps(moved, _mm512_set1_ps(slack)));
    scale(tile.sum + lanes * j);
    for (int row = 0; row < rows; ++row)
      scale(tile.probabilities + (row * vectors + j) * lanes);
  }
}

/// Probabilities of `keys` keys into rows from `row` on.
template <int D, int vectors, int keys, bool isStart>
ATTN_INLINE void scoreBlock(Tile<D> &tile, const float *key, int row) {
  __m512 scores[keys][vectors];
  ATTN_UNROLL for (int r = 0; r < keys; ++r)
      ATTN_UNROLL for (int j = 0; j < vectors; ++j) scores[r][j] =
          _mm512_setzero_ps();
  _Pragma("clang loop unroll_count(8)") for (int d = 0; d < D; ++d) {
    __m512 query[vectors];
    ATTN_UNROLL for (int j = 0; j < vectors; ++j) query[j] =
        _mm512_load_ps(tile.query + (d * vectors + j) * lanes);
    ATTN_UNROLL for (int r = 0; r < keys; ++r) {
      __m512 element = _mm512_set1_ps(key[r * D + d]);
      ATTN_UNROLL for (int j = 0; j < vectors; ++j) scores[r][j] =
          _mm512_fmadd_ps(element, query[j], scores[r][j]);
    }
  }

  __m512 maxima[vectors];
  ATTN_UNROLL for (int j = 0; j < vectors; ++j) {
    maxima[j] = scores[0][j];
    ATTN_UNROLL for (int r = 1; r < keys; ++r) maxima[j] =
        _mm512_max_ps(maxima[j], scores[r][j]);
  }
  if (isStart) {
    ATTN_UNROLL for (int j = 0; j < vectors; ++j) {
      _mm512_store_ps(tile.maximum + lanes * j, maxima[j]);
      _mm512_store_ps(tile.threshold + lanes * j,
                      _mm512_add_ps(maxima[j], _mm512_set1_ps(slack)));
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
      moveMaxima<D, vectors>(tile, spilled, row);
    }
  }

  const float *coefficients = opaque(exp2Degree5);
  ATTN_UNROLL for (int j = 0; j < vectors; ++j) {
    __m512 maximum = _mm512_load_ps(tile.maximum + lanes * j);
    __m512 sums[2] = {_mm512_load_ps(tile.sum + lanes * j),
                      _mm512_setzero_ps()};
    ATTN_UNROLL for (int r = 0; r < keys; ++r) {
      __m512 p = exp2<5>(_mm512_sub_ps(scores[r][j], maximum), coefficients);
      _mm512_store_ps(tile.probabilities + ((row + r) * vectors + j) * lanes,
                      p);
      sums[r % 2] = _mm512_add_ps(sums[r % 2], p);
    }
    _mm512_store_ps(tile.sum + lanes * j, _mm512_add_ps(sums[0], sums[1]));
  }
}

/// The result of `queries` queries from `first` on; `sum` holds inverses by
/// now.
template <int D, int vectors, int queries>
ATTN_INLINE void multiplyValues(const Tile<D> &tile, const float *value,
                                int keys, int first, float *result) {
  constexpr int columns = D / lanes;
  __m512 sums[queries][columns];
  ATTN_UNROLL for (int i = 0; i < queries; ++i)
      ATTN_UNROLL for (int j = 0; j < columns; ++j) sums[i][j] =
          _mm512_setzero_ps();
  _Pragma("clang loop unroll_count(4)") for (int k = 0; k < keys; ++k) {
    __m512 row[columns];
    ATTN_UNROLL for (int j = 0; j < columns; ++j) row[j] =
        _mm512_loadu_ps(value + k * D + lanes * j);
    ATTN_UNROLL for (int i = 0; i < queries; ++i) {
      __m512 p =
          _mm512_set1_ps(tile.probabilities[k * vectors * lanes + first + i]);
      ATTN_UNROLL for (int j = 0; j < columns; ++j) sums[i][j] =
          _mm512_fmadd_ps(p, row[j], sums[i][j]);
    }
  }
  ATTN_UNROLL for (int i = 0; i < queries; ++i) {
    __m512 inverse = _mm512_set1_ps(tile.sum[first + i]);
    ATTN_UNROLL for (int j = 0; j < columns; ++j)
        _mm512_storeu_ps(result + (first + i) * D + lanes * j,
                         _mm512_mul_ps(inverse, sums[i][j]));
  }
}

/// The kernel whose register tile has `count` keys, of 1 to `most`.
template <int D, int vectors, int most>
ATTN_INLINE void scoreTail(Tile<D> &tile, int count, const float *key,
                           int row) {
  if constexpr (most > 0) {
    if (count == most)
      scoreBlock<D, vectors, most, false>(tile, key, row);
    else
      scoreTail<D, vectors, most - 1>(tile, count, key, row);
  }
}

template <int D, int vectors, int most>
ATTN_INLINE void multiplyTail(const Tile<D> &tile, int count,
                              const float *value, int keys, int first,
                              float *result) {
  if constexpr (most > 0) {
    if (count == most)
      multiplyValues<D, vectors, most>(tile, value, keys, first, result);
    else
      multiplyTail<D, vectors, most - 1>(tile, count, value, keys, first,
                                         result);
  }
}

template <int D, int vectors>
__attribute__((noinline)) static void
attendTile(Tile<D> &tile, int live, int keys, const float *query,
           const float *key, const float *value, float *result) {
  constexpr int block = D == 32 ? 12 : 6; // queries; 24 accumulators
  packQueries<D, vectors>(tile, query, live, log2e / squareRoot(D));
  scoreBlock<D, vectors, keyBlock, true>(tile, key, 0);
  int row = keyBlock;
  for (; row + keyBlock <= keys; row += keyBlock)
    scoreBlock<D, vectors, keyBlock, false>(tile, key + row * D, row);
  if (row < keys)
    scoreTail<D, vectors, keyBlock - 1>(tile, keys - row, key + row * D, row);
  for (int j = 0; j < vectors; ++j)
    _mm512_store_ps(
        tile.sum + lanes * j,
        _mm512_div_ps(_mm512_set1_ps(1), _mm512_load_ps(tile.sum + lanes * j)));
  int first = 0;
  for (; first + block <= live; first += block)
    multiplyValues<D, vectors, block>(tile, value, keys, first, result);
  if (first < live)
    multiplyTail<D, vectors, block - 1>(tile, live - first, value, keys, first,
                                        result);
}

template <int D>
static void attend(const Problem &problem, const Tensors &tensors,
                   void *workspace) {
  Tile<D> &tile = *static_cast<Tile<D> *>(workspace);
  QueryTiles tiles(problem.queries);
  int64_t group = problem.heads / problem.keyHeads;
  int keys = int(problem.keys);
  for (int64_t head = 0; head < problem.batch * problem.heads; ++head) {
    int64_t queryAt = head * problem.queries * D;
    int64_t keyAt = head / group * problem.keys * D;
    const float *query = static_cast<const float *>(tensors.query) + queryAt;
    const float *key = static_cast<const float *>(tensors.key) + keyAt;
    const float *value = static_cast<const float *>(tensors.value) + keyAt;
    float *result = static_cast<float *>(tensors.result) + queryAt;
    int64_t position = 0;
    for (int64_t n = 0; n < tiles.ofThree; ++n, position += 3 * lanes)
      attendTile<D, 3>(
          tile, int(smaller(3 * lanes, problem.queries - position)), keys,
          query + position * D, key, value, result + position * D);
    for (int64_t n = 0; n < tiles.ofTwo; ++n, position += 2 * lanes)
      attendTile<D, 2>(
          tile, int(smaller(2 * lanes, problem.queries - position)), keys,
          query + position * D, key, value, result + position * D);
  }
}

size_t attn::baseline::shortF32Bytes(const Problem &problem) {
  return problem.headSize == 32 ? sizeof(Tile<32>) : sizeof(Tile<64>);
}

void attn::baseline::shortF32(const Problem &problem, const Tensors &tensors,
                              void *workspace) {
  if (problem.headSize == 32)
    attend<32>(problem, tensors, workspace);
  else
    attend<64>(problem, tensors, workspace);
}
