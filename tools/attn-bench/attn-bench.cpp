//===- attn-bench.cpp - How fast, and what of the limit -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "Race.h"
#include "Report.h"
#include "TuneShapes.h"
#include "attn/Bench/Module.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>

using namespace llvm;
using namespace attn;
using namespace attn::bench;

/// Of a comparison; the other codes are those of CompileStatus.
static constexpr int wrongResult = 1;

static int reportError(Error error) {
  int code = int(CompileStatus::badInput);
  handleAllErrors(std::move(error), [&](const RunError &info) {
    code = int(info.status);
    if (!info.message.empty())
      errs() << "attn-bench: error: " << info.message << '\n';
  });
  return code;
}

namespace {
/// One line a shape on stderr, a word when each step begins. Runs that are over
/// in two seconds say nothing.
class Progress {
public:
  Progress(size_t count) : count(count) {}

  void beginShape(const Shape &shape) {
    ++current;
    pending =
        ("[" + Twine(current) + "/" + Twine(count) + "] " + shape.label() + ":")
            .str();
    said = false;
  }
  void step(StringRef name) {
    pending += (" " + name).str();
    if (secondsSinceStart() < 2 && count < 3)
      return;
    errs() << pending;
    pending.clear();
    said = true;
  }
  void endShape() {
    if (said)
      errs() << format(" (%.0f s)\n", secondsSinceStart());
  }

private:
  double secondsSinceStart() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() -
                                         start)
        .count();
  }

  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
  size_t count, current = 0;
  std::string pending;
  bool said = false;
};
} // namespace

/// An error that no rounding explains, for data around 1.
static bool isRight(const Row &row) {
  bool half = row.shape.dtype == "f16" || row.shape.dtype == "bf16";
  return row.maxAbsError <= (half ? 0.1 : 1e-3);
}

static void printModules(ArrayRef<Shape> shapes) {
  interleave(
      shapes, outs(), [](const Shape &shape) { outs() << writeModule(shape); },
      "// -----\n");
}

/// Runs what can be run, and ends with the code of the first that cannot.
static int runShapes(const Options &options) {
  int code = 0;
  std::vector<Row> rows;
  Progress progress(options.shapes.size());
  RunOptions runOptions = options.run;
  runOptions.progress = [&](StringRef step) { progress.step(step); };
  Session session(std::move(runOptions));
  for (const Shape &shape : options.shapes) {
    progress.beginShape(shape);
    Expected<Row> row = session.run(shape);
    progress.endShape();
    int failed = 0;
    if (!row) {
      failed = reportError(row.takeError());
      errs() << "attn-bench: error: no numbers for " << shape.label() << '\n';
    } else {
      rows.push_back(std::move(*row));
      if (!isRight(rows.back())) {
        failed = wrongResult;
        errs() << format("attn-bench: error: the result of %s is off by %g\n",
                         shape.label().c_str(), rows.back().maxAbsError);
      }
    }
    code = code ? code : failed;
  }
  if (options.json)
    printJSON(rows, outs());
  else
    printTable(rows, outs());
  return code;
}

int main(int argc, char **argv) {
  Expected<std::optional<Options>> options = parseOptions(argc, argv);
  if (!options)
    return reportError(options.takeError());
  if (!*options)
    return 0;
  switch ((*options)->mode) {
  case Mode::measure:
    return runShapes(**options);
  case Mode::printMLIR:
    return printModules((*options)->shapes), 0;
  case Mode::report:
    // There is no GPU target yet, so no kernel to report on.
    if ((*options)->json)
      printJSON({}, outs());
    else
      outs() << "no GPU kernels in this version\n";
    return 0;
  case Mode::tune: {
    Error error = tuneShapes(**options);
    return error ? reportError(std::move(error)) : 0;
  }
  case Mode::probe:
    return serveProbes();
  case Mode::peers:
  case Mode::sweep: {
    Expected<int> code = runRace(**options);
    return code ? *code : reportError(code.takeError());
  }
  }
}
