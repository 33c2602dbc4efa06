//===- NpyHeader.h - The dictionary in the header of a .npy file -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_RUNNER_NPYHEADER_H
#define ATTN_LIB_RUNNER_NPYHEADER_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace attn {

struct NpyHeader {
  std::string descr;
  bool fortranOrder = false;
  llvm::SmallVector<int64_t> shape;
};

/// Reads a Python dictionary with exactly the keys descr, fortran_order and
/// shape, in any order. Returns what is wrong, or nothing.
std::string parseNpyHeader(llvm::StringRef text, NpyHeader &header);

} // namespace attn

#endif // ATTN_LIB_RUNNER_NPYHEADER_H
