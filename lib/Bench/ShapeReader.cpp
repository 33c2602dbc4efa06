//===- ShapeReader.cpp - Keys and texts make a shape ----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ShapeReader.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Errc.h"
#include <cmath>
#include <random>

using namespace llvm;
using namespace attn::bench;

static Error wrong(const Twine &message) {
  return createStringError(errc::invalid_argument, message);
}

/// No tensor has more; products of two still fit 63 bits.
static constexpr int64_t maxExtent = int64_t(1) << 31;

Error ShapeReader::integer(StringRef key, int64_t low, int64_t &value) const {
  if (!has(key))
    return Error::success();
  StringRef written = texts.find(key)->second;
  if (written.getAsInteger(10, value) || value < low || value > maxExtent)
    return wrong(key + "=" + written + ": expected an integer from " +
                 Twine(low) + " to " + Twine(maxExtent));
  return Error::success();
}

Error ShapeReader::choice(StringRef key, StringRef choices,
                          std::string &value) const {
  value = text(key, value);
  SmallVector<StringRef> words;
  choices.split(words, ' ');
  if (is_contained(words, value))
    return Error::success();
  return wrong(key + "=" + value + ": expected one of " + join(words, ", "));
}

Error ShapeReader::readOp() {
  std::string op = "attention";
  if (Error error = choice("op", "attention project_heads layer", op))
    return error;
  shape.op = op == "attention"       ? OpKind::attention
             : op == "project_heads" ? OpKind::projectHeads
                                     : OpKind::layer;
  return Error::success();
}

/// A key that the op has no use for would silently measure something else.
Error ShapeReader::checkKeys() const {
  SmallVector<StringRef> useless, needed;
  switch (shape.op) {
  case OpKind::attention:
    useless = {"M", "K", "N"};
    needed = {"H", "SQ", "D"};
    break;
  case OpKind::projectHeads:
    useless = {"HKV", "SQ", "SK", "DV", "mask", "score", "lengths"};
    needed = {"M", "K", "N"};
    break;
  case OpKind::layer:
    useless = {"M", "SK"};
    needed = {"H", "SQ", "D"};
    break;
  }
  for (StringRef key : useless)
    if (has(key))
      return wrong("op=" + shape.opName() + " has no " + key);
  for (StringRef key : needed)
    if (!has(key))
      return wrong(key + " is missing: op=" + shape.opName() + " needs " +
                   join(needed, ", "));
  return Error::success();
}

Error ShapeReader::readAttention() {
  for (auto [key, low, value] :
       {std::tuple<const char *, int64_t, int64_t *>{"H", 1, &shape.heads},
        {"SQ", 0, &shape.queries},
        {"D", 1, &shape.headSize}})
    if (Error error = integer(key, low, *value))
      return error;
  shape.keyHeads = shape.heads;
  shape.keys = shape.queries;
  shape.valueSize = shape.headSize;
  for (auto [key, low, value] :
       {std::tuple<const char *, int64_t, int64_t *>{"HKV", 1, &shape.keyHeads},
        {"SK", 0, &shape.keys},
        {"DV", 1, &shape.valueSize}})
    if (Error error = integer(key, low, *value))
      return error;
  if (shape.heads % shape.keyHeads)
    return wrong("HKV=" + Twine(shape.keyHeads) +
                 " must divide H=" + Twine(shape.heads));
  if (Error error = readMask())
    return error;
  if (Error error = readScore())
    return error;
  return readLengths();
}

Error ShapeReader::readMask() {
  StringRef written = shape.maskText = text("mask", "none");
  auto take = [&](Mask::Kind kind, StringRef prefix) {
    shape.mask.kind = kind;
    StringRef size = written;
    return size.consume_front(prefix) &&
           !size.getAsInteger(10, shape.mask.size) && shape.mask.size >= 0 &&
           shape.mask.size <= maxExtent;
  };
  if (written == "none")
    return Error::success();
  if (written == "causal" || written == "causal_br") {
    shape.mask.kind =
        written == "causal" ? Mask::causal : Mask::causalBottomRight;
    return Error::success();
  }
  if (take(Mask::window, "window") || take(Mask::prefix, "prefix"))
    return Error::success();
  return wrong("mask=" + written +
               ": expected none, causal, causal_br, window<N> or prefix<N>, "
               "such as window256");
}

Error ShapeReader::readScore() {
  StringRef written = shape.scoreText = text("score", "none");
  StringRef cap = written;
  if (cap.consume_front("softcap")) {
    shape.score.kind = Score::softcap;
    if (!cap.getAsDouble(shape.score.cap) && shape.score.cap > 0 &&
        std::isfinite(shape.score.cap))
      return Error::success();
  } else if (written == "none" || written == "alibi" || written == "t5" ||
             written == "bias") {
    shape.score.kind = written == "none"    ? Score::none
                       : written == "alibi" ? Score::alibi
                       : written == "t5"    ? Score::t5
                                            : Score::bias;
    return Error::success();
  }
  return wrong("score=" + written +
               ": expected none, alibi, softcap<X>, t5 or bias, such as "
               "softcap30");
}

