//===- AttachTarget.cpp - The facts of a target in the module
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/Passes.h"
#include "attn/Target/Target.h"

namespace attn {
#define GEN_PASS_DEF_ATTACHTARGET
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct AttachTarget : attn::impl::AttachTargetBase<AttachTarget> {
  using AttachTargetBase::AttachTargetBase;
  void runOnOperation() override;
};
} // namespace

void AttachTarget::runOnOperation() {
  if (target.empty() && getTargetSpec(getOperation()))
    return;
  std::string name = target.empty() ? "x86-64-v4" : target.getValue();
  const Target *found = lookupTarget(name);
  if (!found) {
    auto error = getOperation().emitError()
                 << "unknown target '" << name << "'; known are: ";
    llvm::interleaveComma(targetNames(), error);
    return signalPassFailure();
  }
  setTargetSpec(getOperation(), found->getSpec());
}
