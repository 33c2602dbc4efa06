//===- Compile.h - From a module to its files -------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// All stages in one call, as attnc, attn-bench and the C API make it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_COMPILE_COMPILE_H
#define ATTN_COMPILE_COMPILE_H

#include "attn/Emit/Emit.h"
#include "attn/Mods/Mods.h"
#include "mlir/IR/DialectRegistry.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/Timing.h"
#include <functional>

namespace attn {

/// How a compilation ended; the numbers are attnc's exit codes.
enum class CompileStatus {
  success = 0,
  usage = 2,
  badInput = 3,
  unsupported = 4
};

struct CompileOptions {
  /// One variant each, or a name that is short for several; `expandTargets`
  /// says in which order.
  std::vector<std::string> targets = {"host"};
  std::vector<Output> outputs = {Output::lib, Output::header, Output::manifest};
  Sanitizer sanitizer = Sanitizer::none;
  /// Calls with scales of caches that are 0, infinite or NaN fail.
  bool checkScales = false;
  /// Of `readSchedules`: used instead of the target's where they fit; or null.
  mlir::ArrayAttr schedules;
  /// Mods that modules may apply, before those of the library.
  std::vector<ModFile> mods;
  /// Called on every pass manager before it runs, for printing and timing.
  std::function<void(mlir::PassManager &)> configure;
  mlir::TimingScope *timing = nullptr;
};

/// Dialects and interface implementations that the stages use.
void registerCompilerDialects(mlir::DialectRegistry &registry);

/// The stages that `--stop-after` can name, in order.
std::vector<std::string> stageNames();

/// Compiles modules. While a compiler lives, it watches the context's
/// diagnostics, in order to tell what is wrong from what is not supported.
class Compiler {
public:
  Compiler(mlir::MLIRContext &context, CompileOptions options);

  /// Parses and verifies text or bytecode. Null, with `status()`, on failure.
  mlir::OwningOpRef<mlir::ModuleOp> parse(const llvm::SourceMgr &source);

  /// Parses and compiles text or bytecode, and writes the files of `prefix`.
  /// Diagnostics say what went wrong; `message`, if it is not empty, says what
  /// has no place in the source, such as a file that cannot be written.
  CompileStatus compile(const llvm::SourceMgr &source, llvm::StringRef prefix);

  /// As above, for a module at hand, which stays as it is.
  CompileStatus compile(mlir::ModuleOp module, llvm::StringRef prefix);

  /// Runs the stages up to and including `lastStage` for the first target.
  /// Null, with `status()`, on failure.
  mlir::OwningOpRef<mlir::ModuleOp> runStages(mlir::ModuleOp module,
                                              llvm::StringRef lastStage);

  /// After success: what was written.
  const LibraryDescription &library() const { return description; }
  CompileStatus status() const { return result; }
  const std::string &message() const { return text; }

private:
  CompileStatus fail(CompileStatus status, llvm::Twine message = {});
  /// Of the diagnostics so far: not supported, or bad input.
  CompileStatus failBySource();
  /// A copy whose regions apply no mods. Null, with `status()`, on failure.
  mlir::OwningOpRef<mlir::ModuleOp> withoutMods(mlir::ModuleOp module);
  mlir::OwningOpRef<mlir::ModuleOp> lower(mlir::ModuleOp module,
                                          llvm::StringRef target,
                                          llvm::StringRef lastStage,
                                          VariantDescription &variant);

  mlir::MLIRContext &context;
  CompileOptions options;
  LibraryDescription description;
  CompileStatus result = CompileStatus::success;
  std::string text;
  bool sawUnsupported = false;
  mlir::ScopedDiagnosticHandler watcher;
};

} // namespace attn

#endif // ATTN_COMPILE_COMPILE_H
