//===- LoadedLibrary.cpp - Opening what attnc wrote
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Runner/LoadedLibrary.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"
#include <dlfcn.h>

using namespace llvm;
using namespace attn;

static Error refuse(StringRef path, const Twine &why,
                    errc code = errc::invalid_argument) {
  return createStringError(code, path + ": " + why);
}

/// What is wrong with the file as an ELF shared library of this machine, or
/// nothing. The loader maps segments without looking whether the file has them:
/// touching one that it lacks would end this process.
static std::string checkSegments(StringRef contents) {
  using File = object::ELF64LEFile;
  if (!contents.starts_with("\x7f"
                            "ELF"))
    return "not a shared library";
  Expected<File> file = File::create(contents);
  if (!file)
    return "not a shared library: " + toString(file.takeError());
  auto headers = file->program_headers();
  if (!headers)
    return "damaged: " + toString(headers.takeError());
  if (file->getHeader().e_type != ELF::ET_DYN)
    return "not a shared library but another kind of ELF file";
  for (const auto &header : *headers)
    if (header.p_type == ELF::PT_LOAD &&
        (header.p_offset > contents.size() ||
         header.p_filesz > contents.size() - header.p_offset))
      return "truncated";
  return "";
}

/// Where the file is for another architecture: which, and which this one is.
static std::string checkMachine(StringRef contents) {
  using File = object::ELF64LEFile;
  Expected<File> file = File::create(contents);
  Triple here(sys::getProcessTriple());
  uint16_t machine = cantFail(std::move(file)).getHeader().e_machine;
  struct Known {
    uint16_t machine;
    Triple::ArchType architecture;
    const char *name;
  };
  static constexpr Known known[] = {
      {ELF::EM_X86_64, Triple::x86_64, "X86-64"},
      {ELF::EM_AARCH64, Triple::aarch64, "AArch64"},
      {ELF::EM_RISCV, Triple::riscv64, "RISC-V"}};
  auto name = [&](auto matches) {
    const Known *found = find_if(known, matches);
    return found == std::end(known) ? "another one" : found->name;
  };
  std::string theirs =
      name([&](const Known &k) { return k.machine == machine; });
  std::string ours =
      name([&](const Known &k) { return k.architecture == here.getArch(); });
  return theirs == ours
             ? ""
             : "it is for " + theirs + ", and this machine is " + ours;
}

/// The exported symbol NAME_query; empty if there is none.
static std::string findQuerySymbol(StringRef contents) {
  Expected<std::unique_ptr<object::ObjectFile>> file =
      object::ObjectFile::createELFObjectFile(MemoryBufferRef(contents, ""));
  if (!file) {
    consumeError(file.takeError());
    return "";
  }
  auto *elf = cast<object::ELFObjectFileBase>(file->get());
  for (object::ELFSymbolRef symbol : elf->getDynamicSymbolIterators()) {
    Expected<StringRef> name = symbol.getName();
    Expected<uint32_t> flags = symbol.getFlags();
    if (name && flags && name->ends_with("_query") &&
        !(*flags & object::SymbolRef::SF_Undefined))
      return name->str();
    consumeError(name.takeError());
    consumeError(flags.takeError());
  }
  return "";
}

Expected<LoadedLibrary> LoadedLibrary::open(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer =
      MemoryBuffer::getFile(path, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return refuse(path, buffer.getError().message());
  StringRef contents = (*buffer)->getBuffer();
  if (std::string problem = checkSegments(contents); !problem.empty())
    return refuse(path, problem);
  if (std::string other = checkMachine(contents); !other.empty())
    return refuse(path, "does not run here: " + other, errc::not_supported);
  std::string symbol = findQuerySymbol(contents);
  if (symbol.empty())
    return refuse(path, "not a library of attnc: it exports no NAME_query");

  // Without a slash the loader would search its own path.
  SmallString<256> absolute = path;
  if (std::error_code error = sys::fs::make_absolute(absolute))
    return refuse(path, error.message());
  void *handle = dlopen(absolute.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return refuse(path, "cannot be loaded: " + Twine(dlerror()));
  auto query =
      reinterpret_cast<attn_query_function>(dlsym(handle, symbol.c_str()));
  if (!query)
    return refuse(path, "cannot be loaded: " + Twine(dlerror()));

  const char *why = nullptr;
  if (const attn_library *library = query(ATTN_ABI_VERSION, &why)) {
    if (library->abi_version != ATTN_ABI_VERSION ||
        library->struct_size < sizeof(attn_library))
      return refuse(path, "speaks ABI version " + Twine(library->abi_version) +
                              " when asked for " + Twine(ATTN_ABI_VERSION));
    return LoadedLibrary(library);
  }
  std::string reason = why ? why : "it does not say why";
  // A library that a newer program could use speaks a newer ABI only.
  if (const attn_library *newer = query(UINT32_MAX, nullptr))
    return refuse(path, "speaks version " + Twine(newer->abi_version) +
                            " of the ABI, expected " + Twine(ATTN_ABI_VERSION) +
                            ": " + reason);
  return refuse(path, "does not run here: " + Twine(reason),
                errc::not_supported);
}

const attn_entry *LoadedLibrary::findEntry(StringRef name) const {
  for (uint32_t index = 0; index < library->num_entries; ++index)
    if (name == library->entries[index]->name)
      return library->entries[index];
  return nullptr;
}
