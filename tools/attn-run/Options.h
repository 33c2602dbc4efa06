//===- Options.h - The command line of attn-run --------------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_OPTIONS_H
#define ATTN_TOOLS_ATTN_RUN_OPTIONS_H

#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace attn::run {

/// A wrong command line, as opposed to a wrong file: another exit code.
class UsageError : public llvm::ErrorInfo<UsageError> {
public:
  static char ID;
  explicit UsageError(const llvm::Twine &message) : message(message.str()) {}
  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override;

private:
  std::string message;
};

llvm::Error usageError(const llvm::Twine &message);

struct Options {
  std::string library, entry;
  /// ARG (empty: the next in the order of the signature) and file.
  std::vector<std::pair<std::string, std::string>> inputs;
  /// ARG and what was written for it.
  std::vector<std::pair<std::string, std::string>> scalars, randoms;
  std::vector<std::string> outputs;
  unsigned threads = 0, repeat = 1;
  uint64_t seed = 0;
  bool json = false, info = false, compare = false;
  std::string source;
  double tolerance = 1e-5;
};

/// Nothing where the options themselves asked for text that has been printed.
llvm::Expected<std::optional<Options>> parseOptions(int argc, char **argv);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_OPTIONS_H
