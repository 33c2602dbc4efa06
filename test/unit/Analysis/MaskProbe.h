//===- MaskProbe.h - The analysis of a mask, and its truth ------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Emits what the analysis says of a mask once, for any box, and runs it beside
// the mask itself.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_ANALYSIS_MASKPROBE_H
#define ATTN_TEST_UNIT_ANALYSIS_MASKPROBE_H

#include "Oracle.h"
#include "attn/Analysis/MaskAnalysis.h"

namespace attn::test {

/// Positions; ends are excluded.
struct TestBox {
  int64_t b, h, iBegin, iEnd, jBegin, jEnd;
};

/// The truth about the mask of a box, or the analysis' opinion of it.
struct Findings {
  bool someLive, allLive;
  int64_t begin, end; ///< keys of the box that some query of it reads
};

class MaskProbe {
public:
  /// With `constants`, for that one box, known at compile time.
  explicit MaskProbe(mlir::Region &mask,
                     std::optional<TestBox> constants = std::nullopt);

  /// What the analysis says where the mask captures what `captures` holds.
  Findings judge(const TestBox &box, const Oracle &captures);

private:
  mlir::Block verdictBlock, rangeBlock;
  MaskVerdict verdict;
  KeyRange range;
};

/// A mask evaluated element by element.
class LiveMatrix {
public:
  /// Nothing where the mask is not defined everywhere in `box`.
  static std::optional<LiveMatrix>
  evaluate(mlir::Region &mask, const Oracle &captures, const TestBox &box);

  /// What is the case in a part of the box.
  Findings findings(const TestBox &part) const;

private:
  TestBox box;
  std::vector<bool> live;
};

/// Fails the test where `opinion` contradicts `truth`, or where it is not the
/// best possible and `exact` asks for that.
void expectAgreement(const Findings &opinion, const Findings &truth,
                     const TestBox &box, bool exact);

} // namespace attn::test

#endif // ATTN_TEST_UNIT_ANALYSIS_MASKPROBE_H
