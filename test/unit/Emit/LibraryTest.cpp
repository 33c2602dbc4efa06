//===- LibraryTest.cpp - Emitted libraries, loaded and run ----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ToyLibrary.h"
#include "attn/Emit/Link.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <dlfcn.h>

using namespace attn;

namespace {

const std::vector<Output> kAll = {
    Output::lib,    Output::obj,      Output::archive,
    Output::header, Output::manifest, Output::pkgconfig,
    Output::llvm,   Output::assembly, Output::mlir};

/// A loaded library.
struct Loaded {
  explicit Loaded(const std::string &file, const std::string &name = "toy")
      : handle(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
    if (!handle)
      return;
    auto query = reinterpret_cast<attn_query_function>(
        dlsym(handle, (name + "_query").c_str()));
    library = query ? query(1, &error) : nullptr;
  }
  ~Loaded() {
    if (handle)
      dlclose(handle);
  }
  void *handle;
  const attn_library *library = nullptr;
  const char *error = nullptr;
};

/// Runs toy on a strided 2x3 tensor; y = x * 3 + 2 * 5.
void checkToy(const attn_entry *entry, const attn_options *options) {
  float x[8] = {1, 2, 3, -1, 4, 5, 6, -1}, y[6] = {}, w[4] = {5, 0, 0, 0};
  int64_t shape[] = {2, 3}, strides[] = {4, 1}, four[] = {4};
  DLTensor tx = attn_tensor(x, kDLFloat, 32, 2, shape, strides);
  DLTensor tw = attn_tensor_f32(w, 1, four), ty = attn_tensor_f32(y, 2, shape);
  attn_value values[4];
  values[0].tensor = &tx;
  values[1].real = 3;
  values[2].tensor = &tw;
  values[3].tensor = &ty;
  ASSERT_EQ(entry->call(entry, values, 4, options), ATTN_OK);
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(y[i], (i + 1) * 3 + 10);
}

int runProgram(std::vector<std::string> command) {
  llvm::SmallVector<llvm::StringRef> argv(command.begin(), command.end());
  auto program = llvm::sys::findProgramByName(argv[0]);
  return program ? llvm::sys::ExecuteAndWait(*program, argv) : -1;
}

std::vector<std::string> globalSymbols(const std::string &file, bool dynamic) {
  auto object = llvm::object::ObjectFile::createObjectFile(file);
  EXPECT_TRUE(bool(object));
  auto *elf = llvm::cast<llvm::object::ELFObjectFileBase>(object->getBinary());
  std::vector<std::string> names;
  auto add = [&](const llvm::object::SymbolRef &symbol) {
    uint32_t flags = llvm::cantFail(symbol.getFlags());
    if ((flags & llvm::object::SymbolRef::SF_Global) &&
        !(flags & llvm::object::SymbolRef::SF_Undefined))
      names.push_back(llvm::cantFail(symbol.getName()).str());
  };
  if (dynamic)
    llvm::for_each(elf->getDynamicSymbolIterators(), add);
  else
    llvm::for_each(elf->symbols(), add);
  return names;
}

} // namespace

TEST(Library, RunsFromTheSharedLibrary) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::lib}), "");
  Loaded toy(dir.file("toy.so"));
  ASSERT_TRUE(toy.library) << (toy.error ? toy.error : dlerror());
  EXPECT_STREQ(toy.library->name, "toy");
  EXPECT_STREQ(toy.library->target, "host");
  EXPECT_EQ(toy.library->abi_version, ATTN_ABI_VERSION);
  ASSERT_EQ(toy.library->num_entries, 1u);
  const attn_entry *entry = toy.library->entries[0];
  EXPECT_STREQ(entry->name, "toy");
  EXPECT_EQ(entry->num_inputs, 3u);
  EXPECT_EQ(entry->num_arguments, 4u);
  EXPECT_STREQ(entry->arguments[0]->name, "x");
  EXPECT_STREQ(entry->arguments[1]->name, "f");
  EXPECT_EQ(entry->arguments[1]->kind, ATTN_SCALAR);
  EXPECT_EQ(entry->arguments[2]->weight, 1);
  EXPECT_STREQ(entry->arguments[3]->name, "y");
  EXPECT_STREQ(entry->schedule, "by hand");
  EXPECT_EQ(entry->prepared_bytes, 68u);
  ASSERT_EQ(entry->num_symbols, 2u);
  EXPECT_EQ(entry->arguments[0]->symbols[1], entry->arguments[3]->symbols[1]);
  EXPECT_EQ(toy.library->bytecode_size > 0, true);
  checkToy(entry, nullptr);
}

