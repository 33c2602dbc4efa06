//===- ModText.cpp - Mods as a text shows them ----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// MLIR forgets comments and the names of values, and both are what a user wants
// to read. So this reads lines, not MLIR.
//
//===----------------------------------------------------------------------===//

#include "attn/Mods/Mods.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace attn;
using llvm::StringRef;

/// The parts of `list` between commas outside of brackets.
static llvm::SmallVector<StringRef> splitTypes(StringRef list) {
  llvm::SmallVector<StringRef> parts;
  int depth = 0;
  size_t begin = 0;
  for (auto [at, c] : llvm::enumerate(list)) {
    depth += StringRef("<([").contains(c);
    depth -= StringRef(">)]").contains(c);
    if (c != ',' || depth)
      continue;
    parts.push_back(list.slice(begin, at).trim());
    begin = at + 1;
  }
  if (StringRef last = list.substr(begin).trim(); !last.empty())
    parts.push_back(last);
  return parts;
}

/// Takes a leading `func.func [private] @NAME(INPUTS) -> RESULT {`.
static bool readHead(StringRef text, ModText &mod) {
  if (!text.consume_front("func.func "))
    return false;
  text.consume_front("private ");
  if (!text.consume_front("@"))
    return false;
  mod.name = text.take_until([](char c) { return c == '('; });
  auto [head, body] = text.drop_front(mod.name.size()).split('{');
  auto [inputs, result] = head.rsplit("->");
  inputs = inputs.trim();
  if (!inputs.consume_front("(") || !inputs.consume_back(")"))
    return false;
  mod.inputs = splitTypes(inputs);
  mod.result = result.trim();
  return true;
}

std::vector<ModText> attn::listMods(const ModFile &file) {
  std::vector<ModText> mods;
  StringRef text = file.text;
  size_t comment = StringRef::npos; // where the lines before begin one
  for (size_t line = 0; line < text.size();) {
    size_t end = text.find('\n', line);
    size_t next = end == StringRef::npos ? text.size() : end + 1;
    StringRef words = text.slice(line, next);
    ModText mod;
    if (words.starts_with("//")) {
      comment = std::min(comment, line);
    } else {
      if (readHead(text.substr(line), mod)) {
        size_t begin = std::min(comment, line);
        size_t close = text.find("\n}", line);
        mod.text = text.slice(begin, close == StringRef::npos ? text.size()
                                                              : close + 2);
        mod.file = llvm::sys::path::stem(file.name);
        if (mod.text.starts_with("//"))
          mod.summary = mod.text.split('\n').first.ltrim("/ ").rtrim().str();
        mods.push_back(std::move(mod));
      }
      comment = StringRef::npos;
    }
    line = next;
  }
  return mods;
}

ModKind ModText::kind() const {
  auto hasType = [&](unsigned index, StringRef type) {
    return index < inputs.size() &&
           inputs[index].split(':').second.trim() == type;
  };
  auto hasPositions = [&](unsigned from) {
    return hasType(from, "index") && hasType(from + 1, "index") &&
           hasType(from + 2, "index") && hasType(from + 3, "index");
  };
  if (result == "i1" && hasPositions(0))
    return ModKind::mask;
  bool isFloat = result == "!score" || result == "f32" || result == "f64";
  return isFloat && hasType(0, result) && hasPositions(1) ? ModKind::score
                                                          : ModKind::other;
}

std::string ModText::use() const {
  unsigned fixed = kind() == ModKind::mask    ? 4
                   : kind() == ModKind::score ? 5
                                              : 0;
  llvm::ArrayRef<StringRef> parameters =
      llvm::ArrayRef(inputs).drop_front(fixed);
  std::string text = "@" + name.str();
  return parameters.empty() ? text
                            : text + "(" + llvm::join(parameters, ", ") + ")";
}
