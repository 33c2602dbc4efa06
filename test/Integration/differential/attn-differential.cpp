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
#include "attn/Reference/Interpreter.h"
#include "attn/Runner/Invocation.h"
#include "attn/Runner/LoadedLibrary.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attn;
using namespace attn::differential;
using attn::reference::Tensor;

static cl::opt<uint64_t> seed("seed", cl::desc("of everything"), cl::init(1));
static cl::opt<unsigned> numFunctions("functions", cl::init(10));
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

/// Compiles `text`; the library's path, or an error.
static Expected<std::string> compile(StringRef text, StringRef folder) {
  SmallString<128> source(folder), prefix(folder);
  sys::path::append(source, "random.mlir");
  sys::path::append(prefix, "random");
  std::error_code code;
  raw_fd_ostream file(source, code);
  if (code)
    return createStringError(code, source);
  file << text;
  file.close();
  std::string program = attnc;
  if (program.empty()) {
    auto found = sys::findProgramByName("attnc");
    if (!found)
      return createStringError(found.getError(), "attnc is not on the PATH");
    program = *found;
  }
  std::string targetOption = "--target=" + target;
  StringRef arguments[] = {program, source,       "-o",
                           prefix,  targetOption, "--emit=lib"};
  std::string problem;
  int status =
      sys::ExecuteAndWait(program, arguments, std::nullopt, {}, 0, 0, &problem);
  if (status)
    return createStringError("attnc ended with %d %s", status, problem.c_str());
  return (prefix + ".so").str();
}

/// Calls the compiled function once; its outputs as tensors.
static Expected<std::vector<Tensor>>
runCompiled(const attn_entry &entry, const Call &call, unsigned threads) {
  Invocation invocation(entry, Placement::guarded, call.padding);
  for (auto [index, tensor] : enumerate(call.arguments)) {
    const attn_argument &argument = *entry.arguments[index];
    if (argument.kind == ATTN_SCALAR) {
      if (tensor.isFloat())
        invocation.setReal(index, tensor[0].f);
      else
        invocation.setInteger(index, tensor[0].i);
      continue;
    }
    std::vector<char> bytes(tensor.storageSize());
    tensor.toStorage(bytes.data());
    invocation.setTensor(index, tensor.getShape(), bytes);
  }
  if (Error error = invocation.allocateOutputs())
    return std::move(error);
  if (Error error = invocation.prepare(threads))
    return std::move(error);
  if (Error error = invocation.call())
    return std::move(error);
  std::vector<Tensor> results;
  mlir::Type element = call.arguments.front().getElementType();
  for (unsigned index = entry.num_inputs; index < entry.num_arguments;
       ++index) {
    if (!invocation.isPaddingUntouched(index))
      return createStringError("the padding of '%s' was written",
                               entry.arguments[index]->name);
    std::vector<char> bytes = invocation.getElements(index);
    results.push_back(
        Tensor::fromStorage(element, invocation.getShape(index), bytes.data()));
  }
  return results;
}

/// One call, judged; a sentence if it fails.
static std::string checkCall(const Function &function,
                             mlir::func::FuncOp meaning,
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

  auto actual = runCompiled(entry, call, call.threads);
  if (!actual)
    return toString(actual.takeError());
  auto again = runCompiled(entry, call, call.threads % 3 + 1);
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

static Tally checkFunction(const Function &function, unsigned functionIndex,
                           mlir::func::FuncOp meaning,
                           const attn_entry &entry) {
  Tally tally;
  for (unsigned index = 0; index < numCalls; ++index) {
    Call call =
        makeCall(seed, function, functionIndex, index, meaning.getContext());
    uint64_t poisonSeed = seed * 31 + functionIndex * 7 + index;
    std::string failure =
        checkCall(function, meaning, entry, call, poisonSeed, tally.worst);
    ++tally.cases;
    if (failure.empty())
      continue;
    if (tally.failures++ == 0)
      outs() << "\nFAILED --seed=" << seed << " --only=" << function.name
             << "\n"
             << function.text(function.aux);
    outs() << "  call " << index << ", " << call.describe() << ":\n    "
           << failure << '\n';
    outs().flush();
  }
  return tally;
}

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv,
                              "compiled code against the reference\n");
  // The reference also returns what the bounds are computed from.
  std::string compiled, meaning;
  std::vector<std::pair<unsigned, Function>> functions;
  for (unsigned index = 0; index < numFunctions; ++index) {
    Function function = makeFunction(seed, index);
    if (!only.empty() && only != function.name)
      continue;
    if (!rowMax)
      llvm::erase(function.aux, "row_max");
    compiled += function.text(function.aux);
    meaning += function.text({"lse", "row_max", "scores"});
    functions.emplace_back(index, std::move(function));
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
  auto library =
      exitOnError(LoadedLibrary::open(exitOnError(compile(compiled, folder))));
  Tally total;
  for (auto &[index, function] : functions) {
    const attn_entry *entry = library.findEntry(function.name);
    auto reference = module->lookupSymbol<mlir::func::FuncOp>(function.name);
    Tally tally = checkFunction(function, index, reference, *entry);
    total.cases += tally.cases;
    total.failures += tally.failures;
    total.worst = std::max(total.worst, tally.worst);
  }
  outs() << "seed " << seed << ": " << total.cases << " cases, "
         << total.failures << " failures, largest error "
         << format("%.2f", total.worst) << " of its bound\n";
  if (keep || total.failures)
    outs() << "kept " << folder << '\n';
  else
    sys::fs::remove_directories(folder);
  return total.failures != 0;
}
