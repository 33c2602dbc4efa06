//===- Options.cpp - The command line of attn-bench -----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "attn/Compile/Version.h"
#include "attn/Target/Target.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;
using namespace attn;
using namespace attn::bench;

static constexpr StringLiteral help =
    R"(attn-bench: how fast, and what of the machine's limit in the same run

  attn-bench --shape=K=V,... [--shape=...]... [options]
  attn-bench --shapes=FILE.json [options]
  attn-bench --peers [--shape=...]... [options]
  attn-bench --sweep [options]
  attn-bench --tune --shape=... -o FILE.json

  --shape=H=8,SQ=512,D=64    a problem; keys, with defaults:
      op=attention           or project_heads, layer
      B=1 H HKV=H SQ SK=SQ D DV=D
      mask=none              or causal, causal_br, window<N>, prefix<N>
      score=none             or alibi, softcap<X>, t5, bias
      lengths=none           or random, full, or lengths such as 128:77
      M K N                  of project_heads: rows, input features, output
                             features (3x384: three weights); of a layer:
                             K=H*D and N=K are its widths
      dtype=f32 kv_dtype=dtype layout=bhsd threads=1 name
                             types are f32, bf16, f16, f64; kv_dtype may be
                             another one, or int8, int4 with a scale a row
  --shapes=FILE.json         an array of objects with these keys
  --threads=N[,N...]         run shapes that do not say so with these threads
  --target=T[,T...]          what to compile for (default: host)
  --seconds=S                time to measure each shape for (default 1)
  --repeats=N                that many repetitions instead
  --baseline                 measure the hand-written kernels beside, in turns,
                             where one covers the shape
  --json                     one JSON array on stdout
  --print-mlir               print the modules instead of timing them
  --static                   report registers, spills and shared memory of the
                             GPU kernels for every chip instead
  --version, --help

Schedules:
  --tune                     measure other schedules beside the target's choice;
                             -o FILE.json writes those that are faster, for
                             attnc --schedules=FILE.json

Against others (PyTorch, FlexAttention, ONNX Runtime, OpenVINO, JAX, where they
are installed), each called from Python in its own process, in turns:
  --peers                    on the shapes given, or those of README's table
  --sweep                    on many shapes by a rule
  --count=N --seed=N         of the rule (default 240, 1)
  --rounds=N                 turns on each shape (default 15; sweep 9)
  --budget=S                 begin no shape of a sweep later (default 3600)
  --only=NAME,...            these contestants instead of all
  -o FILE.json               write what was measured; a sweep goes on where an
                             earlier one with the same file ended
  --plot=FILE.svg            or .png: % of the peak, or the ratios of a sweep
  --list-shapes              print the shapes instead of timing them

A percentage is the median over repetitions of the rate divided by the mean of
the limits just before and just after: multiply-adds in registers, or reading
as many bytes as keys and values have, with as many threads. No thread is
pinned; `taskset` does that for all. time is the fastest repetition.

Exit codes: 0 right, 1 a result was wrong, 2 wrong usage, 3 bad input, 4 not
supported.
)";

/// The words that say what to do, and the options that each goes with.
static constexpr struct {
  StringLiteral word;
  Mode mode;
  StringLiteral options;
} modes[] = {
    {"", Mode::measure,
     "shape shapes threads target seconds repeats baseline json"},
    {"print-mlir", Mode::printMLIR,
     "shape shapes threads target seconds repeats baseline"},
    {"static", Mode::report,
     "shape shapes threads target seconds repeats baseline json"},
    {"tune", Mode::tune, "shape shapes threads target seconds repeats output"},
    {"peers", Mode::peers,
     "shape shapes threads rounds only output plot list-shapes json"},
    {"sweep", Mode::sweep,
     "count seed threads rounds budget only output plot list-shapes json"},
    {"probe", Mode::probe, ""},
};

static Error usage(const Twine &message) {
  return make_error<RunError>(CompileStatus::usage, message.str());
}

