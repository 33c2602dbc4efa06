//===- Data.cpp - Inputs of a measured call -------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data.h"
#include "attn/Reference/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace attn;
using namespace attn::bench;
using reference::Tensor;

static void fill(const Shape &shape, const Argument &argument, uint64_t seed,
                 Tensor &tensor) {
  int64_t count = tensor.getNumElements();
  std::mt19937_64 generator(seed);
  std::normal_distribution<double> normal(0, argument.deviation);
  switch (argument.fill) {
  case Argument::normal:
    for (int64_t index = 0; index < count; ++index)
      tensor[index].f = normal(generator);
    return;
  case Argument::levels: {
    double unit = levelsADeviation(argument.dtype), most = 3 * unit;
    for (int64_t index = 0; index < count; ++index)
      tensor[index].i =
          std::lround(std::clamp(unit * normal(generator), -most - 1, most));
    return;
  }
  case Argument::scales: {
    // No two rows alike, so that a scale of the wrong row shows.
    std::uniform_real_distribution<double> around(0.75, 1.25);
    for (int64_t index = 0; index < count; ++index)
      tensor[index].f = argument.deviation * around(generator);
    return;
  }
  case Argument::slopes:
    // 2^(-8/H), its square, ...: as in the paper.
    for (int64_t h = 0; h < count; ++h)
      tensor[h].f = std::exp2(-8.0 * double(h + 1) / double(count));
    return;
  case Argument::lengths:
    for (int64_t b = 0; b < count; ++b)
      tensor[b].i = shape.lengths[b];
    return;
  }
}

void attn::bench::setInputs(const Shape &shape, mlir::func::FuncOp function,
                            Invocation &invocation) {
  for (auto [index, argument] : llvm::enumerate(inputsOf(shape))) {
    mlir::Type type =
        mlir::getElementTypeOrSelf(function.getArgumentTypes()[index]);
    Tensor tensor(type, argument.shape);
    fill(shape, argument, /*seed=*/index + 1, tensor);
    std::vector<char> bytes(tensor.storageSize());
    tensor.toStorage(bytes.data());
    invocation.setTensor(index, argument.shape, bytes);
  }
}
