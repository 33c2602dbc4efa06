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

/// The truth about a mask or the analysis' opinion of it.
struct Findings {
  bool someLive, allLive;
  int64_t begin, end; ///< Keys of the queries of the box among all of its keys.
};

class MaskProbe {
public:
  /// Of `mask`, whose captures `captures` gives values. With `constants`, the
  /// box is known at compile time.
  MaskProbe(mlir::Region &mask, const Oracle &captures,
            std::optional<TestBox> constants = std::nullopt);

  /// What the analysis says.
  Findings judge(const TestBox &box);
  /// What is the case, element by element. Nothing where the mask is undefined.
  static std::optional<Findings>
  evaluate(mlir::Region &mask, const Oracle &captures, const TestBox &box);

private:
  mlir::Block verdictBlock, rangeBlock;
  MaskVerdict verdict;
  KeyRange range;
  const Oracle &captures;
};

/// Fails the test where `opinion` contradicts `truth`, or where it is not the
/// best possible and `exact` asks for that.
void expectAgreement(const Findings &opinion, const Findings &truth,
                     const TestBox &box, bool exact);

} // namespace attn::test

#endif // ATTN_TEST_UNIT_ANALYSIS_MASKPROBE_H
