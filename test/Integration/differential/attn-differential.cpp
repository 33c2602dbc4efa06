//===- attn-differential.cpp - Compiled code against the reference
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// Compiles one module of many random functions, calls each with random
// arguments, and compares with the reference interpreter:
//
//   attn-differential --seed=1 --functions=10 --calls=8 [--only=f3] [--keep]
//
// With --kinds, regions compute any integers, load from anywhere, and multiply
// with rows of tables; there are sinks, relative values, lists of keys, all
// normalizers and all results.
//
// With --mixed, functions are of all element types, scales, pages and packed
// sequences. What the compiler calls not supported is counted, and a failure
// unless --unsupported lists it: --unsupported=q:f64,k:i8+page_table expects
// refusals of f64 queries and of i8 keys in pages, and fails where one of them
// compiles after all. With --interpret-only nothing is compiled, and the
// reference judged by itself: its results, rounded, are within the bounds.
//
// A function that fails shrinks:
//
//   attn-differential --seed=7 --kinds --only=f3 --print > f3.mlir
//   attn-reduce f3.mlir -simplify-regions='test=scripts/still-fails
//       test-arg=--seed=7 test-arg=--kinds test-arg=--only=f3'
//
// Everything follows from the seed. Tensors end before a page that must not be
// touched, some have padding between their rows, and each call is repeated with
// another number of threads, which may not change a bit.
//
//===----------------------------------------------------------------------===//

#include "Check.h"
#include "Libraries.h"
#include "Projection.h"
#include "RunCompiled.h"
#include "attn/IR/AttnOps.h"
#include "attn/Reference/Interpreter.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/PrettyStackTrace.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attn;
using namespace attn::differential;
using mlir::func::FuncOp;

static cl::opt<uint64_t> seed("seed", cl::desc("of everything"), cl::init(1));
static cl::opt<unsigned> numFunctions("functions", cl::init(10));
static cl::opt<unsigned> numProjections("projections", cl::init(0));
static cl::opt<unsigned> numCalls("calls", cl::desc("of each function"),
                                  cl::init(8));
static cl::opt<std::string> only("only", cl::desc("one function, such as f3"));
static cl::opt<std::string> attnc("attnc", cl::desc("the compiler to test"));
static cl::opt<std::string> target("target", cl::init("host"));
static cl::opt<bool> mixed("mixed", cl::desc("types, pages, packed sequences"));
static cl::opt<bool> kinds("kinds", cl::desc("any integers and loads, tables, "
                                             "lists, all weights"));
static cl::list<std::string>
    unsupported("unsupported", cl::CommaSeparated,
                cl::desc("features that the compiler may refuse"));
static cl::opt<bool> rowMax("row-max", cl::desc("ask for row_max too"));
static cl::opt<bool>
    sanitize("sanitize", cl::desc("code for AddressSanitizer, whose runtime "
                                  "must be preloaded"));
static cl::opt<std::string>
    replacement("module", cl::desc("a smaller form of the one function, whose "
                                   "regions are taken from here"));
static cl::opt<double> factor("factor", cl::desc("of all bounds"), cl::init(1));
static cl::opt<bool> keep("keep", cl::desc("the module and the library"));
static cl::opt<bool> interpretOnly("interpret-only",
                                   cl::desc("judge the reference by itself"));
static cl::opt<bool> print("print", cl::desc("the module, and do nothing"));

namespace {
/// What one function's calls came to.
struct Tally {
  unsigned cases = 0, failures = 0;
  double worst = 0;
};
} // namespace

/// Calls `check(call)` for each call of a function and reports what fails.
static void checkCalls(Tally &tally, StringRef name, StringRef text,
                       function_ref<std::string(unsigned)> check) {
  for (unsigned index = 0, failures = 0; index < numCalls; ++index) {
    // Guard pages turn reading too far into a crash.
    PrettyStackTraceFormat where("--seed=%u --only=%s, call %u", unsigned(seed),
                                 name.str().c_str(), index);
    std::string failure = check(index);
    ++tally.cases;
    if (failure.empty())
      continue;
    if (failures++ == 0)
      outs() << "\nFAILED --seed=" << seed << " --only=" << name << '\n'
             << text;
    outs() << "  call " << index << ", " << failure << '\n';
    outs().flush();
    ++tally.failures;
  }
}

/// The random functions and what they mean.
struct Module {
  std::vector<std::pair<unsigned, Function>> functions;
  std::vector<std::pair<unsigned, Projection>> projections;
  std::vector<Source> sources; ///< To compile.
  std::string meaning;         ///< For the reference.
};

