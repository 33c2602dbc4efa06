//===- Race.h - Comparisons with others -------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_BENCH_RACE_H
#define ATTN_TOOLS_ATTN_BENCH_RACE_H

#include "Options.h"

namespace attn::bench {

/// Runs the Python program that measures attn-mlir and its peers in turns, on
/// the shapes of the options. Its exit code, or an error where there is no such
/// program or no Python to run it.
llvm::Expected<int> runRace(const Options &options);

/// Answers questions for what the machine can do now, a line of JSON each, from
/// standard input until it ends: {"dtype": "f32", "bytes": 1e6, "threads": 1}.
int serveProbes();

} // namespace attn::bench

#endif // ATTN_TOOLS_ATTN_BENCH_RACE_H
