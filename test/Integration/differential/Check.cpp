//===- Check.cpp - One call against the reference
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "Judge.h"
#include "RunCompiled.h"
#include "attn/Reference/Interpreter.h"

using namespace llvm;
using namespace attn;
using namespace attn::differential;
using attn::reference::Tensor;
using mlir::func::FuncOp;

static std::optional<Meaning> interpret(FuncOp function, FuncOp keeping,
                                        const Call &call) {
  std::vector<reference::Magnitudes> magnitudes;
  reference::InterpretOptions options;
  options.magnitudes = &magnitudes;
  auto values = reference::interpret(function, call.arguments, options);
  if (failed(values))
    return std::nullopt;
  Meaning meaning{(*values)[0], (*values)[1], (*values)[2],
                  (*values)[3], (*values)[4], std::move(magnitudes[0]),
                  std::nullopt};
  if (keeping) {
    auto kept = reference::interpret(keeping, call.arguments);
    if (failed(kept))
      return std::nullopt;
    meaning.kept = (*kept)[1];
  }
  return meaning;
}

/// What the entry computes, with two numbers of threads, and once with guards
/// behind its tensors and once before.
static Expected<std::vector<Tensor>>
runTwice(const attn_entry &entry, const Call &call, bool sanitized) {
  Placing placing = {call.threads, call.padding};
  if (sanitized)
    placing.memory = Placement::heap;
  auto first = runCompiled(entry, call.arguments, placing);
  if (!first)
    return first.takeError();
  placing.threads = call.threads % 3 + 1;
  if (!sanitized)
    placing.memory = Placement::guardedBefore;
  auto second = runCompiled(entry, call.arguments, placing);
  if (!second)
    return second.takeError();
  for (auto [one, other] : zip(*first, *second))
    for (int64_t at = 0; at < one.getNumElements(); ++at)
      if (one[at].i != other[at].i)
        return createStringError("a result depends on the number of threads");
  return first;
}

std::string attn::differential::checkCall(const Function &function,
                                          FuncOp meaning, FuncOp keeping,
                                          const attn_entry *entry, Call &call,
                                          const Judging &how, double &worst) {
  std::optional<Meaning> expected = interpret(meaning, keeping, call);
  if (expected && how.seed % 3 == 0) {
    poison(call, function, expected->scores, how.seed);
    expected = interpret(meaning, keeping, call);
  }
  if (!expected)
    return "the reference interpreter fails";
  std::vector<Tensor> actual;
  if (entry) {
    auto results = runTwice(*entry, call, how.sanitized);
    if (!results)
      return toString(results.takeError());
    actual = std::move(*results);
  } else {
    actual.push_back(rounded(expected->output));
    for (StringRef name : function.aux)
      actual.push_back(rounded(expected->result(name)));
  }
  std::vector<std::string> names = {"output"};
  names.insert(names.end(), function.aux.begin(), function.aux.end());
  for (auto [name, result] : zip(names, actual)) {
    Verdict verdict =
        judge(function, call, *expected, name, result, how.factor);
    worst = std::max(worst, verdict.worst);
    if (!verdict.failure.empty())
      return verdict.failure;
  }
  return "";
}
