//===- RegisterTile.h - Contraction blocks that fit the registers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A contraction block C[rows x columns] += A . B keeps C in registers: `rows`
// scalars of A are broadcast against `columns / lanes` vectors of B. The
// largest block that the accumulators hold runs at the multiply-add limit;
// several smaller ones in a row would not.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SUPPORT_REGISTERTILE_H
#define ATTN_SUPPORT_REGISTERTILE_H

#include <cstdint>
#include <vector>

namespace attn {

/// One run of equal register blocks over columns [columnBegin, columnEnd).
struct RegisterTile {
  int64_t rows;
  int64_t columns;
  int64_t columnBegin, columnEnd;
};

/// A matrix register holds so many rows, as many sums in each, or this depth of
/// a factor in pairs (TargetSpec::matrixTiles).
inline constexpr int64_t matrixRows = 16, matrixDepth = 32;

/// Covers `rows` x `columns` elements with at most two kinds of register blocks
/// of at most `registers` accumulators of `lanes` elements. Block rows divide
/// `rows` (0: they need not divide anything); only the last block may end
/// inside a vector.
std::vector<RegisterTile> registerTiles(int64_t rows, int64_t columns,
                                        int64_t lanes, int64_t registers);

} // namespace attn

#endif // ATTN_SUPPORT_REGISTERTILE_H
