//===- DecodeTask.h - Attention of few queries as parallel tasks
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   forall batch, key head, split of the keys:
//     attn.online_attention over the split's keys, in tiles
//     one split: normalise into the output; several: keep (acc, max, sum)
//   forall batch, key head, if there are several splits:
//     merge them in their order, normalise
//
// How keys are split follows from the shape alone, so that the same input gives
// the same bits on any number of threads.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODETASK_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODETASK_H

#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"

namespace attn {

/// Whether the queries of `op`, which has a `decode_schedule`, are few enough
/// for it; an i1.
mlir::Value hasFewQueries(IRBuilder &b, AttentionOp op);

/// Emits `op` by the decode schedule `schedule`, writing into `outputs`, one
/// tensor for each result; returns the new tensors. Where `enabled` is not null
/// and false at run time, no task runs.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
emitDecode(mlir::OpBuilder &builder, AttentionOp op, ScheduleAttr schedule,
           mlir::ValueRange outputs, mlir::Value enabled);

/// Emits the part of `op`, without a batch, that `count` queries from `first`
/// on and the heads of group `head` are, with keys in the lanes: `outputs` are
/// their parts of the results, and so is what is returned. The groups are those
/// of `getHeadsTogether`.
mlir::FailureOr<llvm::SmallVector<mlir::Value>>
emitDecodeTask(IRBuilder &b, AttentionOp op, ScheduleAttr schedule,
               mlir::Value head, mlir::Value first, mlir::Value count,
               mlir::ValueRange outputs);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_DECODETASK_H
