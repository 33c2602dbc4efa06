//===- Judge.cpp - How far a result may be from the reference
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Judge.h"
#include "RunCompiled.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attn::differential;
using attn::reference::Tensor;

/// The row that each element of a tensor of heads belongs to, as the LSE counts
/// rows.
static int64_t rowOf(const Function &function, const Tensor &tensor,
                     int64_t element) {
  SmallVector<int64_t> index(tensor.getRank());
  for (int64_t dim = tensor.getRank(); dim-- > 0; element /= tensor.getDim(dim))
    index[dim] = element % tensor.getDim(dim);
  unsigned first = function.batched ? 1 : 0;
  int64_t b = function.batched ? index[0] : 0;
  int64_t h = index[first + function.sequenceFirst];
  int64_t i = index[first + !function.sequenceFirst];
  int64_t queries = tensor.getDim(first + !function.sequenceFirst);
  return (b * function.heads + h) * queries + i;
}

Verdict attn::differential::judge(const Function &function, const Call &call,
                                  const Meaning &expected, StringRef what,
                                  const Tensor &actual, double factor) {
  bool isOutput = what == "output";
  const Tensor wanted = expected.result(what);
  // Scores and weights have an element for each key of a row.
  bool isOfPair = what == "scores" || what == "probabilities";
  int64_t columns =
      isOfPair ? std::max<int64_t>(wanted.getShape().back(), 1) : 1;
  reference::Rounding rounding;
  rounding.query = call.arguments[0].getElementType();
  rounding.output = expected.output.getElementType();
  rounding.normalizer = function.normalizer;
  if (function.score) {
    rounding.slope = function.score->slope;
    rounding.operations = function.score->operations;
  }
  Verdict verdict;
  for (int64_t at = 0; at < wanted.getNumElements(); ++at) {
    double error = distance(actual[at].f, wanted[at].f);
    // Two NaNs, or the same infinity.
    if (error == 0)
      continue;
    int64_t row = isOutput ? rowOf(function, wanted, at) : at / columns;
    double bound =
        isOutput
            ? outputBound(expected.magnitudes, rounding, row, at, wanted[at].f)
        : what == "probabilities"
            ? weightBound(expected.magnitudes, rounding, row,
                          expected.scores[at].f, expected.lse[row].f,
                          wanted[at].f)
            : statisticBound(expected.magnitudes, rounding, row, wanted[at].f);
    bound *= factor;
    verdict.worst = std::max(verdict.worst, error / bound);
    if (error <= bound || !verdict.failure.empty())
      continue;
    raw_string_ostream(verdict.failure)
        << what << " at " << at << " (row " << row << ") is "
        << format("%.9g, the reference %.9g: error %.3g, bound %.3g",
                  actual[at].f, wanted[at].f, error, bound);
    if (isOfPair)
      raw_string_ostream(verdict.failure)
          << format(", of a score of %.9g, the LSE is %.9g",
                    expected.scores[at].f, expected.lse[row].f);
  }
  return verdict;
}
