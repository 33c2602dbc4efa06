//===- TunedSchedules.cpp - Schedules that were measured ------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/TunedSchedules.h"
#include "attn/IR/AttentionShape.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

DictionaryAttr attn::describeProblem(AttentionOp op, const TargetSpec &spec) {
  Builder b(op.getContext());
  AttentionShape shape = getAttentionShape(op);
  auto type = [&](Value operand) {
    std::string name;
    llvm::raw_string_ostream(name) << getElementTypeOrSelf(operand);
    return b.getStringAttr(name);
  };
  return b.getDictionaryAttr({
      b.getNamedAttr("cpu", b.getStringAttr(spec.cpu)),
      b.getNamedAttr("query", type(op.getQuery())),
      b.getNamedAttr("key", type(op.getKey())),
      b.getNamedAttr("value", type(op.getValue())),
      b.getNamedAttr("head_size", b.getI64IntegerAttr(shape.headSize)),
      b.getNamedAttr("value_size", b.getI64IntegerAttr(shape.valueSize)),
      b.getNamedAttr("group", b.getI64IntegerAttr(shape.groupSize())),
      b.getNamedAttr("score", b.getBoolAttr(!op.getScore().empty())),
      b.getNamedAttr("mask", b.getBoolAttr(!op.getMask().empty())),
  });
}

ScheduleAttr attn::findTunedSchedule(AttentionOp op, const TargetSpec &spec,
                                     ScheduleAttr chosen) {
  auto entries =
      op->getParentOfType<ModuleOp>()->getAttrOfType<ArrayAttr>(kSchedulesAttr);
  if (!entries)
    return chosen;
  DictionaryAttr problem = describeProblem(op, spec);
  for (auto entry : entries.getAsRange<DictionaryAttr>()) {
    auto schedule = entry.getAs<ScheduleAttr>("schedule");
    // With keys in the lanes, the tile says how many queries there are.
    bool fits = schedule && schedule.getKind() == chosen.getKind() &&
                (!chosen.keysInLanes() ||
                 schedule.getQueryTile() == chosen.getQueryTile()) &&
                llvm::all_of(entry, [&](NamedAttribute asked) {
                  return asked.getName() == "schedule" ||
                         problem.get(asked.getName()) == asked.getValue();
                });
    if (fits)
      return schedule;
  }
  return chosen;
}
