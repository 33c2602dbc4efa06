//===- RandomData.cpp - Arguments from random numbers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomData.h"
#include "Elements.h"
#include "Options.h"
#include "attn/Runner/Npy.h"
#include <random>

using namespace llvm;
using namespace attn;
using namespace attn::run;

namespace {
/// The numbers between which elements are drawn, both included.
struct Range {
  double low, high;
};
} // namespace

/// `0:128`.
static bool parseRange(StringRef text, Range &range) {
  auto [low, high] = text.split(':');
  return !low.getAsDouble(range.low) && !high.getAsDouble(range.high) &&
         std::isfinite(range.low) && std::isfinite(range.high) &&
         range.low <= range.high;
}

/// All values of a type; nothing for one that has too many to be useful.
static std::optional<Range> rangeOf(DLDataType type) {
  if (type.code == kDLBool)
    return Range{0, 1};
  if (type.bits > 8)
    return std::nullopt;
  double count = 1 << type.bits;
  return type.code == kDLUInt ? Range{0, count - 1}
                              : Range{-count / 2, count / 2 - 1};
}

/// The standard's engines are the same everywhere, its distributions are not;
/// these are the same for one library.
static std::vector<char> drawFloats(std::mt19937_64 &generator, int64_t count,
                                    std::optional<Range> range,
                                    DLDataType type) {
  std::vector<double> values(count);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(range ? range->low : 0,
                                                 range ? range->high : 1);
  for (double &value : values)
    value = range ? uniform(generator) : normal(generator);
  return fromDoubles(values, type);
}

static std::vector<char> drawIntegers(std::mt19937_64 &generator, int64_t count,
                                      Range range, DLDataType type) {
  std::vector<int64_t> values(count);
  std::uniform_int_distribution<int64_t> uniform(int64_t(range.low),
                                                 int64_t(range.high));
  for (int64_t &value : values)
    value = uniform(generator);
  return fromIntegers(values, type);
}

Error attn::run::setRandom(const attn_entry &entry, unsigned index,
                           StringRef text, uint64_t seed,
                           Invocation &invocation) {
  const attn_argument &argument = *entry.arguments[index];
  DLDataType type = argument.dtype;
  auto wrong = [&](const Twine &what) {
    return usageError("--random=" + Twine(argument.name) + "=" + text + ": " +
                      what);
  };
  auto [sizes, rangeText] = text.split('@');
  SmallVector<StringRef> parts;
  sizes.split(parts, 'x');
  SmallVector<int64_t> shape;
  for (StringRef part : parts)
    if (part.getAsInteger(10, shape.emplace_back()) || shape.back() < 0)
      return wrong("expected sizes such as 2x8x100x64");
  if (shape.size() != size_t(argument.rank))
    return wrong("expected " + Twine(argument.rank) + " sizes");
  if (!hasItsRows(shape, argument))
    return wrong("expected rows of " + Twine(argument.shape[shape.size() - 1]) +
                 " elements");
  std::optional<int64_t> count = countElements(shape, elementSize(type));
  if (!count)
    return wrong("too large");

  std::optional<Range> range,
      all = isFloat(type) ? std::nullopt : rangeOf(type);
  if (text.contains('@')) {
    range.emplace();
    if (!parseRange(rangeText, *range))
      return wrong("expected a range such as 0:128 after the @");
    if (!isFloat(type) && (range->low != std::floor(range->low) ||
                           range->high != std::floor(range->high)))
      return wrong("expected a range of integers");
    double limit = std::ldexp(1, std::min<int>(type.bits, 53) - 1);
    Range allowed = all.value_or(Range{-limit, limit - 1});
    if (!isFloat(type) &&
        (range->low < allowed.low || range->high > allowed.high))
      return wrong("the range holds numbers that " + elementName(type) +
                   " does not");
  } else if (!isFloat(type)) {
    if (!all)
      return wrong("elements of type " + elementName(type) +
                   " need a range, as in " + sizes + "@0:100");
    range = all;
  }
  std::seed_seq sequence{seed, seed >> 32, uint64_t(index)};
  std::mt19937_64 generator(sequence);
  invocation.setTensor(index, shape,
                       isFloat(type)
                           ? drawFloats(generator, *count, range, type)
                           : drawIntegers(generator, *count, *range, type));
  return Error::success();
}
