//===- Kernels.h - Attention written by hand --------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A fixed yardstick for generated code: kernels for one thread of an x86-64
// processor with AVX-512, each for the few shapes that it was written for.
// Nothing in the compiler uses them.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCHMARKS_BASELINE_KERNELS_H
#define ATTN_BENCHMARKS_BASELINE_KERNELS_H

#include <cstddef>
#include <cstdint>

namespace attn::baseline {

enum class Type { f32, bf16, i8, i4 };

struct Problem {
  int64_t batch, heads, keyHeads, queries, keys, headSize;
  bool causal;    ///< Query i sees the keys up to i.
  Type type;      ///< Of queries and results: f32 or bf16.
  Type cacheType; ///< Of keys and values.
};

/// Compact tensors, batch x heads x positions x features. An i4 is half a byte,
/// the even feature in the lower half. The scores are scaled by 1/sqrt(D).
struct Tensors {
  const void *query, *key, *value;
  const float *keyScales, *valueScales; ///< One a row; of i8 and i4 only.
  void *result;
};

struct Kernel {
  const char *name;
  bool (*covers)(const Problem &problem);
  size_t (*workspaceBytes)(const Problem &problem);
  /// The workspace is aligned to 64 bytes; what it holds does not matter.
  void (*run)(const Problem &problem, const Tensors &tensors, void *workspace);
  bool (*isSupported)(); ///< By this processor.
};

/// The kernel for a problem, or null: no kernel covers it, or the processor
/// lacks the instructions.
const Kernel *findKernel(const Problem &problem);

/// Whether this build has any, and this processor can run them.
bool hasKernels();

} // namespace attn::baseline

#endif // ATTN_BENCHMARKS_BASELINE_KERNELS_H
