//===- RandomScore.cpp - Score regions from a small grammar
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Function.h"
#include "RandomInteger.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>

using namespace attn::differential;

namespace {
class ScoreGrammar {
public:
  ScoreGrammar(Random &random, const Function &function,
               std::vector<Capture> &captures, std::vector<RowTable> *tables)
      : text(function, captures), random(random), function(function),
        type(function.storage.accumulator()), tables(tables) {}

  /// One change of the score `s`.
  std::string step(const std::string &s);

  RegionText text;
  /// Of the score, and of what was added to it.
  double slope = 1, steepest = 1;
  int operations = 0;

private:
  std::string real(const std::string &index);
  std::string add(const std::string &s, const std::string &term) {
    return text.op("arith.addf " + s + ", " + term, type);
  }
  std::string alibi(const std::string &s);
  std::string softCap(const std::string &s);
  std::string tableByDistance(const std::string &s);
  std::string bias(const std::string &s);
  std::string lookUp(const std::string &s);
  std::string edge(const std::string &s);
  std::string addProduct(const std::string &s);
  std::string stretch(const std::string &s);
  std::string byTime(const std::string &s);

  Random &random;
  const Function &function;
  std::string type;
  std::vector<RowTable> *tables;
};
} // namespace

/// An index as a float.
std::string ScoreGrammar::real(const std::string &index) {
  std::string integer = text.op("arith.index_cast " + index, "index to i32");
  return text.op("arith.sitofp " + integer, "i32 to f32");
}

std::string ScoreGrammar::alibi(const std::string &s) {
  text.use(Capture::slopes);
  std::string slope =
      text.op("tensor.extract %slopes[%h]",
              "tensor<" + std::to_string(function.heads) + "xf32>");
  std::string distance = text.op("arith.subi %j, %i", "index");
  std::string term =
      text.op("arith.mulf " + slope + ", " + real(distance), "f32");
  return add(s, term);
}

std::string ScoreGrammar::softCap(const std::string &s) {
  double cap = random.pick({5.0, 30.0});
  std::string limit = text.real(cap, type);
  std::string ratio = text.op("arith.divf " + s + ", " + limit, type);
  std::string squashed = text.op("math.tanh " + ratio, type);
  operations += 2;
  return text.op("arith.mulf " + squashed + ", " + limit, type);
}

/// table[clamp(j - i, -16, 16) + 16], as relative biases are written.
std::string ScoreGrammar::tableByDistance(const std::string &s) {
  text.use(Capture::table);
  std::string distance = text.op("arith.subi %j, %i", "index");
  std::string low =
      text.op("arith.maxsi " + distance + ", " + text.constant(-16), "index");
  std::string clamped =
      text.op("arith.minsi " + low + ", " + text.constant(16), "index");
  std::string row =
      text.op("arith.addi " + clamped + ", " + text.constant(16), "index");
  return add(s,
             text.op("tensor.extract %table[" + row + "]", "tensor<33xf32>"));
}

std::string ScoreGrammar::bias(const std::string &s) {
  text.use(Capture::bias);
  return add(s,
             text.op("tensor.extract %bias[%h, %i, %j]",
                     "tensor<" + std::to_string(function.heads) + "x?x?xf32>"));
}

/// What lies anywhere in a tensor, or a small number that arithmetic leaves.
std::string ScoreGrammar::lookUp(const std::string &s) {
  if (random.chance(70))
    return add(s, randomLoad(random, text));
  std::string low = text.op("arith.andi " + randomInteger(random, text, 3) +
                                ", " + text.constant(63),
                            "index");
  std::string term =
      text.op("arith.mulf " + real(low) + ", " + text.real(0.03), "f32");
  return add(s, term);
}

/// The query or the key, times a row of a table of its own.
std::string ScoreGrammar::edge(const std::string &s) {
  text.use(Capture::edges);
  std::string entry = text.entry();
  return add(s,
             text.op("tensor.extract %edges[" + entry + "]", "tensor<?xf32>"));
}

std::string ScoreGrammar::addProduct(const std::string &s) {
  RowTable table =
      makeTable(random, function, "rows" + std::to_string(tables->size()),
                function.headSize);
  std::vector<std::string> row = makeRow(random, function, text, table);
  std::string product =
      text.op((random.chance(60) ? "attn.query_dot %" : "attn.key_dot %") +
                  table.name + "[" + llvm::join(row, ", ") + "]",
              table.type());
  tables->push_back(std::move(table));
  if (random.chance(60)) {
    double factor = random.pick({0.125, 0.5, -1.0});
    product =
        text.op("arith.mulf " + product + ", " + text.real(factor, type), type);
    ++operations;
  }
  // What comes now may stretch it.
  slope = std::max(slope, 1.0);
  return add(s, product);
}

std::string ScoreGrammar::stretch(const std::string &s) {
  double factor = random.pick({2.0, 0.5, -1.0, 0.3});
  slope *= std::fabs(factor);
  return text.op("arith.mulf " + s + ", " + text.real(factor, type), type);
}

/// Less for the past.
std::string ScoreGrammar::byTime(const std::string &s) {
  std::string past = text.op("arith.cmpi slt, %j, %i", "index");
  std::string lower =
      text.op("arith.subf " + s + ", " + text.real(1.5, type), type);
  return text.op("arith.select " + past + ", " + s + ", " + lower, type);
}

std::string ScoreGrammar::step(const std::string &s) {
  ++operations;
  if (tables && random.chance(25))
    return addProduct(s);
  // What captures something is written for f32.
  bool isDouble = type != "f32";
  if (text.hasEntries && !isDouble && random.chance(30))
    return edge(s);
  if (tables && !isDouble && random.chance(50))
    return lookUp(s);
  switch (isDouble ? random.pick<int64_t>({1, 4, 6, 7}) : random.below(8)) {
  case 0:
    return alibi(s);
  case 1:
    return softCap(s);
  case 2:
    return tableByDistance(s);
  case 3:
    return bias(s);
  case 4:
    return stretch(s);
  case 5: { // A captured factor times a column's number.
    std::string factor = text.capture(Capture::factor);
    return add(s, text.op("arith.mulf " + factor + ", " + real("%j"), "f32"));
  }
  case 6:
    return byTime(s);
  default: // Neither too low nor NaN-prone.
    return text.op("arith.maximumf " + s + ", " + text.real(-2, type), type);
  }
}

Region attn::differential::makeScore(Random &random, const Function &function,
                                     std::vector<Capture> &captures,
                                     std::vector<RowTable> *tables) {
  ScoreGrammar grammar(random, function, captures, tables);
  std::string score = "%s", kept = score;
  for (int steps = 1 + random.below(3); steps > 0; --steps) {
    score = grammar.step(score);
    if (tables && random.chance(25))
      kept = score;
    grammar.steepest = std::max(grammar.steepest, grammar.slope);
  }
  Region region;
  std::string type = function.storage.accumulator();
  if (tables && random.chance(50))
    region.keeping =
        grammar.text.finish(score + ", " + kept, type + ", " + type);
  region.text = grammar.text.finish(score, type);
  region.slope = grammar.steepest;
  region.operations = grammar.operations;
  return region;
}
