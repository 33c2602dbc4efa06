//===- RandomMask.cpp - Masks from a small grammar
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Function.h"
#include "RandomInteger.h"

using namespace attn::differential;

namespace {
class MaskGrammar {
public:
  MaskGrammar(Random &random, const Function &function,
              std::vector<Capture> &captures, bool anyIntegers)
      : text(function, captures), random(random), anyIntegers(anyIntegers) {}

  std::string boolean(int depth);

  RegionText text;

private:
  std::string position();
  std::string bound();
  std::string comparison();
  std::string oddity();

  Random &random;
  bool anyIntegers;
};
} // namespace

/// Something that moves with i and j.
std::string MaskGrammar::position() {
  switch (random.below(6)) {
  case 0:
    return "%i";
  case 1:
  case 2:
    return "%j";
  case 3:
    return text.op("arith.subi %i, %j", "index");
  case 4:
    return text.op("arith.subi %j, %i", "index");
  default:
    return text.op("math.absi " + text.op("arith.subi %i, %j", "index"),
                   "index");
  }
}

/// Something that is the same for a row, or a query itself.
std::string MaskGrammar::bound() {
  switch (random.below(6)) {
  case 0:
    return "%i";
  case 1:
    return text.capture(Capture::width);
  case 2:
    return text.perBatch(Capture::lengths);
  case 3:
    return text.perBatch(Capture::starts);
  default:
    return text.constant(
        random.pick<int64_t>({0, 1, 3, 8, 16, 17, 40, 64, 100}));
  }
}

std::string MaskGrammar::comparison() {
  std::string left = position(), right = bound();
  if (random.chance(20))
    right = text.op("arith.addi " + right + ", " +
                        text.constant(random.pick<int64_t>({-5, 1, 7, 32})),
                    "index");
  if (random.chance(30))
    std::swap(left, right);
  // Equality leaves few keys; unsigned order makes negative numbers large.
  std::string predicate =
      random.chance(80) ? random.pick({"slt", "sle", "sgt", "sge"})
                        : random.pick({"eq", "ne", "ult", "ule", "ugt", "uge"});
  return text.op("arith.cmpi " + predicate + ", " + left + ", " + right,
                 "index");
}

/// What no analysis of ranges understands.
std::string MaskGrammar::oddity() {
  switch (random.below(4)) {
  case 0: { // Every third key.
    std::string rest = text.op("arith.remui %j, " + text.constant(3), "index");
    return text.op("arith.cmpi ne, " + rest + ", " + text.constant(1), "index");
  }
  case 1: { // Blocks of the diagonal.
    std::string size = text.constant(random.pick<int64_t>({5, 16, 24}));
    std::string row = text.op("arith.divui %i, " + size, "index");
    std::string column = text.op("arith.divui %j, " + size, "index");
    return text.op("arith.cmpi eq, " + row + ", " + column, "index");
  }
  case 2: { // A window as wide as the head's number says.
    std::string twice = text.op("arith.muli %h, " + text.constant(9), "index");
    std::string distance = text.op("arith.subi %i, %j", "index");
    return text.op("arith.cmpi sle, " + distance + ", " + twice, "index");
  }
  default: { // A checkerboard, through a select.
    std::string sum = text.op("arith.addi %i, %j", "index");
    std::string bit =
        text.op("arith.andi " + sum + ", " + text.constant(1), "index");
    std::string odd =
        text.op("arith.cmpi eq, " + bit + ", " + text.constant(1), "index");
    return text.op("arith.select " + odd + ", " + comparison() + ", " +
                       text.boolean(true),
                   "i1");
  }
  }
}

std::string MaskGrammar::boolean(int depth) {
  if (anyIntegers && random.chance(depth == 0 ? 50 : 10))
    return randomBit(random, text);
  if (depth == 0 || random.chance(30))
    return random.chance(10) ? oddity() : comparison();
  switch (random.below(5)) {
  case 0: {
    std::string operand = boolean(depth - 1);
    return text.op("arith.xori " + operand + ", " + text.boolean(true), "i1");
  }
  case 1: {
    std::string left = boolean(depth - 1), right = boolean(depth - 1);
    return text.op("arith.ori " + left + ", " + right, "i1");
  }
  default: {
    std::string left = boolean(depth - 1), right = boolean(depth - 1);
    return text.op("arith.andi " + left + ", " + right, "i1");
  }
  }
}

Region attn::differential::makeMask(Random &random, const Function &function,
                                    std::vector<Capture> &captures,
                                    bool anyIntegers) {
  MaskGrammar grammar(random, function, captures, anyIntegers);
  // The commonest mask deserves its share.
  std::string keep = random.chance(20)
                         ? grammar.text.op("arith.cmpi sle, %j, %i", "index")
                         : grammar.boolean(random.below(4));
  Region region;
  region.text = grammar.text.finish(keep, "i1");
  return region;
}
