//===- MaskAnalysisTest.cpp - The analysis of masks that people write
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each mask is judged on every box of a small square of positions and for
// ordinary and extreme captures, and compared with itself element by element.
//
//===----------------------------------------------------------------------===//

#include "MaskProbe.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace attn;
using namespace attn::test;

namespace {

constexpr int64_t least = std::numeric_limits<int64_t>::min();
constexpr int64_t most = std::numeric_limits<int64_t>::max();

struct NamedMask {
  const char *name;
  const char *body;
  /// Captures %w and %x for which the answers are the best possible; for the
  /// others they are only right.
  bool (*isExact)(int64_t w, int64_t x);
};

bool always(int64_t, int64_t) { return true; }
bool never(int64_t, int64_t) { return false; }
/// Where sums with positions don't wrap.
bool moderate(int64_t w, int64_t x) {
  int64_t limit = int64_t(1) << 61;
  return std::abs(w / 2) < limit / 2 && std::abs(x / 2) < limit / 2;
}

const NamedMask masks[] = {
    {"Causal", "%keep = arith.cmpi sle, %j, %i : index", always},
    {"CausalBottomRight", R"(
       %d = arith.subi %x, %w : index
       %last = arith.addi %i, %d : index
       %keep = arith.cmpi sle, %j, %last : index)",
     moderate},
    {"CausalByOffset", R"(
       %last = arith.addi %i, %w : index
       %keep = arith.cmpi sle, %j, %last : index)",
     moderate},
    {"Window", R"(
       %d = arith.subi %i, %j : index
       %a = math.absi %d : index
       %keep = arith.cmpi sle, %a, %w : index)",
     always},
    {"CausalWindow", R"(
       %c0 = arith.constant 0 : index
       %d = arith.subi %i, %j : index
       %behind = arith.cmpi sge, %d, %c0 : index
       %near = arith.cmpi slt, %d, %w : index
       %keep = arith.andi %behind, %near : i1)",
     always},
    {"CausalWindowUnsigned", R"(
       %d = arith.subi %i, %j : index
       %keep = arith.cmpi ult, %d, %w : index)",
     [](int64_t w, int64_t) { return w >= 0; }},
    {"Prefix", R"(
       %causal = arith.cmpi sle, %j, %i : index
       %prefix = arith.cmpi slt, %j, %w : index
       %keep = arith.ori %causal, %prefix : i1)",
     always},
    {"Lengths", R"(
       %n = tensor.extract %t[%b] : tensor<4xi32>
       %ni = arith.index_cast %n : i32 to index
       %keep = arith.cmpi slt, %j, %ni : index)",
     always},
    {"WindowAndLengths", R"(
       %d = arith.subi %i, %j : index
       %a = math.absi %d : index
       %near = arith.cmpi sle, %a, %w : index
       %n = tensor.extract %t[%b] : tensor<4xi32>
       %ni = arith.index_cast %n : i32 to index
       %live = arith.cmpi slt, %j, %ni : index
       %keep = arith.andi %near, %live : i1)",
     always},
    {"CausalAndBothLengths", R"(
       %n = tensor.extract %t[%b] : tensor<4xi32>
       %ni = arith.index_cast %n : i32 to index
       %causal = arith.cmpi sge, %i, %j : index
       %key = arith.cmpi slt, %j, %ni : index
       %query = arith.cmpi slt, %i, %ni : index
       %both = arith.andi %key, %query : i1
       %keep = arith.andi %causal, %both : i1)",
     always},
    {"WindowByHead", R"(
       %c2 = arith.constant 2 : index
       %global = arith.cmpi slt, %h, %c2 : index
       %d = arith.subi %i, %j : index
       %a = math.absi %d : index
       %near = arith.cmpi sle, %a, %w : index
       %keep = arith.ori %global, %near : i1)",
     always},
    {"WindowOfHead", R"(
       %n = tensor.extract %t[%h] : tensor<4xi32>
       %ni = arith.index_cast %n : i32 to index
       %d = arith.subi %i, %j : index
       %a = math.absi %d : index
       %keep = arith.cmpi sle, %a, %ni : index)",
     always},
    {"GlobalTokensAndWindow", R"(
       %d = arith.subi %i, %j : index
       %a = math.absi %d : index
       %near = arith.cmpi sle, %a, %w : index
       %to = arith.cmpi slt, %j, %x : index
       %from = arith.cmpi slt, %i, %x : index
       %global = arith.ori %to, %from : i1
       %keep = arith.ori %near, %global : i1)",
     always},
    {"SelectedByFlag", R"(
       %c0 = arith.constant 0 : index
       %flag = arith.cmpi sgt, %x, %c0 : index
       %causal = arith.cmpi sle, %j, %i : index
       %short = arith.cmpi slt, %j, %w : index
       %keep = arith.select %flag, %causal, %short : i1)",
     always},
    {"NotCausal", R"(
       %true = arith.constant true
       %causal = arith.cmpi sle, %j, %i : index
       %keep = arith.xori %causal, %true : i1)",
     always},
    {"Diagonal", "%keep = arith.cmpi eq, %i, %j : index", always},
    {"OffDiagonal", "%keep = arith.cmpi ne, %i, %j : index", never},
    {"BlockDiagonal", R"(
       %c3 = arith.constant 3 : index
       %p = arith.divui %i, %c3 : index
       %q = arith.divui %j, %c3 : index
       %keep = arith.cmpi eq, %p, %q : index)",
     always},
    {"BlockCausalBySize", R"(
       %p = arith.divsi %i, %w : index
       %q = arith.divsi %j, %w : index
       %keep = arith.cmpi sle, %q, %p : index)",
     [](int64_t w, int64_t) { return 1 <= w && w < 100; }},
    {"ClampedLimit", R"(
       %n = tensor.extract %t[%b] : tensor<4xi32>
       %ni = arith.index_cast %n : i32 to index
       %last = arith.minsi %i, %ni : index
       %keep = arith.cmpi sle, %j, %last : index)",
     always},
    {"InNarrowIntegers", R"(
       %i32 = arith.index_cast %i : index to i32
       %j32 = arith.index_cast %j : index to i32
       %d = arith.subi %i32, %j32 : i32
       %a = math.absi %d : i32
       %keep = arith.cmpi sle, %a, %narrow : i32)",
     always},
    {"InVeryNarrowIntegers", R"(
       %i8 = arith.index_cast %i : index to i8
       %j8 = arith.index_cast %j : index to i8
       %keep = arith.cmpi sle, %j8, %i8 : i8)",
     never},
    {"OfNegativesAsUnsigned", R"(
       %b8 = arith.index_cast %b : index to i8
       %j8 = arith.index_cast %j : index to i8
       %c8 = arith.constant 8 : i8
       %negative = arith.subi %b8, %c8 : i8
       %least = arith.minsi %negative, %j8 : i8
       %large = arith.index_castui %least : i8 to index
       %keep = arith.cmpi sgt, %large, %j : index)",
     never},
    {"OfBitsOfWrappedSums", R"(
       %j8 = arith.index_cast %j : index to i8
       %c100 = arith.constant 100 : i8
       %sum = arith.addi %j8, %c100 : i8
       %bits = arith.ori %sum, %j8 : i8
       %c0 = arith.constant 0 : i8
       %keep = arith.cmpi sge, %bits, %c0 : i8)",
     never},
    {"Dilated", R"(
       %c2 = arith.constant 2 : index
       %d = arith.subi %i, %j : index
       %r = arith.remsi %d, %c2 : index
       %c0 = arith.constant 0 : index
       %even = arith.cmpi eq, %r, %c0 : index
       %near = arith.cmpi sle, %d, %w : index
       %keep = arith.andi %even, %near : i1)",
     never},
    {"Scaled", R"(
       %c2 = arith.constant 2 : index
       %e = arith.muli %j, %c2 : index
       %keep = arith.cmpi sle, %e, %i : index)",
     never},
    {"ByBits", R"(
       %c3 = arith.constant 3 : index
       %r = arith.andi %j, %c3 : index
       %keep = arith.cmpi ult, %r, %w : index)",
     never},
    {"ByTable", R"(
       %c3 = arith.constant 3 : index
       %r = arith.remui %j, %c3 : index
       %n = tensor.extract %t[%r] : tensor<4xi32>
       %ni = arith.index_cast %n : i32 to index
       %keep = arith.cmpi slt, %i, %ni : index)",
     never},
    {"ByDocument", R"(
       %c3 = arith.constant 3 : index
       %p = arith.minui %i, %c3 : index
       %q = arith.minui %j, %c3 : index
       %mine = tensor.extract %t[%p] : tensor<4xi32>
       %its = tensor.extract %t[%q] : tensor<4xi32>
       %keep = arith.cmpi eq, %mine, %its : i32)",
     never},
    {"ChosenBlocks", R"(
       %c2 = arith.constant 2 : index
       %c3 = arith.constant 3 : index
       %bi = arith.divui %i, %c2 : index
       %bj = arith.divui %j, %c2 : index
       %p = arith.minui %bi, %c3 : index
       %n = tensor.extract %t[%p] : tensor<4xi32>
       %ni = arith.index_cast %n : i32 to index
       %keep = arith.cmpi eq, %bj, %ni : index)",
     never},
    {"ByBitOfWord", R"(
       %c3 = arith.constant 3 : index
       %c31 = arith.constant 31 : index
       %c0 = arith.constant 0 : i32
       %c1 = arith.constant 1 : i32
       %p = arith.minui %i, %c3 : index
       %n = tensor.extract %t[%p] : tensor<4xi32>
       %place = arith.andi %j, %c31 : index
       %by = arith.index_cast %place : index to i32
       %moved = arith.shrui %n, %by : i32
       %bit = arith.andi %moved, %c1 : i32
       %keep = arith.cmpi ne, %bit, %c0 : i32)",
     never},
    {"ByBitInPlace", R"(
       %c3 = arith.constant 3 : index
       %c0 = arith.constant 0 : i32
       %c1 = arith.constant 1 : i32
       %p = arith.minui %i, %c3 : index
       %n = tensor.extract %t[%p] : tensor<4xi32>
       %place = arith.remui %j, %c3 : index
       %by = arith.index_cast %place : index to i32
       %probe = arith.shli %c1, %by : i32
       %bit = arith.andi %n, %probe : i32
       %keep = arith.cmpi ne, %bit, %c0 : i32)",
     never},
    {"Strided", R"(
       %c3 = arith.constant 3 : index
       %c0 = arith.constant 0 : index
       %d = arith.subi %i, %j : index
       %past = arith.cmpi sge, %d, %c0 : index
       %rest = arith.remsi %d, %c3 : index
       %hit = arith.cmpi eq, %rest, %c0 : index
       %keep = arith.andi %past, %hit : i1)",
     never},
};

