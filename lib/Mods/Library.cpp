//===- Library.cpp - The mods that programs carry -------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The build says where the folder ATTN_MODS lies; a program does not need it.
//
//===----------------------------------------------------------------------===//

#include "attn/Mods/Mods.h"
#include "attn/Support/Embed.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace attn;

ATTN_EMBED(attn_mods_masks, ATTN_MODS "/masks.mlir")
ATTN_EMBED(attn_mods_windows, ATTN_MODS "/windows.mlir")
ATTN_EMBED(attn_mods_grids, ATTN_MODS "/grids.mlir")
ATTN_EMBED(attn_mods_sparse, ATTN_MODS "/sparse.mlir")
ATTN_EMBED(attn_mods_scores, ATTN_MODS "/scores.mlir")
ATTN_EMBED(attn_mods_biases, ATTN_MODS "/biases.mlir")

llvm::ArrayRef<ModFile> attn::modLibrary() {
  static const ModFile files[] = {
      {"mods/masks.mlir", ATTN_EMBEDDED_TEXT(attn_mods_masks)},
      {"mods/windows.mlir", ATTN_EMBEDDED_TEXT(attn_mods_windows)},
      {"mods/grids.mlir", ATTN_EMBEDDED_TEXT(attn_mods_grids)},
      {"mods/sparse.mlir", ATTN_EMBEDDED_TEXT(attn_mods_sparse)},
      {"mods/scores.mlir", ATTN_EMBEDDED_TEXT(attn_mods_scores)},
      {"mods/biases.mlir", ATTN_EMBEDDED_TEXT(attn_mods_biases)}};
  return files;
}

std::vector<ModText> attn::listLibraryMods() {
  std::vector<ModText> mods;
  for (const ModFile &file : modLibrary())
    llvm::append_range(mods, listMods(file));
  return mods;
}

llvm::Expected<ModFile> attn::readModFile(llvm::StringRef path) {
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   "cannot read the mods in '" + path +
                                       "': " + buffer.getError().message());
  return ModFile{path.str(), (*buffer)->getBuffer().str()};
}
