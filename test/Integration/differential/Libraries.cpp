//===- Libraries.cpp - Compiling what can be compiled
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Libraries.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

using namespace llvm;
using namespace attn;
using namespace attn::differential;

Error Libraries::compile(ArrayRef<Source> sources) {
  if (sources.empty())
    return Error::success();
  std::string text;
  for (const Source &source : sources)
    text += source.text;
  Expected<std::string> path = compiler.compile(text, sources.front().name);
  if (!path) {
    Outcome outcome{sources.front().name, sources.front().features, "", ""};
    handleAllErrors(path.takeError(), [&](const StringError &error) {
      bool refused = error.convertToErrorCode() == errc::not_supported;
      (refused ? outcome.refusal : outcome.failure) = error.getMessage();
    });
    if (sources.size() == 1) {
      outcomes.push_back(std::move(outcome));
      return Error::success();
    }
    // One fails, and with it all. Refusals come early: this is cheap.
    size_t half = sources.size() / 2;
    if (Error error = compile(sources.take_front(half)))
      return error;
    return compile(sources.drop_front(half));
  }
  Expected<LoadedLibrary> library = LoadedLibrary::open(*path);
  if (!library)
    return library.takeError();
  for (const Source &source : sources) {
    entries[source.name] = library->findEntry(source.name);
    outcomes.push_back({source.name, source.features, "", ""});
  }
  libraries.push_back(std::move(*library));
  return Error::success();
}

unsigned Libraries::report(ArrayRef<std::string> expected,
                           raw_ostream &os) const {
  unsigned failures = 0;
  std::map<std::string, unsigned> refusals;
  for (const Outcome &outcome : outcomes) {
    auto covers = [&](StringRef element) {
      SmallVector<StringRef> features;
      element.split(features, '+');
      return all_of(features, [&](StringRef feature) {
        return is_contained(outcome.features, feature);
      });
    };
    auto covering = find_if(expected, covers);
    bool refused = !outcome.refusal.empty();
    if (refused)
      ++refusals[outcome.refusal];
    if (outcome.failure.empty() && refused == (covering != expected.end()))
      continue;
    ++failures;
    os << "FAILED " << outcome.name << " (" << join(outcome.features, " ")
       << ") ";
    if (!outcome.failure.empty())
      os << outcome.failure << '\n';
    else if (refused)
      os << "is refused: " << outcome.refusal << '\n';
    else
      os << "compiles, although --unsupported lists " << *covering << '\n';
  }
  for (const auto &[refusal, count] : refusals)
    os << count << " not compiled: " << refusal << '\n';
  return failures;
}
