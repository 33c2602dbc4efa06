//===- ModSources.cpp - Where the name of a mod leads ---------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModSources.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace attn;

ModSources::ModSources(ModuleOp module, ArrayRef<ModFile> files)
    : module(module) {
  auto add = [&](const ModFile &file, bool isLibrary) {
    Source &source = sources.emplace_back();
    source.file = &file;
    source.isLibrary = isLibrary;
    source.mods = listMods(file);
  };
  for (const ModFile &file : files)
    add(file, /*isLibrary=*/false);
  for (const ModFile &file : modLibrary())
    add(file, /*isLibrary=*/true);
}

FailureOr<ModuleOp> ModSources::parse(Source &source, FloatType score) {
  OwningOpRef<ModuleOp> &parsed = source.parsed[score.isF64()];
  if (!parsed) {
    // In front of the first line, so that errors count lines as the file does.
    std::string text = score.isF64() ? "!score = f64 " : "!score = f32 ";
    parsed = parseSourceString<ModuleOp>(
        text + source.file->text, module.getContext(), source.file->name);
    if (!parsed)
      return failure();
  }
  return *parsed;
}

FailureOr<func::FuncOp> ModSources::find(StringRef name, ModuleOp from,
                                         FloatType score) {
  // An entry may be called like the mod that it applies.
  auto own = from.lookupSymbol<func::FuncOp>(name);
  bool isEntry =
      own && from == module && own.isPublic() &&
      modKind(own.getArgumentTypes(), own.getResultTypes()) == ModKind::other;
  if (own && !isEntry)
    return own;
  bool fromLibrary = false;
  for (Source &source : sources)
    fromLibrary |= source.isLibrary && source.parsed[score.isF64()] &&
                   *source.parsed[score.isF64()] == from;
  for (Source &source : sources) {
    // The library means itself whatever a user calls a mod. Its files are known
    // to be read well by lines, a user's may be written in any way.
    bool hasName = llvm::any_of(
        source.mods, [&](const ModText &mod) { return mod.name == name; });
    if (source.isLibrary ? !hasName : fromLibrary)
      continue;
    FailureOr<ModuleOp> parsed = parse(source, score);
    if (failed(parsed))
      return failure();
    if (auto mod = parsed->lookupSymbol<func::FuncOp>(name))
      return mod;
  }
  return own;
}

std::vector<std::string> ModSources::names() const {
  std::vector<std::string> names;
  for (auto function : ModuleOp(module).getOps<func::FuncOp>())
    if (function.isPrivate() && !function.isExternal())
      names.push_back(function.getName().str());
  for (const Source &source : sources)
    for (const ModText &mod : source.mods)
      names.push_back(mod.name.str());
  return names;
}

const ModSources::Source *ModSources::sourceOf(func::FuncOp mod) const {
  for (const Source &source : sources)
    for (const auto &parsed : source.parsed)
      if (parsed && *parsed == mod->getParentOp())
        return &source;
  return nullptr;
}

bool ModSources::isOfLibrary(func::FuncOp mod) const {
  const Source *source = sourceOf(mod);
  return source && source->isLibrary;
}

std::string ModSources::describe(func::FuncOp mod) const {
  if (const Source *source = sourceOf(mod))
    for (const ModText &text : source->mods)
      if (text.name == mod.getName())
        return text.use();
  return ("@" + mod.getName()).str();
}
