//===- RandomInteger.h - Index arithmetic from a small grammar ------ -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing here is bounded: sums and products leave 32 bits and 64, loads their
// tensors, shifts the width, and divisors may be zero.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_RANDOMINTEGER_H
#define ATTN_TEST_DIFFERENTIAL_RANDOMINTEGER_H

#include "RegionText.h"

namespace attn::differential {

/// An index value of positions, constants and captures.
std::string randomInteger(Random &random, RegionText &text, int depth);

/// A comparison of two of these, or a bit that is read from a tensor.
std::string randomBit(Random &random, RegionText &text);

/// An f32 that is read from a tensor, anywhere.
std::string randomLoad(Random &random, RegionText &text);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_RANDOMINTEGER_H
