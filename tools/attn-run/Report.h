//===- Report.h - What attn-run prints ------------------------------ -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_REPORT_H
#define ATTN_TOOLS_ATTN_RUN_REPORT_H

#include "Compare.h"

namespace attn::run {

/// What one run of the tool found out. Times are in microseconds.
struct Report {
  std::vector<double> times; ///< Of each call.
  double prepareTime = 0;
  std::optional<Comparison> comparison;

  double minimum() const;
  double median() const;
};

void printInfo(const LoadedLibrary &library, const Options &options,
               llvm::raw_ostream &os);
void printReport(const LoadedLibrary &library, const attn_entry &entry,
                 const Options &options, const Invocation &invocation,
                 const Report &report, llvm::raw_ostream &os);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_REPORT_H
