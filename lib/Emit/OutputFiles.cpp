//===- OutputFiles.cpp - All files or none --------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/OutputFiles.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace attn;
namespace fs = llvm::sys::fs;

static llvm::Error cannotWrite(llvm::StringRef path, std::error_code code) {
  return llvm::createStringError(code, "cannot write '" + path +
                                           "': " + code.message());
}

OutputFiles::~OutputFiles() {
  for (const File &file : files)
    fs::remove(file.temporary);
}

llvm::Error OutputFiles::add(llvm::StringRef path, llvm::StringRef contents,
                             bool executable) {
  // Found out now, a directory in the way does not undo renames later.
  if (fs::is_directory(path))
    return cannotWrite(path, std::make_error_code(std::errc::is_a_directory));
  unsigned mode = fs::all_read | fs::all_write;
  if (executable)
    mode |= fs::all_exe;
  int descriptor;
  llvm::SmallString<128> temporary;
  if (std::error_code code = fs::createUniqueFile(
          path + ".%%%%%%.tmp", descriptor, temporary, fs::OF_None, mode))
    return cannotWrite(path, code);
  files.push_back({temporary.str().str(), path.str()});
  llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
  os << contents;
  os.close();
  if (std::error_code code = os.error()) {
    os.clear_error();
    return cannotWrite(path, code);
  }
  return llvm::Error::success();
}

llvm::Error OutputFiles::commit() {
  while (!files.empty()) {
    const File &file = files.back();
    if (std::error_code code = fs::rename(file.temporary, file.path))
      return cannotWrite(file.path, code);
    files.pop_back();
  }
  return llvm::Error::success();
}