TEST(Library, PreparedWeightsReplaceTheWeight) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::lib}), "");
  Loaded toy(dir.file("toy.so"));
  ASSERT_TRUE(toy.library);
  const attn_entry *entry = toy.library->entries[0];
  alignas(64) char prepared[128] = {};
  float w[4] = {5, 0, 0, 0}, x = 1, y = 0;
  int64_t four[] = {4}, one[] = {1, 1};
  DLTensor tw = attn_tensor_f32(w, 1, four), tx = attn_tensor_f32(&x, 2, one),
           ty = attn_tensor_f32(&y, 2, one);
  attn_value weight;
  weight.tensor = &tw;
  char text[200] = "";
  attn_options options = ATTN_OPTIONS_INIT;
  options.error = text;
  options.error_bytes = sizeof(text);
  options.prepared = prepared;
  options.prepared_bytes = 68;
  attn_value values[4];
  values[0].tensor = &tx;
  values[1].real = 3;
  values[2].tensor = nullptr;
  values[3].tensor = &ty;
  EXPECT_EQ(entry->call(entry, values, 4, &options), ATTN_ERROR_PREPARED);
  EXPECT_STREQ(text, "entry 'toy': the prepared buffer was not written by this "
                     "entry's prepare()");
  EXPECT_EQ(entry->prepare(entry, &weight, 1, prepared + 4, 68, &options),
            ATTN_ERROR_ALIGNMENT);
  EXPECT_EQ(entry->prepare(entry, &weight, 1, prepared, 67, &options),
            ATTN_ERROR_PREPARED);
  ASSERT_EQ(entry->prepare(entry, &weight, 1, prepared, 68, &options), ATTN_OK);
  ASSERT_EQ(entry->call(entry, values, 4, &options), ATTN_OK) << text;
  EXPECT_EQ(y, 13);
  options.prepared = nullptr;
  EXPECT_EQ(entry->call(entry, values, 4, &options), ATTN_ERROR_NULL);
}

TEST(Library, SameInputSameBytes) {
  TestDirectory one, two;
  ASSERT_EQ(emitToy(one.file("toy"), kAll), "");
  ASSERT_EQ(emitToy(two.file("toy"), kAll), "");
  for (const char *suffix :
       {".so", ".o", ".a", ".h", ".json", ".pc", ".ll", ".s", ".mlir"}) {
    std::string name = std::string("toy") + suffix;
    EXPECT_FALSE(one.read(name).empty()) << name;
    EXPECT_EQ(one.read(name), two.read(name)) << name;
  }
  EXPECT_EQ(one.read("toy.so").find("/tmp"), std::string::npos);
}

TEST(Library, ExportsOneSymbol) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::lib, Output::obj}), "");
  std::vector<std::string> only = {"toy_query"};
  EXPECT_EQ(globalSymbols(dir.file("toy.so"), true), only);
  EXPECT_EQ(globalSymbols(dir.file("toy.o"), false), only);
}

TEST(Library, NeedsLibcOnly) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::lib}), "");
  auto object = llvm::object::ObjectFile::createObjectFile(dir.file("toy.so"));
  ASSERT_TRUE(bool(object));
  auto *elf = llvm::cast<llvm::object::ELF64LEObjectFile>(object->getBinary());
  auto sections = llvm::cantFail(elf->getELFFile().sections());
  for (auto entry : llvm::cantFail(elf->getELFFile().dynamicEntries()))
    if (entry.d_tag == llvm::ELF::DT_NEEDED) {
      llvm::StringRef strings;
      for (const auto &section : sections)
        if (section.sh_type == llvm::ELF::SHT_STRTAB &&
            (section.sh_flags & llvm::ELF::SHF_ALLOC))
          strings = llvm::cantFail(elf->getELFFile().getStringTable(section));
      llvm::StringRef name = strings.data() + entry.d_un.d_val;
      EXPECT_TRUE(name == "libc.so.6" || name == "libm.so.6" ||
                  name == "libpthread.so.0")
          << name.str();
    }
}

TEST(Library, TwoLibrariesShareNothing) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("one"), {Output::lib}), "");
  ASSERT_EQ(emitToy(dir.file("two"), {Output::lib}), "");
  Loaded one(dir.file("one.so"), "one"), two(dir.file("two.so"), "two");
  ASSERT_TRUE(one.library && two.library);
  EXPECT_NE(one.library, two.library);
  EXPECT_NE(one.library->entries[0]->call, two.library->entries[0]->call);
  checkToy(one.library->entries[0], nullptr);
  checkToy(two.library->entries[0], nullptr);
}

