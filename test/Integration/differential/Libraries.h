//===- Libraries.h - Compiling what can be compiled ---------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_LIBRARIES_H
#define ATTN_TEST_DIFFERENTIAL_LIBRARIES_H

#include "RunCompiled.h"
#include "attn/Runner/LoadedLibrary.h"
#include "llvm/ADT/StringMap.h"

namespace attn::differential {

/// One function as MLIR text, and what sets it apart.
struct Source {
  std::string name, text;
  std::vector<std::string> features;
};

/// The libraries of many functions: one, and more where the compiler refuses
/// some of the functions.
class Libraries {
public:
  explicit Libraries(Compiler compiler) : compiler(std::move(compiler)) {}

  /// Compiles what can be compiled. An error if a library can't be loaded.
  llvm::Error compile(llvm::ArrayRef<Source> sources);

  /// Null if the compiler refused it.
  const attn_entry *findEntry(llvm::StringRef name) const {
    return entries.lookup(name);
  }

  /// Says what was refused, and returns how many functions were although no
  /// element of `expected` covers them, or were not although one does, or made
  /// the compiler fail. An
  /// element such as `k:i8+page_table` covers functions with all of its
  /// features.
  unsigned report(llvm::ArrayRef<std::string> expected,
                  llvm::raw_ostream &os) const;

private:
  struct Outcome {
    std::string name;
    std::vector<std::string> features;
    std::string refusal, failure; ///< Both empty: compiled.
  };

  Compiler compiler;
  std::vector<LoadedLibrary> libraries;
  llvm::StringMap<const attn_entry *> entries;
  std::vector<Outcome> outcomes;
};

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_LIBRARIES_H
