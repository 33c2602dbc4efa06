//===- PrefillF32.cpp - Many queries, dense or causal, in f32 -------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores are transposed: S^T[key][query] = K[key][d] * Q^T[d][query], where K
// is read by broadcasts from its rows, as it lies, and only Q is packed. So is
// the result, O^T[d][query] += V[key][d] * P^T[key][query]. Maxima, sums and
// rescale factors are lanes of vectors; nothing is reduced across lanes.
//
// Causal: the keys before a tile's first query are dense. Those of the diagonal
// come in groups of 16; a group touches only the query vectors that see it, and
// masks one of them.
//
//===----------------------------------------------------------------------===//

#include "Entries.h"
#include "Simd.h"

using namespace attn::baseline;

namespace {

constexpr int mostQueries = 3 * lanes;
/// Keys whose probabilities are kept between the two products: the first-level
/// cache's size.
constexpr int keyTile = 256;

template <int D>
struct alignas(64) Tile {
  float query[D * mostQueries];  ///< Q^T, scaled.
  float result[D * mostQueries]; ///< O^T, not normalised.
  float maximum[mostQueries], threshold[mostQueries], sum[mostQueries];
  float probabilities[keyTile * mostQueries]; ///< P^T
};

} // namespace

template <int D, int vectors>
ATTN_INLINE void packQueries(Tile<D> &tile, const float *query, float scale) {
  __m512 factor = _mm512_set1_ps(scale);
  for (int j = 0; j < vectors; ++j)
    for (int d = 0; d < D; d += 16) {
      __m512 rows[16];
      ATTN_UNROLL for (int i = 0; i < 16; ++i) rows[i] = _mm512_mul_ps(
          factor, _mm512_loadu_ps(query + (lanes * j + i) * D + d));
      transpose16(rows);
      ATTN_UNROLL for (int i = 0; i < 16; ++i) _mm512_store_ps(
          tile.query + ((d + i) * vectors + j) * lanes, rows[i]);
    }
}

template <int D, int vectors>
ATTN_INLINE void storeResult(Tile<D> &tile, float *result) {
  for (int j = 0; j < vectors; ++j) {
    __m512 inverse =
        _mm512_div_ps(_mm512_set1_ps(1), _mm512_load_ps(tile.sum + lanes * j));
    for (int d = 0; d < D; d += 16) {
      __m512 rows[16];
      ATTN_UNROLL for (int i = 0; i < 16; ++i) rows[i] = _mm512_mul_ps(
          inverse,
          _mm512_load_ps(tile.result + ((d + i) * vectors + j) * lanes));
      transpose16(rows);
      ATTN_UNROLL for (int i = 0; i < 16; ++i)
          _mm512_storeu_ps(result + (lanes * j + i) * D + d, rows[i]);
    }
  }
}

/// Some score exceeds its maximum by more than the slack: moves the maxima, and
/// scales what was computed relative to them, `rows` probabilities among it.
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
    for (int d = 0; d < D; ++d)
      scale(tile.result + (d * vectors + j) * lanes);
    for (int row = 0; row < rows; ++row)
      scale(tile.probabilities + (row * vectors + j) * lanes);
  }
}

