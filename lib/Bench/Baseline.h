//===- Baseline.h - The hand-written kernel for a shape ---------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_BENCH_BASELINE_H
#define ATTN_LIB_BENCH_BASELINE_H

#include "../../benchmarks/baseline/Kernels.h"
#include "attn/Bench/Shape.h"
#include "attn/Runner/Invocation.h"
#include <optional>

namespace attn::bench {

/// A call of a hand-written kernel on the inputs of an invocation, which must
/// live as long. Its result goes into memory of its own.
class BaselineCall {
public:
  /// Nothing where no kernel covers the shape.
  static std::optional<BaselineCall> create(const Shape &shape,
                                            const Invocation &invocation);

  void run() { kernel->run(problem, tensors, workspace.data()); }
  const char *name() const { return kernel->name; }

private:
  const baseline::Kernel *kernel = nullptr;
  baseline::Problem problem = {};
  baseline::Tensors tensors = {};
  Memory result, workspace;
};

} // namespace attn::bench

#endif // ATTN_LIB_BENCH_BASELINE_H
