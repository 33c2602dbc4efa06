//===- Header.cpp - The C header of a library -----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CName.h"
#include "Embedded.h"
#include "attn/Emit/Texts.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace attn;
using llvm::raw_ostream;
using llvm::StringRef;

std::string attn::argumentSignature(const EntryDescription &entry,
                                    const ArgumentDescription &argument) {
  std::string text = argument.name;
  llvm::raw_string_ostream os(text);
  if (!argument.isScalar) {
    os << '[';
    llvm::interleave(
        llvm::zip_equal(argument.shape, argument.symbols), os,
        [&](auto pair) {
          auto [extent, symbol] = pair;
          if (symbol >= 0)
            os << entry.symbols[symbol];
          else
            os << extent;
        },
        ",");
    os << ']';
  }
  os << ' ' << (argument.isIndex ? "index" : argument.type.name());
  return text;
}

namespace {

/// The wrappers of one entry.
class EntryWriter {
public:
  EntryWriter(const LibraryDescription &library, unsigned index,
              StringRef prefix, raw_ostream &os)
      : library(library), entry(library.entries[index]), index(index),
        prefix(prefix), os(os) {
    llvm::StringSet<> taken;
    for (const ArgumentDescription &argument : entry.arguments) {
      std::string name = cName(argument.name);
      while (!taken.insert(name).second)
        name += '_';
      names.push_back(name);
    }
  }

  void write() {
    writeComment();
    writeFunction("call", "", all(),
                  "library->entries[" + std::to_string(index) +
                      "]->call(library->entries[" + std::to_string(index) +
                      "], values, " + std::to_string(names.size()) +
                      ", options)");
    os << "/* What a call with these shapes needs as options->workspace. */\n";
    writeFunction("workspace_size", ", size_t *bytes", all(),
                  "library->entries[" + std::to_string(index) +
                      "]->workspace_size(library->entries[" +
                      std::to_string(index) + "], values, " +
                      std::to_string(names.size()) + ", options, bytes)");
    llvm::SmallVector<int> weights = entry.weights();
    if (weights.empty())
      return;
    os << "/* Bytes of a prepared buffer; 0 without a usable variant. */\n"
       << "static inline size_t " << prefix << "_prepared_bytes(void) {\n"
       << "  const attn_library *library = " << query() << "(1, NULL);\n"
       << "  return library ? library->entries[" << index
       << "]->prepared_bytes : 0;\n}\n\n"
       << "/* Packs the weights once, for any number of calls with\n"
       << " * options->prepared; aligned to 64 bytes. */\n";
    writeFunction("prepare", ", void *prepared, size_t prepared_bytes", weights,
                  "library->entries[" + std::to_string(index) +
                      "]->prepare(library->entries[" + std::to_string(index) +
                      "], values, " + std::to_string(weights.size()) +
                      ", prepared, prepared_bytes, options)");
  }

private:
  std::string query() { return cName(library.name + "_query"); }

  llvm::SmallVector<int> all() {
    return llvm::to_vector(llvm::map_range(llvm::seq<int>(0, names.size()),
                                           [](int i) { return i; }));
  }

  void writeComment() {
    auto list = [&](bool outputs) {
      bool first = true;
      for (const ArgumentDescription &argument : entry.arguments)
        if (argument.isOutput == outputs) {
          os << (first ? "" : ",\n *     ")
             << argumentSignature(entry, argument)
             << (argument.isInOut ? " (changed in place)" : "");
          first = false;
        }
      if (first)
        os << "nothing";
    };
    os << "/* " << entry.name << "\n *   in: ";
    list(false);
    os << "\n *   out: ";
    list(true);
    if (llvm::any_of(entry.arguments, [](const ArgumentDescription &argument) {
          return argument.type.isPacked();
        }))
      os << "\n * Two i4 share a byte, the first in its low half; extents and\n"
         << " * strides count elements.";
    os << "\n * Returns ATTN_OK or an error code; options may be NULL. */\n";
  }

  static const char *scalarType(const ArgumentDescription &argument) {
    if (!argument.type.isFloat())
      return "int64_t ";
    return argument.type.bits == 64 ? "double " : "float ";
  }

  /// A wrapper that puts its arguments into an array and returns `result`.
  void writeFunction(StringRef name, StringRef more, llvm::ArrayRef<int> args,
                     const std::string &result) {
    std::string head =
        "static inline int32_t " + prefix.str() + "_" + name.str() + "(";
    os << head;
    for (int i : args) {
      const ArgumentDescription &argument = entry.arguments[i];
      os << "\n    "
         << (argument.isScalar ? scalarType(argument) : "const DLTensor *")
         << names[i] << ",";
    }
    os << "\n    const attn_options *options" << more << ") {\n"
       << "  const attn_library *library = attn_checked_library(" << query()
       << ", options);\n"
       << "  attn_value values[" << args.size() << "];\n"
       << "  if (!library)\n    return ATTN_ERROR_ABI;\n";
    for (auto [slot, i] : llvm::enumerate(args)) {
      const ArgumentDescription &argument = entry.arguments[i];
      os << "  values[" << slot << "]."
         << (!argument.isScalar        ? "tensor"
             : argument.type.isFloat() ? "real"
                                       : "integer")
         << " = " << names[i] << ";\n";
    }
    os << "  return " << result << ";\n}\n\n";
  }

  const LibraryDescription &library;
  const EntryDescription &entry;
  unsigned index;
  StringRef prefix;
  raw_ostream &os;
  std::vector<std::string> names;
};

} // namespace

void attn::writeHeader(const LibraryDescription &library, raw_ostream &os) {
  std::string guard = "ATTN_LIBRARY_" + llvm::StringRef(library.name).upper() +
                      "_" + std::to_string(library.name.size()) + "_H";
  std::string symbol = library.name + "_query", query = cName(symbol);
  std::string noWrappers = cName(library.name + "_NO_WRAPPERS");
  os << "/* " << library.name << ".h - Written by " << library.compiler
     << "; do not edit.\n *\n"
     << " * Link with the library of the same name. A call in C:\n *\n"
     << " *   DLTensor q = attn_tensor_f32(data, 4, shape); ...\n"
     << " *   if (" << cName(library.entries.front().name)
     << "_call(&q, ..., NULL) != ATTN_OK) ...\n *\n"
     << " * Each entry's outputs come last, and are written where their\n"
     << " * tensors point; so is what it changes in place.\n"
     << " * attn_options, below, says what else can be chosen.\n"
     << " */\n\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << abiHeader() << "\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/* The exported function; see attn_query_function. */\n"
     << "const attn_library *" << query
     << "(uint32_t max_abi, const char **error)";
  if (query != symbol)
    os << "\n    __asm__(\"" << symbol << "\")"; // no identifier in C
  os << ";\n\n"
     << "/* Define this before to include two libraries with entries of the "
        "same\n"
     << " * name; theirs are then reached through " << query << "(). */\n"
     << "#ifndef " << noWrappers << "\n\n";

  llvm::StringSet<> taken;
  for (unsigned index = 0; index < library.entries.size(); ++index) {
    std::string prefix = cName(library.entries[index].name);
    while (!taken.insert(prefix).second)
      prefix += '_';
    EntryWriter(library, index, prefix, os).write();
  }
  os << "#endif /* " << noWrappers << " */\n\n"
     << "#ifdef __cplusplus\n}\n#endif\n\n#endif /* " << guard << " */\n";
}
