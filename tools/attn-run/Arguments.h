//===- Arguments.h - From files and numbers to the arguments of a call  -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_ARGUMENTS_H
#define ATTN_TOOLS_ATTN_RUN_ARGUMENTS_H

#include "Options.h"
#include "attn/Runner/Invocation.h"

namespace attn::run {

/// Gives every input of `entry` what the command line says. Errors name the
/// argument or the file, and the rule.
llvm::Error setInputs(const attn_entry &entry, const Options &options,
                      Invocation &invocation);

/// The arguments that a call writes, as `--output` counts them: the outputs,
/// then the inputs that it changes in place.
llvm::SmallVector<unsigned> listWritten(const attn_entry &entry);

/// Writes results to `options.outputs`, all or none.
llvm::Error writeOutputs(const attn_entry &entry, const Options &options,
                         const Invocation &invocation);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_ARGUMENTS_H
