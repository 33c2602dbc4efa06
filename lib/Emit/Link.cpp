//===- Link.cpp - From objects to a library -------------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/Link.h"
#include "Embedded.h"
#include "llvm/ObjCopy/CommonConfig.h"
#include "llvm/ObjCopy/ConfigManager.h"
#include "llvm/ObjCopy/ObjCopy.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "llvm/TargetParser/Host.h"
#include <dlfcn.h>

using namespace attn;
using llvm::StringRef;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {

/// A directory that goes with its contents.
class ScratchDirectory {
public:
  ~ScratchDirectory() {
    if (!root.empty())
      fs::remove_directories(root);
  }
  llvm::Error create() {
    if (std::error_code code = fs::createUniqueDirectory("attnc", root))
      return llvm::createStringError(
          code, "cannot make a temporary directory: " + code.message());
    return llvm::Error::success();
  }
  std::string file(const llvm::Twine &name) const {
    llvm::SmallString<128> result(root);
    path::append(result, name);
    return result.str().str();
  }
  llvm::Expected<std::string> write(const llvm::Twine &name,
                                    StringRef contents) const {
    std::string target = file(name);
    std::error_code code;
    llvm::raw_fd_ostream os(target, code);
    if (!code) {
      os << contents;
      os.close();
      code = os.error();
      os.clear_error();
    }
    if (code)
      return llvm::createStringError(code, "cannot write '" + target +
                                               "': " + code.message());
    return target;
  }

private:
  llvm::SmallString<128> root;
};

} // namespace