static Module makeModule() {
  Module module;
  auto isWanted = [&](StringRef name) { return only.empty() || only == name; };
  for (unsigned index = 0; index < numFunctions; ++index) {
    Function function = makeFunction(seed, index, {mixed, kinds});
    if (!isWanted(function.name))
      continue;
    if (!rowMax && !kinds)
      llvm::erase(function.aux, "row_max");
    module.sources.push_back({function.name, function.text(function.aux),
                              function.storage.features()});
    // The reference also returns what the bounds are computed from.
    module.meaning +=
        function.text({"lse", "row_max", "scores", "probabilities"},
                      /*finalScores=*/true);
    if (function.keepsOthers()) {
      Function keeping = function;
      keeping.name += "_kept";
      module.meaning += keeping.text({"scores"});
    }
    module.functions.emplace_back(index, std::move(function));
  }
  for (unsigned index = 0; index < numProjections; ++index) {
    Projection projection = makeProjection(seed, index);
    if (!isWanted(projection.name))
      continue;
    std::string text = projection.text(projection.name, projection.activation);
    module.sources.push_back({projection.name, text, {}});
    module.meaning +=
        text + projection.text(projection.name + "_linear", "none");
    module.projections.emplace_back(index, std::move(projection));
  }
  return module;
}

/// Gives the attention of `function` the regions that the function `--only` of
/// `smaller` has, which may capture arguments only.
static bool takeRegions(FuncOp function, mlir::ModuleOp smaller,
                        bool finalScores) {
  auto other = smaller.lookupSymbol<FuncOp>(only);
  if (!other || other.getArgumentTypes() != function.getArgumentTypes())
    return false;
  AttentionOp to, from;
  function.walk([&](AttentionOp op) { to = op; });
  other.walk([&](AttentionOp op) { from = op; });
  if (!from)
    return false;
  mlir::IRMapping mapping;
  mapping.map(other.getArguments(), function.getArguments());
  for (auto [wanted, given] : zip(to->getRegions(), from->getRegions())) {
    if (wanted.empty() != given.empty())
      return false;
    mlir::Region region;
    given.cloneInto(&region, mapping);
    wanted.takeBody(region);
  }
  if (finalScores && yieldsOtherScores(to.getScore()))
    to.getScore().front().getTerminator()->eraseOperand(1);
  return true;
}

int main(int argc, char **argv) {
  sys::PrintStackTraceOnErrorSignal(argv[0]);
  cl::ParseCommandLineOptions(argc, argv,
                              "compiled code against the reference\n");
  Module random = makeModule();
  if (print) {
    for (const Source &source : random.sources)
      outs() << source.text;
    return 0;
  }
  mlir::DialectRegistry registry;
  reference::registerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto module =
      mlir::parseSourceString<mlir::ModuleOp>(random.meaning, &context);
  if (!module)
    return 1;

  if (!replacement.empty()) {
    auto smaller = mlir::parseSourceFile<mlir::ModuleOp>(replacement, &context);
    if (!smaller || random.functions.size() != 1 ||
        !takeRegions(module->lookupSymbol<FuncOp>(only), *smaller,
                     /*finalScores=*/true) ||
        (random.functions[0].second.keepsOthers() &&
         !takeRegions(module->lookupSymbol<FuncOp>(only + "_kept"), *smaller,
                      /*finalScores=*/false)))
      return 2;
    random.sources[0].text.clear();
    raw_string_ostream(random.sources[0].text) << *smaller;
  }
  SmallString<128> folder;
  if (std::error_code code =
          sys::fs::createUniqueDirectory("differential", folder)) {
    errs() << "no temporary folder: " << code.message() << '\n';
    return 1;
  }
  ExitOnError exitOnError("attn-differential: ");
  Libraries libraries({attnc, target, folder.str().str(), sanitize});
  Tally tally;
  if (!interpretOnly) {
    exitOnError(libraries.compile(random.sources));
    tally.failures = libraries.report(unsupported, outs());
  }
  for (auto &[index, function] : random.functions)
    if (const attn_entry *entry = libraries.findEntry(function.name);
        entry || interpretOnly)
      checkCalls(
          tally, function.name, function.text(function.aux),
          [&, index = index, &function = function](unsigned number) {
            Call call = makeCall(seed, function, index, number, &context);
            std::string failure = checkCall(
                function, module->lookupSymbol<FuncOp>(function.name),
                module->lookupSymbol<FuncOp>(function.name + "_kept"), entry,
                call, {seed * 31 + index * 7 + number, sanitize, factor},
                tally.worst);
            return failure.empty() ? failure : call.describe() + ": " + failure;
          });
  for (auto &[index, projection] : random.projections)
    if (const attn_entry *entry = libraries.findEntry(projection.name))
      checkCalls(
          tally, projection.name,
          projection.text(projection.name, projection.activation),
          [&, index = index, &projection = projection](unsigned number) {
            return checkProjection(
                projection, seed, index, number, *entry,
                module->lookupSymbol<FuncOp>(projection.name),
                module->lookupSymbol<FuncOp>(projection.name + "_linear"),
                tally.worst);
          });
  outs() << "seed " << seed << ": " << tally.cases << " cases, "
         << tally.failures << " failures, largest error "
         << format("%.2f", tally.worst) << " of its bound\n";
  if (keep || tally.failures)
    outs() << "kept " << folder << '\n';
  else
    sys::fs::remove_directories(folder);
  return tally.failures != 0;
}
