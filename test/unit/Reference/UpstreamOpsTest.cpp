//===- UpstreamOpsTest.cpp - arith, math, index, tensor and linalg
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpretText.h"
#include <cmath>
#include <limits>

using namespace attn::reference;

namespace {
struct UpstreamOpsTest : InterpretTest {
  /// The value of `body`, which defines %r of `type` from %a and %b.
  int64_t evaluateIntegers(const std::string &body, unsigned bits, int64_t a,
                           int64_t b, const std::string &result) {
    std::string type = "i" + std::to_string(bits);
    auto results =
        run("func.func @f(%a: " + type + ", %b: " + type + ") -> " + result +
                " { " + body + " return %r : " + result + " }",
            {Tensor::integers(integer(bits), {}, a),
             Tensor::integers(integer(bits), {}, b)});
    EXPECT_EQ(results.size(), 1u) << body << ": " << error;
    return results.empty() ? 0 : results[0][0].i;
  }
};
} // namespace

TEST_F(UpstreamOpsTest, IntegersWrapAtTheirWidth) {
  EXPECT_EQ(evaluateIntegers("%r = arith.addi %a, %b : i8", 8, 127, 1, "i8"),
            -128);
  EXPECT_EQ(
      evaluateIntegers("%r = arith.muli %a, %b : i32", 32, 1 << 30, 4, "i32"),
      0);
  EXPECT_EQ(evaluateIntegers("%r = arith.divui %a, %b : i8", 8, -1, 2, "i8"),
            127);
  EXPECT_EQ(evaluateIntegers("%r = arith.shrui %a, %b : i8", 8, -1, 7, "i8"),
            1);
  EXPECT_EQ(
      evaluateIntegers("%r = arith.floordivsi %a, %b : i8", 8, -7, 2, "i8"),
      -4);
}

TEST_F(UpstreamOpsTest, ComparisonsKnowSigns) {
  EXPECT_EQ(
      evaluateIntegers("%r = arith.cmpi slt, %a, %b : i8", 8, -1, 1, "i1"), 1);
  EXPECT_EQ(
      evaluateIntegers("%r = arith.cmpi ult, %a, %b : i8", 8, -1, 1, "i1"), 0);
  // A signed true is -1.
  EXPECT_EQ(evaluateIntegers("%r = arith.cmpi slt, %a, %b : i1", 1, 1, 0, "i1"),
            1);
  EXPECT_EQ(evaluateIntegers("%r = arith.extui %a : i1 to i8", 1, 1, 0, "i8"),
            1);
  EXPECT_EQ(evaluateIntegers("%r = arith.extsi %a : i1 to i8", 1, 1, 0, "i8"),
            -1);
}

TEST_F(UpstreamOpsTest, DivisionsHaveResults) {
  struct {
    const char *op;
    int64_t a, b, expected;
  } cases[] = {{"divsi", 7, 0, 7},           {"divui", -1, 0, -1},
               {"remsi", 7, 0, 0},           {"remui", -7, 0, 0},
               {"floordivsi", -7, 0, -7},    {"ceildivsi", 7, 0, 7},
               {"ceildivui", 7, 0, 7},       {"divsi", -128, -1, -128},
               {"remsi", -128, -1, 0},       {"floordivsi", -128, -1, -128},
               {"ceildivsi", -128, -1, -128}};
  for (auto [op, a, b, expected] : cases)
    EXPECT_EQ(evaluateIntegers(std::string("%r = arith.") + op + " %a, %b : i8",
                               8, a, b, "i8"),
              expected)
        << op;
  int64_t least = std::numeric_limits<int64_t>::min();
  EXPECT_EQ(
      evaluateIntegers("%r = arith.divsi %a, %b : i64", 64, least, -1, "i64"),
      least);
  EXPECT_EQ(
      evaluateIntegers("%r = arith.remsi %a, %b : i64", 64, least, -1, "i64"),
      0);
}

TEST_F(UpstreamOpsTest, ShiftsMoveAllBitsOut) {
  for (unsigned bits : {8, 64})
    for (int64_t by : {int64_t(bits), int64_t(bits) + 1, int64_t(-1)}) {
      auto shift = [&](const char *op, int64_t a) {
        std::string type = "i" + std::to_string(bits);
        return evaluateIntegers(std::string("%r = arith.") + op +
                                    " %a, %b : " + type,
                                bits, a, by, type);
      };
      EXPECT_EQ(shift("shli", -3), 0);
      EXPECT_EQ(shift("shrui", -3), 0);
      EXPECT_EQ(shift("shrsi", -3), -1);
      EXPECT_EQ(shift("shrsi", 3), 0);
    }
}

