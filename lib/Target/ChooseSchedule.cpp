//===- ChooseSchedule.cpp - A schedule for every attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/DistanceTerms.h"
#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/KeyLists.h"
#include "attn/IR/RecurrenceShape.h"
#include "attn/Support/RegisterTile.h"
#include "attn/Target/Passes.h"
#include "attn/Target/Target.h"
#include "attn/Target/TunedSchedules.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_CHOOSESCHEDULE
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ChooseSchedule : attn::impl::ChooseScheduleBase<ChooseSchedule> {
  void runOnOperation() override;
};
} // namespace

/// Rows of features are unrolled into vectors. Nobody has heads of so many, and
/// beyond it the compiler would take minutes, or forever.
static constexpr int64_t mostFeatures = 2048;

static LogicalResult verifyHeadSize(Operation *op, int64_t size) {
  if (size <= mostFeatures)
    return success();
  return op->emitOpError("with heads of more than ")
         << mostFeatures << " features is not supported, got " << size;
}

/// Refuses what the syntax has but no stage implements.
static LogicalResult verifyImplemented(AttentionOp op) {
  AttentionShape shape = getAttentionShape(op);
  if (failed(verifyHeadSize(op, std::max(shape.headSize, shape.valueSize))))
    return failure();
  if (op.getAux())
    for (auto name : op.getAux()->getAsValueRange<StringAttr>()) {
      if (name == "lse" && op.getNormalizer() != "softmax")
        return op.emitOpError() << "aux 'lse' is not supported beside "
                                   "normalizer '"
                                << op.getNormalizer() << '\'';
    }
  return success();
}

/// Refuses products in matrix registers that are not there or do not fit.
static LogicalResult verifyMatrix(AttentionOp op, const TargetSpec &spec) {
  if (op.getSchedule()->getMatrix() == 0)
    return success();
  if (!spec.matrixTiles)
    return op.emitOpError("a schedule with matrix registers is not supported "
                          "for target '")
           << spec.name << "', which has none";
  AttentionShape shape = getAttentionShape(op);
  if (shape.headSize < matrixDepth || shape.valueSize % matrixRows != 0)
    return op.emitOpError("a schedule with matrix registers is not supported "
                          "for head sizes below ")
           << matrixDepth << " and value sizes that are no multiple of "
           << matrixRows << ", got " << shape.headSize << " and "
           << shape.valueSize;
  return success();
}

/// How the keys that `op` lists are visited.
static std::string describeLists(const KeyLists &lists) {
  std::string text = lists.isSingle
                         ? "all queries share one list of "
                         : "runs of " + std::to_string(lists.queryBlock) +
                               " queries share a list of ";
  return text + "runs of " + std::to_string(lists.keyBlock) +
         " keys; no others are visited";
}

/// Says what a list's keys cost where its queries are few.
static void remarkOnLists(AttentionOp op) {
  std::optional<KeyLists> lists = getKeyLists(op);
  if (!lists)
    return;
  auto options = remark::RemarkOpts::name("lists").category("attn");
  remark::analysis(op.getLoc(), options) << describeLists(*lists);
  bool areFew = op.getDecodeSchedule() || op.getSchedule()->keysInLanes();
  if (areFew && !mayShareLists(op))
    remark::missed(op.getLoc(), options)
        << (!op.getQueryStarts().empty()
                ? "of packed sequences, one task has all keys of a list"
                : "beside scores or probabilities, one task has all keys of a "
                  "list");
}

void ChooseSchedule::runOnOperation() {
  const Target *target = nullptr;
  if (std::optional<TargetSpec> spec = getTargetSpec(getOperation()))
    target = lookupTarget(spec->name);
  if (!target) {
    getOperation().emitError(
        "its module has no known target; run attn-attach-target first");
    return signalPassFailure();
  }
  WalkResult result = getOperation().walk([&](AttentionOp op) {
    if (failed(verifyImplemented(op)))
      return WalkResult::interrupt();
    // Asked for also where the user wrote one: it refuses what it cannot do.
    FailureOr<ScheduleAttr> schedule = target->chooseSchedule(op);
    if (failed(schedule))
      return WalkResult::interrupt();
    if (!op.getSchedule()) {
      op.setScheduleAttr(findTunedSchedule(op, target->getSpec(), *schedule));
      std::optional<ScheduleAttr> decode = target->chooseDecodeSchedule(op);
      if (decode && !op.getSchedule()->keysInLanes())
        op.setDecodeScheduleAttr(
            findTunedSchedule(op, target->getSpec(), *decode));
    }
    if (failed(verifyMatrix(op, target->getSpec())))
      return WalkResult::interrupt();
    for (std::optional<ScheduleAttr> chosen :
         {op.getSchedule(), op.getDecodeSchedule()}) {
      if (!chosen)
        continue;
      std::string text;
      llvm::raw_string_ostream(text) << *chosen;
      remark::analysis(op.getLoc(),
                       remark::RemarkOpts::name("schedule").category("attn"))
          << text;
    }
    remarkOnLists(op);
    if (!op.getMask().empty())
      remark::analysis(op.getLoc(),
                       remark::RemarkOpts::name("mask").category("attn"))
          << summarizeMask(op.getMask()).text;
    if (size_t terms = findDistanceTerms(op.getScore()).size())
      remark::analysis(op.getLoc(),
                       remark::RemarkOpts::name("score").category("attn"))
          << (Twine(terms) + (terms == 1 ? " term depends" : " terms depend") +
              " on j - i alone: once for each distance in a tile of many "
              "queries")
                 .str();
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return signalPassFailure();
  result = getOperation().walk([&](LinearAttentionOp op) {
    RecurrenceShape shape = getRecurrenceShape(op);
    if (failed(verifyHeadSize(op, std::max(shape.keySize, shape.valueSize))))
      return WalkResult::interrupt();
    if (!op.getSchedule())
      op.setScheduleAttr(target->chooseChunks(op));
    std::string text;
    llvm::raw_string_ostream(text) << *op.getSchedule();
    remark::analysis(op.getLoc(),
                     remark::RemarkOpts::name("schedule").category("attn"))
        << text;
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    signalPassFailure();
}
