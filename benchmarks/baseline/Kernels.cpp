//===- Kernels.cpp - Which kernel for which problem -----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Compiled for any processor, as the kernels themselves are not.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"

using namespace attn::baseline;

#ifdef ATTN_HAS_BASELINE
#include "Entries.h"

static bool isPrefill(const Problem &problem, Type type) {
  return problem.type == type && problem.cacheType == type &&
         (problem.headSize == 64 || problem.headSize == 128) &&
         problem.queries >= 32 && problem.queries % 16 == 0 &&
         problem.keys >= 8 && problem.keys % 8 == 0;
}

static bool coversPrefillF32(const Problem &problem) {
  return isPrefill(problem, Type::f32) && !problem.causal;
}

static bool coversCausalF32(const Problem &problem) {
  return isPrefill(problem, Type::f32) && problem.causal &&
         problem.queries == problem.keys;
}

static bool coversShortF32(const Problem &problem) {
  return problem.type == Type::f32 && problem.cacheType == Type::f32 &&
         !problem.causal &&
         (problem.headSize == 32 || problem.headSize == 64) &&
         problem.queries > 16 && problem.keys >= 8 && problem.keys <= 512;
}

static bool coversPrefillBF16(const Problem &problem) {
  return isPrefill(problem, Type::bf16) && !problem.causal;
}

static bool isDecode(const Problem &problem) {
  return problem.queries == 1 && !problem.causal && problem.headSize == 128 &&
         problem.heads == 4 * problem.keyHeads && problem.keys > 0 &&
         problem.keys % 64 == 0;
}

/// Of f32 only: the others multiply as bf16 or int8.
static bool coversDecodeF32(const Problem &problem) {
  return isDecode(problem) && problem.type == Type::f32 &&
         problem.cacheType == Type::f32;
}

static bool coversDecode(const Problem &problem) {
  return isDecode(problem) && problem.cacheType != Type::f32;
}

static bool hasAVX512() {
  return __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

static bool hasDotProducts() {
  return hasAVX512() && __builtin_cpu_supports("avx512bf16") &&
         __builtin_cpu_supports("avx512vnni");
}

// Where two cover a problem, the first is faster.
static constexpr Kernel kernels[] = {
    {"short f32", coversShortF32, shortF32Bytes, shortF32, hasAVX512},
    {"dense f32", coversPrefillF32, prefillF32Bytes, prefillF32, hasAVX512},
    {"causal f32", coversCausalF32, prefillF32Bytes, prefillF32, hasAVX512},
    {"dense bf16", coversPrefillBF16, prefillBF16Bytes, prefillBF16,
     hasDotProducts},
    // One function for all types of caches, so with all instructions.
    {"decode f32", coversDecodeF32, decodeBytes, decode, hasDotProducts},
    {"decode", coversDecode, decodeBytes, decode, hasDotProducts},
};

bool attn::baseline::hasKernels() { return hasAVX512(); }

const Kernel *attn::baseline::findKernel(const Problem &problem) {
  for (const Kernel &kernel : kernels)
    if (kernel.covers(problem) && kernel.isSupported())
      return &kernel;
  return nullptr;
}

#else

bool attn::baseline::hasKernels() { return false; }
const Kernel *attn::baseline::findKernel(const Problem &) { return nullptr; }

#endif
