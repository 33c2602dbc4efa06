//===- ScheduleFile.h - Measured schedules in a file ------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// {"format": 1, "schedules": [{"cpu": "znver4", "query": "f32", ...,
//   "schedule": "#attn.schedule<...>", "note": "H4 S2048 D64, 1.03 x"}]}
//
// with the keys of attn/Target/TunedSchedules.h. A note is for people.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_COMPILE_SCHEDULEFILE_H
#define ATTN_COMPILE_SCHEDULEFILE_H

#include "attn/IR/AttnOps.h"
#include "llvm/Support/Error.h"

namespace attn {

/// As the module attribute that `attn-choose-schedule` reads. The dialect must
/// be loaded. Errors name the entry and the rule.
llvm::Expected<mlir::ArrayAttr> readSchedules(llvm::StringRef json,
                                              mlir::MLIRContext &context);

struct TunedSchedule {
  mlir::DictionaryAttr problem; ///< Of `describeProblem`.
  ScheduleAttr schedule;
  std::string note;
};

void writeSchedules(llvm::ArrayRef<TunedSchedule> schedules,
                    llvm::raw_ostream &os);

} // namespace attn

#endif // ATTN_COMPILE_SCHEDULEFILE_H
