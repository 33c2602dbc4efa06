//===- Compare.h - Against the reference interpreter --------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_COMPARE_H
#define ATTN_TOOLS_ATTN_RUN_COMPARE_H

#include "Options.h"
#include "attn/Runner/Invocation.h"
#include "attn/Runner/LoadedLibrary.h"

namespace attn::run {

struct Comparison {
  /// The largest |result - reference|; infinite where one of them is NaN or
  /// infinite and the other is not the same.
  double maxAbsError = 0;
  /// Where that is, for people: `o[0, 1, 5, 3] is 0.5, the reference 0.25`.
  std::string where;
};

/// Interprets the entry, from the library's bytecode or from
/// `options.source`, with the inputs of `invocation`, and compares its outputs.
llvm::Expected<Comparison> compareWithReference(const LoadedLibrary &library,
                                                const attn_entry &entry,
                                                const Options &options,
                                                const Invocation &invocation);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_COMPARE_H
