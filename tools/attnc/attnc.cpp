//===- attnc.cpp - Attention as MLIR in, a native library out -------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CommandLine.h"
#include "ListMods.h"
#include "attn/Compile/ScheduleFile.h"
#include "attn/Compile/Version.h"
#include "attn/IR/AttnDialect.h"
#include "attn/Target/Target.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;
using namespace attn;

static int exitCode(CompileStatus status) { return static_cast<int>(status); }

static int complain(CompileStatus status, const llvm::Twine &message,
                    const llvm::Twine &hint) {
  llvm::WithColor::error(llvm::errs(), "attnc") << message << '\n';
  llvm::errs() << "hint: " << hint << '\n';
  return exitCode(status);
}

static int listTargets() {
  for (const std::string &name : targetNames()) {
    const TargetSpec &spec = lookupTarget(name)->getSpec();
    llvm::outs() << name << ": " << spec.triple << ", " << spec.cpu << ", "
                 << spec.vectorBits << "-bit vectors\n";
  }
  llvm::outs() << "x86-64-all: "
               << llvm::join(expandTargets({"x86-64-all"}), ", ") << '\n';
  return 0;
}

static int printTargets(llvm::ArrayRef<std::string> names) {
  for (const std::string &name : names) {
    const TargetSpec &spec = lookupTarget(name)->getSpec();
    llvm::outs() << "name: " << spec.name << "\ntriple: " << spec.triple
                 << "\ncpu: " << spec.cpu << "\nfeatures: " << spec.features
                 << "\nvector bits: " << spec.vectorBits
                 << (spec.scalableRegisters ? ", no other length" : "")
                 << "\nvector registers: " << spec.vectorRegisters
                 << "\nfused multiply-add: "
                 << (spec.fusedMultiplyAdd ? "yes" : "no")
                 << "\nbf16 pairs per dot product: "
                 << (spec.bf16DotPack > 1 ? "yes" : "no")
                 << "\nmatrix registers: " << (spec.matrixTiles ? "yes" : "no")
                 << "\nL1 data cache: " << spec.l1Bytes
                 << " bytes\nL2 cache: " << spec.l2Bytes
                 << " bytes\nlast-level cache: " << spec.llcBytes << " bytes\n";
  }
  return 0;
}

/// Names that a later version will know are refused as such, others as a slip.
static int checkTargets(llvm::ArrayRef<std::string> names) {
  for (const std::string &name : names) {
    if (lookupTarget(name))
      continue;
    llvm::StringRef ref = name;
    bool planned = ref.starts_with("sm_") || ref.starts_with("gfx") ||
                   ref.starts_with("spirv") || ref.starts_with("halide");
    return complain(planned ? CompileStatus::unsupported : CompileStatus::usage,
                    planned ? "target '" + name + "' is not supported yet"
                            : "unknown target '" + name + "'",
                    "the targets are " + llvm::join(targetNames(), ", "));
  }
  return 0;
}

namespace {

/// Prints what belongs to the user; remarks only if wished for.
struct Diagnostics {
  Diagnostics(llvm::SourceMgr &sources, MLIRContext &context, bool remarks)
      : printer(sources, &context),
        filter(&context, [this, remarks](Diagnostic &diagnostic) {
          hasNotes |= !diagnostic.getNotes().empty();
          return success(!remarks && diagnostic.getSeverity() ==
                                         DiagnosticSeverity::Remark);
        }) {}

  bool hasNotes = false; ///< The diagnostics carry their own hints.
  SourceMgrDiagnosticHandler printer;
  ScopedDiagnosticHandler filter;
};

} // namespace

static int report(const Compiler &compiler, const Diagnostics &diagnostics) {
  CompileStatus status = compiler.status();
  if (status == CompileStatus::success)
    return 0;
  if (!compiler.message().empty())
    return complain(status, compiler.message(), "nothing was written");
  if (status == CompileStatus::unsupported)
    llvm::errs() << "hint: nothing was written; docs/ lists what is "
                    "supported\n";
  else if (!diagnostics.hasNotes)
    llvm::errs() << "hint: nothing was written; --stop-after=STAGE shows how "
                    "far a module gets\n";
  return exitCode(status);
}

