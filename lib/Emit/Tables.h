//===- Tables.h - The ABI's structs as LLVM constants -----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A library is, besides the runtime, one module for each variant, which holds
// code and tables, and one index module with what they share: the exported
// function, the bytecode, the list of variants.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_EMIT_TABLES_H
#define ATTN_LIB_EMIT_TABLES_H

#include "attn/Emit/Description.h"
#include "llvm/IR/Module.h"

namespace attn {

/// Adds to the code of variant `index` the packed wrapper of each entry and the
/// table of the variant, and makes everything else internal. `lib/Runtime`'s
/// Runtime.h says what is in them. Fails with a message if a function that the
/// lowering owes (`_mlir_ciface_<entry>`) is missing.
llvm::Error addVariantTables(llvm::Module &module,
                             const LibraryDescription &library, unsigned index);

/// Fills an empty module with `<library>_query` and the shared tables.
void addIndexTables(llvm::Module &module, const LibraryDescription &library);

/// The one symbol that a library exports.
std::string querySymbol(const LibraryDescription &library);

} // namespace attn

#endif // ATTN_LIB_EMIT_TABLES_H
