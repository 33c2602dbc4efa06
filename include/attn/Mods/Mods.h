//===- Mods.h - Named pieces of regions, and a library of them --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A mod is a function that regions of attention apply (attn.apply). Those of
// the library are written in the dialect, in the files of the folder `mods`,
// which programs carry inside.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_MODS_MODS_H
#define ATTN_MODS_MODS_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

namespace attn {

/// MLIR text with mods. `!score` stands for the type of scores in it.
struct ModFile {
  std::string name; ///< As errors call it: the path of a user's file.
  std::string text;
};

/// The file at `path`, not parsed. Fails if it cannot be read.
llvm::Expected<ModFile> readModFile(llvm::StringRef path);

/// The files of the library.
llvm::ArrayRef<ModFile> modLibrary();

enum class ModKind { mask, score, other };

/// The kind that these types make: (index x 4, ...) -> i1 is a mask mod,
/// (F, index x 4, ...) -> F for a floating-point F a score mod.
ModKind modKind(mlir::TypeRange inputs, mlir::TypeRange results);

/// A mod as a text shows it.
struct ModText {
  llvm::StringRef name;
  llvm::StringRef file; ///< Without folder and extension.
  std::string summary;  ///< The first line of the comment in front of it.
  /// Its inputs as they are written, `%left: index`, and its result.
  llvm::SmallVector<llvm::StringRef> inputs;
  llvm::StringRef result;
  llvm::StringRef text; ///< With that comment.

  ModKind kind() const;
  /// `@window(%left: index, %right: index)`: the inputs after the positions.
  std::string use() const;
};

/// The mods that `file` defines, in their order. This reads lines only: what is
/// no `func.func` at the beginning of a line is skipped.
std::vector<ModText> listMods(const ModFile &file);

/// Those of all files of the library.
std::vector<ModText> listLibraryMods();

/// Replaces each attn.apply in a region of attention by the ops of the mod, of
/// `module`, of `files`, or of the library, in this order, and drops the
/// private functions that nothing uses then. Errors are at the attn.apply.
llvm::LogicalResult inlineMods(mlir::ModuleOp module,
                               llvm::ArrayRef<ModFile> files = {});

} // namespace attn

#endif // ATTN_MODS_MODS_H
