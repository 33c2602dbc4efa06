//===- Compiler.cpp - The compiler as a C library -------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CAPI/Compiler.h"
#include "attn/Compile/Compile.h"
#include "attn/Compile/Version.h"
#include "attn/Target/Target.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <algorithm>
#include <cstring>

using namespace mlir;
using namespace attn;

static char *copy(llvm::StringRef text) {
  char *result = static_cast<char *>(malloc(text.size() + 1));
  if (result) {
    memcpy(result, text.data(), text.size());
    result[text.size()] = 0;
  }
  return result;
}

namespace {

/// One call: options, a context of its own, and the text of its diagnostics.
struct Session {
  Session(const char *source, size_t size, const AttnCompileOptions *given)
      : os(text), context(registry(), MLIRContext::Threading::DISABLED) {
    // What an older caller's structure lacks stays zero.
    if (given)
      memcpy(&options, given,
             std::min(given->structSize, sizeof(AttnCompileOptions)));
    sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(
                                   {source, size}, options.sourceName
                                                       ? options.sourceName
                                                       : "<source>"),
                               {});
    printer.emplace(sources, &context, os);
  }

  static DialectRegistry registry() {
    DialectRegistry registry;
    registerCompilerDialects(registry);
    return registry;
  }

  /// Not success, with a text, for an unknown name or a file that cannot be
  /// read.
  CompileStatus translateOptions(CompileOptions &result) {
    if (!translateNames(result))
      return CompileStatus::usage;
    for (size_t index = 0; index < options.numModFiles; ++index) {
      llvm::Expected<ModFile> file = readModFile(options.modFiles[index]);
      if (!file) {
        os << "error: " << llvm::toString(file.takeError()) << '\n';
        return CompileStatus::badInput;
      }
      result.mods.push_back(std::move(*file));
    }
    return CompileStatus::success;
  }

  bool translateNames(CompileOptions &result) {
    auto parts = [](const char *list, auto &&add) {
      for (llvm::StringRef part : llvm::split(list, ','))
        if (!part.empty() && !add(part))
          return false;
      return true;
    };
    if (options.targets) {
      result.targets.clear();
      parts(options.targets, [&](llvm::StringRef name) {
        result.targets.push_back(name.str());
        return true;
      });
    }
    if (!options.outputs)
      return true;
    result.outputs.clear();
    return parts(options.outputs, [&](llvm::StringRef name) {
      std::optional<Output> output = parseOutput(name);
      if (output)
        result.outputs.push_back(*output);
      else
        os << "error: unknown output '" << name << "'; known are "
           << llvm::join(outputNames(), ", ") << '\n';
      return output.has_value();
    });
  }

  AttnStatus finish(CompileStatus status, const std::string &message,
                    char **diagnostics) {
    if (!message.empty())
      os << "error: " << message << '\n';
    if (diagnostics)
      *diagnostics = copy(text);
    return static_cast<AttnStatus>(status);
  }

  AttnCompileOptions options = {};
  std::string text;
  llvm::raw_string_ostream os;
  llvm::SourceMgr sources;
  MLIRContext context;
  std::optional<SourceMgrDiagnosticHandler> printer;
};

} // namespace

AttnStatus attnCompile(const char *source, size_t size, const char *prefix,
                       const AttnCompileOptions *options, char **diagnostics) {
  Session session(source, size, options);
  CompileOptions translated;
  CompileStatus status = session.translateOptions(translated);
  if (status != CompileStatus::success)
    return session.finish(status, "", diagnostics);
  Compiler compiler(session.context, translated);
  compiler.compile(session.sources, prefix);
  return session.finish(compiler.status(), compiler.message(), diagnostics);
}

AttnStatus attnRunStages(const char *source, size_t size, const char *lastStage,
                         const AttnCompileOptions *options, char **result,
                         char **diagnostics) {
  *result = nullptr;
  Session session(source, size, options);
  CompileOptions translated;
  CompileStatus status = session.translateOptions(translated);
  if (status != CompileStatus::success)
    return session.finish(status, "", diagnostics);
  if (!llvm::is_contained(stageNames(), lastStage))
    return session.finish(CompileStatus::usage,
                          "unknown stage '" + std::string(lastStage) +
                              "'; known are " + llvm::join(stageNames(), ", "),
                          diagnostics);
  Compiler compiler(session.context, translated);
  OwningOpRef<ModuleOp> module = compiler.parse(session.sources);
  if (!module)
    return session.finish(compiler.status(), "", diagnostics);
  if (OwningOpRef<ModuleOp> lowered = compiler.runStages(*module, lastStage)) {
    std::string text;
    llvm::raw_string_ostream os(text);
    lowered->print(os);
    *result = copy(text);
  }
  return session.finish(compiler.status(), compiler.message(), diagnostics);
}

void attnStringFree(char *string) { free(string); }

const char *attnVersion() {
  static const std::string version = compilerVersion();
  return version.c_str();
}

const char *attnTargets() {
  static const std::string names = llvm::join(targetNames(), ",");
  return names.c_str();
}
