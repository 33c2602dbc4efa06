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
#include <limits>

using namespace llvm;
using namespace attn::differential;
using attn::reference::Tensor;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Where head `h` of batch `b` lies in a tensor of heads.
struct Heads {
  Heads(const Function &function, const Tensor &tensor, int64_t b, int64_t h) {
    SmallVector<int64_t> strides = tensor.getStrides();
    unsigned first = function.batched ? 1 : 0;
    base = (function.batched ? b * strides[0] : 0) +
           h * strides[first + function.sequenceFirst];
    step = strides[first + !function.sequenceFirst];
  }
  int64_t row(int64_t position) const { return base + position * step; }
  int64_t base, step;
};

/// The error that rounding of scores may have in one row, and the largest value
/// that the row reads.
struct RowBound {
  double score = 0, value = 0;
};
} // namespace

static RowBound boundRow(const Function &function, const Call &call,
                         const Tensor &scores, int64_t b, int64_t h,
                         int64_t i) {
  int64_t keyHead = h / (function.heads / function.keyHeads);
  const Tensor &q = call.arguments[0], &k = call.arguments[1],
               &v = call.arguments[2];
  Heads queries(function, q, b, h), keys(function, k, b, keyHead),
      values(function, v, b, keyHead);
  double scale =
      function.scale.value_or(1 / std::sqrt(double(function.headSize)));
  double product = 0, score = 0;
  RowBound bound;
  int64_t row = (b * function.heads + h) * call.queries + i;
  for (int64_t j = 0; j < call.keys; ++j) {
    double x = scores[row * call.keys + j].f;
    if (x == -infinity)
      continue;
    double sum = 0;
    for (int64_t d = 0; d < function.headSize; ++d)
      sum += std::fabs(q[queries.row(i) + d].f * k[keys.row(j) + d].f);
    product = std::fmax(product, std::fabs(scale) * sum);
    score = std::fmax(score, std::fabs(x));
    for (int64_t d = 0; d < function.valueSize; ++d)
      bound.value = std::fmax(bound.value, std::fabs(v[values.row(j) + d].f));
  }
  bound.score = product;
  if (function.score)
    bound.score = function.score->slope * product +
                  function.score->operations * (product + score);
  return bound;
}

Verdict attn::differential::judge(const Function &function, const Call &call,
                                  const Meaning &expected, StringRef what,
                                  const Tensor &actual) {
  constexpr double epsilon = 0x1p-23;
  const Tensor &wanted = what == "output" ? expected.output
                         : what == "lse"  ? expected.lse
                                          : expected.rowMax;
  double dots = 4 * std::sqrt(double(function.headSize));
  // Of products of one sign, each of the D partial sums rounds by its own size.
  double scores = std::fmax(2, std::sqrt(double(function.headSize)) / 3);
  double keys = std::sqrt(double(call.keys));
  Verdict verdict;
  for (int64_t b = 0; b < call.batch; ++b)
    for (int64_t h = 0; h < function.heads; ++h)
      for (int64_t i = 0; i < call.queries; ++i) {
        RowBound row = boundRow(function, call, expected.scores, b, h, i);
        int64_t at = (b * function.heads + h) * call.queries + i;
        int64_t count = 1;
        double bound = epsilon * (dots + scores * row.score + keys) * row.value;
        if (what == "output") {
          at = Heads(function, wanted, b, h).row(i);
          count = function.valueSize;
        } else {
          // A logarithm of a sum has the sum's relative error as its absolute
          // one; then it is rounded itself.
          double size =
              std::isfinite(wanted[at].f) ? std::fabs(wanted[at].f) : 0;
          bound = epsilon * (dots + scores * row.score + keys + size);
        }
        for (int64_t d = 0; d < count; ++d) {
          double error = distance(actual[at + d].f, wanted[at + d].f);
          double ratio = error == 0 ? 0 : error / bound;
          verdict.worst = std::fmax(verdict.worst, ratio);
          if (ratio <= 1 || !verdict.failure.empty())
            continue;
          raw_string_ostream(verdict.failure)
              << what << " at b=" << b << " h=" << h << " i=" << i << " d=" << d
              << " is "
              << format("%.9g, the reference %.9g: error %.3g, bound %.3g",
                        actual[at + d].f, wanted[at + d].f, error, bound);
        }
      }
  return verdict;
}
