//===- CPUTarget.cpp - x86-64 processors: facts
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Target/CPU/CPUTarget.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/TargetParser/Host.h"
#include <unistd.h>

using namespace mlir;
using namespace attn;

namespace {
/// The micro-architecture levels of the x86-64 psABI, and what goes beyond.
struct Level {
  const char *name;
  const char *cpu;      ///< LLVM's name, for its model of costs.
  const char *features; ///< What the level adds to the one before.
  int64_t vectorBits, vectorRegisters;
  bool fusedMultiplyAdd;
  int64_t bf16DotPack;
};
} // namespace

static constexpr Level levels[] = {
    {"x86-64-v2", "x86-64-v2",
     "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+sahf", 128, 16, false, 1},
    {"x86-64-v3", "x86-64-v3",
     "+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe,+xsave", 256, 16, true, 1},
    {"x86-64-v4", "x86-64-v4",
     "+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl", 512, 32, true, 1},
    {"avx512-bf16", "x86-64-v4", "+avx512bf16,+avx512vnni", 512, 32, true, 2},
};

/// Every processor of these levels has at least this much.
static constexpr int64_t smallestL1Bytes = 32 * 1024;
static constexpr int64_t smallestL2Bytes = 256 * 1024;
static constexpr int64_t smallestLastLevelBytes = 2 * 1024 * 1024;

static TargetSpec specFor(const Level &level) {
  TargetSpec spec;
  spec.name = level.name;
  spec.triple = "x86_64-unknown-linux-gnu";
  spec.cpu = level.cpu;
  for (const Level &lower : levels) {
    spec.features +=
        (spec.features.empty() ? "" : ",") + std::string(lower.features);
    if (&lower == &level)
      break;
  }
  spec.vectorBits = level.vectorBits;
  spec.vectorRegisters = level.vectorRegisters;
  spec.fusedMultiplyAdd = level.fusedMultiplyAdd;
  spec.bf16DotPack = level.bf16DotPack;
  spec.convertsF16 = StringRef(spec.features).contains("+f16c");
  spec.convertsBF16 = StringRef(spec.features).contains("+avx512bf16");
  spec.l1Bytes = smallestL1Bytes;
  spec.l2Bytes = smallestL2Bytes;
  spec.llcBytes = smallestLastLevelBytes;
  return spec;
}

/// The highest level whose features this machine has all, with its own
/// processor name for the instruction scheduler and its own cache sizes.
static TargetSpec hostSpec() {
  llvm::StringMap<bool> has = llvm::sys::getHostCPUFeatures();
  TargetSpec spec = specFor(levels[0]);
  for (const Level &level : levels) {
    SmallVector<StringRef> needed;
    StringRef(level.features).split(needed, ',');
    // `sahf` and `cx16` are below what the operating system reports.
    if (!llvm::all_of(needed, [&](StringRef feature) {
          StringRef name = feature.drop_front();
          return name == "sahf" || name == "cx16" || has.lookup(name);
        }))
      break;
    spec = specFor(level);
  }
  spec.name = "host";
  spec.cpu = llvm::sys::getHostCPUName().str();
  auto measure = [](int cache, int64_t &into) {
    if (long bytes = sysconf(cache); bytes > 0)
      into = bytes;
  };
  measure(_SC_LEVEL1_DCACHE_SIZE, spec.l1Bytes);
  measure(_SC_LEVEL2_CACHE_SIZE, spec.l2Bytes);
  spec.llcBytes = spec.l2Bytes; // where there is no third level
  measure(_SC_LEVEL3_CACHE_SIZE, spec.llcBytes);
  return spec;
}

std::unique_ptr<Target> CPUTarget::create(llvm::StringRef name) {
  if (name == "host")
    return std::make_unique<CPUTarget>(hostSpec());
  for (const Level &level : levels)
    if (name == level.name)
      return std::make_unique<CPUTarget>(specFor(level));
  return nullptr;
}

std::vector<std::string> CPUTarget::names() {
  std::vector<std::string> names = {"host"};
  for (const Level &level : levels)
    names.push_back(level.name);
  return names;
}
