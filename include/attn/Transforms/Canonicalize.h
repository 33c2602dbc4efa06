//===- Canonicalize.h - Canonicalization within the stages ------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TRANSFORMS_CANONICALIZE_H
#define ATTN_TRANSFORMS_CANONICALIZE_H

#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/Passes.h"

namespace attn {

/// Upstream's canonicalizer without what finds nothing within the stages, where
/// regions have one block each and patterns enqueue what they touch: it does
/// not simplify control flow, and does not look again at everything after a
/// change.
inline std::unique_ptr<mlir::Pass> createQuickCanonicalizer() {
  return mlir::createCanonicalizerPass(
      mlir::GreedyRewriteConfig()
          .setRegionSimplificationLevel(
              mlir::GreedySimplifyRegionLevel::Disabled)
          .setMaxIterations(1));
}

} // namespace attn

#endif // ATTN_TRANSFORMS_CANONICALIZE_H
