//===- Check.h - One call against the reference -------------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_CHECK_H
#define ATTN_TEST_DIFFERENTIAL_CHECK_H

#include "Call.h"
#include "attn/Runtime/ABI.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn::differential {

struct Judging {
  uint64_t seed;     ///< Every third poisons the call.
  bool sanitized;    ///< The code; it gets its tensors from the heap.
  double factor = 1; ///< Of all bounds.
};

/// Judges one call of `entry` by `meaning`, the function with all that the
/// bounds need; a sentence if it fails. Without an entry, the reference's own
/// results are judged, rounded to their types: they must be within the bounds
/// too.
std::string checkCall(const Function &function, mlir::func::FuncOp meaning,
                      mlir::func::FuncOp keeping, const attn_entry *entry,
                      Call &call, const Judging &how, double &worst);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_CHECK_H
