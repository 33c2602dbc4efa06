//===- Run.cpp - From a shape to a row of numbers -------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Run.h"
#include "Baseline.h"
#include "CompiledShape.h"
#include "Data.h"
#include "attn/Bench/Module.h"
#include "attn/Bench/Probe.h"
#include "llvm/Support/Errc.h"
#include <chrono>
#include <map>

using namespace mlir;
using namespace attn;
using namespace attn::bench;
using llvm::Expected;

char RunError::ID;

std::error_code RunError::convertToErrorCode() const {
  return make_error_code(status == CompileStatus::unsupported
                             ? llvm::errc::not_supported
                             : llvm::errc::invalid_argument);
}

static void fillRow(const Samples &samples, Row &row) {
  row.repeats = int64_t(samples.seconds.size());
  double best = samples.minimum();
  row.timeUs = best * 1e6;
  row.medianUs = median(samples.seconds) * 1e6;
  row.flops = countFlops(row.shape);
  row.gflops = row.flops / best * 1e-9;
  row.peakGflops = median(samples.peaks);
  row.percentOfPeak = samples.percentOf(samples.peaks, row.flops * 1e-9);
  row.bytes = countBytes(row.shape);
  row.gbytesPerS = row.bytes / best * 1e-9;
  row.bandwidth = median(samples.bandwidths);
  row.percentOfBandwidth =
      samples.percentOf(samples.bandwidths, row.bytes * 1e-9);
}

static BaselineRow compareWithBaseline(const Samples &ours,
                                       const Samples &baseline, const Row &row,
                                       const char *name) {
  std::vector<double> ratios;
  for (auto [time, other] : llvm::zip_equal(ours.seconds, baseline.seconds))
    ratios.push_back(other / time);
  return {name, baseline.minimum() * 1e6,
          baseline.percentOf(baseline.peaks, row.flops * 1e-9),
          baseline.percentOf(baseline.bandwidths, row.bytes * 1e-9),
          median(ratios)};
}

bool attn::bench::hasBaseline() { return baseline::hasKernels(); }

static DialectRegistry compilerDialects() {
  DialectRegistry registry;
  registerCompilerDialects(registry);
  return registry;
}

/// What was compiled, by its text.
struct Session::Modules {
  MLIRContext context{compilerDialects(), MLIRContext::Threading::DISABLED};
  std::map<std::string, CompiledShape> byText;
};

Session::Session(RunOptions options)
    : options(std::move(options)), modules(std::make_unique<Modules>()) {
  // The module is ours, and --print-mlir shows it.
  modules->context.printOpOnDiagnostic(false);
}

Session::~Session() = default;

Expected<Row> Session::run(const Shape &shape) {
  options.progress("compile");
  auto [known, isNew] = modules->byText.try_emplace(writeModule(shape));
  if (isNew) {
    Expected<CompiledShape> compiled =
        compileShape(shape, options.targets, modules->context);
    if (!compiled) {
      modules->byText.erase(known);
      return compiled.takeError();
    }
    known->second = std::move(*compiled);
  }
  CompiledShape *compiled = &known->second;
  const attn_entry &entry = *compiled->entry;

  Row row;
  row.shape = shape;
  row.isa = compiled->isa;
  row.schedule = entry.schedule ? entry.schedule : "";

  options.progress("prepare");
  Invocation invocation(entry);
  setInputs(shape, compiled->function, invocation);
  if (llvm::Error error = invocation.allocateOutputs())
    return fail(std::move(error));
  auto start = std::chrono::steady_clock::now();
  if (llvm::Error error = invocation.prepare(shape.threads))
    return fail(std::move(error));
  if (entry.prepared_bytes)
    row.prepareUs = std::chrono::duration<double, std::micro>(
                        std::chrono::steady_clock::now() - start)
                        .count();
  row.scratchBytes = int64_t(invocation.getWorkspaceBytes());

  options.progress("time");
  Team team(shape.threads);
  PeakProbe peak(shape.dtype, team);
  BandwidthProbe bandwidth(size_t(streamedBytes(shape)), team);
  row.peakName = peak.name().str();
  std::vector<Call> calls = {[&] { return invocation.call(); }};
  std::optional<BaselineCall> baseline;
  if (options.withBaseline)
    baseline = BaselineCall::create(shape, invocation);
  if (baseline)
    calls.push_back([&] { return baseline->run(), llvm::Error::success(); });
  Expected<std::vector<Samples>> samples = measure(
      calls,
      {[&] { return peak.measure(); }, [&] { return bandwidth.measure(); }},
      options.budget);
  if (!samples)
    return fail(samples.takeError());
  fillRow(samples->front(), row);
  if (baseline)
    row.baseline = compareWithBaseline(samples->front(), samples->back(), row,
                                       baseline->name());

  options.progress("compare");
  Expected<double> error =
      findLargestError(shape, compiled->function, entry, invocation);
  if (!error)
    return fail(error.takeError());
  row.maxAbsError = *error;
  return row;
}
