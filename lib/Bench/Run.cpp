//===- Run.cpp - From a shape to a row of numbers -------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Run.h"
#include "Baseline.h"
#include "Data.h"
#include "attn/Bench/Probe.h"
#include "attn/Emit/Source.h"
#include "attn/Runner/LoadedLibrary.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"
#include <chrono>

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

static llvm::Error fail(CompileStatus status, const llvm::Twine &message) {
  return llvm::make_error<RunError>(status, message.str());
}

/// Any error of the runner or the interpreter as one of ours.
static llvm::Error fail(llvm::Error error) {
  bool unsupported = false;
  std::string text;
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &info) {
    unsupported = info.convertToErrorCode() == llvm::errc::not_supported;
    text = info.message();
  });
  return fail(
      unsupported ? CompileStatus::unsupported : CompileStatus::badInput, text);
}

namespace {

/// A folder that is gone with its contents at the end.
class TemporaryFolder {
public:
  TemporaryFolder() {
    error = llvm::sys::fs::createUniqueDirectory("attn-bench", path);
  }
  ~TemporaryFolder() {
    // What cannot be removed from a temporary folder may stay.
    if (!error)
      llvm::consumeError(
          llvm::errorCodeToError(llvm::sys::fs::remove_directories(path)));
  }
  std::string inside(llvm::StringRef name) const {
    llvm::SmallString<128> result = path;
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  std::error_code error;

private:
  llvm::SmallString<128> path;
};

/// The module of a shape, and its library in this process.
struct CompiledShape {
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  const attn_entry *entry = nullptr;
  std::string isa;
};

} // namespace

/// `host` tells a reader of a table nothing: the level that it stands for.
static std::string nameISA(const LoadedLibrary &library) {
  if (llvm::StringRef(library->target) != "host")
    return library->target;
  auto has = [&](llvm::StringRef feature) {
    for (uint32_t index = 0; index < library->num_cpu_features; ++index)
      if (feature == library->cpu_features[index])
        return true;
    return false;
  };
  return has("avx512vl") ? "x86-64-v4"
         : has("avx2")   ? "x86-64-v3"
                         : "x86-64-v2";
}

static Expected<CompiledShape>
compile(const Shape &shape, const RunOptions &options, MLIRContext &context) {
  CompiledShape result;
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(
                                 writeModule(shape), "<module of the shape>"),
                             {});
  SourceMgrDiagnosticHandler printer(sources, &context);
  // Nobody asked for remarks here.
  ScopedDiagnosticHandler filter(&context, [](Diagnostic &diagnostic) {
    return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
  });
  CompileOptions compileOptions;
  compileOptions.targets = options.targets;
  compileOptions.outputs = {Output::lib};
  Compiler compiler(context, compileOptions);
  result.module = parseSource(sources, &context);
  if (!result.module)
    return fail(CompileStatus::badInput, "");
  TemporaryFolder folder;
  if (folder.error)
    return fail(CompileStatus::badInput,
                "no temporary folder: " + folder.error.message());
  std::string prefix = folder.inside(shape.opName());
  if (CompileStatus status = compiler.compile(*result.module, prefix);
      status != CompileStatus::success)
    return fail(status, compiler.message());
  // Once loaded, the file is no longer needed.
  Expected<LoadedLibrary> library = LoadedLibrary::open(prefix + ".so");
  if (!library)
    return fail(library.takeError());
  result.entry = library->findEntry(shape.opName());
  result.function = result.module->lookupSymbol<func::FuncOp>(shape.opName());
  result.isa = nameISA(*library);
  return result;
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

Expected<Row> attn::bench::run(const Shape &shape, const RunOptions &options) {
  options.progress("compile");
  DialectRegistry registry;
  registerCompilerDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  // The module is ours, and --print-mlir shows it.
  context.printOpOnDiagnostic(false);
  Expected<CompiledShape> compiled = compile(shape, options, context);
  if (!compiled)
    return compiled.takeError();
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
