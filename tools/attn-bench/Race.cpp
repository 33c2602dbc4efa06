//===- Race.cpp - Comparisons with others ---------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The peers are Python packages, so the program that calls them is Python too:
// `benchmarks/race.py`, in the repository or installed. It gets the shapes, the
// modules to compile and the work of each from here, and asks `attn-bench
// --probe` for the machine's limits.
//
//===----------------------------------------------------------------------===//

#include "Race.h"
#include "Report.h"
#include "attn/Bench/Plan.h"
#include "attn/Bench/Probe.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Program.h"
#include <iostream>

using namespace llvm;
using namespace attn;
using namespace attn::bench;

static Error fail(CompileStatus status, const Twine &message) {
  return make_error<RunError>(status, message.str());
}

//===----------------------------------------------------------------------===//
// The program and what runs it
//===----------------------------------------------------------------------===//

static std::string executable() {
  return sys::fs::getMainExecutable(
      nullptr, reinterpret_cast<void *>(reinterpret_cast<intptr_t>(&runRace)));
}

static std::string joined(StringRef folder, const Twine &name) {
  SmallString<256> path = folder;
  sys::path::append(path, name);
  sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return path.str().str();
}

/// The folder of race.py: beside the build folder in the repository, or where
/// `cmake --install` put it.
static Expected<std::string> findPrograms() {
  std::string self = executable();
  StringRef bin = sys::path::parent_path(self);
  std::string inRepository = joined(bin, "../../benchmarks");
  std::string installed = joined(bin, "../share/attn-mlir/benchmarks");
  for (const std::string &folder : {inRepository, installed})
    if (sys::fs::exists(joined(folder, "race.py")))
      return folder;
  return fail(CompileStatus::badInput,
              "comparisons need race.py, which is neither in " + inRepository +
                  " nor in " + installed);
}

/// $ATTN_PYTHON, the environment that scripts/bootstrap makes, or any python3.
static Expected<std::string> findPython(StringRef programs) {
  if (auto named = sys::Process::GetEnv("ATTN_PYTHON"))
    return *named;
  std::string own = joined(programs, "../.venv/bin/python");
  if (sys::fs::can_execute(own))
    return own;
  ErrorOr<std::string> found = sys::findProgramByName("python3");
  if (found)
    return *found;
  return fail(CompileStatus::badInput,
              "comparisons need Python: neither $ATTN_PYTHON nor " + own +
                  " nor python3 is there");
}

//===----------------------------------------------------------------------===//
// The plan
//===----------------------------------------------------------------------===//

/// What README's table has, where the command line names no shape.
static Expected<std::vector<Shape>> readDefaults(StringRef programs) {
  std::string path = joined(programs, "peers.json");
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(path);
  if (!file)
    return fail(CompileStatus::badInput,
                path + ": " + file.getError().message());
  Expected<std::vector<Shape>> shapes = parseShapes((*file)->getBuffer());
  if (!shapes)
    return fail(CompileStatus::badInput,
                path + ": " + toString(shapes.takeError()));
  return shapes;
}

static Expected<Plan> makePlan(const Options &options, StringRef programs) {
  Plan plan;
  plan.machine = describeMachine();
  if (options.mode == Mode::sweep) {
    plan.rule = options.sweep;
    plan.shapes = makeSweep(options.sweep);
    plan.burstSeconds = 0.02;
  } else if (!options.shapes.empty()) {
    plan.shapes = options.shapes;
  } else {
    Expected<std::vector<Shape>> shapes = readDefaults(programs);
    if (!shapes)
      return shapes.takeError();
    plan.shapes = std::move(*shapes);
  }
  for (Shape &shape : plan.shapes) {
    if (shape.op != OpKind::attention)
      return fail(CompileStatus::unsupported,
                  "comparing op=" + shape.opName() + " is not supported");
    if (options.raceThreads && !shape.saysThreads)
      shape.threads = *options.raceThreads;
  }
  return plan;
}

