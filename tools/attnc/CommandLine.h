//===- CommandLine.h - What attnc was asked to do ---------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTNC_COMMANDLINE_H
#define ATTN_TOOLS_ATTNC_COMMANDLINE_H

#include "attn/Compile/Compile.h"
#include <optional>

namespace attn {

struct CommandLine {
  std::string input = "-";
  std::string prefix; ///< Empty: none given.
  CompileOptions compile;
  std::string stopAfter;         ///< Empty: all stages.
  std::vector<std::string> mods; ///< Files.
  std::string schedules;         ///< A file; empty: none given.
  bool printSchedule = false;
  bool listTargets = false;
  bool printTarget = false;
  bool listMods = false;
  std::string printMod; ///< Empty: none.
  bool remarks = false;
  bool timing = false;
  bool printAfterAll = false;
  bool version = false;
  bool help = false;
};

/// Parses and checks. Nothing, with a message on stderr, for wrong usage.
std::optional<CommandLine> parseCommandLine(int argc, char **argv);
void printHelp(llvm::raw_ostream &os);

} // namespace attn

#endif // ATTN_TOOLS_ATTNC_COMMANDLINE_H
