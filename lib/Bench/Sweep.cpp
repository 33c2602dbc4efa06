//===- Sweep.cpp - Many shapes by a rule ----------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Sweep.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>
#include <random>

using namespace llvm;
using namespace attn::bench;

namespace {

struct Draw {
  int64_t batch, keyHeads, group, queries, keys, headSize;
  std::string types, mask;
  bool hasLengths;

  int64_t heads() const { return keyHeads * group; }
  double flops() const {
    return 4.0 * double(batch * heads()) * double(queries) * double(keys) *
           double(headSize);
  }
  double bytes() const {
    return 8.0 * double(batch * headSize) *
           double(heads() * queries + keyHeads * keys);
  }
  std::string text() const;
};

/// The same numbers on every machine: distributions of the standard library are
/// not.
class Dice {
public:
  explicit Dice(uint64_t seed) : generator(seed) {}

  int64_t below(int64_t count) { return int64_t(generator() % count); }
  int64_t oneOf(ArrayRef<int64_t> values) {
    return values[below(values.size())];
  }
  /// 1 to `most`, as likely between 1 and 2 as between `most` / 2 and `most`;
  /// often a power of two.
  int64_t length(int64_t most) {
    double exponent =
        double(below(1 << 20)) / (1 << 20) * std::log2(double(most));
    if (below(2))
      exponent = std::round(exponent);
    return std::llround(std::exp2(exponent));
  }

private:
  std::mt19937_64 generator;
};

} // namespace

std::string Draw::text() const {
  std::string text;
  raw_string_ostream os(text);
  os << "B=" << batch << ",H=" << heads() << ",HKV=" << keyHeads
     << ",SQ=" << queries << ",SK=" << keys << ",D=" << headSize << ',' << types
     << ",mask=" << mask;
  if (hasLengths)
    os << ",lengths=random";
  return text;
}

static const char *typesOf(int64_t index) {
  static constexpr const char *shares[20] = {
      "dtype=f32", "dtype=bf16", "dtype=f32", "dtype=f16",
      "dtype=f32", "dtype=bf16", "dtype=f32", "dtype=bf16,kv_dtype=int8",
      "dtype=f32", "dtype=bf16", "dtype=f32", "dtype=f64",
      "dtype=f32", "dtype=bf16", "dtype=f32", "dtype=f16",
      "dtype=f32", "dtype=bf16", "dtype=f32", "dtype=bf16,kv_dtype=int4"};
  return shares[index % 20];
}

/// Less of it, until it can be measured in seconds.
static void shrink(Draw &draw) {
  constexpr double mostFlops = 7e10, mostBytes = 512 << 20;
  while (draw.flops() > mostFlops || draw.bytes() > mostBytes) {
    if (draw.batch > 1)
      draw.batch /= 2;
    else if (draw.keyHeads > 1)
      draw.keyHeads /= 2;
    else if (draw.group > 1)
      draw.group /= 2;
    else
      draw.queries /= 2;
  }
}

static Draw drawOne(Dice &dice, int64_t index) {
  constexpr int64_t longest = 16384;
  Draw draw;
  draw.types = typesOf(index);
  draw.batch = int64_t(1) << dice.below(7);
  draw.group = dice.oneOf({1, 1, 2, 3, 4, 8});
  draw.keyHeads = 1 + dice.below(64 / draw.group);
  draw.headSize =
      dice.oneOf({16,  24,  32,  40,  48,  64,  64, 64, 72, 80,  96,  112,
                  128, 128, 128, 160, 192, 256, 17, 33, 50, 100, 127, 250});
  // Prefill, decoding, and two lengths that have nothing to do with each other.
  int64_t kind = dice.below(3);
  draw.mask = "none";
  draw.keys = dice.length(longest);
  draw.queries = kind == 0   ? draw.keys
                 : kind == 1 ? dice.length(16)
                             : dice.length(longest);
  // Where keys are fewer, the first queries would see none at the bottom right.
  const char *causal = draw.queries <= draw.keys ? "causal_br" : "causal";
  int64_t mask = dice.below(4);
  if (mask == 1)
    draw.mask = kind == 0 ? "causal" : causal;
  // Queries far past the last key would see none.
  if (mask == 2 && draw.queries <= draw.keys)
    draw.mask = "window" + std::to_string(dice.oneOf({8, 64, 256, 1000}));
  draw.hasLengths = draw.mask == "none" && dice.below(2);
  shrink(draw);
  if (kind == 0)
    draw.queries = draw.keys = std::min(draw.queries, draw.keys);
  return draw;
}

std::vector<Shape> attn::bench::makeSweep(const SweepRule &rule) {
  std::vector<Shape> shapes;
  StringSet<> seen;
  Dice dice(rule.seed);
  while (int64_t(shapes.size()) < rule.count) {
    Draw draw = drawOne(dice, int64_t(shapes.size()));
    // i4 is packed in pairs.
    if (draw.types.find("int4") != std::string::npos)
      draw.headSize += draw.headSize % 2;
    Shape shape = cantFail(parseShape(draw.text()));
    if (seen.insert(shape.label()).second)
      shapes.push_back(std::move(shape));
  }
  return shapes;
}
