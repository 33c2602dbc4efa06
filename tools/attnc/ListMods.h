//===- ListMods.h - What attnc says of mods ---------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTNC_LISTMODS_H
#define ATTN_TOOLS_ATTNC_LISTMODS_H

#include "attn/Mods/Mods.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

namespace attn {

/// Prints how each mask and score mod of the library and of `files` is used,
/// and the first line of its comment.
void listAllMods(llvm::ArrayRef<ModFile> files, llvm::raw_ostream &os);

/// Prints the text of the mod `name`, of `files` or of the library. If there is
/// none, this returns the name most like it.
std::optional<std::string> printMod(llvm::StringRef name,
                                    llvm::ArrayRef<ModFile> files,
                                    llvm::raw_ostream &os);

} // namespace attn

#endif // ATTN_TOOLS_ATTNC_LISTMODS_H