class MaskAnalysis : public testing::TestWithParam<NamedMask> {
protected:
  MaskAnalysis() {
    context.loadDialect<AttnDialect, arith::ArithDialect, func::FuncDialect,
                        math::MathDialect, scf::SCFDialect,
                        tensor::TensorDialect, vector::VectorDialect>();
    std::string text = R"(
      func.func @f(%heads: tensor<4x4x1x16xf32>, %w: index, %x: index, %narrow: i32,
                   %t: tensor<4xi32>) -> tensor<4x4x1x16xf32> {
        %o = attn.attention query(%heads) key(%heads) value(%heads)
          mask(%b: index, %h: index, %i: index, %j: index) {)";
    text += GetParam().body;
    text += R"(
            attn.yield %keep : i1
          }
          : (tensor<4x4x1x16xf32>, tensor<4x4x1x16xf32>, tensor<4x4x1x16xf32>)
          -> tensor<4x4x1x16xf32>
        return %o : tensor<4x4x1x16xf32>
      })";
    module = parseSourceString<ModuleOp>(text, &context);
    auto function = cast<func::FuncOp>(module->getBody()->front());
    function.walk([&](AttentionOp op) { mask = &op.getMask(); });
    arguments = function.getArguments();
    probe = std::make_unique<MaskProbe>(*mask);
  }

  Oracle captures(int64_t w, int64_t x) {
    Oracle oracle;
    oracle.integers[arguments[1]] = w;
    oracle.integers[arguments[2]] = x;
    oracle.integers[arguments[3]] = std::clamp<int64_t>(w, -7, 1 << 20);
    oracle.tensors[arguments[4]] = {0, 3, 5, 1000};
    return oracle;
  }

  /// Compares all boxes of `size` positions from (i, j) on.
  void sweep(int64_t w, int64_t x, int64_t i, int64_t j, int64_t size) {
    SCOPED_TRACE(testing::Message() << "w " << w << " x " << x);
    Oracle values = captures(w, x);
    bool exact = GetParam().isExact(w, x);
    for (int64_t b : {1, 2}) {
      TestBox whole = {b, b, i, i + size, j, j + size};
      auto truth = LiveMatrix::evaluate(*mask, values, whole);
      if (!truth)
        return;
      TestBox box = whole;
      for (box.iBegin = i; box.iBegin < whole.iEnd; ++box.iBegin)
        for (box.iEnd = box.iBegin + 1; box.iEnd <= whole.iEnd; ++box.iEnd)
          for (box.jBegin = j; box.jBegin < whole.jEnd; ++box.jBegin)
            for (box.jEnd = box.jBegin + 1; box.jEnd <= whole.jEnd;
                 ++box.jEnd) {
              expectAgreement(probe->judge(box, values), truth->findings(box),
                              box, exact);
              if (HasFailure())
                return;
            }
    }
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  Region *mask = nullptr;
  Block::BlockArgListType arguments;
  std::unique_ptr<MaskProbe> probe; // uses captures: goes before the module
};

