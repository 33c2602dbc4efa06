//===- RandomMasksTest.cpp - The analysis of masks that nobody writes
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MaskGrammar.h"
#include "MaskProbe.h"
#include "attn/IR/AttnDialect.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace attn;
using namespace attn::test;

namespace {

class RandomMasks : public testing::Test {
protected:
  RandomMasks() {
    context.loadDialect<AttnDialect, arith::ArithDialect, func::FuncDialect,
                        math::MathDialect, scf::SCFDialect,
                        tensor::TensorDialect, vector::VectorDialect>();
    context.disableMultithreading();
  }

  /// Compares `mask` with the analysis of it, for some captures and boxes.
  void check(Region &mask, MaskGrammar &grammar, bool exact) {
    MaskProbe probe(mask);
    for (unsigned round = 0; round < 4; ++round) {
      Oracle captures = grammar.drawCaptures(/*moderate=*/exact || round % 2);
      bool isFar = !exact && round == 3;
      int64_t far = (int64_t(1) << 31) - 8;
      int64_t i = isFar && grammar.chance(60) ? far : grammar.uniform(0, 3);
      int64_t j = isFar && grammar.chance(60) ? far : 0;
      int64_t b = grammar.uniform(0, 5), h = grammar.uniform(0, 5);
      TestBox whole = {b, h, i, i + 6, j, j + 6};
      auto truth = LiveMatrix::evaluate(mask, captures, whole);
      if (!truth)
        continue;
      for (unsigned part = 0; part < 6; ++part) {
        TestBox box = whole;
        box.iBegin = grammar.uniform(i, i + 5);
        box.iEnd = grammar.uniform(box.iBegin + 1, i + 6);
        box.jBegin = grammar.uniform(j, j + 5);
        box.jEnd = grammar.uniform(box.jBegin + 1, j + 6);
        Findings opinion = probe.judge(box, captures);
        Findings facts = truth->findings(box);
        expectAgreement(opinion, facts, box, exact);
        decided += opinion.allLive || !opinion.someLive;
        decidable += facts.allLive || !facts.someLive;
        if (part == 0) {
          MaskProbe constant(mask, box);
          expectAgreement(constant.judge(box, captures), facts, box, exact);
        }
        if (HasFailure()) {
          describe(mask, grammar, captures);
          return;
        }
      }
    }
  }

  /// Prints `mask` as a function of its arguments and captures.
  void describe(Region &mask, MaskGrammar &grammar, Oracle &captures) {
    OpBuilder builder(&context);
    SmallVector<Value> inputs(mask.getArguments());
    llvm::append_range(inputs, grammar.captured());
    auto function = func::FuncOp::create(
        builder, builder.getUnknownLoc(), "mask",
        builder.getFunctionType(TypeRange(ValueRange(inputs)), {}));
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToEnd(body);
    IRMapping mapping;
    mapping.map(ValueRange(inputs), body->getArguments());
    for (Operation &op : mask.front())
      builder.clone(op, mapping);

    std::string text;
    llvm::raw_string_ostream stream(text);
    function->print(stream, OpPrintingFlags().assumeVerified());
    for (auto [number, input] : llvm::enumerate(inputs)) {
      if (captures.integers.contains(input))
        stream << "\n%arg" << number << " = " << captures.integers[input];
      for (int64_t element : captures.tensors.lookup(input))
        stream << "\n%arg" << number << " holds " << element;
    }
    function.erase();
    ADD_FAILURE() << text;
  }

  MLIRContext context;
  unsigned decided = 0, decidable = 0;
};

TEST_F(RandomMasks, AreNeverMisjudged) {
  for (unsigned seed = 1; seed <= 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MaskGrammar grammar(context, seed);
    Region mask;
    grammar.drawAny(mask);
    check(mask, grammar, /*exact=*/false);
  }
  // A sound analysis may still be a useless one.
  EXPECT_GT(decided, decidable / 2);
  std::printf("%u of %u decided\n", decided, decidable);
}

TEST_F(RandomMasks, OfComparisonsAreJudgedExactly) {
  for (unsigned seed = 1; seed <= 1000 && !HasFailure(); ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    MaskGrammar grammar(context, seed);
    Region mask;
    grammar.drawExact(mask, grammar.uniform(1, 3));
    check(mask, grammar, /*exact=*/true);
  }
}

} // namespace
