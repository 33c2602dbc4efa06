//===- MaskAnalysis.cpp - Which keys a mask region keeps
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/MaskAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attn;

MaskVerdict attn::emitMaskVerdict(OpBuilder &builder, Location loc,
                                  Region &mask, const MaskBox &) {
  bool all = mask.empty();
  return {arith::ConstantIntOp::create(builder, loc, 1, 1),
          arith::ConstantIntOp::create(builder, loc, all, 1)};
}

KeyRange attn::emitKeyRange(OpBuilder &, Location, Region &,
                            const MaskBox &queries) {
  return {queries.jBegin, queries.jEnd};
}

MaskSummary attn::summarizeMask(Region &mask) {
  if (mask.empty())
    return {false, true, "no mask: every key is live"};
  return {false, false, "evaluated per element"};
}