TEST_F(UpstreamOpsTest, FloatsAreKeptInTheRangeOfIntegers) {
  auto convert = [&](const char *op, double value, unsigned bits) {
    std::string type = "i" + std::to_string(bits);
    auto results =
        run("func.func @f(%a: f32) -> " + type + " { %r = arith." + op +
                " %a : f32 to " + type + " return %r : " + type + " }",
            {number(value)});
    EXPECT_EQ(results.size(), 1u) << error;
    return results.empty() ? 0 : results[0][0].i;
  };
  double nan = std::nan(""), inf = INFINITY;
  EXPECT_EQ(convert("fptosi", -2.9, 8), -2);
  EXPECT_EQ(convert("fptosi", 127.5, 8), 127);
  EXPECT_EQ(convert("fptosi", 300, 8), 127);
  EXPECT_EQ(convert("fptosi", -inf, 8), -128);
  EXPECT_EQ(convert("fptosi", nan, 8), 0);
  EXPECT_EQ(convert("fptosi", inf, 64), std::numeric_limits<int64_t>::max());
  EXPECT_EQ(convert("fptosi", -1e30, 64), std::numeric_limits<int64_t>::min());
  // Unsigned: 255 reads as -1.
  EXPECT_EQ(convert("fptoui", 1e9, 8), -1);
  EXPECT_EQ(convert("fptoui", -5, 8), 0);
  EXPECT_EQ(convert("fptoui", nan, 8), 0);
  EXPECT_EQ(convert("fptoui", inf, 64), -1);
}

TEST_F(UpstreamOpsTest, FloatComparisonsWithNaN) {
  double nan = std::nan("");
  for (auto [predicate, expected] :
       {std::pair{"oeq", 0}, {"une", 1}, {"ord", 0}, {"uno", 1}, {"ugt", 1}}) {
    auto results =
        run(std::string("func.func @f(%a: f32) -> i1 { %c = "
                        "arith.constant 1.0 : f32 %r = arith.cmpf ") +
                predicate + ", %a, %c : f32 return %r : i1 }",
            {number(nan)});
    ASSERT_EQ(results.size(), 1u) << error;
    EXPECT_EQ(results[0][0].i, expected) << predicate;
  }
}

TEST_F(UpstreamOpsTest, ElementwiseOnTensors) {
  auto results =
      run(R"(
    func.func @f(%a: tensor<2xf32>, %c: i1) -> tensor<2xf32> {
      %e = math.exp %a : tensor<2xf32>
      %s = arith.select %c, %e, %a : tensor<2xf32>
      return %s : tensor<2xf32>
    })",
          {floats({2}, {0, 1}), Tensor::integers(integer(1), {}, 1)});
  ASSERT_EQ(results.size(), 1u) << error;
  EXPECT_EQ(results[0][0].f, 1);
  EXPECT_EQ(results[0][1].f, std::exp(1.0));
}

TEST_F(UpstreamOpsTest, MatmulTransposeAndSoftmax) {
  auto results = run(
      R"(
    func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) -> tensor<2x2xf32> {
      %zero = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<3x2xf32>
      %t = linalg.transpose ins(%b : tensor<2x3xf32>) outs(%e : tensor<3x2xf32>)
          permutation = [1, 0]
      %c = tensor.empty() : tensor<2x2xf32>
      %f = linalg.fill ins(%zero : f32) outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
      %m = linalg.matmul ins(%a, %t : tensor<2x3xf32>, tensor<3x2xf32>)
          outs(%f : tensor<2x2xf32>) -> tensor<2x2xf32>
      %s = linalg.softmax dimension(1) ins(%m : tensor<2x2xf32>)
          outs(%c : tensor<2x2xf32>) -> tensor<2x2xf32>
      return %s : tensor<2x2xf32>
    })",
      {floats({2, 3}, {1, 2, 3, 0, 0, 0}), floats({2, 3}, {1, 0, 0, 0, 1, 0})});
  ASSERT_EQ(results.size(), 1u) << error;
  // Scores (1, 2) and (0, 0).
  EXPECT_NEAR(results[0][0].f, 1 / (1 + std::exp(1.0)), 1e-15);
  EXPECT_NEAR(results[0][1].f, 1 / (1 + std::exp(-1.0)), 1e-15);
  EXPECT_EQ(results[0][2].f, 0.5);
}

