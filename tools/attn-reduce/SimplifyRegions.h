//===- SimplifyRegions.h - Smaller score and mask regions for a bug -*- C++
//-*-//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_REDUCE_SIMPLIFYREGIONS_H
#define ATTN_TOOLS_REDUCE_SIMPLIFYREGIONS_H

#include "mlir/IR/DialectRegistry.h"

namespace attn {

/// Lets mlir-reduce replace what regions of attention compute by less.
void registerRegionSimplification(mlir::DialectRegistry &registry);

} // namespace attn

#endif // ATTN_TOOLS_REDUCE_SIMPLIFYREGIONS_H
