//===- ScalarKernels.cpp - Kernels by signature
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include <limits>

using namespace mlir;
using namespace attn::reference;

static uint64_t zeroExtend(int64_t value, unsigned width) {
  return width >= 64 ? value : uint64_t(value) & ((uint64_t(1) << width) - 1);
}

bool attn::reference::useFloat1(Instruction &instruction,
                                double (*function)(double)) {
  instruction.function.float1 = function;
  instruction.kernel = [](const Instruction &in, Scalar *slots) {
    slots[in.result].f = in.function.float1(slots[in.operands[0]].f);
    return true;
  };
  return true;
}

bool attn::reference::useFloat2(Instruction &instruction,
                                double (*function)(double, double)) {
  instruction.function.float2 = function;
  instruction.kernel = [](const Instruction &in, Scalar *slots) {
    slots[in.result].f =
        in.function.float2(slots[in.operands[0]].f, slots[in.operands[1]].f);
    return true;
  };
  return true;
}

bool attn::reference::useInteger1(Instruction &instruction,
                                  int64_t (*function)(int64_t)) {
  instruction.function.integer1 = function;
  instruction.kernel = [](const Instruction &in, Scalar *slots) {
    slots[in.result].i = wrapInteger(
        in.function.integer1(slots[in.operands[0]].i), in.resultWidth);
    return true;
  };
  return true;
}

static bool runInteger2(const Instruction &in, Scalar *slots) {
  slots[in.result].i = wrapInteger(
      in.function.integer2(slots[in.operands[0]].i, slots[in.operands[1]].i),
      in.resultWidth);
  return true;
}

static bool runUnsigned2(const Instruction &in, Scalar *slots) {
  int64_t a = zeroExtend(slots[in.operands[0]].i, in.width);
  int64_t b = zeroExtend(slots[in.operands[1]].i, in.width);
  slots[in.result].i = wrapInteger(in.function.integer2(a, b), in.resultWidth);
  return true;
}

bool attn::reference::useInteger2(Instruction &instruction,
                                  int64_t (*function)(int64_t, int64_t)) {
  instruction.function.integer2 = function;
  instruction.kernel = runInteger2;
  return true;
}

bool attn::reference::useUnsigned2(Instruction &instruction,
                                   int64_t (*function)(int64_t, int64_t)) {
  instruction.function.integer2 = function;
  instruction.kernel = runUnsigned2;
  return true;
}

// A divisor of zero counts as one.

bool attn::reference::useDivision(Instruction &instruction,
                                  int64_t (*function)(int64_t, int64_t)) {
  instruction.function.integer2 = function;
  instruction.kernel = [](const Instruction &in, Scalar *slots) {
    int64_t a = slots[in.operands[0]].i, b = slots[in.operands[1]].i;
    // The least integer has no opposite, and stays itself.
    bool overflows = a == std::numeric_limits<int64_t>::min() && b == -1;
    slots[in.result].i = wrapInteger(
        in.function.integer2(a, b == 0 || overflows ? 1 : b), in.resultWidth);
    return true;
  };
  return true;
}

bool attn::reference::useDivisionUnsigned(Instruction &instruction,
                                          int64_t (*function)(int64_t,
                                                              int64_t)) {
  instruction.function.integer2 = function;
  instruction.kernel = [](const Instruction &in, Scalar *slots) {
    int64_t a = zeroExtend(slots[in.operands[0]].i, in.width);
    int64_t b = zeroExtend(slots[in.operands[1]].i, in.width);
    slots[in.result].i =
        wrapInteger(in.function.integer2(a, b == 0 ? 1 : b), in.resultWidth);
    return true;
  };
  return true;
}
