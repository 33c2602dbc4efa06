//===- ToyLibrary.h - A library that needs no lowering of ours --*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One entry `toy(x[M,N], f, w[4]) -> y[M,N]`, y = x * f + 2 * w[0], whose
// "weight" w is prepared: written by hand in the form that lowering gives.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_EMIT_TOYLIBRARY_H
#define ATTN_TEST_UNIT_EMIT_TOYLIBRARY_H

#include "attn/Emit/Emit.h"
#include "attn/Runtime/ABI.h"
#include "llvm/ADT/SmallString.h"
#include <string>

namespace attn {

/// A context with what the tests' modules are made of.
void loadToyDialects(mlir::MLIRContext &context);

/// Emits the toy library under `prefix`; returns an error text, empty if good.
/// `targets` become variants: "host" or a name whose features no machine has.
std::string emitToy(llvm::StringRef prefix, llvm::ArrayRef<Output> outputs,
                    llvm::ArrayRef<std::string> targets = {"host"});

/// A fresh directory, removed with the object.
class TestDirectory {
public:
  TestDirectory();
  ~TestDirectory();
  std::string file(llvm::StringRef name) const;
  std::string read(llvm::StringRef name) const;

private:
  llvm::SmallString<128> root;
};

} // namespace attn

#endif // ATTN_TEST_UNIT_EMIT_TOYLIBRARY_H