Error ShapeReader::readLengths() {
  StringRef written = shape.lengthsText = text("lengths", "none");
  if (written == "none")
    return Error::success();
  if (written == "random") {
    std::mt19937_64 generator(shape.batch);
    for (int64_t b = 0; b < shape.batch; ++b)
      shape.lengths.push_back(shape.keys ? 1 + int64_t(generator() % shape.keys)
                                         : 0);
    return Error::success();
  }
  SmallVector<StringRef> parts;
  written.split(parts, ':');
  for (StringRef part : parts)
    if (part == "full")
      shape.lengths.push_back(shape.keys);
    else if (part.getAsInteger(10, shape.lengths.emplace_back()) ||
             shape.lengths.back() < 0 || shape.lengths.back() > shape.keys)
      return wrong("lengths=" + written +
                   ": expected none, random, full, or lengths from 0 to SK=" +
                   Twine(shape.keys) +
                   ", one for all or one a batch such as "
                   "128:77");
  if (shape.lengths.size() == 1)
    shape.lengths.resize(shape.batch, shape.lengths.front());
  if (shape.lengths.size() != size_t(shape.batch))
    return wrong("lengths=" + written + ": expected one for all or B=" +
                 Twine(shape.batch) + " of them");
  return Error::success();
}

Error ShapeReader::readKeyValueType() {
  shape.keyValueText = shape.dtype;
  if (Error error = choice("kv_dtype", "f32 f64 f16 bf16 i8 i4 int8 int4",
                           shape.keyValueText))
    return error;
  StringRef type = shape.keyValueText;
  shape.keyValueType = (type.consume_front("int") ? "i" + type : type).str();
  if (shape.keyValueType == shape.dtype)
    return Error::success();
  if (shape.op != OpKind::attention)
    return wrong("op=" + shape.opName() + " has no kv_dtype but its dtype");
  if (shape.dtype == "f64" || type == "f64")
    return wrong("kv_dtype=" + shape.keyValueText +
                 ": f64 goes with dtype=f64");
  return Error::success();
}

Error ShapeReader::readProjection() {
  for (auto [key, value] : {std::pair{"M", &shape.m}, {"K", &shape.k}})
    if (Error error = integer(key, key[0] == 'K', *value))
      return error;
  // N=3x384 is three weights, as of Q, K and V.
  StringRef written = texts.find("N")->second;
  auto [count, features] = written.split('x');
  if (!written.contains('x'))
    std::swap(count, features);
  if ((!count.empty() && count.getAsInteger(10, shape.weights)) ||
      features.getAsInteger(10, shape.n) || shape.weights < 1 ||
      shape.weights > 3 || shape.n < 1 || shape.n > maxExtent)
    return wrong("N=" + written +
                 ": expected output features, or 2 or 3 times so many for as "
                 "many weights, such as 3x384");
  int64_t each = shape.n;
  shape.n *= shape.weights;
  if (shape.batch && shape.m % shape.batch)
    return wrong("B=" + Twine(shape.batch) +
                 " must divide M=" + Twine(shape.m));
  // Heads of 64 or, where that does not go, of less.
  shape.headSize = 64;
  while (each % shape.headSize)
    shape.headSize /= 2;
  if (Error error = integer("D", 1, shape.headSize))
    return error;
  shape.heads = std::max<int64_t>(1, each / shape.headSize);
  if (Error error = integer("H", 1, shape.heads))
    return error;
  if (has("H") && !has("D"))
    shape.headSize = each / shape.heads;
  if (shape.heads * shape.headSize != each)
    return wrong("H=" + Twine(shape.heads) +
                 " times D=" + Twine(shape.headSize) + " must be the " +
                 Twine(each) + " features of a weight");
  shape.keyHeads = shape.heads;
  shape.valueSize = shape.headSize;
  shape.queries = shape.keys = shape.batch ? shape.m / shape.batch : 0;
  return Error::success();
}

Error ShapeReader::readLayer() {
  if (Error error = readAttention())
    return error;
  shape.k = shape.heads * shape.headSize;
  if (Error error = integer("K", 1, shape.k))
    return error;
  shape.n = shape.k;
  shape.m = shape.batch * shape.queries;
  return integer("N", 1, shape.n);
}

Expected<Shape> ShapeReader::read() {
  if (Error error = readOp())
    return std::move(error);
  if (Error error = checkKeys())
    return std::move(error);
  shape.name = text("name", "");
  if (Error error = integer("B", 0, shape.batch))
    return std::move(error);
  Error error = shape.op == OpKind::attention      ? readAttention()
                : shape.op == OpKind::projectHeads ? readProjection()
                                                   : readLayer();
  if (error)
    return std::move(error);
  if (Error error = choice("dtype", "f32 f64 f16 bf16", shape.dtype))
    return std::move(error);
  if (Error error = readKeyValueType())
    return std::move(error);
  if (Error error = choice("layout", "bhsd bshd", shape.layout))
    return std::move(error);
  if (Error error = integer("threads", 1, shape.threads))
    return std::move(error);
  shape.saysThreads = has("threads");
  if (shape.threads > 1024)
    return wrong("threads=" + Twine(shape.threads) + ": expected at most 1024");
  if (!std::isfinite(countBytes(shape)) || countBytes(shape) > 1e12)
    return wrong("the tensors would take more than a terabyte");
  return shape;
}
