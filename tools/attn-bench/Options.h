//===- Options.h - The command line of attn-bench ---------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_BENCH_OPTIONS_H
#define ATTN_TOOLS_ATTN_BENCH_OPTIONS_H

#include "attn/Bench/Run.h"
#include <optional>

namespace attn::bench {

struct Options {
  std::vector<Shape> shapes;
  RunOptions run;
  bool json = false;
  bool printMLIR = false;
  bool isStatic = false;
};

/// Wrong usage is a RunError of that status, a bad file one of bad input.
/// Nothing after --help or --version.
llvm::Expected<std::optional<Options>> parseOptions(int argc, char **argv);

} // namespace attn::bench

#endif // ATTN_TOOLS_ATTN_BENCH_OPTIONS_H
