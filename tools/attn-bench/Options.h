//===- Options.h - The command line of attn-bench ---------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_BENCH_OPTIONS_H
#define ATTN_TOOLS_ATTN_BENCH_OPTIONS_H

#include "attn/Bench/Run.h"
#include "attn/Bench/Sweep.h"
#include <optional>

namespace attn::bench {

enum class Mode {
  measure,   ///< Ours alone, and hand-written kernels.
  printMLIR, ///< The modules, without running them.
  report,    ///< What compilers tell of GPU kernels.
  tune,      ///< Schedules against each other.
  peers,     ///< Ours and others on the shapes.
  sweep,     ///< Ours and others on many shapes by a rule.
  probe      ///< The machine's limits, for the program that does the last two.
};

struct Options {
  Mode mode = Mode::measure;
  std::vector<Shape> shapes;
  RunOptions run;
  bool json = false;
  // Of peers and sweep; the output of tune too.
  SweepRule sweep;
  int64_t rounds = 0;
  double budgetSeconds = 3600;
  std::string only, output, plot;
  std::optional<int64_t> raceThreads;
  bool listsShapes = false;
};

/// Wrong usage is a RunError of that status, a bad file one of bad input.
/// Nothing after --help or --version.
llvm::Expected<std::optional<Options>> parseOptions(int argc, char **argv);

} // namespace attn::bench

#endif // ATTN_TOOLS_ATTN_BENCH_OPTIONS_H
