//===- ScheduleText.cpp - Schedules for people ----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScheduleText.h"
#include "attn/Emit/Description.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace attn;

void attn::keepScheduleText(ModuleOp module) {
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func->hasAttr(kScheduleAttr))
      continue;
    // One for each kind: the narrower copies for ragged tiles follow from it.
    llvm::MapVector<StringRef, ScheduleAttr> schedules;
    auto add = [&](ScheduleAttr schedule) {
      ScheduleAttr &widest = schedules[schedule.getKind()];
      if (!widest || widest.getQueryTile() < schedule.getQueryTile())
        widest = schedule;
    };
    func.walk([&](OnlineAttentionOp op) { add(op.getSchedule()); });
    func.walk([&](AttentionOp op) {
      if (op.getSchedule())
        add(*op.getSchedule());
    });
    std::string text;
    llvm::raw_string_ostream os(text);
    llvm::interleave(llvm::make_second_range(schedules), os, ", ");
    if (!text.empty())
      func->setAttr(kScheduleAttr, StringAttr::get(module.getContext(), text));
  }
}
