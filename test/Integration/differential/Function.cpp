//===- Function.cpp - One random attention as a function
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Function.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attn::differential;

std::vector<int64_t> Function::shape(int64_t batch, int64_t count,
                                     int64_t length, int64_t size) const {
  std::vector<int64_t> sizes;
  if (batched)
    sizes.push_back(batch);
  sizes.push_back(sequenceFirst ? length : count);
  sizes.push_back(sequenceFirst ? count : length);
  sizes.push_back(size);
  return sizes;
}

static std::string tensorType(ArrayRef<int64_t> sizes,
                              StringRef element = "f32") {
  std::string text = "tensor<";
  for (int64_t size : sizes)
    text += (size < 0 ? "?" : std::to_string(size)) + "x";
  return text + element.str() + ">";
}

static std::string captureArgument(const Function &function, Capture capture) {
  switch (capture) {
  case Capture::width:
    return "%width: index";
  case Capture::factor:
    return "%factor: f32";
  case Capture::lengths:
    return "%lengths: tensor<?xi32>";
  case Capture::starts:
    return "%starts: tensor<?xi32>";
  case Capture::slopes:
    return "%slopes: " + tensorType(function.heads);
  case Capture::table:
    return "%table: tensor<33xf32>";
  case Capture::bias:
    return "%bias: " + tensorType({function.heads, -1, -1});
  }
  llvm_unreachable("all captures");
}

std::string Function::text(ArrayRef<std::string> aux) const {
  std::string query = tensorType(shape(batch, heads, queries, headSize));
  std::string key = tensorType(shape(batch, keyHeads, keys, headSize));
  std::string value = tensorType(shape(batch, keyHeads, keys, valueSize));
  std::string results = tensorType(shape(batch, heads, queries, valueSize));
  std::string names = "%o", auxNames;
  for (const std::string &what : aux) {
    SmallVector<int64_t> rows;
    if (batched)
      rows.push_back(batch);
    rows.append({heads, queries});
    if (what == "scores")
      rows.push_back(keys);
    results += ", " + tensorType(rows);
    names += ", %" + what;
    auxNames += (auxNames.empty() ? "\"" : ", \"") + what + "\"";
  }

  std::string text;
  raw_string_ostream os(text);
  os << "func.func @" << name << "(%q: " << query << ", %k: " << key
     << ", %v: " << value;
  for (Capture capture : captures)
    os << ", " << captureArgument(*this, capture);
  os << ") -> (" << results << ") {\n  " << names
     << " = attn.attention query(%q) key(%k) value(%v)\n";
  if (score)
    os << "    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {\n"
       << score->text << "    }\n";
  if (mask)
    os << "    mask(%b: index, %h: index, %i: index, %j: index) {\n"
       << mask->text << "    }\n";
  os << "    {layout = \"" << (batched ? "b" : "")
     << (sequenceFirst ? "shd" : "hsd") << '"';
  if (scale)
    os << ", scale = " << format("%e", *scale) << " : f64";
  if (!aux.empty())
    os << ", aux = [" << auxNames << ']';
  os << "}\n    : (" << query << ", " << key << ", " << value << ") -> ("
     << results << ")\n  return " << names << " : " << results << "\n}\n";
  return text;
}

Function attn::differential::makeFunction(uint64_t seed, unsigned index) {
  Random random(seed, index);
  Function function;
  function.name = "f" + std::to_string(index);
  function.batched = random.chance(80);
  function.sequenceFirst = random.chance(40);
  auto [heads, keyHeads] = random.pick<std::pair<int64_t, int64_t>>(
      {{1, 1}, {2, 2}, {3, 3}, {2, 1}, {4, 2}, {6, 3}, {5, 1}, {8, 2}});
  function.heads = heads;
  function.keyHeads = keyHeads;
  // Multiples of 16 are fast; any size is right.
  auto size = [&] {
    return random.chance(60)
               ? random.pick<int64_t>({16, 32, 48, 64, 80, 96, 128})
               : random.pick<int64_t>({1, 2, 3, 5, 8, 13, 17, 20, 40, 63, 72});
  };
  function.headSize = size();
  function.valueSize = random.chance(70) ? function.headSize : size();
  if (random.chance(25))
    function.batch = 1 + random.below(3);
  if (random.chance(25))
    function.queries = random.pick<int64_t>({1, 5, 16, 48, 77, 128});
  if (random.chance(25))
    function.keys = random.pick<int64_t>({1, 6, 16, 64, 99, 128});
  if (random.chance(30))
    function.scale = random.pick({1.0, 0.25, 0.1, -0.5});
  if (random.chance(45))
    function.score = makeScore(random, function, function.captures);
  if (random.chance(65))
    function.mask = makeMask(random, function, function.captures);
  if (random.chance(35))
    function.aux.push_back("lse");
  if (random.chance(20))
    function.aux.push_back("row_max");
  return function;
}
