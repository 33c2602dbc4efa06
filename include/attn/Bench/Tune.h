//===- Tune.h - Which schedule is fastest here ------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_TUNE_H
#define ATTN_BENCH_TUNE_H

#include "attn/Bench/Run.h"
#include "attn/Compile/ScheduleFile.h"

namespace attn::bench {

/// One schedule beside the target's own, measured in turns.
struct Candidate {
  std::string schedule;
  double ratio = 1;   ///< Its speed divided by that of the target's choice.
  std::string reason; ///< Why there is no ratio, if it was not measured.
};

struct TuneResult {
  std::string chosen; ///< By the target.
  std::vector<Candidate> candidates;
  /// Empty where nothing was faster beyond the noise.
  std::optional<TunedSchedule> best;
};

/// The schedules around `chosen` that may be worth a try: query tiles of one to
/// four vectors with as many keys in registers as fit beside them, and key
/// tiles from a quarter of the choice to four times of it. `chosen` is not
/// among them.
std::vector<ScheduleAttr> listCandidates(ScheduleAttr chosen,
                                         int64_t vectorRegisters);

/// Compiles and measures each candidate for `shape` in turns with the target's
/// own choice, and the best once more for longer. `context` owns the attributes
/// of the result, and has all dialects of the compiler.
llvm::Expected<TuneResult> tune(const Shape &shape, const RunOptions &options,
                                mlir::MLIRContext &context);

} // namespace attn::bench

#endif // ATTN_BENCH_TUNE_H
