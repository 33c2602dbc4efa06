//===- Entries.h - The kernels, for their registry --------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCHMARKS_BASELINE_ENTRIES_H
#define ATTN_BENCHMARKS_BASELINE_ENTRIES_H

#include "Kernels.h"

namespace attn::baseline {

size_t prefillF32Bytes(const Problem &problem);
void prefillF32(const Problem &problem, const Tensors &tensors,
                void *workspace);

size_t shortF32Bytes(const Problem &problem);
void shortF32(const Problem &problem, const Tensors &tensors, void *workspace);

size_t prefillBF16Bytes(const Problem &problem);
void prefillBF16(const Problem &problem, const Tensors &tensors,
                 void *workspace);

size_t decodeBytes(const Problem &problem);
void decode(const Problem &problem, const Tensors &tensors, void *workspace);

} // namespace attn::baseline

#endif // ATTN_BENCHMARKS_BASELINE_ENTRIES_H
