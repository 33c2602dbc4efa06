//===- CName.h - C identifiers from MLIR names ------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_EMIT_CNAME_H
#define ATTN_LIB_EMIT_CNAME_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace attn {

/// `name` with what C does not allow replaced by `_`; a keyword of C or C++
/// gets one at its end.
std::string cName(llvm::StringRef name);

} // namespace attn

#endif // ATTN_LIB_EMIT_CNAME_H
