//===- CPUTarget.h - Processors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TARGET_CPU_CPUTARGET_H
#define ATTN_TARGET_CPU_CPUTARGET_H

#include "attn/Target/Target.h"

namespace attn {

class CPUTarget : public Target {
public:
  explicit CPUTarget(TargetSpec spec) : spec(std::move(spec)) {}

  const TargetSpec &getSpec() const override { return spec; }
  mlir::FailureOr<ScheduleAttr> chooseSchedule(AttentionOp op) const override;
  std::optional<ScheduleAttr>
  chooseDecodeSchedule(AttentionOp op) const override;
  ChunksAttr chooseChunks(LinearAttentionOp op) const override;
  void buildLoweringPipeline(mlir::OpPassManager &pm) const override;

  /// The kind of processor called `name`, or this machine for `host`.
  static std::unique_ptr<Target> create(llvm::StringRef name);
  static std::vector<std::string> names();
  /// The targets that `name` is short for; empty where it is no such name.
  static std::vector<std::string> group(llvm::StringRef name);

private:
  TargetSpec spec;
};

/// The schedule for one attention in registers and first-level cache of `spec`;
/// pure arithmetic, tested by itself.
struct ScheduleProblem {
  int64_t queries, keys; ///< kDynamic where unknown.
  int64_t headSize, valueSize;
  int64_t elementBits; ///< Of the accumulation type: 32 or 64.
  bool bf16 = false;   ///< Tiles of queries may be multiplied as bf16.
  bool narrow = false; ///< bf16 holds query, key and value but for scales.
  int64_t group = 1;   ///< Query heads of one key head.
  int64_t keyBits = 0; ///< Of an element of the key or value, the wider.
  bool holes = false;  ///< Runs of live keys are looked for (`MaskSummary`).
};
/// So few queries leave the lanes of a prefill kernel empty: keys go there.
inline constexpr int64_t fewQueries = 16;
ScheduleAttr chooseCPUSchedule(mlir::MLIRContext *context,
                               const TargetSpec &spec,
                               const ScheduleProblem &problem);

/// The same for at most `fewQueries` queries: kind decode.
ScheduleAttr chooseCPUDecodeSchedule(mlir::MLIRContext *context,
                                     const TargetSpec &spec,
                                     const ScheduleProblem &problem);

} // namespace attn

#endif // ATTN_TARGET_CPU_CPUTARGET_H
