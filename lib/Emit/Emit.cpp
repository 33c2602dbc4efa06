//===- Emit.cpp - Stage 8: files ------------------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/Emit.h"
#include "Tables.h"
#include "attn/Emit/Link.h"
#include "attn/Emit/Texts.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/Path.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace mlir;
using namespace attn;

static constexpr llvm::StringLiteral kOutputNames[] = {
    "lib",       "obj",  "archive", "header", "manifest",
    "pkgconfig", "llvm", "asm",     "mlir"};

llvm::ArrayRef<llvm::StringLiteral> attn::outputNames() { return kOutputNames; }

std::optional<Output> attn::parseOutput(llvm::StringRef name) {
  for (auto [index, known] : llvm::enumerate(kOutputNames))
    if (name == known)
      return Output(index);
  return std::nullopt;
}

namespace {

class Emitter {
public:
  Emitter(LibraryDescription &library, llvm::ArrayRef<Output> outputs,
          Sanitizer sanitizer, llvm::StringRef prefix, OutputFiles &files)
      : library(library), outputs(outputs), sanitizer(sanitizer),
        prefix(prefix), files(files) {}

  llvm::Error run(llvm::ArrayRef<ModuleOp> lowered) {
    for (auto [index, module] : llvm::enumerate(lowered))
      if (llvm::Error error = compileVariant(module, index))
        return error;
    if (wants(Output::lib) || wants(Output::obj) || wants(Output::archive)) {
      if (llvm::Error error = compileIndex())
        return error;
      if (llvm::Error error = writeBinaries())
        return error;
    }
    return writeTexts();
  }

private:
  bool wants(Output output) { return llvm::is_contained(outputs, output); }

  /// The file of a variant; with several, each has its target in the name.
  std::string variantFile(unsigned index, llvm::StringRef suffix) {
    std::string name = prefix.str();
    if (library.variants.size() > 1)
      name += "." + library.variants[index].target;
    return name + suffix.str();
  }

  llvm::Error compileVariant(ModuleOp lowered, unsigned index) {
    VariantDescription &variant = library.variants[index];
    auto machine = createTargetMachine(variant);
    if (!machine)
      return machine.takeError();
    variant.cpuFeatures = requiredCpuFeatures(**machine, variant);
    if (wants(Output::mlir)) {
      std::string text;
      llvm::raw_string_ostream os(text);
      lowered->print(os);
      if (llvm::Error error = files.add(variantFile(index, ".mlir"), text))
        return error;
    }
    if (!wantsCode())
      return llvm::Error::success();

    llvm::LLVMContext context;
    auto module = translateModule(lowered, variant, **machine, context);
    if (!module)
      return llvm::createStringError("translation to LLVM IR failed");
    if (llvm::Error error = addVariantTables(*module, library, index))
      return error;
    optimizeModule(*module, **machine, sanitizer);
    if (wants(Output::llvm)) {
      std::string text;
      llvm::raw_string_ostream os(text);
      module->print(os, nullptr);
      if (llvm::Error error = files.add(variantFile(index, ".ll"), text))
        return error;
    }
    if (wants(Output::assembly)) {
      // Emission changes the module, and the object is made from it too.
      auto copy = llvm::CloneModule(*module);
      if (llvm::Error error = files.add(variantFile(index, ".s"),
                                        emitAssembly(*copy, **machine)))
        return error;
    }
    if (wants(Output::lib) || wants(Output::obj) || wants(Output::archive))
      objects.push_back(emitObject(*module, **machine));
    return llvm::Error::success();
  }

  bool wantsCode() {
    return llvm::any_of(outputs, [](Output output) {
      return output == Output::lib || output == Output::obj ||
             output == Output::archive || output == Output::llvm ||
             output == Output::assembly;
    });
  }

  /// The index runs before the CPU is known: any machine must run it.
  llvm::Error compileIndex() {
    VariantDescription baseline;
    baseline.triple = library.variants.front().triple;
    auto machine = createTargetMachine(baseline);
    if (!machine)
      return machine.takeError();
    llvm::LLVMContext context;
    llvm::Module module("attn-index", context);
    module.setTargetTriple((*machine)->getTargetTriple());
    module.setDataLayout((*machine)->createDataLayout());
    module.setPICLevel(llvm::PICLevel::BigPIC);
    addIndexTables(module, library);
    objects.push_back(emitObject(module, **machine));
    return llvm::Error::success();
  }

  llvm::Error writeBinaries() {
    std::string exported = querySymbol(library);
    llvm::Triple triple(library.variants.front().triple);
    if (wants(Output::lib)) {
      auto linked = linkSharedLibrary(objects, triple, exported, sanitizer);
      if (!linked)
        return linked.takeError();
      if (llvm::Error error =
              files.add((prefix + ".so").str(), *linked, /*executable=*/true))
        return error;
    }
    if (!wants(Output::obj) && !wants(Output::archive))
      return llvm::Error::success();
    auto object = linkObject(objects, triple, exported, sanitizer);
    if (!object)
      return object.takeError();
    if (wants(Output::obj))
      if (llvm::Error error = files.add((prefix + ".o").str(), *object))
        return error;
    if (!wants(Output::archive))
      return llvm::Error::success();
    auto archive = makeArchive(*object, library.name + ".o");
    if (!archive)
      return archive.takeError();
    return files.add((prefix + ".a").str(), *archive);
  }

  llvm::Error writeText(Output output, llvm::StringRef suffix,
                        llvm::function_ref<void(llvm::raw_ostream &)> write) {
    if (!wants(output))
      return llvm::Error::success();
    std::string text;
    llvm::raw_string_ostream os(text);
    write(os);
    return files.add((prefix + suffix).str(), text);
  }

  llvm::Error writeTexts() {
    return llvm::joinErrors(
        llvm::joinErrors(
            writeText(Output::header, ".h",
                      [&](llvm::raw_ostream &os) { writeHeader(library, os); }),
            writeText(
                Output::manifest, ".json",
                [&](llvm::raw_ostream &os) { writeManifest(library, os); })),
        writeText(Output::pkgconfig, ".pc", [&](llvm::raw_ostream &os) {
          writePkgConfig(library, llvm::sys::path::filename(prefix), os);
        }));
  }

  LibraryDescription &library;
  llvm::ArrayRef<Output> outputs;
  Sanitizer sanitizer;
  llvm::StringRef prefix;
  OutputFiles &files;
  std::vector<std::string> objects;
};

} // namespace

llvm::Error attn::emitLibrary(LibraryDescription &library,
                              llvm::ArrayRef<ModuleOp> lowered,
                              llvm::ArrayRef<Output> outputs,
                              Sanitizer sanitizer, llvm::StringRef prefix,
                              OutputFiles &files) {
  return Emitter(library, outputs, sanitizer, prefix, files).run(lowered);
}