static llvm::Expected<std::string> readFile(StringRef name) {
  auto buffer = llvm::MemoryBuffer::getFile(name, /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(buffer.getError(),
                                   "cannot read '" + name +
                                       "': " + buffer.getError().message());
  return (*buffer)->getBuffer().str();
}

static llvm::Expected<std::string> findLinker() {
  static int here;
  std::string self = fs::getMainExecutable(nullptr, &here);
  StringRef beside = path::parent_path(self);
  StringRef built = path::parent_path(ATTN_LLD);
  for (StringRef name : {"ld.lld", "ld.lld-22"})
    for (StringRef directory : {beside, built, StringRef()}) {
      auto found = directory.empty()
                       ? llvm::sys::findProgramByName(name)
                       : llvm::sys::findProgramByName(name, {directory});
      if (found)
        return *found;
    }
  return llvm::createStringError(
      "cannot find the linker 'ld.lld'; install lld (Debian: lld-22) or put "
      "it beside attnc");
}

/// The C library to link against for `triple`: of this architecture the very
/// file that this process found, of another one where Debian's packages for
/// cross-compiling and for a second architecture put it. Neither needs a
/// development package. Empty if there is none.
static std::string systemLibrary(const llvm::Triple &triple, StringRef name) {
  llvm::SmallVector<llvm::SmallString<128>> folders;
  Dl_info info;
  if (triple.getArch() ==
          llvm::Triple(llvm::sys::getProcessTriple()).getArch() &&
      dladdr(reinterpret_cast<void *>(&::getenv), &info) && info.dli_fname &&
      StringRef(path::filename(info.dli_fname)).starts_with("libc.so"))
    folders.emplace_back(path::parent_path(info.dli_fname));
  std::string gnu = (triple.getArchName() + "-linux-gnu").str();
  for (StringRef folder :
       {"/lib/" + gnu, "/usr/lib/" + gnu, "/usr/" + gnu + "/lib"})
    folders.emplace_back(folder);
  for (llvm::SmallString<128> &folder : folders) {
    path::append(folder, name);
    if (fs::exists(folder))
      return folder.str().str();
  }
  return "";
}

static llvm::Error runLinker(llvm::ArrayRef<std::string> arguments,
                             const ScratchDirectory &scratch) {
  llvm::Expected<std::string> linker = findLinker();
  if (!linker)
    return linker.takeError();
  llvm::SmallVector<StringRef> argv = {*linker};
  argv.append(arguments.begin(), arguments.end());
  std::string log = scratch.file("log");
  std::optional<StringRef> redirects[] = {StringRef(), StringRef(log),
                                          StringRef(log)};
  std::string message;
  int status = llvm::sys::ExecuteAndWait(*linker, argv, std::nullopt, redirects,
                                         /*SecondsToWait=*/0,
                                         /*MemoryLimit=*/0, &message);
  if (!status)
    return llvm::Error::success();
  if (llvm::Expected<std::string> text = readFile(log))
    message += *text;
  else
    llvm::consumeError(text.takeError());
  return llvm::createStringError("'%s' failed: %s", linker->c_str(),
                                 message.c_str());
}

/// Writes the objects and the runtime, and appends their names to `arguments`.
static llvm::Error addInputs(llvm::ArrayRef<std::string> objects,
                             const llvm::Triple &triple, Sanitizer sanitizer,
                             const ScratchDirectory &scratch,
                             std::vector<std::string> &arguments) {
  bool watched = sanitizer == Sanitizer::thread;
  StringRef runtime =
      watched ? watchedRuntimeObject(triple) : runtimeObject(triple);
  if (runtime.empty() && watched)
    return llvm::createStringError(
        std::make_error_code(std::errc::not_supported),
        "the thread sanitizer is not supported for " + triple.getArchName() +
            ", only for the architecture of this machine");
  if (runtime.empty())
    return llvm::createStringError(
        std::make_error_code(std::errc::not_supported),
        "linking for " + triple.getArchName() +
            " is not supported by this attnc, which was built without a C "
            "library for it; --emit=asm, llvm, header and manifest need none");
  auto add = [&](const llvm::Twine &name, StringRef contents) -> llvm::Error {
    auto file = scratch.write(name, contents);
    if (!file)
      return file.takeError();
    arguments.push_back(*file);
    return llvm::Error::success();
  };
  for (size_t i = 0; i < objects.size(); ++i)
    if (llvm::Error error = add("part" + llvm::Twine(i) + ".o", objects[i]))
      return error;
  return add("runtime.o", runtime);
}

llvm::Expected<std::string>
attn::linkSharedLibrary(llvm::ArrayRef<std::string> objects,
                        const llvm::Triple &triple, StringRef exported,
                        Sanitizer sanitizer) {
  ScratchDirectory scratch;
  if (llvm::Error error = scratch.create())
    return std::move(error);
  auto script = scratch.write("exports", "{ global: \"" + exported.str() +
                                             "\"; local: *; };\n");
  if (!script)
    return script.takeError();
  std::string output = scratch.file("out.so");
  std::vector<std::string> arguments = {"-shared",
                                        "--build-id=none",
                                        "--hash-style=gnu",
                                        "--eh-frame-hdr",
                                        "--gc-sections",
                                        "--strip-debug",
                                        "-O1",
                                        "-znow",
                                        "-zrelro",
                                        "--no-rosegment",
                                        "--version-script=" + *script,
                                        "-o",
                                        output};
  // The program brings the runtime of these.
  bool undefined =
      sanitizer == Sanitizer::address || sanitizer == Sanitizer::thread;
  arguments.push_back(undefined ? "-zundefs" : "-zdefs");
  if (llvm::Error error =
          addInputs(objects, triple, sanitizer, scratch, arguments))
    return std::move(error);
  std::string libc = systemLibrary(triple, "libc.so.6");
  if (libc.empty())
    return llvm::createStringError(
        std::make_error_code(std::errc::not_supported),
        "a shared library for " + triple.getArchName() +
            " is not supported on this machine, which has no libc.so.6 for it; "
            "--emit=archive and obj need none");
  // Threads moved into libc with glibc 2.34; before, they are in a third file.
  arguments.push_back(libc);
  arguments.push_back("--as-needed");
  for (StringRef name : {"libm.so.6", "libpthread.so.0"})
    if (std::string file = systemLibrary(triple, name); !file.empty())
      arguments.push_back(file);
  if (llvm::Error error = runLinker(arguments, scratch))
    return std::move(error);
  return readFile(output);
}

/// Makes every symbol but `kept` local.
static llvm::Expected<std::string> localizeSymbols(StringRef object,
                                                   StringRef kept) {
  auto binary = llvm::object::ObjectFile::createObjectFile(
      llvm::MemoryBufferRef(object, "library.o"));
  if (!binary)
    return binary.takeError();
  llvm::objcopy::ConfigManager config;
  config.Common.OutputFilename = "library.o";
  config.Common.DiscardMode = llvm::objcopy::DiscardType::None;
  if (llvm::Error error = config.Common.SymbolsToKeepGlobal.addMatcher(
          llvm::objcopy::NameOrPattern::create(
              kept, llvm::objcopy::MatchStyle::Literal,
              [](llvm::Error error) { return error; })))
    return std::move(error);
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream os(bytes);
  if (llvm::Error error =
          llvm::objcopy::executeObjcopyOnBinary(config, **binary, os))
    return std::move(error);
  return bytes.str().str();
}

llvm::Expected<std::string>
attn::linkObject(llvm::ArrayRef<std::string> objects,
                 const llvm::Triple &triple, StringRef exported,
                 Sanitizer sanitizer) {
  ScratchDirectory scratch;
  if (llvm::Error error = scratch.create())
    return std::move(error);
  std::string output = scratch.file("out.o");
  std::vector<std::string> arguments = {"-r", "--strip-debug", "-o", output};
  if (llvm::Error error =
          addInputs(objects, triple, sanitizer, scratch, arguments))
    return std::move(error);
  if (llvm::Error error = runLinker(arguments, scratch))
    return std::move(error);
  llvm::Expected<std::string> linked = readFile(output);
  if (!linked)
    return linked.takeError();
  return localizeSymbols(*linked, exported);
}

llvm::Expected<std::string> attn::makeArchive(StringRef object,
                                              StringRef memberName) {
  llvm::NewArchiveMember member(llvm::MemoryBufferRef(object, memberName));
  auto archive = llvm::writeArchiveToBuffer(
      {std::move(member)}, llvm::SymtabWritingMode::NormalSymtab,
      llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (!archive)
    return archive.takeError();
  return (*archive)->getBuffer().str();
}
