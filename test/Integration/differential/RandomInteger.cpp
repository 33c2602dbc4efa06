//===- RandomInteger.cpp - Index arithmetic from a small grammar
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomInteger.h"

using namespace attn::differential;

/// A position, a constant, a capture, or what a tensor has at a position.
static std::string leaf(Random &random, RegionText &text) {
  // As part of an index it says nothing of a tensor's length.
  if (text.hasEntries && random.chance(20))
    return text.op("arith.addi " + text.entry() + ", " + text.constant(0),
                   "index");
  switch (random.below(10)) {
  case 0:
  case 1:
  case 2:
    return "%i";
  case 3:
  case 4:
  case 5:
    return "%j";
  case 6:
    return random.pick({"%b", "%h"});
  case 7:
    return text.capture(Capture::width);
  case 8:
    return text.perBatch(Capture::lengths);
  default:
    return text.constant(random.pick<int64_t>({-9, 0, 1, 5, 31, 100, 5000}));
  }
}

/// `index`, where it does not say that the tensor is as long as the queries or
/// the keys are.
static std::string anywhere(RegionText &text, const std::string &index) {
  bool isPosition = index == "%i" || index == "%j" || index == "%b";
  return isPosition
             ? text.op("arith.addi " + index + ", " + text.constant(0), "index")
             : index;
}

/// A map's number for any index.
static std::string mapped(RegionText &text, const std::string &index) {
  text.use(Capture::map);
  std::string number = text.op(
      "tensor.extract %map[" + anywhere(text, index) + "]", "tensor<?xi32>");
  return text.op("arith.index_cast " + number, "i32 to index");
}

/// An op on fewer bits: it wraps where those of index values do not.
static std::string narrow(Random &random, RegionText &text,
                          const std::string &a, const std::string &b) {
  std::string type = random.pick({"i32", "i16", "i8"});
  std::string x = text.op("arith.index_cast " + a, "index to " + type);
  std::string y = text.op("arith.index_cast " + b, "index to " + type);
  std::string op = random.pick(
      {"addi", "subi", "muli", "andi", "ori", "xori", "minsi", "maxsi", "divsi",
       "remsi", "divui", "remui", "ceildivsi", "shli", "shrsi", "shrui"});
  std::string result = text.op("arith." + op + " " + x + ", " + y, type);
  return text.op(std::string(random.chance(30) ? "arith.index_castui "
                                               : "arith.index_cast ") +
                     result,
                 type + " to index");
}

/// Of a float that may be too large, or NaN. Each is exact in f32.
static std::string throughFloat(Random &random, RegionText &text,
                                const std::string &a) {
  std::string few = text.op("arith.index_cast " + a, "index to i16");
  std::string number = text.op("arith.sitofp " + few, "i16 to f32");
  auto times = [&](const std::string &factor) {
    number = text.op("arith.mulf " + number + ", " + factor, "f32");
  };
  switch (random.below(4)) {
  case 0:
    times(text.real(random.pick({0.25, -3.0, 0.0})));
    break;
  case 1:
    times(text.real(1 << 20));
    times(text.real(1 << 20));
    break;
  case 2: // Infinite, or NaN.
    times(text.op("arith.constant 0x7F800000", "f32"));
    break;
  default:
    number = text.op("math.sqrt " + number, "f32");
    number = text.op("math.floor " + number, "f32");
  }
  std::string type = random.pick({"i8", "i16", "i32", "i64"});
  std::string integer =
      text.op((random.chance(60) ? "arith.fptosi " : "arith.fptoui ") + number,
              "f32 to " + type);
  return text.op("arith.index_cast " + integer, type + " to index");
}

std::string attn::differential::randomInteger(Random &random, RegionText &text,
                                              int depth) {
  if (depth == 0 || random.chance(15))
    return leaf(random, text);
  std::string a = randomInteger(random, text, depth - 1);
  auto with = [&](const std::string &op, const std::string &b) {
    return text.op("arith." + op + " " + a + ", " + b, "index");
  };
  auto withConstant = [&](const std::string &op,
                          std::initializer_list<int64_t> values) {
    return with(op, text.constant(random.pick<int64_t>(values)));
  };
  switch (random.below(11)) {
  case 0:
  case 1:
    return with(random.pick({"addi", "subi"}),
                randomInteger(random, text, depth - 1));
  case 2:
    return withConstant("muli", {-1, 2, 3, 7, 64, 1000003, 10000000});
  case 3:
    return withConstant(random.pick({"divui", "divsi", "floordivsi"}),
                        {1, 2, 5, 16, 48, 1000});
  case 4:
    if (random.chance(30))
      return with(random.pick({"divui", "divsi", "floordivsi", "ceildivsi",
                               "ceildivui", "remui", "remsi"}),
                  randomInteger(random, text, depth - 1));
    return withConstant(random.pick({"remui", "remsi"}), {1, 2, 7, 16, 33});
  case 5:
    return withConstant(random.pick({"andi", "ori", "xori"}),
                        {1, 7, 8, 31, 255, -2});
  case 6:
    if (random.chance(30))
      return with(random.pick({"shli", "shrui", "shrsi"}),
                  randomInteger(random, text, depth - 1));
    return withConstant(random.pick({"shli", "shrui", "shrsi"}),
                        {0, 1, 2, 5, 31, 40, 64, -1});
  case 7:
    return with(random.pick({"minsi", "maxsi", "minui", "maxui"}),
                randomInteger(random, text, depth - 1));
  case 8:
    return text.op("math.absi " + a, "index");
  case 9:
    return random.chance(70) ? mapped(text, a) : throughFloat(random, text, a);
  default:
    return narrow(random, text, a, leaf(random, text));
  }
}

std::string attn::differential::randomBit(Random &random, RegionText &text) {
  if (random.chance(70)) {
    std::string left = randomInteger(random, text, 2);
    std::string right = randomInteger(random, text, 1);
    std::string predicate = random.pick(
        {"slt", "sle", "sgt", "sge", "slt", "sle", "ne", "ult", "uge"});
    return text.op("arith.cmpi " + predicate + ", " + left + ", " + right,
                   "index");
  }
  // One bit for each key, 32 in a word.
  text.use(Capture::words);
  std::string row = anywhere(text, randomInteger(random, text, 1));
  std::string column = text.op("arith.divui %j, " + text.constant(32), "index");
  std::string word = text.op(
      "tensor.extract %words[" + row + ", " + column + "]", "tensor<?x?xi32>");
  std::string place = text.op("arith.remui %j, " + text.constant(32), "index");
  std::string shift = text.op("arith.index_cast " + place, "index to i32");
  std::string moved = text.op("arith.shrui " + word + ", " + shift, "i32");
  return text.op("arith.trunci " + moved, "i32 to i1");
}

std::string attn::differential::randomLoad(Random &random, RegionText &text) {
  text.use(Capture::grid);
  std::string row = anywhere(text, randomInteger(random, text, 2));
  std::string column = anywhere(text, randomInteger(random, text, 2));
  return text.op("tensor.extract %grid[" + row + ", " + column + "]",
                 "tensor<?x?xf32>");
}