namespace {
/// Reads words; shapes wait for `--threads`, which may come after them.
class OptionReader {
public:
  Error readAll(ArrayRef<char *> words);
  Expected<std::optional<Options>> finish();

private:
  Error readFlag(StringRef name);
  Error read(StringRef name, StringRef value);
  Error readRace(StringRef name, StringRef value);
  Error checkMode() const;
  Error addShapes(StringRef path);
  Error readTargets(StringRef names);

  Options options;
  SmallVector<int64_t> threads;
  SmallVector<std::string> given; ///< The names of all options but modes.
  StringRef modeWord;
  bool isDone = false;
};
} // namespace

Error OptionReader::addShapes(StringRef path) {
  auto bad = [&](const Twine &why) {
    return make_error<RunError>(CompileStatus::badInput,
                                (path + ": " + why).str());
  };
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(path);
  if (!file)
    return bad(file.getError().message());
  Expected<std::vector<Shape>> shapes = parseShapes((*file)->getBuffer());
  if (!shapes)
    return bad(toString(shapes.takeError()));
  append_range(options.shapes, *shapes);
  return Error::success();
}

Error OptionReader::readTargets(StringRef names) {
  options.run.targets.clear();
  for (StringRef name : split(names, ',')) {
    if (!lookupTarget(name))
      return usage("--target=" + names + ": unknown target '" + name +
                   "', the targets are " + join(targetNames(), ", "));
    options.run.targets.push_back(name.str());
  }
  return Error::success();
}

Error OptionReader::read(StringRef name, StringRef value) {
  auto wrong = [&](StringRef expected) {
    return usage("--" + name + "=" + value + ": expected " + expected);
  };
  if (name == "shape") {
    Expected<Shape> shape = parseShape(value);
    if (!shape)
      return usage("--shape=" + value + ": " + toString(shape.takeError()));
    options.shapes.push_back(std::move(*shape));
  } else if (name == "shapes") {
    return addShapes(value);
  } else if (name == "threads") {
    for (StringRef part : split(value, ','))
      if (part.getAsInteger(10, threads.emplace_back()) || threads.back() < 1 ||
          threads.back() > 1024)
        return wrong("integers from 1 to 1024");
  } else if (name == "target") {
    return readTargets(value);
  } else if (name == "seconds") {
    double &seconds = options.run.budget.seconds;
    if (value.getAsDouble(seconds) || !(seconds >= 0 && seconds <= 3600))
      return wrong("a number from 0 to 3600");
  } else if (name == "repeats") {
    int64_t &repeats = options.run.budget.repeats;
    if (value.getAsInteger(10, repeats) || repeats < 1 || repeats > 1000000)
      return wrong("an integer from 1 to 1000000");
  } else {
    return readRace(name, value);
  }
  return Error::success();
}

/// Options of comparisons with others.
Error OptionReader::readRace(StringRef name, StringRef value) {
  auto integer = [&](int64_t most, auto &into) -> Error {
    int64_t read = 0;
    if (value.getAsInteger(10, read) || read < 1 || read > most)
      return usage("--" + name + "=" + value +
                   ": expected an integer from 1 to " + Twine(most));
    into = read;
    return Error::success();
  };
  if (name == "count")
    return integer(100000, options.sweep.count);
  if (name == "seed")
    return integer(int64_t(1) << 31, options.sweep.seed);
  if (name == "rounds")
    return integer(1000, options.rounds);
  std::string *text = name == "only"     ? &options.only
                      : name == "output" ? &options.output
                      : name == "plot"   ? &options.plot
                                         : nullptr;
  if (text) {
    *text = value.str();
    if (text == &options.plot && !value.ends_with(".svg") &&
        !value.ends_with(".png"))
      return usage("--plot=" + value +
                   ": expected a name ending in .svg or .png");
    return Error::success();
  }
  if (name != "budget")
    return usage("unknown option --" + name + "; see --help");
  double &seconds = options.budgetSeconds;
  if (value.getAsDouble(seconds) || !(seconds >= 0 && seconds <= 1e6))
    return usage("--budget=" + value + ": expected a number from 0 to 1000000");
  return Error::success();
}

