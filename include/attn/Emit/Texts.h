//===- Texts.h - Header, manifest and pkg-config file -----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The files beside a library, all written from its description.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EMIT_TEXTS_H
#define ATTN_EMIT_TEXTS_H

#include "attn/Emit/Description.h"
#include "llvm/Support/raw_ostream.h"

namespace attn {

/// A C11 and C++17 header that needs <stddef.h> and <stdint.h> only: the ABI,
/// the query function, and for each entry E typed wrappers `E_call`,
/// `E_workspace_size` and, with weights, `E_prepare` and `E_prepared_bytes`.
void writeHeader(const LibraryDescription &library, llvm::raw_ostream &os);

/// The same as JSON.
void writeManifest(const LibraryDescription &library, llvm::raw_ostream &os);

/// A pkg-config file for a library that lies where the file lies.
void writePkgConfig(const LibraryDescription &library, llvm::StringRef basename,
                    llvm::raw_ostream &os);

/// `q[B,8,SQ,64] f32`, as the texts show an argument to people.
std::string argumentSignature(const EntryDescription &entry,
                              const ArgumentDescription &argument);

} // namespace attn

#endif // ATTN_EMIT_TEXTS_H
