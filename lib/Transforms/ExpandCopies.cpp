//===- ExpandCopies.cpp - Copies between buffers as loops
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Transforms/Passes.h"
#include "mlir/IR/Remarks.h"

namespace attn {
#define GEN_PASS_DEF_EXPANDCOPIES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct ExpandCopies : attn::impl::ExpandCopiesBase<ExpandCopies> {
  void runOnOperation() override;
};
} // namespace

void ExpandCopies::runOnOperation() {
  getOperation().walk([](memref::CopyOp copy) {
    remark::missed(copy.getLoc(),
                   remark::RemarkOpts::name("copy").category("attn"))
        << "a buffer is copied";
    OpBuilder b(copy);
    linalg::CopyOp::create(b, copy.getLoc(), copy.getSource(),
                           copy.getTarget());
    copy.erase();
  });
}
