//===- OutputFiles.h - All files or none ------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EMIT_OUTPUTFILES_H
#define ATTN_EMIT_OUTPUTFILES_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <string>
#include <vector>

namespace attn {

/// Files to be written together. Each is first written beside its place under a
/// temporary name; when all are complete, they are renamed. A failure, or
/// destruction without `commit`, leaves nothing behind.
class OutputFiles {
public:
  ~OutputFiles();

  /// Writes `contents` to a temporary file for `path`; `executable` gives it
  /// the permissions of a program. Errors name the path.
  llvm::Error add(llvm::StringRef path, llvm::StringRef contents,
                  bool executable = false);
  /// Renames all of them into place.
  llvm::Error commit();

private:
  struct File {
    std::string temporary, path;
  };
  std::vector<File> files;
};

} // namespace attn

#endif // ATTN_EMIT_OUTPUTFILES_H
