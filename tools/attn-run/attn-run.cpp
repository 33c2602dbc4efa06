//===- attn-run.cpp - Runs an entry of a compiled library
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "Compare.h"
#include "Options.h"
#include "Report.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <new>

using namespace llvm;
using namespace attn;
using namespace attn::run;

namespace {
/// As the contract numbers them.
enum ExitCode {
  right = 0,
  comparisonFailed = 1,
  wrongUsage = 2,
  badInput = 3,
  notSupported = 4
};
} // namespace

static int reportError(Error error) {
  ExitCode code = badInput;
  handleAllErrors(std::move(error), [&](const ErrorInfoBase &info) {
    if (info.isA<UsageError>())
      code = wrongUsage;
    else if (info.convertToErrorCode() == errc::not_supported)
      code = notSupported;
    errs() << "attn-run: error: " << info.message() << '\n';
  });
  return code;
}

static double microsecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::micro>(
             std::chrono::steady_clock::now() - start)
      .count();
}

static Expected<const attn_entry *> chooseEntry(const LoadedLibrary &library,
                                                StringRef name) {
  if (const attn_entry *entry = library.findEntry(name))
    return entry;
  if (name.empty() && library->num_entries == 1)
    return library->entries[0];
  std::string names;
  for (uint32_t index = 0; index < library->num_entries; ++index)
    names += (index ? ", " : "") + std::string(library->entries[index]->name);
  return usageError(name.empty()
                        ? "expected --entry=NAME, one of: " + names
                        : "no entry '" + name.str() + "', only: " + names);
}

/// Runs the entry; says whether the results were right where that was asked.
static Expected<bool> runEntry(const LoadedLibrary &library,
                               const attn_entry &entry,
                               const Options &options) {
  size_t numOutputs = listWritten(entry).size();
  if (options.outputs.size() > numOutputs)
    return usageError("entry '" + Twine(entry.name) + "' has " +
                      Twine(numOutputs) + " results, got " +
                      Twine(options.outputs.size()) + " --output");
  if (entry.device_type != kDLCPU)
    return createStringError(errc::not_supported,
                             "entry '%s' is for device type %d; attn-run calls "
                             "entries for CPUs",
                             entry.name, entry.device_type);
  Invocation invocation(entry);
  if (Error error = setInputs(entry, options, invocation))
    return std::move(error);
  if (Error error = invocation.allocateOutputs())
    return std::move(error);
  Report report;
  auto start = std::chrono::steady_clock::now();
  if (Error error = invocation.prepare(options.threads))
    return std::move(error);
  report.prepareTime = entry.prepared_bytes ? microsecondsSince(start) : 0;
  // The first call starts threads and touches pages.
  if (options.repeat > 1)
    if (Error error = invocation.call())
      return std::move(error);
  for (unsigned round = 0; round < options.repeat; ++round) {
    // The last call is the one that is compared.
    if (options.compare && round + 1 == options.repeat)
      invocation.restoreInOuts();
    start = std::chrono::steady_clock::now();
    if (Error error = invocation.call())
      return std::move(error);
    report.times.push_back(microsecondsSince(start));
  }
  if (options.compare) {
    auto comparison = compareWithReference(library, entry, options, invocation);
    if (!comparison)
      return comparison.takeError();
    report.comparison = std::move(*comparison);
  }
  if (Error error = writeOutputs(entry, options, invocation))
    return std::move(error);
  printReport(library, entry, options, invocation, report, outs());
  if (!report.comparison || report.comparison->maxAbsError <= options.tolerance)
    return true;
  outs().flush();
  errs() << "attn-run: " << report.comparison->where << '\n';
  return false;
}

static Expected<bool> runTool(int argc, char **argv) {
  auto options = parseOptions(argc, argv);
  if (!options)
    return options.takeError();
  if (!*options)
    return true;
  auto library = LoadedLibrary::open((*options)->library);
  if (!library)
    return library.takeError();
  if ((*options)->info && (*options)->entry.empty()) {
    printInfo(*library, **options, outs());
    return true;
  }
  auto entry = chooseEntry(*library, (*options)->entry);
  if (!entry)
    return entry.takeError();
  if ((*options)->info) {
    printInfo(*library, **options, outs());
    return true;
  }
  return runEntry(*library, **entry, **options);
}

/// Sizes that nobody's memory holds are bad input, and asked for by name only
/// here: nothing is written before all of it is there.
[[noreturn]] static void endWithoutMemory() {
  errs() << "attn-run: error: the tensors of this call, or of the reference, "
            "need more memory than there is\n";
  std::_Exit(badInput);
}

int main(int argc, char **argv) {
  std::set_new_handler(endWithoutMemory);
  install_bad_alloc_error_handler(
      [](void *, const char *, bool) { endWithoutMemory(); });
  Expected<bool> result = runTool(argc, argv);
  if (!result)
    return reportError(result.takeError());
  return *result ? right : comparisonFailed;
}
