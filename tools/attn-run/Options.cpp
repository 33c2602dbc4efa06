//===- Options.cpp - The command line of attn-run
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;
using namespace attn::run;

char UsageError::ID;

std::error_code UsageError::convertToErrorCode() const {
  return make_error_code(errc::invalid_argument);
}

Error attn::run::usageError(const Twine &message) {
  return make_error<UsageError>(message);
}

static constexpr StringLiteral help =
    R"(attn-run: runs an entry of a library that attnc wrote

  attn-run LIB.so --entry=NAME [--input=[ARG=]FILE.npy]... [--scalar=ARG=V]...
           [--random=ARG=2x8x100x64]... --output=FILE.npy... [options]
  attn-run LIB.so --info [--json]

  --entry=NAME            the function to call; may be left out if there is one
  --input=[ARG=]FILE.npy  a tensor; without ARG the next one in signature order
                          that is not given by name
  --scalar=ARG=V          a number, or true or false
  --random=ARG=SIZES[@LOW:HIGH]
                          a tensor from N(0,1), or of integers of their type; of
                          numbers from LOW to HIGH, as in lengths=4@0:128
  --seed=N                of --random (default 0)
  --output=FILE.npy       where results go, in their order
  --threads=N             most threads (default: the CPUs of this process)
  --repeat=N              time N calls after one for warming up
  --compare=reference     compare with the float64 reference interpreter
  --source=FILE.mlir      the module it interprets (default: the library's own)
  --tolerance=T           largest absolute error that is right (default 1e-5)
  --json                  one JSON object on stdout instead of text
  --info                  say what is in the library
  --version, --help

Exit codes: 0 right, 1 a comparison failed, 2 wrong usage, 3 bad input, 4 not
supported.
)";

/// An integer from `low` on, or an error that names the option.
template <typename T>
static Error parseNumber(StringRef option, StringRef text, T low, T &value) {
  if (text.getAsInteger(10, value) || value < low)
    return usageError("--" + option + "=" + text +
                      ": expected an integer from " + Twine(low));
  return Error::success();
}

/// Splits ARG=REST.
static Error parseAssignment(StringRef option, StringRef text,
                             std::pair<std::string, std::string> &result) {
  auto [name, rest] = text.split('=');
  if (name.empty() || rest.empty())
    return usageError("--" + option + "=" + text + ": expected --" + option +
                      "=ARG=" + (option == "scalar" ? "VALUE" : "2x8x100x64"));
  result = {name.str(), rest.str()};
  return Error::success();
}

/// One `--name=value`.
static Error parseOption(StringRef name, StringRef value, Options &options) {
  if (name == "entry") {
    options.entry = value.str();
  } else if (name == "input") {
    // A path may have an '=' too, behind a slash.
    auto [argument, file] = value.split('=');
    bool named = value.contains('=') && !argument.contains('/');
    options.inputs.emplace_back(named ? argument.str() : "",
                                named ? file.str() : value.str());
    if (options.inputs.back().second.empty())
      return usageError("--input=" + value +
                        ": expected --input=[ARG=]FILE.npy");
  } else if (name == "scalar") {
    return parseAssignment(name, value, options.scalars.emplace_back());
  } else if (name == "random") {
    return parseAssignment(name, value, options.randoms.emplace_back());
  } else if (name == "output") {
    if (value.empty())
      return usageError("--output: expected --output=FILE.npy");
    options.outputs.push_back(value.str());
  } else if (name == "threads") {
    return parseNumber(name, value, 1u, options.threads);
  } else if (name == "repeat") {
    return parseNumber(name, value, 1u, options.repeat);
  } else if (name == "seed") {
    return parseNumber(name, value, uint64_t(0), options.seed);
  } else if (name == "compare") {
    if (value != "reference")
      return usageError("--compare=" + value + ": expected reference");
    options.compare = true;
  } else if (name == "source") {
    options.source = value.str();
  } else if (name == "tolerance") {
    if (value.getAsDouble(options.tolerance) || !(options.tolerance >= 0))
      return usageError("--tolerance=" + value +
                        ": expected a number that is not negative");
  } else {
    return usageError("unknown option --" + name + "; see --help");
  }
  return Error::success();
}

Expected<std::optional<Options>> attn::run::parseOptions(int argc,
                                                         char **argv) {
  Options options;
  static constexpr StringLiteral flags[] = {"json", "info"};
  SmallVector<StringRef> words(argv + 1, argv + argc);
  for (size_t at = 0; at < words.size(); ++at) {
    StringRef word = words[at];
    if (word == "--help" || word == "-h") {
      outs() << help;
      return std::nullopt;
    }
    if (word == "--version") {
      outs() << "attn-run " ATTN_VERSION "\n";
      return std::nullopt;
    }
    if (!word.starts_with("-")) {
      if (!options.library.empty())
        return usageError("two libraries: " + Twine(options.library) + " and " +
                          word);
      options.library = word.str();
      continue;
    }
    // One dash does as well, and a value may be the next word.
    auto [name, value] = word.ltrim('-').split('=');
    if (is_contained(flags, name)) {
      if (word.contains('='))
        return usageError("--" + name + " takes no value");
      (name == "json" ? options.json : options.info) = true;
      continue;
    }
    if (!word.contains('=')) {
      if (at + 1 == words.size())
        return usageError("--" + name + ": expected a value; see --help");
      value = words[++at];
    }
    if (Error error = parseOption(name, value, options))
      return std::move(error);
  }
  if (options.library.empty())
    return usageError("expected a library; see --help");
  if (!options.source.empty() && !options.compare)
    return usageError("--source needs --compare=reference");
  return options;
}
