//===- Compile.cpp - From a module to its files ---------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Compile/Compile.h"
#include "ScheduleText.h"
#include "attn/Compile/Version.h"
#include "attn/Conversion/Import/Passes.h"
#include "attn/Emit/Source.h"
#include "attn/Pipelines/Pipelines.h"
#include "attn/Support/Attributes.h"
#include "attn/Target/Target.h"
#include "attn/Target/TunedSchedules.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace attn;

Compiler::Compiler(MLIRContext &context, CompileOptions options)
    : context(context), options(std::move(options)),
      watcher(&context, [this](Diagnostic &diagnostic) {
        // Every refusal says so in these words; see the contributor page.
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
            StringRef(diagnostic.str()).contains("not supported"))
          sawUnsupported = true;
        return failure(); // for others to print
      }) {
  this->options.targets = expandTargets(this->options.targets);
}

CompileStatus Compiler::fail(CompileStatus status, llvm::Twine message) {
  text = message.str();
  return result = status;
}

CompileStatus Compiler::failBySource() {
  return fail(sawUnsupported ? CompileStatus::unsupported
                             : CompileStatus::badInput);
}

/// Stages 1 to 7.
static std::vector<Stage> allStages(const Target &target) {
  std::vector<Stage> stages = {{"import", buildImportPipeline}};
  llvm::append_range(stages, pipelineStages(target));
  return stages;
}

std::vector<std::string> attn::stageNames() {
  std::vector<std::string> names;
  for (const Stage &stage : allStages(*lookupTarget("host")))
    names.push_back(stage.name.str());
  return names;
}

static void dropNames(ModuleOp module) {
  for (auto func : module.getOps<func::FuncOp>()) {
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      func.removeArgAttr(i, kNameAttr);
    for (unsigned i = 0; i < func.getNumResults(); ++i)
      func.removeResultAttr(i, StringAttr::get(func.getContext(), kNameAttr));
  }
}

/// Tells attn-guard-loads what entries check. Later it could only be guessed:
/// raising and folding change what loads look like.
static void noteExtents(ModuleOp module, ArrayRef<EntryDescription> entries) {
  for (const EntryDescription &entry : entries) {
    auto function = module.lookupSymbol<func::FuncOp>(entry.name);
    for (unsigned index = 0; index < entry.numInputs; ++index) {
      const ArgumentDescription &argument = entry.arguments[index];
      if (argument.isScalar)
        continue;
      SmallVector<int64_t> extents;
      for (auto [size, symbol] :
           llvm::zip_equal(argument.shape, argument.symbols))
        extents.push_back(symbol < 0 ? -1 - size : symbol);
      function.setArgAttr(index, extentsAttr,
                          DenseI64ArrayAttr::get(module.getContext(), extents));
    }
  }
}

OwningOpRef<ModuleOp> Compiler::lower(ModuleOp module, StringRef targetName,
                                      StringRef lastStage,
                                      VariantDescription &variant) {
  const Target *target = lookupTarget(targetName);
  if (!target) {
    fail(CompileStatus::usage,
         "unknown target '" + targetName +
             "'; known targets: " + llvm::join(targetNames(), ", "));
    return nullptr;
  }
  const TargetSpec &spec = target->getSpec();
  variant.target = spec.name;
  variant.triple = spec.triple;
  variant.cpu = spec.cpu;
  variant.features = spec.features;
  variant.vectorBits = spec.scalableRegisters ? spec.vectorBits : 0;

  OwningOpRef<ModuleOp> lowered = module.clone();
  if (options.schedules)
    (*lowered)->setAttr(kSchedulesAttr, options.schedules);
  if (options.checkScales)
    (*lowered)->setAttr(kCheckScalesAttr, UnitAttr::get(&context));
  noteExtents(*lowered, description.entries);
  std::vector<Stage> stages = allStages(*target);
  for (const Stage &stage : stages) {
    // In the LLVM dialect an entry is several functions, and what LLVM's own
    // translation does not know of an argument it warns about.
    if (&stage == &stages.back()) {
      describeLowering(*lowered, description.entries, variant);
      dropNames(*lowered);
    }
    PassManager passes(&context, ModuleOp::getOperationName());
    if (options.configure)
      options.configure(passes);
    TimingScope timing;
    if (options.timing) {
      timing = options.timing->nest(("attn-" + stage.name).str());
      passes.enableTiming(timing);
    }
    // Once a stage, not after each of its passes, which takes a quarter of all
    // time; attn-opt does that.
    passes.enableVerifier(false);
    stage.build(passes);
    if (failed(passes.run(*lowered)) || failed(verify(*lowered))) {
      failBySource();
      return nullptr;
    }
    if (stage.name == "tile") {
      keepScheduleText(*lowered);
      (*lowered)->removeAttr(kSchedulesAttr);
      (*lowered)->removeAttr(kCheckScalesAttr);
    }
    if (stage.name == lastStage)
      break;
  }
  return lowered;
}

