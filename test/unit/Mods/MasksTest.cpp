//===- MasksTest.cpp - The masks of the library, by formulas --------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApplyMods.h"

using namespace attn::reference;

namespace {
struct ModMasks : ApplyMods {};
} // namespace

TEST_F(ModMasks, OfOrder) {
  expectMask("causal", {}, [](Pair p) { return p.j <= p.i; });
  expectMask("causal_after", {place(7)}, [](Pair p) { return p.j <= p.i + 7; });
  int64_t keys[] = {31, 20}, queries[] = {20, 24};
  expectMask("causal_lengths", {integers(2, keys), integers(2, queries)},
             [&](Pair p) {
               return p.j <= p.i + keys[p.b] - queries[p.b] && p.j < keys[p.b];
             });
  int64_t prefix[] = {5, 0};
  expectMask("prefix_lm", {integers(2, prefix)},
             [&](Pair p) { return p.j < prefix[p.b] || p.j <= p.i; });
}

TEST_F(ModMasks, OfLengthsAndDocuments) {
  int64_t lengths[] = {5, 12}, lasts[] = {9, 31};
  expectMask("padding", {integers(2, lengths)},
             [&](Pair p) { return p.j < lengths[p.b]; });
  expectMask("left_padding", {integers(2, lengths)},
             [&](Pair p) { return p.j >= lengths[p.b]; });
  expectMask("shared_prefix",
             {place(3), integers(2, lengths), integers(2, lasts)}, [&](Pair p) {
               return p.j < 3 || (p.j >= lengths[p.b] && p.j < lasts[p.b]);
             });
  Parameter ids = drawn({2, 24}, "i32", 3);
  expectMask(
      "documents", {ids},
      [&](Pair p) {
        return ids.value[p.b * 24 + p.i].i == ids.value[p.b * 24 + p.j].i;
      },
      24, 24);
  Parameter starts = drawn({2, 24}, "i32", 20);
  expectMask(
      "document_starts", {starts},
      [&](Pair p) {
        return p.j >= starts.value[p.b * 24 + p.i].i && p.j <= p.i;
      },
      24, 24);
}

TEST_F(ModMasks, OfDistance) {
  expectMask("window", {place(4), place(1)},
             [](Pair p) { return p.i - 4 <= p.j && p.j <= p.i + 1; });
  expectMask("dilated_window", {place(9), place(3)}, [](Pair p) {
    return std::abs(p.i - p.j) <= 9 && (p.i - p.j) % 3 == 0;
  });
  expectMask("global_window", {place(2), place(3)}, [](Pair p) {
    return std::abs(p.i - p.j) <= 3 || p.i < 2 || p.j < 2;
  });
  expectMask("streaming", {place(2), place(5)},
             [](Pair p) { return p.j <= p.i && (p.j < 2 || p.i - p.j < 5); });
}

TEST_F(ModMasks, OfBlocks) {
  expectMask("block_diagonal", {place(5)},
             [](Pair p) { return p.i / 5 == p.j / 5; });
  expectMask("block_diagonal", {place(0)}, [](Pair p) { return p.i == p.j; });
  expectMask("block_causal", {place(5)},
             [](Pair p) { return p.j / 5 <= p.i / 5; });
  expectMask("strided", {place(5)}, [](Pair p) {
    return p.j <= p.i && (p.i - p.j < 5 || (p.i - p.j) % 5 == 0);
  });
  expectMask("fixed", {place(5)}, [](Pair p) {
    return p.j <= p.i && (p.i / 5 == p.j / 5 || p.j % 5 == 4);
  });
}

/// Whether `y` is one of the `size` places around `x`, moved inside.
static bool isNear(int64_t x, int64_t y, int64_t length, int64_t size) {
  int64_t start = std::max<int64_t>(std::min(x - size / 2, length - size), 0);
  return y >= start && y < start + size;
}

TEST_F(ModMasks, OfGrids) {
  expectMask("neighbourhood", {place(31), place(7)},
             [](Pair p) { return isNear(p.i, p.j, 31, 7); });
  expectMask(
      "neighbourhood_2d", {place(5), place(6), place(3)},
      [](Pair p) {
        return isNear(p.i / 6, p.j / 6, 5, 3) && isNear(p.i % 6, p.j % 6, 6, 3);
      },
      30, 30);
  expectMask(
      "neighbourhood_3d", {place(3), place(4), place(5), place(3)},
      [](Pair p) {
        return isNear(p.i / 20, p.j / 20, 3, 3) &&
               isNear(p.i / 5 % 4, p.j / 5 % 4, 4, 3) &&
               isNear(p.i % 5, p.j % 5, 5, 3);
      },
      60, 60);
}

TEST_F(ModMasks, OfTensors) {
  Parameter live = drawn({24, 31}, "i1", 2);
  expectMask("bool_ij", {live},
             [&](Pair p) { return live.value[p.i * 31 + p.j].i != 0; });
  Parameter batch = drawn({2, 24, 31}, "i1", 2);
  expectMask("bool_bij", {batch}, [&](Pair p) {
    return batch.value[(p.b * 24 + p.i) * 31 + p.j].i != 0;
  });
  Parameter head = drawn({2, 2, 24, 31}, "i1", 2);
  expectMask("bool_bhij", {head}, [&](Pair p) {
    return head.value[((p.b * 2 + p.h) * 24 + p.i) * 31 + p.j].i != 0;
  });
  Parameter one = drawn({2, 1, 24, 31}, "i1", 2);
  expectMask("bool_bhij", {one}, [&](Pair p) {
    return one.value[(p.b * 24 + p.i) * 31 + p.j].i != 0;
  });
  Parameter keys = drawn({2, 31}, "i1", 2);
  expectMask("bool_bj", {keys},
             [&](Pair p) { return keys.value[p.b * 31 + p.j].i != 0; });
  Parameter blocks = drawn({6, 8}, "i1", 2);
  expectMask("blocks_ij", {place(4), blocks}, [&](Pair p) {
    return blocks.value[p.i / 4 * 8 + p.j / 4].i != 0;
  });
}

TEST_F(ModMasks, OfBits) {
  Parameter words = drawn({24, 2}, "i32", int64_t(1) << 31);
  expectMask(
      "bits", {words},
      [&](Pair p) { return words.value[p.i * 2 + p.j / 32].i >> p.j % 32 & 1; },
      24, 50);
  Parameter bits = drawn({24}, "i32", int64_t(1) << 31);
  expectMask("tree", {place(7), bits}, [&](Pair p) {
    return p.j < 7 || (bits.value[p.i].i >> (p.j - 7) & 1);
  });
  Parameter all = drawn({2, 24}, "i32", int64_t(1) << 31);
  int64_t past[] = {0, 13};
  expectMask("trees", {integers(2, past), all}, [&](Pair p) {
    return p.j < past[p.b] ||
           (all.value[p.b * 24 + p.i].i >> (p.j - past[p.b]) & 1);
  });
}
