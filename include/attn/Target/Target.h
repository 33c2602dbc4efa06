//===- Target.h - A target: facts and decisions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_TARGET_H
#define ATTN_TARGET_TARGET_H

#include "attn/IR/AttnOps.h"
#include "attn/Target/TargetSpec.h"
#include "mlir/Pass/PassManager.h"
#include <memory>

namespace attn {

/// What differs between targets. Everything else asks `getSpec()`.
class Target {
public:
  virtual ~Target() = default;

  virtual const TargetSpec &getSpec() const = 0;

  /// The schedule of an attention that has none yet. Fails, with an error on
  /// the op that names the thing, where the target cannot do it.
  virtual mlir::FailureOr<ScheduleAttr>
  chooseSchedule(AttentionOp op) const = 0;

  /// A schedule of kind decode beside that one, for when the number of queries
  /// turns out to be small at run time; nothing where one schedule serves all.
  virtual std::optional<ScheduleAttr>
  chooseDecodeSchedule(AttentionOp op) const {
    return std::nullopt;
  }

  /// How a recurrence that has no schedule yet is cut.
  virtual ChunksAttr chooseChunks(LinearAttentionOp op) const = 0;

  /// Stage 7: bufferized vector code to the LLVM dialect.
  virtual void buildLoweringPipeline(mlir::OpPassManager &pm) const = 0;
};

/// The target called `name` (`host` is this machine), or null.
const Target *lookupTarget(llvm::StringRef name);

/// Every name that `lookupTarget` knows, `host` first.
std::vector<std::string> targetNames();

/// `names` with those that are short for several (`x86-64-all`) replaced by
/// them, each once, the more demanding first: of two that a machine can run,
/// the one with more features is better. Unknown names stay.
std::vector<std::string> expandTargets(llvm::ArrayRef<std::string> names);

} // namespace attn

#endif // ATTN_TARGET_TARGET_H