OwningOpRef<ModuleOp> Compiler::withoutMods(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = module.clone();
  if (succeeded(inlineMods(*copy, options.mods)) && succeeded(verify(*copy)))
    return copy;
  failBySource();
  return nullptr;
}

OwningOpRef<ModuleOp> Compiler::runStages(ModuleOp module,
                                          StringRef lastStage) {
  VariantDescription variant;
  OwningOpRef<ModuleOp> ordinary = withoutMods(module);
  if (!ordinary)
    return nullptr;
  return lower(*ordinary, options.targets.front(), lastStage, variant);
}

OwningOpRef<ModuleOp> Compiler::parse(const llvm::SourceMgr &source) {
  OwningOpRef<ModuleOp> module = parseSource(source, &context);
  if (!module)
    failBySource();
  return module;
}

CompileStatus Compiler::compile(const llvm::SourceMgr &source,
                                StringRef prefix) {
  OwningOpRef<ModuleOp> module = parse(source);
  return module ? compile(*module, prefix) : result;
}

CompileStatus Compiler::compile(ModuleOp source, StringRef prefix) {
  // The library carries this copy, so that it needs no files of mods later.
  OwningOpRef<ModuleOp> ordinary = withoutMods(source);
  if (!ordinary)
    return result;
  ModuleOp module = *ordinary;
  FailureOr<std::vector<EntryDescription>> entries = describeEntries(module);
  if (failed(entries))
    return failBySource();
  description = {};
  description.name = libraryName(prefix);
  description.compiler = compilerVersion();
  description.entries = std::move(*entries);
  description.bytecode = writeBytecode(module);

  std::vector<OwningOpRef<ModuleOp>> owned;
  SmallVector<ModuleOp> lowered;
  for (const std::string &target : options.targets) {
    owned.push_back(lower(module, target, /*lastStage=*/"",
                          description.variants.emplace_back()));
    if (!owned.back())
      return result;
    lowered.push_back(*owned.back());
    const VariantDescription &first = description.variants.front();
    if (description.variants.back().triple != first.triple)
      return fail(CompileStatus::usage,
                  "targets '" + first.target + "' and '" + target +
                      "' are of different architectures; the variants of one "
                      "library are of one");
  }

  TimingScope timing;
  if (options.timing)
    timing = options.timing->nest("emit");
  OutputFiles files;
  llvm::Error error = emitLibrary(description, lowered, options.outputs,
                                  options.sanitizer, prefix, files);
  if (!error)
    error = files.commit();
  if (error) {
    std::string why;
    bool unsupported = false;
    llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &e) {
      why += (why.empty() ? "" : "\n") + e.message();
      unsupported |= e.convertToErrorCode() == std::errc::not_supported;
    });
    return fail(unsupported ? CompileStatus::unsupported
                            : CompileStatus::badInput,
                why);
  }
  return result = CompileStatus::success;
}
