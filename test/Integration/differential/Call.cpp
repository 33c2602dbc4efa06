//===- Call.cpp - Random arguments for a random function
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Call.h"
#include "mlir/IR/BuiltinTypes.h"
#include <limits>

using namespace mlir;
using namespace attn::differential;
using attn::reference::Scalar;
using attn::reference::Tensor;

std::string Call::describe() const {
  return "B=" + std::to_string(batch) + " SQ=" + std::to_string(queries) +
         " SK=" + std::to_string(keys) + " threads=" + std::to_string(threads) +
         " padding=" + std::to_string(padding) + (poisoned ? " poisoned" : "");
}

static Tensor randomFloats(Random &random, MLIRContext *context,
                           ArrayRef<int64_t> shape, double magnitude) {
  Tensor tensor(Float32Type::get(context), shape);
  for (int64_t at = 0; at < tensor.getNumElements(); ++at)
    tensor[at].f = float(magnitude * random.normal());
  return tensor;
}

/// Lengths within and, sometimes, outside of the keys.
static Tensor randomLengths(Random &random, MLIRContext *context, int64_t batch,
                            int64_t keys) {
  Tensor tensor(IntegerType::get(context, 32), {batch});
  for (int64_t at = 0; at < batch; ++at)
    tensor[at].i = random.below(keys + 4) - 1;
  return tensor;
}

static Tensor makeCapture(Random &random, MLIRContext *context,
                          const Function &function, const Call &call,
                          Capture capture) {
  int64_t batch = function.batched ? call.batch : 1;
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
    return randomLengths(random, context, batch, call.keys);
  case Capture::slopes:
    return randomFloats(random, context, function.heads, 0.1);
  case Capture::table:
    return randomFloats(random, context, 33, 1);
  case Capture::bias:
    return randomFloats(random, context,
                        {function.heads, call.queries, call.keys}, 1);
  }
  llvm_unreachable("all captures");
}

Call attn::differential::makeCall(uint64_t seed, const Function &function,
                                  unsigned functionIndex, unsigned index,
                                  MLIRContext *context) {
  Random random(seed, functionIndex, index + 1);
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

  // Large and tiny scores; all the same where a magnitude is zero.
  double magnitude =
      random.chance(75) ? 1 : random.pick({0.0, 1e-4, 8.0, 60.0});
  auto floats = [&](int64_t heads, int64_t length, int64_t size, double scale) {
    return randomFloats(random, context,
                        function.shape(call.batch, heads, length, size), scale);
  };
  call.arguments = {
      floats(function.heads, call.queries, function.headSize, magnitude),
      floats(function.keyHeads, call.keys, function.headSize, 1),
      floats(function.keyHeads, call.keys, function.valueSize, 1)};
  for (Capture capture : function.captures)
    call.arguments.push_back(
        makeCapture(random, context, function, call, capture));
  return call;
}

void attn::differential::poison(Call &call, const Function &function,
                                const Tensor &scores, uint64_t seed) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double bad[] = {std::numeric_limits<double>::quiet_NaN(), infinity,
                        -infinity};
  Random random(seed);
  call.poisoned = true;
  int64_t group = function.heads / function.keyHeads;
  for (int64_t b = 0; b < call.batch; ++b)
    for (int64_t g = 0; g < function.keyHeads; ++g)
      for (int64_t j = 0; j < call.keys; ++j) {
        bool read = false;
        for (int64_t h = g * group; h < (g + 1) * group; ++h)
          for (int64_t i = 0; i < call.queries; ++i) {
            int64_t row = (b * function.heads + h) * call.queries + i;
            read |= scores[row * call.keys + j].f != -infinity;
          }
        if (random.chance(read ? 95 : 30))
          continue;
        double value = read ? bad[0] : bad[random.below(3)];
        for (unsigned operand : {1, 2}) {
          if (random.chance(40))
            continue;
          Tensor &tensor = call.arguments[operand];
          SmallVector<int64_t> strides = tensor.getStrides();
          bool swapped = function.sequenceFirst;
          unsigned first = function.batched ? 1 : 0;
          int64_t at = (function.batched ? b * strides[0] : 0) +
                       g * strides[first + swapped] +
                       j * strides[first + !swapped];
          tensor[at + random.below(tensor.getShape().back())].f = value;
        }
      }
}
