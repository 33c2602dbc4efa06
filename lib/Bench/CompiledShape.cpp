//===- CompiledShape.cpp - A problem, compiled and loaded -----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompiledShape.h"
#include "attn/Bench/Module.h"
#include "attn/Emit/Source.h"
#include "attn/Runner/LoadedLibrary.h"
#include "attn/Target/Target.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace attn;
using namespace attn::bench;
using llvm::Expected;

llvm::Error attn::bench::fail(CompileStatus status,
                              const llvm::Twine &message) {
  return llvm::make_error<RunError>(status, message.str());
}

llvm::Error attn::bench::fail(llvm::Error error) {
  bool unsupported = false;
  std::string text;
  llvm::handleAllErrors(std::move(error), [&](const llvm::ErrorInfoBase &info) {
    unsupported = info.convertToErrorCode() == llvm::errc::not_supported;
    text = info.message();
  });
  return fail(
      unsupported ? CompileStatus::unsupported : CompileStatus::badInput, text);
}

namespace {

/// A folder that is gone with its contents at the end.
class TemporaryFolder {
public:
  TemporaryFolder() {
    error = llvm::sys::fs::createUniqueDirectory("attn-bench", path);
  }
  ~TemporaryFolder() {
    // What cannot be removed from a temporary folder may stay.
    if (!error)
      llvm::consumeError(
          llvm::errorCodeToError(llvm::sys::fs::remove_directories(path)));
  }
  std::string inside(llvm::StringRef name) const {
    llvm::SmallString<128> result = path;
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  std::error_code error;

private:
  llvm::SmallString<128> path;
};

} // namespace

/// `host` tells a reader of a table nothing: the target that it stands for.
static std::string nameISA(const LoadedLibrary &library) {
  if (llvm::StringRef(library->target) != "host")
    return library->target;
  const TargetSpec &host = lookupTarget("host")->getSpec();
  for (const std::string &name : targetNames())
    if (name != "host" &&
        lookupTarget(name)->getSpec().features == host.features)
      return name;
  return library->target;
}

Expected<CompiledShape> attn::bench::compileShape(const Shape &shape,
                                                  ArrayRef<std::string> targets,
                                                  MLIRContext &context,
                                                  ArrayAttr schedules) {
  CompiledShape result;
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBufferCopy(
                                 writeModule(shape), "<module of the shape>"),
                             {});
  SourceMgrDiagnosticHandler printer(sources, &context);
  // Nobody asked for remarks here.
  ScopedDiagnosticHandler filter(&context, [](Diagnostic &diagnostic) {
    return success(diagnostic.getSeverity() == DiagnosticSeverity::Remark);
  });
  CompileOptions compileOptions;
  compileOptions.targets = targets.vec();
  compileOptions.schedules = schedules;
  compileOptions.outputs = {Output::lib};
  Compiler compiler(context, compileOptions);
  result.module = parseSource(sources, &context);
  if (!result.module)
    return fail(CompileStatus::badInput, "");
  TemporaryFolder folder;
  if (folder.error)
    return fail(CompileStatus::badInput,
                "no temporary folder: " + folder.error.message());
  std::string prefix = folder.inside(shape.opName());
  if (CompileStatus status = compiler.compile(*result.module, prefix);
      status != CompileStatus::success)
    return fail(status, compiler.message());
  // Once loaded, the file is no longer needed.
  Expected<LoadedLibrary> library = LoadedLibrary::open(prefix + ".so");
  if (!library)
    return fail(library.takeError());
  result.entry = library->findEntry(shape.opName());
  result.function = result.module->lookupSymbol<func::FuncOp>(shape.opName());
  result.isa = nameISA(*library);
  return result;
}
