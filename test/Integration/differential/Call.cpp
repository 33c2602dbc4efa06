//===- Call.cpp - Random arguments for a random function
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Call.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/BuiltinTypes.h"

using namespace mlir;
using namespace attn::differential;
using attn::reference::Scalar;
using attn::reference::Tensor;

std::string Call::describe() const {
  std::string text = "B=" + std::to_string(batch) +
                     " SQ=" + std::to_string(queries) +
                     " SK=" + std::to_string(keys);
  if (sequences != batch)
    text += " sequences=" + std::to_string(sequences);
  if (pages)
    text += " pages=" + std::to_string(pages) + " of " + std::to_string(pool);
  return text + " threads=" + std::to_string(threads) +
         " padding=" + std::to_string(padding) + kind;
}

Type attn::differential::elementType(StringRef name, MLIRContext *context) {
  return parseType(name, context);
}

Tensor attn::differential::rounded(const Tensor &tensor) {
  std::vector<char> bytes(tensor.storageSize());
  tensor.toStorage(bytes.data());
  return Tensor::fromStorage(tensor.getElementType(), tensor.getShape(),
                             bytes.data());
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

/// Normal floats, or integers of all values that fit.
static Tensor randomElements(Random &random, Type type, ArrayRef<int64_t> shape,
                             double magnitude) {
  Tensor tensor(type, shape);
  int64_t limit =
      tensor.isFloat() ? 0 : int64_t(1) << (type.getIntOrFloatBitWidth() - 1);
  for (int64_t at = 0; at < tensor.getNumElements(); ++at)
    if (tensor.isFloat())
      tensor[at].f = magnitude * random.normal();
    else
      tensor[at].i = random.below(2 * limit) - limit;
  return rounded(tensor);
}

static Tensor randomFloats(Random &random, MLIRContext *context,
                           ArrayRef<int64_t> shape, double magnitude) {
  return randomElements(random, Float32Type::get(context), shape, magnitude);
}

/// Scales that make elements about as large as one, some of them negative.
static Tensor randomScales(Random &random, const Cache &cache,
                           ArrayRef<int64_t> shape, MLIRContext *context) {
  double size = cache.element == "i8" ? 64 : cache.element == "i4" ? 4 : 1;
  Tensor tensor(elementType(cache.scale, context), shape);
  for (int64_t at = 0; at < tensor.getNumElements(); ++at)
    tensor[at].f =
        random.uniform(0.5, 1.5) / size * (random.chance(10) ? -1 : 1);
  return rounded(tensor);
}

static Tensor randomZeroPoints(Random &random, const Cache &cache,
                               ArrayRef<int64_t> shape, MLIRContext *context) {
  double size = cache.element == "i8" ? 40 : cache.element == "i4" ? 4 : 1;
  Tensor tensor(elementType(cache.zeroPoint, context), shape);
  for (int64_t at = 0; at < tensor.getNumElements(); ++at) {
    double zero = random.uniform(-size, size);
    if (tensor.isFloat())
      tensor[at].f = zero;
    else
      tensor[at].i = int64_t(zero);
  }
  return rounded(tensor);
}

//===----------------------------------------------------------------------===//
// Captures
//===----------------------------------------------------------------------===//

/// Lengths within and, sometimes, outside of the keys.
static Tensor randomLengths(Random &random, MLIRContext *context, int64_t count,
                            int64_t keys) {
  Tensor tensor(IntegerType::get(context, 32), {count});
  for (int64_t at = 0; at < count; ++at)
    tensor[at].i = random.below(keys + 4) - 1;
  return tensor;
}

static Tensor makeCapture(Random &random, MLIRContext *context,
                          const Function &function, const Call &call,
                          Capture capture) {
  Scalar value;
  switch (capture) {
  case Capture::width:
    value.i = random.below(40) - 2;
    return Tensor::scalar(IndexType::get(context), value);
  case Capture::factor:
    value.f = float(random.uniform(-0.05, 0.05));
    return Tensor::scalar(Float32Type::get(context), value);
  case Capture::lengths:
  case Capture::starts:
    return randomLengths(random, context, call.sequences, call.keys);
  case Capture::slopes:
    return randomFloats(random, context, function.heads, 0.1);
  case Capture::table:
    return randomFloats(random, context, 33, 1);
  case Capture::bias:
    return randomFloats(random, context,
                        {function.heads, call.queries, call.keys}, 1);
  case Capture::map: {
    Tensor tensor(IntegerType::get(context, 32),
                  {random.pick<int64_t>({1, 2, 7, 33, 100})});
    for (int64_t at = 0; at < tensor.getNumElements(); ++at)
      tensor[at].i = random.chance(5)
                         ? random.pick<int64_t>({INT32_MIN, INT32_MAX, 1 << 30})
                         : random.below(70) - 6;
    return tensor;
  }
  case Capture::grid:
    return randomFloats(random, context,
                        {1 + random.below(9), 1 + random.below(40)}, 1);
  case Capture::edges:
    return randomFloats(random, context, call.entries, 1);
  case Capture::words:
    return randomElements(random, IntegerType::get(context, 32),
                          {1 + random.below(50), 1 + random.below(8)}, 1);
  }
  llvm_unreachable("all captures");
}

//===----------------------------------------------------------------------===//
// Pages and packed sequences
//===----------------------------------------------------------------------===//

/// Pages anywhere in the pool; a sequence may share some of another.
static Tensor randomPages(Random &random, MLIRContext *context,
                          const Call &call) {
  Tensor table(IntegerType::get(context, 32), {call.batch, call.pages});
  for (int64_t at = 0; at < table.getNumElements(); ++at)
    table[at].i = random.below(call.pool);
  return table;
}

/// `count` lengths, some of them zero, as offsets.
static Tensor randomStarts(Random &random, MLIRContext *context,
                           int64_t count) {
  Tensor starts(IntegerType::get(context, 32), {count + 1});
  for (int64_t at = 0; at < count; ++at)
    starts[at + 1].i = starts[at].i + random.pick<int64_t>({0, 1, 2, 5, 16, 17,
                                                            31, 48, 64, 100});
  return starts;
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

/// Data that a kernel may stumble over.
static void makeUnusual(Random &random, const Function &function, Call &call) {
  if (!random.chance(30))
    return;
  Tensor &query = call.arguments[0], &key = call.arguments[1],
         &value = call.arguments[2];
  auto change = [](Tensor &tensor, auto with) {
    for (int64_t at = 0; tensor.isFloat() && at < tensor.getNumElements(); ++at)
      tensor[at].f = with(tensor[at].f);
    tensor = rounded(tensor);
  };
  bool half = value.getElementType().isF16();
  switch (random.below(6)) {
  case 0: { // Below the normal numbers.
    double tiny = half ? 1e-6 : 1e-40;
    change(value, [=](double x) { return x * tiny; });
    call.kind = " tiny";
    break;
  }
  case 1: {
    double huge = half ? 1e4 : 1e15;
    change(value, [=](double x) { return x * huge; });
    call.kind = " huge";
    break;
  }
  case 2: // Each partial sum is as large as it can be.
    change(query, [](double x) { return std::fabs(x); });
    change(key, [](double x) { return std::fabs(x); });
    call.kind = " positive";
    break;
  case 3: // Equal scores.
    for (int64_t at = 0; at < key.getNumElements(); ++at)
      key[at] = key[at % key.getShape().back()];
    call.kind = " equal";
    break;
  case 4: // Scores far apart: most weights are zero.
    change(query, [=](double x) { return x * 100; });
    call.kind = " steep";
    break;
  default:
    for (int64_t at = random.below(7); at < query.getNumElements();
         at += 1 + random.below(query.getNumElements()))
      query[at].f = random.pick({std::numeric_limits<double>::infinity(),
                                 -std::numeric_limits<double>::infinity(),
                                 std::numeric_limits<double>::quiet_NaN()});
    call.kind = " infinite";
  }
}

Call attn::differential::makeCall(uint64_t seed, const Function &function,
                                  unsigned functionIndex, unsigned index,
                                  MLIRContext *context) {
  Random random(seed, functionIndex, index + 1);
  const Storage &storage = function.storage;
  auto length = [&] {
    return random.chance(40)
               ? random.pick<int64_t>({0, 1, 2, 7, 8, 9, 15, 16, 17})
               : random.pick<int64_t>({31, 32, 33, 48, 63, 64, 65, 100, 127,
                                       128, 130, 200, 257});
  };
  Call call;
  call.batch = function.batch >= 0 ? function.batch
               : random.chance(5)  ? 0
                                   : 1 + random.below(3);
  if (!function.batched)
    call.batch = 1;
  call.queries = function.queries >= 0 ? function.queries : length();
  // Mostly self-attention where the types allow it.
  bool square = function.keys < 0 && random.chance(40);
  call.keys = function.keys >= 0 ? function.keys
              : square           ? call.queries
                                 : length();
  call.threads = 1 + random.below(3);
  call.padding = random.chance(30) ? 1 + random.below(5) : 0;
  call.sequences = call.batch;

  // Large and tiny scores; all the same where a magnitude is zero.
  double magnitude =
      random.chance(75) ? 1 : random.pick({0.0, 1e-4, 8.0, 60.0});
  // Integers without scales are large.
  for (const Cache *cache : {&storage.key, &storage.value})
    if (cache->element[0] == 'i' && !cache->groups)
      magnitude /= 64;

  Random extras(seed, functionIndex, 1000003 + index);
  std::vector<Tensor> groups;
  if (storage.packed) {
    call.sequences = extras.below(5);
    groups.push_back(randomStarts(extras, context, call.sequences));
    groups.push_back(extras.chance(50)
                         ? groups.front()
                         : randomStarts(extras, context, call.sequences));
    for (int64_t n = 0; n < call.sequences; ++n)
      call.lengths.push_back({groups[0][n + 1].i - groups[0][n].i,
                              groups[1][n + 1].i - groups[1][n].i});
    call.queries = groups[0][call.sequences].i;
    call.keys = groups[1][call.sequences].i;
  }
  int64_t keyBatch = call.batch, keyLength = call.keys;
  if (storage.pageSize) {
    call.pages = llvm::divideCeil(call.keys, storage.pageSize);
    call.keys = call.pages * storage.pageSize;
    call.pool = 1 + call.pages * call.batch;
    groups.push_back(randomPages(extras, context, call));
    keyBatch = call.pool;
    keyLength = storage.pageSize;
  }
  auto heads = [&](int64_t batch, int64_t heads, int64_t length, int64_t size,
                   StringRef element, double scale) {
    return randomElements(random, elementType(element, context),
                          function.shape(batch, heads, length, size), scale);
  };
  call.arguments = {heads(call.batch, function.heads, call.queries,
                          function.headSize, storage.query, magnitude),
                    heads(keyBatch, function.keyHeads, keyLength,
                          function.headSize, storage.key.element, 1),
                    heads(keyBatch, function.keyHeads, keyLength,
                          function.valueSize, storage.value.element, 1)};
  for (const Cache *cache : {&storage.key, &storage.value})
    if (cache->groups) {
      auto shape = function.scaleShape(keyBatch, keyLength, *cache->groups);
      call.arguments.push_back(randomScales(extras, *cache, shape, context));
      if (!cache->zeroPoint.empty())
        call.arguments.push_back(
            randomZeroPoints(extras, *cache, shape, context));
    }
  llvm::append_range(call.arguments, groups);
  if (function.sinks)
    call.arguments.push_back(randomFloats(extras, context, function.heads, 1));
  if (function.valueTable)
    call.arguments.push_back(
        makeTableData(extras, *function.valueTable, context));
  if (function.lists) {
    llvm::append_range(call.arguments,
                       makeListData(extras, function, call, context));
    call.entries = call.arguments.back().getShape().back();
  }
  for (const RowTable &table : function.tables)
    call.arguments.push_back(makeTableData(extras, table, context));
  for (Capture capture : function.captures)
    call.arguments.push_back(
        makeCapture(random, context, function, call, capture));
  Random unusual(seed, functionIndex, 2000003 + index);
  makeUnusual(unusual, function, call);
  return call;
}
