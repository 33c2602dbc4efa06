//===- AnnotateLoops.cpp - What a loop asks of LLVM, on its branch --------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace attn {
#define GEN_PASS_DEF_ANNOTATELOOPS
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct AnnotateLoops : attn::impl::AnnotateLoopsBase<AnnotateLoops> {
  void runOnOperation() override;
};
} // namespace

void AnnotateLoops::runOnOperation() {
  auto move = [](auto branch) {
    constexpr StringLiteral name = "llvm.loop_annotation";
    auto annotation =
        branch->template getAttrOfType<LLVM::LoopAnnotationAttr>(name);
    if (!annotation)
      return;
    branch->removeAttr(name);
    branch.setLoopAnnotationAttr(annotation);
  };
  getOperation().walk([&](LLVM::BrOp branch) { move(branch); });
  getOperation().walk([&](LLVM::CondBrOp branch) { move(branch); });
}
