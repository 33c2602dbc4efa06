//===- Report.h - What attn-bench prints ------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_BENCH_REPORT_H
#define ATTN_TOOLS_ATTN_BENCH_REPORT_H

#include "attn/Bench/Run.h"
#include "llvm/Support/raw_ostream.h"

namespace attn::bench {

/// `AMD EPYC (znver4), 2 CPUs, 2026-01-31; attn-mlir 0.1.0`
std::string describeMachine();
/// One JSON array.
void printJSON(llvm::ArrayRef<Row> rows, llvm::raw_ostream &os);
/// The machine, a line for each row, and what more threads gained.
void printTable(llvm::ArrayRef<Row> rows, llvm::raw_ostream &os);

} // namespace attn::bench

#endif // ATTN_TOOLS_ATTN_BENCH_REPORT_H
