//===- SimplifyRegions.h - Smaller score and mask regions for a bug -*- C++
//-*-//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_REDUCE_SIMPLIFYREGIONS_H
#define ATTN_TOOLS_REDUCE_SIMPLIFYREGIONS_H

namespace attn {

/// Registers the pass `simplify-regions`: what regions of attention compute is
/// replaced by less, for as long as a test finds the module interesting.
void registerRegionSimplification();

} // namespace attn

#endif // ATTN_TOOLS_REDUCE_SIMPLIFYREGIONS_H
