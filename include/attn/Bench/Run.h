//===- Run.h - From a shape to a row of numbers -----------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_RUN_H
#define ATTN_BENCH_RUN_H

#include "attn/Bench/Measure.h"
#include "attn/Bench/Shape.h"
#include "attn/Compile/Compile.h"
#include <memory>
#include <optional>

namespace attn::bench {

struct RunOptions {
  std::vector<std::string> targets = {"host"};
  Budget budget;
  /// Measures the hand-written kernel too, in turns, where one covers the
  /// shape.
  bool withBaseline = false;
  /// Told when the next step begins: "compile", "time", ...
  std::function<void(llvm::StringRef)> progress = [](llvm::StringRef) {};
};

/// The hand-written kernel for a shape, measured in turns with the entry.
struct BaselineRow {
  std::string name;
  double timeUs = 0, percentOfPeak = 0, percentOfBandwidth = 0;
  /// The speed of the entry divided by the kernel's: the median over pairs of
  /// neighbouring repetitions.
  double ratio = 0;
};

/// What was measured for one shape.
struct Row {
  Shape shape;
  std::string schedule, isa, peakName;
  int64_t repeats = 0;
  double timeUs = 0, medianUs = 0;
  double flops = 0, gflops = 0, peakGflops = 0, percentOfPeak = 0;
  double bytes = 0, gbytesPerS = 0, bandwidth = 0, percentOfBandwidth = 0;
  int64_t scratchBytes = 0;
  double prepareUs = 0, maxAbsError = 0;
  std::optional<BaselineRow> baseline;
};

/// Why there is no row: a sentence, and attnc's exit code for it. Empty where
/// the compiler's diagnostics, on stderr, have said it all.
class RunError : public llvm::ErrorInfo<RunError> {
public:
  static char ID;
  RunError(CompileStatus status, std::string message)
      : status(status), message(std::move(message)) {}

  void log(llvm::raw_ostream &os) const override { os << message; }
  std::error_code convertToErrorCode() const override;

  CompileStatus status;
  std::string message;
};

/// Whether this build, on this processor, has hand-written kernels.
bool hasBaseline();

/// Measures shapes, one after another. Those of one module, which differ in
/// their batch, lengths or threads, are compiled once.
class Session {
public:
  explicit Session(RunOptions options);
  ~Session();

  /// Compiles the shape's module as attnc does, runs its entry, compares its
  /// result with the reference.
  llvm::Expected<Row> run(const Shape &shape);

private:
  struct Modules;
  RunOptions options;
  std::unique_ptr<Modules> modules;
};

} // namespace attn::bench

#endif // ATTN_BENCH_RUN_H
