//===- Link.h - From objects to a library -----------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_EMIT_LINK_H
#define ATTN_EMIT_LINK_H

#include "attn/Emit/ObjectCode.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/TargetParser/Triple.h"
#include <string>

namespace attn {

/// Links objects for `triple`, given as file contents, and the runtime into a
/// shared library that exports `exported` only and needs libc and libm only.
/// Symbols that are in none of them are an error, but for those of a
/// sanitizer that the program brings. Runs
/// `ld.lld`: the one beside this program, else that of the build, else on the
/// PATH. Fails with `errc::not_supported` where this build has no runtime for
/// the architecture, or this machine no C library for it.
llvm::Expected<std::string>
linkSharedLibrary(llvm::ArrayRef<std::string> objects,
                  const llvm::Triple &triple, llvm::StringRef exported,
                  Sanitizer sanitizer);

/// Links them into one relocatable object whose only global symbol is
/// `exported`, so that any number of such objects can be linked together.
llvm::Expected<std::string> linkObject(llvm::ArrayRef<std::string> objects,
                                       const llvm::Triple &triple,
                                       llvm::StringRef exported,
                                       Sanitizer sanitizer);

/// A static library with one member.
llvm::Expected<std::string> makeArchive(llvm::StringRef object,
                                        llvm::StringRef memberName);

} // namespace attn

#endif // ATTN_EMIT_LINK_H
