//===- LoadedLibrary.h - Opening what attnc wrote ------------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNNER_LOADEDLIBRARY_H
#define ATTN_RUNNER_LOADEDLIBRARY_H

#include "attn/Runtime/ABI.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace attn {

/// A compiled library in this process, where it stays: its thread pool may
/// outlive any handle.
class LoadedLibrary {
public:
  /// Opens a shared library and asks it for its description. Its name does not
  /// matter: the one symbol NAME_query is looked up in the file. Errors name
  /// the file and the rule: not a shared library, truncated, not ours, another
  /// ABI version (`errc::invalid_argument`), or a CPU that lacks a feature
  /// (`errc::not_supported`).
  static llvm::Expected<LoadedLibrary> open(llvm::StringRef path);

  const attn_library *operator->() const { return library; }
  /// The entry called `name`, or null.
  const attn_entry *findEntry(llvm::StringRef name) const;
  /// The module that the library was compiled from, as MLIR bytecode.
  llvm::StringRef getBytecode() const {
    return {static_cast<const char *>(library->bytecode),
            library->bytecode_size};
  }

private:
  explicit LoadedLibrary(const attn_library *library) : library(library) {}

  const attn_library *library;
};

} // namespace attn

#endif // ATTN_RUNNER_LOADEDLIBRARY_H
