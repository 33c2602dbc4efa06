//===- TuneShapes.cpp - Schedules against each other ----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TuneShapes.h"
#include "attn/Bench/Tune.h"
#include "attn/Emit/OutputFiles.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

using namespace llvm;
using namespace attn;
using namespace attn::bench;

static void print(const Shape &shape, TuneResult &result) {
  outs() << shape.label() << '\n'
         << "   1.000  " << result.chosen << "  (the target's choice)\n";
  sort(result.candidates, [](const Candidate &a, const Candidate &b) {
    return a.ratio > b.ratio;
  });
  for (const Candidate &candidate : result.candidates)
    if (candidate.reason.empty())
      outs() << format("%8.3f  ", candidate.ratio) << candidate.schedule
             << '\n';
    else
      outs() << "       -  " << candidate.schedule << "  " << candidate.reason
             << '\n';
  outs() << (result.best ? "  kept: " + result.best->note + '\n'
                         : "  nothing is faster beyond the noise\n");
  outs().flush();
}

Error attn::bench::tuneShapes(const Options &options) {
  mlir::DialectRegistry registry;
  registerCompilerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<AttnDialect>();
  context.printOpOnDiagnostic(false);
  std::vector<TunedSchedule> kept;
  RunOptions run = options.run;
  run.progress = [](StringRef step) { errs() << ' ' << step; };
  for (const Shape &shape : options.shapes) {
    errs() << shape.label() << ':';
    Expected<TuneResult> result = tune(shape, run, context);
    errs() << '\n';
    if (!result)
      return result.takeError();
    print(shape, *result);
    if (result->best)
      kept.push_back(*result->best);
  }
  if (options.output.empty())
    return Error::success();
  std::string text;
  raw_string_ostream os(text);
  writeSchedules(kept, os);
  OutputFiles files;
  Error error = files.add(options.output, text);
  return error ? std::move(error) : files.commit();
}