/// Words without a value.
Error OptionReader::readFlag(StringRef name) {
  for (const auto &mode : modes)
    if (!mode.word.empty() && name == mode.word) {
      if (!modeWord.empty() && modeWord != mode.word)
        return usage("--" + modeWord + " and --" + name +
                     ": expected one of them");
      modeWord = mode.word;
      options.mode = mode.mode;
      return Error::success();
    }
  (name == "json"       ? options.json
   : name == "baseline" ? options.run.withBaseline
                        : options.listsShapes) = true;
  given.push_back(name.str());
  return Error::success();
}

/// An option that the mode has no use for would silently do nothing.
Error OptionReader::checkMode() const {
  for (const auto &mode : modes) {
    if (mode.mode != options.mode)
      continue;
    for (StringRef name : given) {
      if (is_contained(split(mode.options, ' '), name))
        continue;
      std::string others;
      for (const auto &other : modes)
        if (is_contained(split(other.options, ' '), name))
          others += (others.empty() ? "--" : ", --") + other.word.str();
      return mode.word.empty()
                 ? usage("--" + name + " goes with " + others)
                 : usage("--" + mode.word + " has no use for --" + name);
    }
  }
  return Error::success();
}

Error OptionReader::readAll(ArrayRef<char *> words) {
  for (size_t at = 0; at < words.size() && !isDone; ++at) {
    StringRef word = words[at];
    if (word == "--help" || word == "-h" || word == "--version") {
      outs() << (word == "--version" ? compilerVersion() + "\n" : help.str());
      isDone = true;
      continue;
    }
    if (!word.starts_with("-"))
      return usage("unexpected '" + word + "'; see --help");
    auto [name, value] = word.ltrim('-').split('=');
    bool isMode = any_of(modes, [&, &name = name](const auto &mode) {
      return !mode.word.empty() && mode.word == name;
    });
    if (isMode || name == "json" || name == "baseline" ||
        name == "list-shapes") {
      if (word.contains('='))
        return usage("--" + name + " takes no value");
      if (Error error = readFlag(name))
        return error;
      continue;
    }
    if (name == "o")
      name = "output";
    if (!word.contains('=')) {
      if (at + 1 == words.size())
        return usage("--" + name + ": expected a value; see --help");
      value = words[++at];
    }
    if (Error error = read(name, value))
      return error;
    given.push_back(name.str());
  }
  return Error::success();
}

Expected<std::optional<Options>> OptionReader::finish() {
  if (isDone)
    return std::nullopt;
  bool needsShapes = options.mode == Mode::measure ||
                     options.mode == Mode::printMLIR ||
                     options.mode == Mode::tune;
  if (options.mode == Mode::printMLIR && options.json)
    return usage("--print-mlir prints modules, --json numbers: expected one "
                 "of them");
  if (Error error = checkMode())
    return std::move(error);
  if (options.shapes.empty() && needsShapes)
    return usage("expected --shape=K=V,... or --shapes=FILE.json; see --help");
  if (options.run.withBaseline && !hasBaseline())
    return make_error<RunError>(
        CompileStatus::unsupported,
        "--baseline is not supported here: the hand-written kernels need an "
        "x86-64 processor with AVX-512, and a build by Clang");
  if (!options.rounds)
    options.rounds = options.mode == Mode::sweep ? 9 : 15;
  if (options.mode == Mode::peers || options.mode == Mode::sweep) {
    if (threads.size() > 1)
      return usage("comparisons take one number of threads at a time");
    if (!threads.empty())
      options.raceThreads = threads.front();
    return std::move(options);
  }
  if (threads.empty())
    return std::move(options);
  std::vector<Shape> repeated;
  for (const Shape &shape : options.shapes) {
    if (shape.saysThreads) {
      repeated.push_back(shape);
      continue;
    }
    for (int64_t count : threads) {
      repeated.push_back(shape);
      repeated.back().threads = count;
    }
  }
  options.shapes = std::move(repeated);
  return std::move(options);
}

Expected<std::optional<Options>> attn::bench::parseOptions(int argc,
                                                           char **argv) {
  OptionReader reader;
  if (Error error = reader.readAll(ArrayRef(argv, argc).drop_front()))
    return std::move(error);
  return reader.finish();
}