/// Probabilities of 8 keys for the query vectors from `first` on, into rows
/// from `row` on. Masked: query `i` of the first vector sees the keys up to `i
/// - offset` only.
template <int D, int vectors, int first, bool isMasked, bool isStart>
ATTN_INLINE void scoreBlock(Tile<D> &tile, const float *key, int row,
                            int offset = 0) {
  __m512 scores[keyBlock][vectors];
  ATTN_UNROLL for (int r = 0; r < keyBlock; ++r)
      ATTN_UNROLL for (int j = first; j < vectors; ++j) scores[r][j] =
          _mm512_setzero_ps();
  _Pragma("clang loop unroll_count(8)") for (int d = 0; d < D; ++d) {
    __m512 query[vectors];
    ATTN_UNROLL for (int j = first; j < vectors; ++j) query[j] =
        _mm512_load_ps(tile.query + (d * vectors + j) * lanes);
    ATTN_UNROLL for (int r = 0; r < keyBlock; ++r) {
      __m512 element = _mm512_set1_ps(key[r * D + d]);
      ATTN_UNROLL for (int j = first; j < vectors; ++j) scores[r][j] =
          _mm512_fmadd_ps(element, query[j], scores[r][j]);
    }
  }
  if (isMasked)
    ATTN_UNROLL for (int r = 0; r < keyBlock; ++r) scores[r][first] =
        _mm512_mask_mov_ps(_mm512_set1_ps(-__builtin_inff()),
                           __mmask16(0xffffu << (offset + r)),
                           scores[r][first]);

  __m512 maxima[vectors];
  ATTN_UNROLL for (int j = first; j < vectors; ++j) {
    auto pair = [&](int r) {
      return _mm512_max_ps(scores[r][j], scores[r + 1][j]);
    };
    maxima[j] = _mm512_max_ps(_mm512_max_ps(pair(0), pair(2)),
                              _mm512_max_ps(pair(4), pair(6)));
  }
  if (isStart) {
    ATTN_UNROLL for (int j = 0; j < vectors; ++j) {
      _mm512_store_ps(tile.maximum + lanes * j, maxima[j]);
      _mm512_store_ps(tile.threshold + lanes * j,
                      _mm512_add_ps(maxima[j], _mm512_set1_ps(slack)));
    }
  } else {
    unsigned above = 0;
    ATTN_UNROLL for (int j = first; j < vectors; ++j) above |=
        _mm512_cmp_ps_mask(
            maxima[j], _mm512_load_ps(tile.threshold + lanes * j), _CMP_GT_OQ);
    if (__builtin_expect(above, 0)) {
      alignas(64) float spilled[mostQueries];
      for (int j = 0; j < vectors; ++j)
        _mm512_store_ps(spilled + lanes * j,
                        j < first ? _mm512_set1_ps(-__builtin_inff())
                                  : maxima[j]);
      moveMaxima<D, vectors>(tile, spilled, row);
    }
  }

  const float *coefficients = opaque(exp2Degree5);
  ATTN_UNROLL for (int j = first; j < vectors; ++j) {
    __m512 maximum = _mm512_load_ps(tile.maximum + lanes * j);
    __m512 sums[2] = {_mm512_load_ps(tile.sum + lanes * j),
                      _mm512_setzero_ps()};
    ATTN_UNROLL for (int r = 0; r < keyBlock; ++r) {
      __m512 p = exp2<5>(_mm512_sub_ps(scores[r][j], maximum), coefficients);
      _mm512_store_ps(tile.probabilities + ((row + r) * vectors + j) * lanes,
                      p);
      sums[r % 2] = _mm512_add_ps(sums[r % 2], p);
    }
    _mm512_store_ps(tile.sum + lanes * j, _mm512_add_ps(sums[0], sums[1]));
  }
}

/// Adds `keys` rows of values from `row` on, for the query vectors from `first`
/// on. `value` is the tile's first row.
template <int D, int vectors, int first>
ATTN_INLINE void addValues(Tile<D> &tile, const float *value, int row,
                           int keys) {
  constexpr int block = 8; // features
  for (int d = 0; d < D; d += block) {
    __m512 sums[block][vectors];
    float *result = tile.result + d * vectors * lanes;
    ATTN_UNROLL for (int r = 0; r < block; ++r)
        ATTN_UNROLL for (int j = first; j < vectors; ++j) sums[r][j] =
            _mm512_load_ps(result + (r * vectors + j) * lanes);
    _Pragma("clang loop unroll_count(8)") for (int k = row; k < row + keys;
                                               ++k) {
      __m512 p[vectors];
      ATTN_UNROLL for (int j = first; j < vectors; ++j) p[j] =
          _mm512_load_ps(tile.probabilities + (k * vectors + j) * lanes);
      ATTN_UNROLL for (int r = 0; r < block; ++r) {
        __m512 element = _mm512_set1_ps(value[k * D + d + r]);
        ATTN_UNROLL for (int j = first; j < vectors; ++j) sums[r][j] =
            _mm512_fmadd_ps(element, p[j], sums[r][j]);
      }
    }
    ATTN_UNROLL for (int r = 0; r < block; ++r)
        ATTN_UNROLL for (int j = first; j < vectors; ++j)
            _mm512_store_ps(result + (r * vectors + j) * lanes, sums[r][j]);
  }
}

template <int D, int vectors>
ATTN_INLINE void beginTile(Tile<D> &tile, const float *query) {
  packQueries<D, vectors>(tile, query, log2e / squareRoot(D));
  __builtin_memset(tile.result, 0, sizeof(float) * D * vectors * lanes);
  __builtin_memset(tile.sum, 0, sizeof(tile.sum));
}

/// The scores of `count` keys that all queries see, into rows from 0 on.
template <int D, int vectors>
ATTN_INLINE void scoreDense(Tile<D> &tile, const float *key, int count,
                            bool isStart) {
  int row = 0;
  if (isStart && count > 0) {
    scoreBlock<D, vectors, 0, false, true>(tile, key, 0);
    row = keyBlock;
  }
  for (; row < count; row += keyBlock)
    scoreBlock<D, vectors, 0, false, false>(tile, key + row * D, row);
}