TEST(Library, PicksTheFirstVariantThatRuns) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::lib}, {"martian", "host"}), "");
  Loaded toy(dir.file("toy.so"));
  ASSERT_TRUE(toy.library) << toy.error;
  EXPECT_STREQ(toy.library->target, "host");
  ASSERT_EQ(toy.library->num_targets, 2u);
  EXPECT_STREQ(toy.library->targets[0], "martian");
  checkToy(toy.library->entries[0], nullptr);
}

TEST(Library, RefusesAMachineByFeature) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::lib}, {"martian"}), "");
  Loaded toy(dir.file("toy.so"));
  ASSERT_TRUE(toy.handle);
  EXPECT_EQ(toy.library, nullptr);
  ASSERT_TRUE(toy.error);
  EXPECT_NE(llvm::StringRef(toy.error).find("needs the CPU feature '"),
            llvm::StringRef::npos)
      << toy.error;
}

TEST(Library, RefusesToLinkWithoutARuntime) {
  auto linked = linkSharedLibrary({}, llvm::Triple("powerpc64le-linux-gnu"),
                                  "toy_query", Sanitizer::none);
  ASSERT_FALSE(bool(linked));
  llvm::Error error = linked.takeError();
  llvm::handleAllErrors(std::move(error), [](const llvm::ErrorInfoBase &e) {
    EXPECT_EQ(e.convertToErrorCode(), std::errc::not_supported);
    EXPECT_EQ(e.message(),
              "linking for powerpc64le is not supported by this attnc, which "
              "was built without a C library for it; --emit=asm, llvm, header "
              "and manifest need none");
  });
}

TEST(Library, RefusesAnOlderAbi) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::lib}), "");
  Loaded toy(dir.file("toy.so"));
  auto query =
      reinterpret_cast<attn_query_function>(dlsym(toy.handle, "toy_query"));
  const char *error = nullptr;
  EXPECT_EQ(query(0, &error), nullptr);
  ASSERT_TRUE(error);
  EXPECT_NE(llvm::StringRef(error).find("max_abi >= 1"), llvm::StringRef::npos);
  EXPECT_EQ(query(0, nullptr), nullptr);
  EXPECT_NE(query(7, &error), nullptr);
}

TEST(Library, ManifestIsJson) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::manifest}), "");
  auto json = llvm::json::parse(dir.read("toy.json"));
  ASSERT_TRUE(bool(json)) << llvm::toString(json.takeError());
  auto *root = json->getAsObject();
  EXPECT_EQ(root->getString("library"), "toy");
  auto *arguments =
      (*root->getArray("entries"))[0].getAsObject()->getArray("arguments");
  ASSERT_EQ(arguments->size(), 4u);
  EXPECT_EQ(*(*arguments)[3].getAsObject()->getArray("shape"),
            *(*arguments)[0].getAsObject()->getArray("shape"));
}

TEST(Header, CompilesAsCAndCxx) {
  TestDirectory dir;
  ASSERT_EQ(emitToy(dir.file("toy"), {Output::header, Output::archive}), "");
  ASSERT_EQ(emitToy(dir.file("7 up"), {Output::header, Output::archive}), "");
  const char *program = R"(
#include "toy.h"
#define _7_up_NO_WRAPPERS
#include "7 up.h"
int main(void) {
  float x[2] = {1, 2}, w[4] = {5, 0, 0, 0}, y[2] = {0, 0};
  int64_t shape[2] = {1, 2}, four[1] = {4};
  DLTensor tx = attn_tensor_f32(x, 2, shape), tw = attn_tensor_f32(w, 1, four),
           ty = attn_tensor_f32(y, 2, shape);
  size_t bytes = 0;
  if (toy_workspace_size(&tx, 3, &tw, &ty, NULL, &bytes) || !bytes)
    return 1;
  if (toy_call(&tx, 3, &tw, &ty, NULL))
    return 2;
  if (!_7_up_query(1, NULL) || _7_up_query(1, NULL) == toy_query(1, NULL))
    return 3;
  return y[0] == 13 && y[1] == 16 ? 0 : 4;
}
)";
  auto save = [&](llvm::StringRef name, llvm::StringRef text) {
    std::error_code code;
    llvm::raw_fd_ostream(dir.file(name), code) << text;
  };
  save("use.c", program);
  save("use.cpp", program);
  for (auto [compiler, standard, source] :
       {std::tuple(ATTN_C_COMPILER, "-std=c11", "use.c"),
        std::tuple(ATTN_CXX_COMPILER, "-std=c++17", "use.cpp")}) {
    EXPECT_EQ(runProgram({compiler, standard, "-Wall", "-Wextra", "-pedantic",
                          "-Werror", dir.file(source), dir.file("toy.a"),
                          dir.file("7 up.a"), "-lm", "-pthread", "-o",
                          dir.file("use")}),
              0);
    EXPECT_EQ(runProgram({dir.file("use")}), 0) << source;
  }
}
