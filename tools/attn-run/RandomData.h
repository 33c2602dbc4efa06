//===- RandomData.h - Arguments from random numbers ----------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_RANDOMDATA_H
#define ATTN_TOOLS_ATTN_RUN_RANDOMDATA_H

#include "attn/Runner/Invocation.h"

namespace attn::run {

/// Sets the tensor that `text` describes, `2x8x100x64` or `4@0:128`: floats
/// from N(0,1), integers of up to 8 bits from all their values, or either from
/// a range. Seeded by the position of the argument too, so that giving another
/// one from a file changes nothing.
llvm::Error setRandom(const attn_entry &entry, unsigned index,
                      llvm::StringRef text, uint64_t seed,
                      Invocation &invocation);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_RANDOMDATA_H