template <int D, int vectors>
__attribute__((noinline)) static void
attendDense(Tile<D> &tile, int64_t keys, const float *query, const float *key,
            const float *value, float *result) {
  beginTile<D, vectors>(tile, query);
  for (int64_t at = 0; at < keys; at += keyTile) {
    int count = int(smaller(keyTile, keys - at));
    scoreDense<D, vectors>(tile, key + at * D, count, at == 0);
    addValues<D, vectors, 0>(tile, value + at * D, 0, count);
  }
  storeResult<D, vectors>(tile, result);
}

/// 16 keys of the diagonal for the query vectors from `first` on.
template <int D, int vectors, int first>
ATTN_INLINE void scoreDiagonal(Tile<D> &tile, const float *key, int row,
                               bool isStart) {
  if (first == 0 && isStart)
    scoreBlock<D, vectors, 0, true, true>(tile, key, row);
  else
    scoreBlock<D, vectors, first, true, false>(tile, key, row);
  scoreBlock<D, vectors, first, true, false>(tile, key + keyBlock * D,
                                             row + keyBlock, keyBlock);
}

/// `query`, `key`, `value` and `result` are those of position 0.
template <int D, int vectors>
__attribute__((noinline)) static void
attendCausal(Tile<D> &tile, int64_t position, const float *query,
             const float *key, const float *value, float *result) {
  beginTile<D, vectors>(tile, query + position * D);
  for (int64_t at = 0;;) {
    int dense = int(smaller(keyTile, position - at));
    // The diagonal lies in one tile, behind dense keys if it fits there.
    bool hasDiagonal =
        at + dense == position && dense + vectors * lanes <= keyTile;
    bool isStart = at == 0;
    const float *tileKey = key + at * D, *tileValue = value + at * D;
    scoreDense<D, vectors>(tile, tileKey, dense, isStart);
    if (!hasDiagonal) {
      addValues<D, vectors, 0>(tile, tileValue, 0, dense);
      at += dense;
      continue;
    }
    const float *diagonal = tileKey + dense * D;
    scoreDiagonal<D, vectors, 0>(tile, diagonal, dense, isStart && !dense);
    scoreDiagonal<D, vectors, 1>(tile, diagonal + lanes * D, dense + lanes,
                                 false);
    if (vectors > 2)
      scoreDiagonal<D, vectors, vectors - 1>(tile, diagonal + 2 * lanes * D,
                                             dense + 2 * lanes, false);
    addValues<D, vectors, 0>(tile, tileValue, 0, dense + lanes);
    addValues<D, vectors, 1>(tile, tileValue, dense + lanes, lanes);
    if (vectors > 2)
      addValues<D, vectors, vectors - 1>(tile, tileValue, dense + 2 * lanes,
                                         lanes);
    break;
  }
  storeResult<D, vectors>(tile, result + position * D);
}

template <int D>
static void attend(const Problem &problem, const Tensors &tensors,
                   void *workspace) {
  Tile<D> &tile = *static_cast<Tile<D> *>(workspace);
  QueryTiles tiles(problem.queries);
  int64_t group = problem.heads / problem.keyHeads;
  for (int64_t head = 0; head < problem.batch * problem.heads; ++head) {
    int64_t queryAt = head * problem.queries * D;
    int64_t keyAt = head / group * problem.keys * D;
    const float *query = static_cast<const float *>(tensors.query) + queryAt;
    const float *key = static_cast<const float *>(tensors.key) + keyAt;
    const float *value = static_cast<const float *>(tensors.value) + keyAt;
    float *result = static_cast<float *>(tensors.result) + queryAt;
    int64_t position = 0;
    for (int64_t n = 0; n < tiles.ofThree; ++n, position += 3 * lanes)
      if (problem.causal)
        attendCausal<D, 3>(tile, position, query, key, value, result);
      else
        attendDense<D, 3>(tile, problem.keys, query + position * D, key, value,
                          result + position * D);
    for (int64_t n = 0; n < tiles.ofTwo; ++n, position += 2 * lanes)
      if (problem.causal)
        attendCausal<D, 2>(tile, position, query, key, value, result);
      else
        attendDense<D, 2>(tile, problem.keys, query + position * D, key, value,
                          result + position * D);
  }
}

size_t attn::baseline::prefillF32Bytes(const Problem &problem) {
  return problem.headSize == 64 ? sizeof(Tile<64>) : sizeof(Tile<128>);
}

void attn::baseline::prefillF32(const Problem &problem, const Tensors &tensors,
                                void *workspace) {
  if (problem.headSize == 64)
    attend<64>(problem, tensors, workspace);
  else
    attend<128>(problem, tensors, workspace);
}
