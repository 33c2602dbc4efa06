//===- TuneShapes.h - Schedules against each other --------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_BENCH_TUNESHAPES_H
#define ATTN_TOOLS_ATTN_BENCH_TUNESHAPES_H

#include "Options.h"

namespace attn::bench {

/// Tunes each shape, prints what was tried, and writes the file of the options.
llvm::Error tuneShapes(const Options &options);

} // namespace attn::bench

#endif // ATTN_TOOLS_ATTN_BENCH_TUNESHAPES_H
