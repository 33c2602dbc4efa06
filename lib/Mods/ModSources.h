//===- ModSources.h - Where the name of a mod leads -------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_MODS_MODSOURCES_H
#define ATTN_LIB_MODS_MODSOURCES_H

#include "attn/Mods/Mods.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace attn {

/// A module, files, which outlive this, and the library, of which each is
/// parsed when a name first asks for it, once for each type of scores.
class ModSources {
public:
  ModSources(mlir::ModuleOp module, llvm::ArrayRef<ModFile> files);

  /// The mod that `name` is where `from` applies it: one of the same source, of
  /// the files, or of the library, or else an entry of the module, which is no
  /// mod. Null if there is none; fails, with an error,
  /// where a file does not parse.
  llvm::FailureOr<mlir::func::FuncOp>
  find(llvm::StringRef name, mlir::ModuleOp from, mlir::FloatType score);

  /// The names that `module` can apply.
  std::vector<std::string> names() const;

  bool isOfLibrary(mlir::func::FuncOp mod) const;

  /// How to use `mod`, as far as its text says it.
  std::string describe(mlir::func::FuncOp mod) const;

private:
  struct Source {
    const ModFile *file;
    bool isLibrary;
    std::vector<ModText> mods; ///< Of the text of `file`, which stays.
    mlir::OwningOpRef<mlir::ModuleOp> parsed[2]; ///< Of f32, of f64.
  };
  /// Null where `mod` is of the module.
  const Source *sourceOf(mlir::func::FuncOp mod) const;
  llvm::FailureOr<mlir::ModuleOp> parse(Source &source, mlir::FloatType score);

  mlir::ModuleOp module;
  std::vector<Source> sources;
};

} // namespace attn

#endif // ATTN_LIB_MODS_MODSOURCES_H
