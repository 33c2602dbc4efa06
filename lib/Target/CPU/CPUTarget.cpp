//===- CPUTarget.cpp - Processors as data
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

static constexpr const char *x86 = "x86_64-unknown-linux-gnu";
static constexpr const char *arm = "aarch64-unknown-linux-gnu";
static constexpr const char *riscv = "riscv64-unknown-linux-gnu";

namespace {
/// A kind of processor; every machine of that kind has what is said here.
struct Model {
  const char *name;
  const char *extends; ///< The model whose features these come on top of.
  const char *triple;
  const char *cpu; ///< LLVM's name, for its model of costs.
  const char *features;
  int64_t vectorBits, vectorRegisters;
  bool scalableRegisters, fusedMultiplyAdd;
  int64_t bf16DotPack;
  bool convertsF16, convertsBF16;
};
} // namespace

/// The micro-architecture levels of the x86-64 psABI and what goes beyond, then
/// other architectures. A model stands after the one that it extends.
static constexpr Model models[] = {
    {"x86-64-v2", nullptr, x86, "x86-64-v2",
     "+sse3,+ssse3,+sse4.1,+sse4.2,+popcnt,+cx16,+sahf", 128, 16, false, false,
     1, false, false},
    {"x86-64-v3", "x86-64-v2", x86, "x86-64-v3",
     "+avx,+avx2,+bmi,+bmi2,+f16c,+fma,+lzcnt,+movbe,+xsave", 256, 16, false,
     true, 1, true, false},
    {"x86-64-v4", "x86-64-v3", x86, "x86-64-v4",
     "+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl", 512, 32, false, true,
     1, true, false},
    {"avx512-bf16", "x86-64-v4", x86, "x86-64-v4", "+avx512bf16,+avx512vnni",
     512, 32, false, true, 2, true, true},
    {"amx", "avx512-bf16", x86, "x86-64-v4", "+amx-tile,+amx-bf16,+amx-int8",
     512, 32, false, true, 2, true, true},
    {"aarch64", nullptr, arm, "generic", "+neon", 128, 32, false, true, 1, true,
     false},
    {"aarch64+bf16", "aarch64", arm, "generic", "+dotprod,+bf16", 128, 32,
     false, true, 2, true, true},
    {"aarch64+sve2", "aarch64", arm, "generic", "+sve,+sve2", 256, 32, true,
     true, 1, true, false},
    {"riscv64+v", nullptr, riscv, "generic-rv64", "+v,+zvl256b", 256, 32, true,
     true, 1, false, false},
};

/// What `host` may stand for, best last. Not AMX, which a program may be
/// refused.
static constexpr const char *hostModels[] = {"x86-64-v2", "x86-64-v3",
                                             "x86-64-v4", "avx512-bf16"};

/// Every processor of these kinds has at least this much.
static constexpr int64_t smallestL1Bytes = 32 * 1024;
static constexpr int64_t smallestL2Bytes = 256 * 1024;
static constexpr int64_t smallestLastLevelBytes = 2 * 1024 * 1024;

static const Model *findModel(StringRef name) {
  for (const Model &model : models)
    if (name == model.name)
      return &model;
  return nullptr;
}

static std::string featuresOf(const Model &model) {
  std::string lower =
      model.extends ? featuresOf(*findModel(model.extends)) + "," : "";
  return lower + model.features;
}

static TargetSpec specFor(const Model &model) {
  TargetSpec spec;
  spec.name = model.name;
  spec.triple = model.triple;
  spec.cpu = model.cpu;
  spec.features = featuresOf(model);
  spec.vectorBits = model.vectorBits;
  spec.vectorRegisters = model.vectorRegisters;
  spec.scalableRegisters = model.scalableRegisters;
  spec.fusedMultiplyAdd = model.fusedMultiplyAdd;
  spec.bf16DotPack = model.bf16DotPack;
  spec.matrixTiles = StringRef(spec.features).contains("+amx-bf16");
  spec.convertsF16 = model.convertsF16;
  spec.convertsBF16 = model.convertsBF16;
  spec.l1Bytes = smallestL1Bytes;
  spec.l2Bytes = smallestL2Bytes;
  spec.llcBytes = smallestLastLevelBytes;
  return spec;
}

/// The best model whose features this machine has all, with its own processor
/// name for the instruction scheduler and its own cache sizes.
static TargetSpec hostSpec() {
  llvm::StringMap<bool> has = llvm::sys::getHostCPUFeatures();
  TargetSpec spec = specFor(*findModel(hostModels[0]));
  for (const char *name : hostModels) {
    const Model &model = *findModel(name);
    SmallVector<StringRef> needed;
    StringRef(model.features).split(needed, ',');
    // `sahf` and `cx16` are below what the operating system reports.
    if (!llvm::all_of(needed, [&](StringRef feature) {
          StringRef name = feature.drop_front();
          return name == "sahf" || name == "cx16" || has.lookup(name);
        }))
      break;
    spec = specFor(model);
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
  if (const Model *model = findModel(name))
    return std::make_unique<CPUTarget>(specFor(*model));
  return nullptr;
}

std::vector<std::string> CPUTarget::names() {
  std::vector<std::string> names = {"host"};
  for (const Model &model : models)
    names.push_back(model.name);
  return names;
}

std::vector<std::string> CPUTarget::group(llvm::StringRef name) {
  if (name == "x86-64-all")
    return {"avx512-bf16", "x86-64-v4", "x86-64-v3", "x86-64-v2"};
  return {};
}