TEST_P(MaskAnalysis, IsRightForOrdinaryCaptures) {
  for (int64_t w : {-1, 0, 1, 2, 3, 6})
    for (int64_t x : {0, 2, 5}) {
      sweep(w, x, 0, 0, 5);
      sweep(w, x, 3, 1, 4);
      if (HasFailure())
        return;
    }
}

TEST_P(MaskAnalysis, IsRightForExtremeCaptures) {
  for (int64_t w : {least, least + 1, -(int64_t(1) << 62), -(int64_t(1) << 31),
                    int64_t(1) << 31, (int64_t(1) << 32) + 1, int64_t(1) << 61,
                    int64_t(1) << 62, most - 1, most})
    for (int64_t x : {least, int64_t(0), most}) {
      sweep(w, x, 0, 0, 2);
      sweep(w, x, (int64_t(1) << 31) - 3, (int64_t(1) << 31) - 3, 2);
      sweep(w, x, 0, (int64_t(1) << 31) - 3, 2);
      if (HasFailure())
        return;
    }
}

TEST_P(MaskAnalysis, HasNoKeysWhereThereAreNone) {
  Findings findings = probe->judge({1, 1, 4, 9, 0, 0}, captures(3, 2));
  EXPECT_EQ(findings.begin, 0);
  EXPECT_EQ(findings.end, 0);
}

TEST_P(MaskAnalysis, FoldsConstantBoxes) {
  Oracle values = captures(3, 2);
  for (TestBox box :
       {TestBox{1, 1, 0, 4, 0, 4}, TestBox{2, 3, 40, 50, 0, 64}}) {
    auto truth = LiveMatrix::evaluate(*mask, values, box);
    MaskProbe constant(*mask, box);
    expectAgreement(constant.judge(box, values), truth->findings(box), box,
                    GetParam().isExact(3, 2));
  }
}

INSTANTIATE_TEST_SUITE_P(Masks, MaskAnalysis, testing::ValuesIn(masks),
                         [](const auto &info) {
                           return std::string(info.param.name);
                         });

} // namespace
