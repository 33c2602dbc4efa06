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
// Everything follows from the seed. Tensors end before a page that must not be
// touched, some have padding between their rows, and each call is repeated with
// another number of threads, which may not change a bit.
//
//===----------------------------------------------------------------------===//

#include "Judge.h"
#include "Projection.h"
#include "RunCompiled.h"
#include "attn/Reference/Interpreter.h"
#include "attn/Runner/LoadedLibrary.h"
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
using attn::reference::Tensor;
using mlir::func::FuncOp;

static cl::opt<uint64_t> seed("seed", cl::desc("of everything"), cl::init(1));
static cl::opt<unsigned> numFunctions("functions", cl::init(10));
static cl::opt<unsigned> numProjections("projections", cl::init(0));
static cl::opt<unsigned> numCalls("calls", cl::desc("of each function"),
                                  cl::init(8));
static cl::opt<std::string> only("only", cl::desc("one function, such as f3"));
static cl::opt<std::string> attnc("attnc", cl::desc("the compiler to test"));
static cl::opt<std::string> target("target", cl::init("host"));
static cl::opt<bool> rowMax("row-max", cl::desc("ask for row_max too"));
static cl::opt<bool> keep("keep", cl::desc("the module and the library"));
static cl::opt<bool> print("print", cl::desc("the module, and do nothing"));

namespace {
/// What one function's calls came to.
struct Tally {
  unsigned cases = 0, failures = 0;
  double worst = 0;
};
} // namespace

/// One call, judged; a sentence if it fails.
static std::string checkCall(const Function &function, FuncOp meaning,
                             const attn_entry &entry, Call &call,
                             uint64_t poisonSeed, double &worst) {
  auto interpreted = reference::interpret(meaning, call.arguments);
  if (failed(interpreted))
    return "the reference interpreter fails";
  if (poisonSeed % 3 == 0) {
    poison(call, function, interpreted->back(), poisonSeed);
    interpreted = reference::interpret(meaning, call.arguments);
  }
  std::vector<Tensor> &values = *interpreted;
  Meaning expected{values[0], values[1], values[2], values[3]};

  auto actual =
      runCompiled(entry, call.arguments, {call.threads, call.padding});
  if (!actual)
    return toString(actual.takeError());
  auto again =
      runCompiled(entry, call.arguments, {call.threads % 3 + 1, call.padding});
  if (!again)
    return toString(again.takeError());
  std::vector<std::string> names = {"output"};
  names.insert(names.end(), function.aux.begin(), function.aux.end());
  for (auto [name, first, second] : zip(names, *actual, *again)) {
    for (int64_t at = 0; at < first.getNumElements(); ++at)
      if (first[at].i != second[at].i)
        return name + " depends on the number of threads";
    Verdict verdict = judge(function, call, expected, name, first);
    worst = std::max(worst, verdict.worst);
    if (!verdict.failure.empty())
      return verdict.failure;
  }
  return "";
}

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

int main(int argc, char **argv) {
  sys::PrintStackTraceOnErrorSignal(argv[0]);
  cl::ParseCommandLineOptions(argc, argv,
                              "compiled code against the reference\n");
  auto isWanted = [&](StringRef name) { return only.empty() || only == name; };
  // The reference also returns what the bounds are computed from.
  std::string compiled, meaning;
  std::vector<std::pair<unsigned, Function>> functions;
  for (unsigned index = 0; index < numFunctions; ++index) {
    Function function = makeFunction(seed, index);
    if (!isWanted(function.name))
      continue;
    if (!rowMax)
      llvm::erase(function.aux, "row_max");
    compiled += function.text(function.aux);
    meaning += function.text({"lse", "row_max", "scores"});
    functions.emplace_back(index, std::move(function));
  }
  std::vector<std::pair<unsigned, Projection>> projections;
  for (unsigned index = 0; index < numProjections; ++index) {
    Projection projection = makeProjection(seed, index);
    if (!isWanted(projection.name))
      continue;
    std::string text = projection.text(projection.name, projection.activation);
    compiled += text;
    meaning += text + projection.text(projection.name + "_linear", "none");
    projections.emplace_back(index, std::move(projection));
  }
  if (print) {
    outs() << compiled;
    return 0;
  }
  mlir::DialectRegistry registry;
  reference::registerDialects(registry);
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(meaning, &context);
  if (!module)
    return 1;

  SmallString<128> folder;
  if (std::error_code code =
          sys::fs::createUniqueDirectory("differential", folder)) {
    errs() << "no temporary folder: " << code.message() << '\n';
    return 1;
  }
  ExitOnError exitOnError("attn-differential: ");
  auto library = exitOnError(LoadedLibrary::open(
      exitOnError(compile(compiled, folder, attnc, target))));
  Tally tally;
  for (auto &[index, function] : functions)
    checkCalls(
        tally, function.name, function.text(function.aux),
        [&, index = index, &function = function](unsigned number) {
          Call call = makeCall(seed, function, index, number, &context);
          std::string failure =
              checkCall(function, module->lookupSymbol<FuncOp>(function.name),
                        *library.findEntry(function.name), call,
                        seed * 31 + index * 7 + number, tally.worst);
          return failure.empty() ? failure : call.describe() + ": " + failure;
        });
  for (auto &[index, projection] : projections)
    checkCalls(tally, projection.name,
               projection.text(projection.name, projection.activation),
               [&, index = index, &projection = projection](unsigned number) {
                 return checkProjection(
                     projection, seed, index, number,
                     *library.findEntry(projection.name),
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
