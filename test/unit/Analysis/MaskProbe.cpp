//===- MaskProbe.cpp - The analysis of a mask, and its truth
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskProbe.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace attn;
using namespace attn::test;

/// Queries and keys of a box of a test.
static constexpr int64_t mostInBox = 64;

static std::array<int64_t, 6> positions(const TestBox &box) {
  return {box.b, box.h, box.iBegin, box.iEnd, box.jBegin, box.jEnd};
}

MaskProbe::MaskProbe(Region &mask, std::optional<TestBox> constants) {
  MLIRContext *context = mask.front().getTerminator()->getContext();
  OpBuilder builder(context);
  Location loc = builder.getUnknownLoc();
  auto start = [&](Block &block) {
    builder.setInsertionPointToEnd(&block);
    SmallVector<Value> values;
    for (unsigned position = 0; position < 6; ++position)
      values.push_back(constants
                           ? Value(arith::ConstantIndexOp::create(
                                 builder, loc, positions(*constants)[position]))
                           : block.addArgument(builder.getIndexType(), loc));
    // No box of a test is larger.
    return MaskBox{values[0], values[1], values[2], values[3],      values[4],
                   values[5], mostInBox, mostInBox, /*maxReads=*/64};
  };
  verdict = emitMaskVerdict(builder, loc, mask, start(verdictBlock));
  range = emitKeyRange(builder, loc, mask, start(rangeBlock));
}

Findings MaskProbe::judge(const TestBox &box, const Oracle &captures) {
  Oracle oracle = captures;
  for (Block *block : {&verdictBlock, &rangeBlock}) {
    for (auto [argument, value] :
         llvm::zip(block->getArguments(), positions(box)))
      oracle.integers[argument] = value;
    // Nobody asks for a verdict on nothing.
    if (block == &rangeBlock || box.jBegin < box.jEnd)
      oracle.run(*block);
  }
  EXPECT_FALSE(oracle.undefined);
  return {oracle.integers[verdict.someLive] != 0,
          oracle.integers[verdict.allLive] != 0, oracle.integers[range.begin],
          oracle.integers[range.end]};
}

std::optional<LiveMatrix>
LiveMatrix::evaluate(Region &mask, const Oracle &captures, const TestBox &box) {
  LiveMatrix matrix;
  matrix.box = box;
  Oracle oracle = captures;
  Block &block = mask.front();
  Value result = block.getTerminator()->getOperand(0);
  for (int64_t i = box.iBegin; i < box.iEnd; ++i)
    for (int64_t j = box.jBegin; j < box.jEnd; ++j) {
      for (auto [argument, value] :
           llvm::zip(block.getArguments(), std::array{box.b, box.h, i, j}))
        oracle.integers[argument] = value;
      oracle.run(block);
      if (oracle.undefined)
        return std::nullopt;
      matrix.live.push_back(oracle.integers[result] != 0);
    }
  return matrix;
}

Findings LiveMatrix::findings(const TestBox &part) const {
  Findings truth = {false, true, part.jEnd, part.jBegin};
  for (int64_t i = part.iBegin; i < part.iEnd; ++i)
    for (int64_t j = part.jBegin; j < part.jEnd; ++j) {
      if (live[(i - box.iBegin) * (box.jEnd - box.jBegin) + j - box.jBegin]) {
        truth.someLive = true;
        truth.begin = std::min(truth.begin, j);
        truth.end = std::max(truth.end, j + 1);
      } else {
        truth.allLive = false;
      }
    }
  return truth;
}

void test::expectAgreement(const Findings &opinion, const Findings &truth,
                           const TestBox &box, bool exact) {
  SCOPED_TRACE(testing::Message() << "b " << box.b << " h " << box.h << " i ["
                                  << box.iBegin << ", " << box.iEnd << ") j ["
                                  << box.jBegin << ", " << box.jEnd << ")");
  if (box.jBegin < box.jEnd) {
    EXPECT_GE(opinion.someLive, truth.someLive);
    EXPECT_LE(opinion.allLive, truth.allLive);
  }
  EXPECT_LE(box.jBegin, opinion.begin);
  EXPECT_LE(opinion.begin, opinion.end);
  EXPECT_LE(opinion.end, box.jEnd);
  if (truth.someLive) {
    EXPECT_LE(opinion.begin, truth.begin);
    EXPECT_GE(opinion.end, truth.end);
  }
  if (!exact)
    return;
  if (box.jBegin < box.jEnd) {
    EXPECT_EQ(opinion.someLive, truth.someLive);
    EXPECT_EQ(opinion.allLive, truth.allLive);
  }
  EXPECT_EQ(opinion.end - opinion.begin,
            truth.someLive ? truth.end - truth.begin : 0);
}
