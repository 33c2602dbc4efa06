//===- Shape.cpp - How much work a problem is -----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Shape.h"
#include "attn/Bench/Module.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>

using namespace llvm;
using namespace attn::bench;

StringRef Shape::opName() const {
  switch (op) {
  case OpKind::attention:
    return "attention";
  case OpKind::projectHeads:
    return "project_heads";
  case OpKind::layer:
    return "layer";
  }
  llvm_unreachable("every op has a name");
}

std::string Shape::label() const {
  if (!name.empty())
    return name;
  std::string text;
  raw_string_ostream os(text);
  if (op != OpKind::attention)
    os << opName() << ' ';
  if (batch > 1)
    os << 'B' << batch << ' ';
  if (op == OpKind::projectHeads) {
    os << 'M' << m << " K" << k << " N";
    if (weights > 1)
      os << weights << 'x';
    os << n / weights;
  } else {
    os << 'H' << heads;
    if (keyHeads != heads)
      os << '/' << keyHeads;
    os << " S" << queries;
    if (keys != queries)
      os << 'x' << keys;
    os << " D" << headSize;
    if (valueSize != headSize)
      os << '/' << valueSize;
  }
  if (dtype != "f32")
    os << ' ' << dtype;
  if (keyValueType != dtype)
    os << "/" << keyValueType;
  for (StringRef part : {StringRef(maskText), StringRef(scoreText)})
    if (part != "none")
      os << ' ' << part;
  if (!lengths.empty())
    os << " lengths";
  return text;
}

std::pair<int64_t, int64_t> Mask::liveKeys(int64_t i, int64_t queries,
                                           int64_t keys) const {
  int64_t first = 0, last = keys;
  switch (kind) {
  case none:
    break;
  case causal:
    last = i + 1;
    break;
  case causalBottomRight:
    last = i + keys - queries + 1;
    break;
  case window:
    first = i - size;
    last = i + size + 1;
    break;
  case prefix:
    last = std::max(size, i + 1);
    break;
  }
  first = std::clamp<int64_t>(first, 0, keys);
  return {first, std::clamp(last, first, keys)};
}

int64_t attn::bench::livePairs(const Shape &shape) {
  int64_t pairs = 0;
  for (int64_t b = 0; b < shape.batch; ++b) {
    int64_t length = shape.lengths.empty() ? shape.keys : shape.lengths[b];
    for (int64_t i = 0; i < shape.queries; ++i) {
      auto [first, last] = shape.mask.liveKeys(i, shape.queries, shape.keys);
      pairs += std::max<int64_t>(0, std::min(last, length) - first);
    }
  }
  return pairs * shape.heads;
}

double attn::bench::countFlops(const Shape &shape) {
  double attention = shape.hasAttention()
                         ? 2.0 * (shape.headSize + shape.valueSize) *
                               static_cast<double>(livePairs(shape))
                         : 0;
  switch (shape.op) {
  case OpKind::attention:
    return attention;
  case OpKind::projectHeads:
    return 2.0 * shape.m * shape.n * shape.k;
  case OpKind::layer: {
    double queryKeyFeatures = (shape.heads + shape.keyHeads) * shape.headSize;
    double valueFeatures = shape.keyHeads * shape.valueSize;
    double merge = 2.0 * shape.m * shape.n * shape.heads * shape.valueSize;
    return 2.0 * shape.m * shape.k * (queryKeyFeatures + valueFeatures) +
           attention + merge;
  }
  }
  llvm_unreachable("every op has a cost");
}

double attn::bench::elementBytes(StringRef dtype) {
  return StringSwitch<double>(dtype)
      .Case("f64", 8)
      .Cases({"f32", "i32"}, 4)
      .Cases({"f16", "bf16"}, 2)
      .Case("i8", 1)
      .Case("i4", 0.5);
}

static double bytesOf(const Argument &argument) {
  double count = 1;
  for (int64_t extent : argument.shape)
    count *= static_cast<double>(extent);
  return count * elementBytes(argument.dtype);
}

double attn::bench::countBytes(const Shape &shape) {
  double live = 1;
  if (!shape.lengths.empty() && shape.batch * shape.keys)
    live = static_cast<double>(sum_of(shape.lengths)) /
           static_cast<double>(shape.batch * shape.keys);
  double bytes = 0;
  for (const Argument &input : inputsOf(shape))
    bytes += bytesOf(input) * (input.belongsToKeys() ? live : 1);
  for (const Argument &output : outputsOf(shape))
    bytes += bytesOf(output);
  return bytes;
}

double attn::bench::streamedBytes(const Shape &shape) {
  if (shape.hasAttention())
    return static_cast<double>(shape.batch * shape.keyHeads * shape.keys) *
           static_cast<double>(shape.headSize + shape.valueSize) *
           elementBytes(shape.keyValueType);
  double bytes = 0;
  for (const Argument &input : inputsOf(shape))
    bytes += bytesOf(input);
  return bytes;
}