static int stopAfter(Compiler &compiler, ModuleOp module,
                     const CommandLine &line, const Diagnostics &diagnostics) {
  OwningOpRef<ModuleOp> result = compiler.runStages(module, line.stopAfter);
  if (!result)
    return report(compiler, diagnostics);
  if (line.prefix.empty() || line.prefix == "-") {
    result->print(llvm::outs());
    return 0;
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  result->print(os);
  OutputFiles files;
  llvm::Error error = files.add(line.prefix + ".mlir", text);
  if (!error)
    error = files.commit();
  if (error)
    return complain(CompileStatus::badInput, llvm::toString(std::move(error)),
                    "nothing was written");
  return 0;
}

static void printSchedules(ModuleOp tiled) {
  tiled.walk([](func::FuncOp func) {
    if (auto text = func->getAttrOfType<StringAttr>(kScheduleAttr))
      llvm::outs() << func.getName() << ": " << text.getValue() << '\n';
  });
}

static int readScheduleFile(CommandLine &line, MLIRContext &context) {
  auto refuse = [&](const llvm::Twine &why) {
    return complain(CompileStatus::badInput, line.schedules + ": " + why,
                    "attn-bench --tune writes such files");
  };
  auto file = llvm::MemoryBuffer::getFile(line.schedules);
  if (!file)
    return refuse(file.getError().message());
  context.loadDialect<AttnDialect>();
  llvm::Expected<ArrayAttr> schedules =
      readSchedules((*file)->getBuffer(), context);
  if (!schedules)
    return refuse(llvm::toString(schedules.takeError()));
  line.compile.schedules = *schedules;
  return 0;
}

static int readMods(CommandLine &line) {
  for (const std::string &path : line.mods) {
    llvm::Expected<ModFile> file = readModFile(path);
    if (!file)
      return complain(CompileStatus::badInput, llvm::toString(file.takeError()),
                      "--mods names a file of MLIR functions");
    line.compile.mods.push_back(std::move(*file));
  }
  return 0;
}

static int showMods(const CommandLine &line) {
  if (line.listMods) {
    listAllMods(line.compile.mods, llvm::outs());
    return 0;
  }
  if (std::optional<std::string> near =
          printMod(line.printMod, line.compile.mods, llvm::outs()))
    return complain(CompileStatus::usage, "unknown mod '" + line.printMod + "'",
                    "did you mean " + *near + "? --list-mods lists them all");
  return 0;
}

static int run(CommandLine &line) {
  if (line.help)
    return printHelp(llvm::outs()), 0;
  if (line.version)
    return llvm::outs() << compilerVersion() << '\n', 0;
  if (line.listTargets)
    return listTargets();
  if (int code = readMods(line))
    return code;
  if (line.listMods || !line.printMod.empty())
    return showMods(line);
  line.compile.targets = expandTargets(line.compile.targets);
  if (int code = checkTargets(line.compile.targets))
    return code;
  if (line.printTarget)
    return printTargets(line.compile.targets);

  auto buffer = llvm::MemoryBuffer::getFileOrSTDIN(line.input);
  if (!buffer)
    return complain(CompileStatus::badInput,
                    "cannot read '" + line.input +
                        "': " + buffer.getError().message(),
                    "the first argument is a file with an MLIR module, or - "
                    "for stdin");
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*buffer), {});

  DialectRegistry registry;
  registerCompilerDialects(registry);
  // One module is compiled by one thread; a pool would only cost its start.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  // An error shows the user's line, not the op as a pass has it by then.
  context.printOpOnDiagnostic(false);
  Diagnostics diagnostics(sources, context, line.remarks);
  if (line.remarks) {
    remark::RemarkCategories categories;
    // `all` widens the kinds that are named; alone it names none.
    categories.all = categories.passed = categories.missed =
        categories.analysis = categories.failed = ".*";
    (void)remark::enableOptimizationRemarks(
        context, nullptr, std::make_unique<remark::RemarkEmittingPolicyAll>(),
        categories,
        /*printAsEmitRemarks=*/true);
  }

  DefaultTimingManager timingManager;
  timingManager.setEnabled(line.timing);
  TimingScope timing = timingManager.getRootScope();
  line.compile.timing = &timing;
  if (line.printAfterAll)
    line.compile.configure = [](PassManager &passes) {
      passes.enableIRPrinting(nullptr,
                              [](Pass *, Operation *) { return true; });
    };
  if (!line.schedules.empty())
    if (int code = readScheduleFile(line, context))
      return code;
  Compiler compiler(context, line.compile);

  TimingScope parsing = timing.nest("parse");
  OwningOpRef<ModuleOp> module;
  // Some ops of MLIR's own dialects have parsers that die of a slip.
  llvm::CrashRecoveryContext::Enable();
  if (!llvm::CrashRecoveryContext().RunSafely(
          [&] { module = compiler.parse(sources); })) {
    // What is left of the context is not worth a destructor.
    std::_Exit(complain(CompileStatus::badInput,
                        "MLIR's parser crashes on '" + line.input + "'",
                        "the last error says where it was, if there is one; "
                        "nothing was written"));
  }
  llvm::CrashRecoveryContext::Disable();
  parsing.stop();
  if (!module)
    return report(compiler, diagnostics);
  if (line.printSchedule) {
    OwningOpRef<ModuleOp> tiled = compiler.runStages(*module, "tile");
    if (!tiled)
      return report(compiler, diagnostics);
    printSchedules(*tiled);
  }
  if (!line.stopAfter.empty())
    return stopAfter(compiler, *module, line, diagnostics);
  if (line.prefix.empty())
    return 0;
  compiler.compile(*module, line.prefix);
  return report(compiler, diagnostics);
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  std::optional<CommandLine> line = parseCommandLine(argc, argv);
  return line ? run(*line) : exitCode(CompileStatus::usage);
}
