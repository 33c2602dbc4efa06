//===- Report.cpp - What attn-run prints
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Report.h"
#include "Arguments.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace llvm;
using namespace attn;
using namespace attn::run;

double Report::minimum() const { return *llvm::min_element(times); }

double Report::median() const {
  std::vector<double> sorted = times;
  llvm::sort(sorted);
  size_t middle = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[middle]
                           : (sorted[middle - 1] + sorted[middle]) / 2;
}

//===----------------------------------------------------------------------===//
// --info
//===----------------------------------------------------------------------===//

/// `q: f32 [B, 8, SQ, 64]`
static void printArgument(const attn_entry &entry,
                          const attn_argument &argument, raw_ostream &os) {
  os << "    "
     << (argument.role == ATTN_OUTPUT  ? "-> "
         : argument.role == ATTN_INOUT ? "<> "
                                       : "   ")
     << argument.name << ": "
     << (argument.is_index ? "index" : elementName(argument.dtype));
  if (argument.kind == ATTN_TENSOR) {
    os << " [";
    for (int32_t dim = 0; dim < argument.rank; ++dim) {
      os << (dim ? ", " : "");
      if (argument.symbols[dim] < 0)
        os << argument.shape[dim];
      else
        os << entry.symbols[argument.symbols[dim]];
    }
    os << ']';
  }
  os << (argument.weight ? " (weight)\n" : "\n");
}

static void writeArgument(const attn_entry &entry,
                          const attn_argument &argument, json::OStream &json) {
  json.object([&] {
    json.attribute("name", argument.name);
    json.attribute("kind", argument.kind == ATTN_SCALAR ? "scalar" : "tensor");
    json.attribute("role", argument.role == ATTN_OUTPUT  ? "output"
                           : argument.role == ATTN_INOUT ? "inout"
                                                         : "input");
    json.attribute("dtype",
                   argument.is_index ? "index" : elementName(argument.dtype));
    json.attribute("weight", bool(argument.weight));
    if (argument.kind == ATTN_SCALAR)
      return;
    json.attributeArray("shape", [&] {
      for (int32_t dim = 0; dim < argument.rank; ++dim)
        if (argument.symbols[dim] < 0)
          json.value(argument.shape[dim]);
        else
          json.value(entry.symbols[argument.symbols[dim]]);
    });
  });
}

static void writeStrings(json::OStream &json, StringRef key,
                         const char *const *strings, uint32_t count) {
  json.attributeArray(key, [&] {
    for (uint32_t index = 0; index < count; ++index)
      json.value(strings[index]);
  });
}

static void writeInfo(const LoadedLibrary &library,
                      ArrayRef<const attn_entry *> entries, raw_ostream &os) {
  json::OStream json(os, 2);
  json.object([&] {
    json.attribute("name", library->name);
    json.attribute("abi_version", library->abi_version);
    json.attribute("compiler", library->compiler);
    json.attribute("target", library->target);
    writeStrings(json, "targets", library->targets, library->num_targets);
    writeStrings(json, "cpu_features", library->cpu_features,
                 library->num_cpu_features);
    json.attributeArray("entries", [&] {
      for (const attn_entry *entry : entries)
        json.object([&] {
          json.attribute("name", entry->name);
          json.attribute("schedule", entry->schedule ? entry->schedule : "");
          json.attribute("prepared_bytes", int64_t(entry->prepared_bytes));
          json.attributeArray("arguments", [&] {
            for (uint32_t index = 0; index < entry->num_arguments; ++index)
              writeArgument(*entry, *entry->arguments[index], json);
          });
        });
    });
  });
  os << '\n';
}

void attn::run::printInfo(const LoadedLibrary &library, const Options &options,
                          raw_ostream &os) {
  SmallVector<const attn_entry *> entries;
  for (uint32_t index = 0; index < library->num_entries; ++index)
    if (options.entry.empty() || options.entry == library->entries[index]->name)
      entries.push_back(library->entries[index]);
  if (options.json)
    return writeInfo(library, entries, os);
  os << library->name << ": ABI " << library->abi_version << ", "
     << library->compiler << ", for " << library->target << " (of ";
  interleaveComma(ArrayRef(library->targets, library->num_targets), os);
  os << ")\n";
  if (library->num_cpu_features) {
    os << "  needs ";
    interleaveComma(ArrayRef(library->cpu_features, library->num_cpu_features),
                    os);
    os << '\n';
  }
  for (const attn_entry *entry : entries) {
    os << "  " << entry->name;
    if (entry->schedule && *entry->schedule)
      os << "  (" << entry->schedule << ')';
    os << '\n';
    for (uint32_t index = 0; index < entry->num_arguments; ++index)
      printArgument(*entry, *entry->arguments[index], os);
  }
}

//===----------------------------------------------------------------------===//
// A run
//===----------------------------------------------------------------------===//

static void writeReport(const LoadedLibrary &library, const attn_entry &entry,
                        const Options &options, const Invocation &invocation,
                        const Report &report, raw_ostream &os) {
  json::OStream json(os, 2);
  json.object([&] {
    json.attribute("library", library->name);
    json.attribute("entry", entry.name);
    json.attribute("isa", library->target);
    json.attribute("schedule", entry.schedule ? entry.schedule : "");
    json.attribute("threads", options.threads);
    json.attribute("repeats", int64_t(report.times.size()));
    json.attribute("time_us", report.minimum());
    json.attribute("median_us", report.median());
    json.attribute("prepare_us", report.prepareTime);
    json.attribute("scratch_bytes", int64_t(invocation.getWorkspaceBytes()));
    if (!options.randoms.empty())
      json.attribute("seed", options.seed);
    if (report.comparison) {
      // JSON has no infinity.
      double error = report.comparison->maxAbsError;
      json.attribute("max_abs_error", std::isfinite(error)
                                          ? json::Value(error)
                                          : json::Value("inf"));
      json.attribute("tolerance", options.tolerance);
    }
    json.attributeArray("outputs", [&] {
      size_t result = 0;
      for (size_t index : listWritten(entry)) {
        json.object([&] {
          json.attribute("name", entry.arguments[index]->name);
          json.attribute("dtype", elementName(entry.arguments[index]->dtype));
          json.attributeArray("shape", [&] {
            for (int64_t size : invocation.getShape(index))
              json.value(size);
          });
          if (result < options.outputs.size())
            json.attribute("file", options.outputs[result]);
        });
        ++result;
      }
    });
  });
  os << '\n';
}

void attn::run::printReport(const LoadedLibrary &library,
                            const attn_entry &entry, const Options &options,
                            const Invocation &invocation, const Report &report,
                            raw_ostream &os) {
  if (options.json)
    return writeReport(library, entry, options, invocation, report, os);
  if (!options.randoms.empty())
    os << "seed " << options.seed << '\n';
  if (options.repeat > 1)
    os << entry.name << ": min " << format("%.1f", report.minimum())
       << " us, median " << format("%.1f", report.median()) << " us of "
       << report.times.size() << " calls\n";
  if (!report.comparison)
    return;
  os << "largest error " << format("%.3g", report.comparison->maxAbsError)
     << ", tolerance " << format("%.3g", options.tolerance) << '\n';
}
