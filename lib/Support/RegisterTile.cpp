//===- RegisterTile.cpp - Contraction blocks that fit the registers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/RegisterTile.h"
#include <algorithm>

using namespace attn;

/// Vectors of B in one block. With four, six rows of broadcasts feed 24
/// accumulators and both load ports stay half idle; of 16 registers, four and a
/// broadcast would leave too few for three rows.
static int64_t maxVectors(int64_t accumulators) {
  return accumulators >= 24 ? 4 : 2;
}

static int64_t ceilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

static int64_t blockRows(int64_t rows, int64_t accumulators) {
  if (rows == 0)
    return accumulators;
  int64_t best = 1;
  for (int64_t candidate = 1; candidate <= std::min(rows, accumulators);
       ++candidate)
    if (rows % candidate == 0)
      best = candidate;
  return best;
}

std::vector<RegisterTile> attn::registerTiles(int64_t rows, int64_t columns,
                                              int64_t lanes,
                                              int64_t registers) {
  int64_t vectors = ceilDiv(columns, lanes);
  int64_t blocks = ceilDiv(vectors, maxVectors(registers));
  // `blocks` blocks of `wide` or `wide - 1` vectors, wide ones first.
  int64_t wide = ceilDiv(vectors, blocks);
  int64_t wideBlocks = vectors - blocks * (wide - 1);
  std::vector<RegisterTile> tiles;
  int64_t begin = 0;
  auto append = [&](int64_t count, int64_t blockVectors) {
    if (count == 0)
      return;
    int64_t end = std::min(begin + count * blockVectors * lanes, columns);
    int64_t size = blockVectors * lanes;
    int64_t tileRows =
        blockRows(rows, std::max<int64_t>(1, registers / blockVectors));
    int64_t whole = begin + (end - begin) / size * size;
    if (whole > begin)
      tiles.push_back({tileRows, size, begin, whole});
    if (whole < end) // ends inside a vector
      tiles.push_back({tileRows, end - whole, whole, end});
    begin = end;
  };
  append(wideBlocks, wide);
  append(blocks - wideBlocks, wide - 1);
  return tiles;
}
