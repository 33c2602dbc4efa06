//===- ScheduleText.h - Schedules for people --------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_COMPILE_SCHEDULETEXT_H
#define ATTN_LIB_COMPILE_SCHEDULETEXT_H

#include "mlir/IR/BuiltinOps.h"

namespace attn {

/// Writes what the attention ops of each function were scheduled as into its
/// `attn.schedule_text`, unless there is one. After tiling, while there are
/// still ops that know.
void keepScheduleText(mlir::ModuleOp module);

} // namespace attn

#endif // ATTN_LIB_COMPILE_SCHEDULETEXT_H
