//===- Probe.h - What the machine can do right now --------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A machine's clock and its memory's speed move by 10-20 % within minutes, so
// a rate means little but beside the limit measured next to it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_PROBE_H
#define ATTN_BENCH_PROBE_H

#include "attn/Runner/Memory.h"
#include "llvm/ADT/StringRef.h"
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace attn::bench {

/// Some threads, the caller's among them, that run one function each at the
/// same time. Between runs the others sleep. None is pinned: the operating
/// system places them as it places the library's.
class Team {
public:
  explicit Team(unsigned size);
  ~Team();

  unsigned size() const { return others.size() + 1; }
  /// Calls `task` with 0 .. size-1. Seconds from the first start to the last
  /// end.
  double run(const std::function<void(unsigned)> &task);

private:
  struct Impl;
  void work(unsigned member);
  /// Waits until all are here, so that nobody begins alone; then the task.
  void takePart(unsigned member);

  std::vector<std::thread> others;
  std::unique_ptr<Impl> impl;
};

/// The rate of multiply-adds in registers alone: independent chains of the
/// widest instruction that this processor has.
class PeakProbe {
public:
  /// `dtype`: bf16 counts bf16 dot products where there are such instructions;
  /// f64 counts doubles; everything else counts f32.
  PeakProbe(llvm::StringRef dtype, Team &team);

  /// GFLOP/s of the whole team, over about a millisecond.
  double measure();
  /// `avx512 fma f32`
  llvm::StringRef name() const { return kernel->name; }

  struct Kernel {
    const char *name;
    double flopsARound;
    void (*run)(int64_t rounds);
    bool (*isSupported)();
    bool isBF16, isF64;
  };

private:
  const Kernel *kernel = nullptr;
  Team &team;
  int64_t rounds = 1000;
};

/// The rate of reading a buffer from its begin to its end, each thread a part.
class BandwidthProbe {
public:
  BandwidthProbe(size_t bytes, Team &team);

  /// GB/s of the whole team. Small buffers are read several times.
  double measure();

private:
  Memory buffer;
  Team &team;
  int64_t passes = 1;
};

} // namespace attn::bench

#endif // ATTN_BENCH_PROBE_H
