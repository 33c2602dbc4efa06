//===- ApplyMods.h - What a mod of the library makes of scores --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The reference interprets the inlined region for two batches of two heads, and
// the scores that it gives are compared with a formula in C++, pair by pair.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_MODS_APPLYMODS_H
#define ATTN_TEST_UNIT_MODS_APPLYMODS_H

#include "../Reference/InterpretText.h"
#include "attn/Mods/Mods.h"
#include "llvm/ADT/StringExtras.h"
#include <functional>

namespace attn::reference {

class ApplyMods : public InterpretTest {
protected:
  static constexpr int64_t batches = 2, heads = 2, features = 4;

  /// A parameter: how its type is written, and its value.
  struct Parameter {
    std::string type;
    Tensor value;
  };
  Parameter place(int64_t value) { return {"index", position(value)}; }
  Parameter real(double value) { return {"f32", number(value)}; }
  Parameter table(llvm::ArrayRef<int64_t> shape) {
    return {typeOf(shape, "f32"), random(shape)};
  }
  Parameter reals(llvm::ArrayRef<double> values) {
    int64_t size = values.size();
    return {typeOf(size, "f32"), floats(size, values)};
  }
  Parameter integers(llvm::ArrayRef<int64_t> shape,
                     llvm::ArrayRef<int64_t> values) {
    return {typeOf(shape, "i32"), Tensor::integers(integer(32), shape, values)};
  }
  /// 0 or 1 with equal probability, or integers below `bound`.
  Parameter drawn(llvm::ArrayRef<int64_t> shape, llvm::StringRef element,
                  int64_t bound) {
    Tensor value(integer(element == "i1" ? 1 : 32), shape);
    for (int64_t at = 0; at < value.getNumElements(); ++at)
      value[at].i = generator() % bound;
    return {typeOf(shape, element), value};
  }

  /// Scores after `mod` in the region `region` for random queries and keys, as
  /// B x H x SQ x SK; -inf where it masks.
  void apply(llvm::StringRef region, llvm::StringRef mod,
             llvm::ArrayRef<Parameter> parameters, int64_t queries = 24,
             int64_t keys = 31) {
    std::string arguments, given;
    for (auto [index, parameter] : llvm::enumerate(parameters)) {
      std::string name = "%p" + std::to_string(index);
      arguments += ", " + name + ": " + parameter.type;
      given += (index ? ", " : "") + name + " : " + parameter.type;
    }
    if (!given.empty())
      given = "(" + given + ")";
    query = random({batches, heads, queries, features});
    key = random({batches, heads, keys, features});
    std::vector<Tensor> values = {*query, *key};
    for (const Parameter &parameter : parameters)
      values.push_back(parameter.value);
    std::string text =
        "func.func @f(%q: tensor<?x2x?x4xf32>, %k: tensor<?x2x?x4xf32>" +
        arguments + ") -> tensor<?x2x?x?xf32> {\n" +
        "%o, %s = attn.attention query(%q) key(%k) value(%k) " + region.str() +
        "(@" + mod.str() + given + ") {aux = [\"scores\"], scale = 0.5 : f64}" +
        " : (tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)" +
        " -> (tensor<?x2x?x4xf32>, tensor<?x2x?x?xf32>)\n" +
        "return %s : tensor<?x2x?x?xf32>\n}\n";
    error.clear();
    scores.reset();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    ASSERT_TRUE(module && succeeded(inlineMods(*module))) << error << text;
    auto function = *module->getOps<mlir::func::FuncOp>().begin();
    auto results = interpret(function, values);
    ASSERT_TRUE(succeeded(results)) << error << text;
    scores = results->front();
  }

  double dot(const Tensor &one, int64_t row, const Tensor &other,
             int64_t otherRow) const {
    double sum = 0;
    for (int64_t d = 0; d < features; ++d)
      sum += one[row * features + d].f * other[otherRow * features + d].f;
    return sum;
  }

  /// A pair: its place, and its score before the region.
  struct Pair {
    int64_t b, h, i, j;
    double s;
    int64_t queryRow, keyRow; ///< Among all rows of the query, of the key.
  };
  void forAllPairs(llvm::function_ref<void(Pair, double)> visit) {
    llvm::ArrayRef<int64_t> shape = scores->getShape();
    int64_t at = 0;
    for (int64_t b = 0; b < shape[0]; ++b)
      for (int64_t h = 0; h < shape[1]; ++h)
        for (int64_t i = 0; i < shape[2]; ++i)
          for (int64_t j = 0; j < shape[3]; ++j) {
            int64_t head = b * heads + h;
            int64_t row = head * shape[2] + i, keyRow = head * shape[3] + j;
            double s = 0.5 * dot(*query, row, *key, keyRow);
            visit({b, h, i, j, s, row, keyRow}, (*scores)[at++].f);
          }
  }

  using MaskFormula = std::function<bool(Pair)>;
  void expectMask(llvm::StringRef mod, llvm::ArrayRef<Parameter> parameters,
                  const MaskFormula &formula, int64_t queries = 24,
                  int64_t keys = 31) {
    apply("mask", mod, parameters, queries, keys);
    if (!scores)
      return;
    int64_t live = 0, all = 0;
    forAllPairs([&](Pair pair, double score) {
      EXPECT_EQ(std::isfinite(score), formula(pair))
          << mod.str() << " at " << pair.b << ' ' << pair.h << ' ' << pair.i
          << ' ' << pair.j;
      live += std::isfinite(score);
      ++all;
    });
    // Else the case says nothing.
    EXPECT_GT(live, 0) << mod.str();
    EXPECT_LT(live, all) << mod.str();
  }

  using ScoreFormula = std::function<double(Pair)>;
  void expectScore(llvm::StringRef mod, llvm::ArrayRef<Parameter> parameters,
                   const ScoreFormula &formula, int64_t queries = 24,
                   int64_t keys = 31) {
    apply("score", mod, parameters, queries, keys);
    if (!scores)
      return;
    forAllPairs([&](Pair pair, double score) {
      EXPECT_NEAR(score, formula(pair), 1e-9)
          << mod.str() << " at " << pair.b << ' ' << pair.h << ' ' << pair.i
          << ' ' << pair.j;
    });
  }

  std::optional<Tensor> query, key, scores;

private:
  static std::string typeOf(llvm::ArrayRef<int64_t> shape,
                            llvm::StringRef element) {
    std::string text = "tensor<";
    for (int64_t size : shape)
      text += std::to_string(size) + "x";
    return text + element.str() + ">";
  }
};

} // namespace attn::reference

#endif // ATTN_TEST_UNIT_MODS_APPLYMODS_H