Expected<int> attn::bench::runRace(const Options &options) {
  Expected<std::string> programs = findPrograms();
  if (!programs)
    return programs.takeError();
  Expected<Plan> plan = makePlan(options, *programs);
  if (!plan)
    return plan.takeError();
  if (options.listsShapes) {
    for (const Shape &shape : plan->shapes)
      outs() << shape.label() << '\n';
    return 0;
  }
  Expected<std::string> python = findPython(*programs);
  if (!python)
    return python.takeError();

  SmallString<128> file;
  int descriptor = 0;
  if (std::error_code error =
          sys::fs::createTemporaryFile("attn-bench", "json", descriptor, file))
    return fail(CompileStatus::badInput,
                "no temporary file: " + error.message());
  FileRemover remover(file);
  {
    raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    writePlan(*plan, os);
  }

  std::string self = executable();
  SmallVector<std::string> words = {
      *python,
      joined(*programs, "race.py"),
      options.mode == Mode::sweep ? "--mode=sweep" : "--mode=peers",
      "--plan=" + file.str().str(),
      "--attn-bench=" + self,
      "--attnc=" + joined(sys::path::parent_path(self), "attnc"),
      "--rounds=" + std::to_string(options.rounds),
      "--only=" + options.only};
  if (options.mode == Mode::sweep)
    words.push_back("--budget=" + std::to_string(options.budgetSeconds));
  if (!options.output.empty())
    words.push_back("--output=" + options.output);
  if (!options.plot.empty())
    words.push_back("--plot=" + options.plot);
  if (options.json)
    words.push_back("--json");
  SmallVector<StringRef> arguments(words.begin(), words.end());
  std::string why;
  int code =
      sys::ExecuteAndWait(*python, arguments, std::nullopt, {}, 0, 0, &why);
  if (!why.empty() || code < 0)
    return fail(CompileStatus::badInput,
                *python + ": " + (why.empty() ? "crashed" : why));
  return code;
}

//===----------------------------------------------------------------------===//
// Probes
//===----------------------------------------------------------------------===//

namespace {
/// The probes of one question, kept for the next one like it.
struct Probing {
  Probing(StringRef dtype, size_t bytes, unsigned threads)
      : team(threads), peak(dtype, team), bandwidth(bytes, team) {}

  Team team;
  PeakProbe peak;
  BandwidthProbe bandwidth;
};
} // namespace

int attn::bench::serveProbes() {
  std::string line, previous;
  std::unique_ptr<Probing> probing;
  while (std::getline(std::cin, line)) {
    if (line != previous) {
      Expected<json::Value> question = json::parse(line);
      const json::Object *object = question ? question->getAsObject() : nullptr;
      auto dtype = object ? object->getString("dtype") : std::nullopt;
      auto bytes = object ? object->getNumber("bytes") : std::nullopt;
      auto threads = object ? object->getInteger("threads") : std::nullopt;
      if (!question)
        consumeError(question.takeError());
      if (!dtype || !bytes || !threads || !(*bytes >= 0 && *bytes <= 1e12) ||
          *threads < 1 || *threads > 1024) {
        errs()
            << "attn-bench: error: --probe expects lines such as {\"dtype\": "
               "\"f32\", \"bytes\": 1000000, \"threads\": 1}\n";
        return int(CompileStatus::badInput);
      }
      probing.reset();
      probing =
          std::make_unique<Probing>(*dtype, size_t(*bytes), unsigned(*threads));
      previous = line;
    }
    // The peak last, as beside our own repetitions.
    double bandwidth = probing->bandwidth.measure();
    json::OStream json(outs());
    json.object([&] {
      json.attribute("gbytes_per_s", bandwidth);
      json.attribute("peak_gflops", probing->peak.measure());
    });
    outs() << '\n';
    outs().flush();
  }
  return 0;
}
