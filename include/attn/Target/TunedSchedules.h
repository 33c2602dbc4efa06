//===- TunedSchedules.h - Schedules that were measured ----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The module's `attn.schedules` is an array of dictionaries, each a schedule
// and the problems that it was measured for:
//
//   {cpu = "znver4", query = "f32", key = "f32", value = "f32",
//    head_size = 64 : i64, value_size = 64 : i64, group = 1 : i64,
//    score = false, mask = true, schedule = #attn.schedule<...>}
//
// What a dictionary leaves out is any. The first that fits an attention, with a
// schedule of the kind that the target chooses for it, is used instead of the
// target's.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_TUNEDSCHEDULES_H
#define ATTN_TARGET_TUNEDSCHEDULES_H

#include "attn/IR/AttnOps.h"
#include "attn/Target/TargetSpec.h"

namespace attn {

inline constexpr llvm::StringLiteral kSchedulesAttr = "attn.schedules";

/// What is known of an attention when it is compiled, by the names above.
mlir::DictionaryAttr describeProblem(AttentionOp op, const TargetSpec &spec);

/// The first schedule of the op's module that fits it, else `chosen`.
ScheduleAttr findTunedSchedule(AttentionOp op, const TargetSpec &spec,
                               ScheduleAttr chosen);

} // namespace attn

#endif // ATTN_TARGET_TUNEDSCHEDULES_H
