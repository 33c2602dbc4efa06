//===- ListMods.cpp - What attnc says of mods -----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ListMods.h"

using namespace attn;

/// In the order in which names are looked up.
static std::vector<ModText> allMods(llvm::ArrayRef<ModFile> files) {
  std::vector<ModText> mods;
  for (const ModFile &file : files)
    llvm::append_range(mods, listMods(file));
  llvm::append_range(mods, listLibraryMods());
  return mods;
}

void attn::listAllMods(llvm::ArrayRef<ModFile> files, llvm::raw_ostream &os) {
  llvm::StringRef last;
  for (const ModText &mod : allMods(files)) {
    if (mod.kind() == ModKind::other)
      continue;
    if (mod.file != last)
      os << (last.empty() ? "" : "\n") << mod.file << ":\n";
    last = mod.file;
    os << "  " << (mod.kind() == ModKind::mask ? "mask(" : "score(")
       << mod.use() << ")\n      " << mod.summary << '\n';
  }
}

std::optional<std::string> attn::printMod(llvm::StringRef name,
                                          llvm::ArrayRef<ModFile> files,
                                          llvm::raw_ostream &os) {
  name.consume_front("@");
  std::vector<ModText> mods = allMods(files);
  for (const ModText &mod : mods)
    if (mod.name == name) {
      os << mod.text << '\n';
      return std::nullopt;
    }
  return llvm::min_element(mods,
                           [&](const ModText &a, const ModText &b) {
                             return a.name.edit_distance(name) <
                                    b.name.edit_distance(name);
                           })
      ->name.str();
}
