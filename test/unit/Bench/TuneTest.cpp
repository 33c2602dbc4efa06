//===- TuneTest.cpp - Tests of which schedules are tried ------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Tune.h"
#include "attn/IR/AttnDialect.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <set>

using namespace attn;
using namespace attn::bench;

namespace {
struct Candidates : testing::Test {
  Candidates() { context.loadDialect<AttnDialect>(); }

  ScheduleAttr schedule(llvm::StringRef kind, int64_t queryTile,
                        int64_t keyTile, int64_t keyBlock, int64_t dot = 1,
                        int64_t matrix = 0) {
    return ScheduleAttr::get(&context, kind, queryTile, keyTile, keyBlock, 16,
                             24, dot, /*split=*/0, matrix);
  }
  mlir::MLIRContext context;
};
} // namespace

TEST_F(Candidates, VaryTilesAndFitTheRegisters) {
  ScheduleAttr chosen = schedule("prefill", 48, 128, 8);
  std::vector<ScheduleAttr> candidates = listCandidates(chosen, 32);
  std::set<int64_t> keyTiles, queryTiles;
  for (ScheduleAttr candidate : candidates) {
    EXPECT_NE(candidate, chosen);
    EXPECT_EQ(candidate.getKind(), "prefill");
    keyTiles.insert(candidate.getKeyTile());
    queryTiles.insert(candidate.getQueryTile());
    int64_t vectors = candidate.getQueryTile() / 16;
    EXPECT_EQ(candidate.getRegisters(), vectors * candidate.getKeyBlock());
    EXPECT_LE(candidate.getRegisters() + vectors + 1, 32);
    EXPECT_EQ(candidate.getKeyTile() % candidate.getKeyBlock(), 0);
  }
  for (int64_t keyTile : {32, 64, 256, 512})
    EXPECT_TRUE(keyTiles.count(keyTile)) << keyTile;
  EXPECT_EQ(queryTiles, (std::set<int64_t>{16, 32, 48, 64}));
}

TEST_F(Candidates, KeepPairsWhole) {
  for (ScheduleAttr candidate :
       listCandidates(schedule("prefill", 48, 256, 8, /*dot=*/2), 32)) {
    EXPECT_EQ(candidate.getDot(), 2);
    EXPECT_EQ(candidate.getKeyBlock() % 2, 0);
  }
}

TEST_F(Candidates, KeepMatrixRegisters) {
  std::vector<ScheduleAttr> candidates = listCandidates(
      schedule("prefill", 32, 256, 8, /*dot=*/2, /*matrix=*/32), 32);
  EXPECT_FALSE(candidates.empty());
  for (ScheduleAttr candidate : candidates) {
    EXPECT_EQ(candidate.getMatrix(), 32);
    EXPECT_EQ(candidate.getKeyTile() % 32, 0);
    EXPECT_LE(candidate.getQueryTile(), 32);
  }
}

TEST_F(Candidates, OfDecodingVaryTheKeysOnly) {
  std::vector<ScheduleAttr> candidates =
      listCandidates(schedule("decode", 4, 256, 16), 32);
  EXPECT_EQ(candidates.size(), 4u);
  for (ScheduleAttr candidate : candidates)
    EXPECT_EQ(candidate.getQueryTile(), 4);
}
