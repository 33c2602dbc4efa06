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

A percentage is the median over repetitions of the rate divided by the mean of
the limits just before and just after: multiply-adds in registers, or reading
as many bytes as keys and values have, with as many threads. No thread is
pinned; `taskset` does that for all. time is the fastest repetition.

Exit codes: 0 right, 1 a result was wrong, 2 wrong usage, 3 bad input, 4 not
supported.
)";

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
  Error read(StringRef name, StringRef value);
  Error addShapes(StringRef path);
  Error readTargets(StringRef names);

  Options options;
  SmallVector<int64_t> threads;
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
    return usage("unknown option --" + name + "; see --help");
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
    bool *flag = name == "json"         ? &options.json
                 : name == "print-mlir" ? &options.printMLIR
                 : name == "static"     ? &options.isStatic
                 : name == "baseline"   ? &options.run.withBaseline
                                        : nullptr;
    if (flag) {
      if (word.contains('='))
        return usage("--" + name + " takes no value");
      *flag = true;
      continue;
    }
    if (!word.contains('=')) {
      if (at + 1 == words.size())
        return usage("--" + name + ": expected a value; see --help");
      value = words[++at];
    }
    if (Error error = read(name, value))
      return error;
  }
  return Error::success();
}

Expected<std::optional<Options>> OptionReader::finish() {
  if (isDone)
    return std::nullopt;
  if (options.shapes.empty() && !options.isStatic)
    return usage("expected --shape=K=V,... or --shapes=FILE.json; see --help");
  if (options.printMLIR && options.json)
    return usage("--print-mlir prints modules, --json numbers: expected one "
                 "of them");
  if (options.run.withBaseline && !hasBaseline())
    return make_error<RunError>(
        CompileStatus::unsupported,
        "--baseline is not supported here: the hand-written kernels need an "
        "x86-64 processor with AVX-512, and a build by Clang");
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
