//===- Manifest.cpp - The JSON manifest and the pkg-config file -----------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Runtime/Runtime.h"
#include "attn/Emit/Texts.h"
#include "llvm/Support/JSON.h"

using namespace attn;

static void writeArgument(const EntryDescription &entry,
                          const ArgumentDescription &argument,
                          llvm::json::OStream &json) {
  json.object([&] {
    json.attribute("name", argument.name);
    json.attribute("role", argument.isOutput  ? "output"
                           : argument.isInOut ? "inout"
                                              : "input");
    json.attribute("kind", argument.isScalar ? "scalar" : "tensor");
    json.attribute("dtype", argument.isIndex ? "index" : argument.type.name());
    if (!argument.isScalar)
      json.attributeArray("shape", [&] {
        for (auto [extent, symbol] :
             llvm::zip_equal(argument.shape, argument.symbols))
          if (symbol >= 0)
            json.value(entry.symbols[symbol]);
          else
            json.value(extent);
      });
    if (argument.isWeight)
      json.attribute("weight", true);
  });
}

/// Shapes are arrays of numbers (static) and names (equal names, equal
/// extents).
void attn::writeManifest(const LibraryDescription &library,
                         llvm::raw_ostream &os) {
  llvm::json::OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("library", library.name);
    json.attribute("abi", int64_t(ATTN_ABI_VERSION));
    json.attribute("compiler", library.compiler);
    json.attribute("query", library.name + "_query");
    json.attributeArray("entries", [&] {
      for (const EntryDescription &entry : library.entries)
        json.object([&] {
          json.attribute("name", entry.name);
          json.attributeArray("arguments", [&] {
            for (const ArgumentDescription &argument : entry.arguments)
              writeArgument(entry, argument, json);
          });
        });
    });
    json.attributeArray("targets", [&] {
      for (const VariantDescription &variant : library.variants)
        json.object([&] {
          json.attribute("name", variant.target);
          json.attribute("triple", variant.triple);
          json.attribute("cpu", variant.cpu);
          json.attributeArray("cpu_features", [&] {
            for (const std::string &feature : variant.cpuFeatures)
              json.value(feature);
          });
          json.attributeArray("entries", [&] {
            for (size_t i = 0; i < library.entries.size(); ++i)
              json.object([&] {
                const EntryLowering &lowering = variant.entries[i];
                json.attribute("name", library.entries[i].name);
                json.attribute("schedule", lowering.schedule);
                json.attribute("prepared_bytes",
                               lowering.preparedBytes
                                   ? lowering.preparedBytes +
                                         ATTN_RT_PREPARED_HEADER
                                   : 0);
              });
          });
        });
    });
  });
  os << '\n';
}

void attn::writePkgConfig(const LibraryDescription &library,
                          llvm::StringRef basename, llvm::raw_ostream &os) {
  os << "Name: " << library.name << "\nDescription:";
  for (const EntryDescription &entry : library.entries)
    os << ' ' << entry.name;
  os << ", compiled by " << library.compiler
     << "\nVersion: " << ATTN_ABI_VERSION << "\nCflags: -I${pcfiledir}"
     << "\nLibs: -L${pcfiledir} -l:" << basename
     << ".so -Wl,-rpath,${pcfiledir}\n";
}