TEST_F(UpstreamOpsTest, GenericBroadcastsAndCounts) {
  auto results = run(R"(
    func.func @f(%a: tensor<1x3xf32>) -> (tensor<2x3xf32>, tensor<2xf32>) {
      %e = tensor.empty() : tensor<2x3xf32>
      %g = linalg.generic {indexing_maps = [affine_map<(i, j) -> (0, j)>,
                                            affine_map<(i, j) -> (i, j)>],
                           iterator_types = ["parallel", "parallel"]}
          ins(%a : tensor<1x3xf32>) outs(%e : tensor<2x3xf32>) {
      ^bb0(%x: f32, %o: f32):
        %i = linalg.index 0 : index
        %n = arith.index_cast %i : index to i32
        %f = arith.sitofp %n : i32 to f32
        %r = arith.addf %x, %f : f32
        linalg.yield %r : f32
      } -> tensor<2x3xf32>
      %zeros = arith.constant dense<0.0> : tensor<2xf32>
      %s = linalg.generic {indexing_maps = [affine_map<(i, j) -> (i, j)>,
                                            affine_map<(i, j) -> (i)>],
                           iterator_types = ["parallel", "reduction"]}
          ins(%g : tensor<2x3xf32>) outs(%zeros : tensor<2xf32>) {
      ^bb0(%x: f32, %o: f32):
        %r = arith.addf %x, %o : f32
        linalg.yield %r : f32
      } -> tensor<2xf32>
      return %g, %s : tensor<2x3xf32>, tensor<2xf32>
    })",
                     {floats({1, 3}, {1, 2, 3})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_EQ(results[0][2].f, 3);
  EXPECT_EQ(results[0][3].f, 2);
  EXPECT_EQ(results[1][0].f, 6);
  EXPECT_EQ(results[1][1].f, 9);
}

TEST_F(UpstreamOpsTest, SlicesAndReshapes) {
  auto results = run(R"(
    func.func @f(%a: tensor<?x4xf32>) -> (tensor<?xf32>, tensor<4x?xf32>) {
      %c0 = arith.constant 0 : index
      %n = tensor.dim %a, %c0 : tensor<?x4xf32>
      %s = tensor.extract_slice %a[0, 1] [%n, 1] [1, 1]
          : tensor<?x4xf32> to tensor<?xf32>
      %flat = tensor.collapse_shape %a [[0, 1]] : tensor<?x4xf32> into tensor<?xf32>
      %out = tensor.expand_shape %flat [[0, 1]] output_shape [4, %n]
          : tensor<?xf32> into tensor<4x?xf32>
      return %s, %out : tensor<?xf32>, tensor<4x?xf32>
    })",
                     {floats({2, 4}, {0, 1, 2, 3, 4, 5, 6, 7})});
  ASSERT_EQ(results.size(), 2u) << error;
  EXPECT_EQ(results[0].getNumElements(), 2);
  EXPECT_EQ(results[0][0].f, 1);
  EXPECT_EQ(results[0][1].f, 5);
  EXPECT_EQ(results[1].getShape(), llvm::ArrayRef<int64_t>({4, 2}));
  EXPECT_EQ(results[1][7].f, 7);
}

TEST_F(UpstreamOpsTest, AssertionsHoldOrFail) {
  llvm::StringRef text =
      "func.func @f(%c: i1) { cf.assert %c, \"sizes agree\" return }";
  run(text, {Tensor::integers(integer(1), {}, 1)});
  EXPECT_EQ(error, "");
  run(text, {Tensor::integers(integer(1), {}, 0)});
  EXPECT_NE(error.find("sizes agree"), std::string::npos) << error;
}

TEST_F(UpstreamOpsTest, ArgumentsMustFit) {
  llvm::StringRef text = "func.func @f(%a: tensor<?x4xf32>) -> tensor<?x4xf32> "
                         "{ return %a : tensor<?x4xf32> }";
  run(text, {floats({2, 3}, {0, 0, 0, 0, 0, 0})});
  EXPECT_EQ(error,
            "'func.func' op takes a 'tensor<?x4xf32>' as argument 0, got "
            "a 'tensor<2x3xf32>'");
  run(text, {});
  EXPECT_EQ(error, "'func.func' op takes 1 arguments, got 0");
}

TEST_F(UpstreamOpsTest, UnknownOpsAreNamed) {
  run("func.func @f(%a: tensor<4xf32>) -> index { %r = tensor.rank %a : "
      "tensor<4xf32> return %r : index }",
      {floats({4}, {0, 0, 0, 0})});
  EXPECT_EQ(error,
            "'tensor.rank' op is not known to the reference interpreter");
}
