//===- Tables.cpp - The ABI's structs as LLVM constants -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tables.h"
#include "../Runtime/Runtime.h"
#include "PackedWrappers.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/Support/xxhash.h"

using namespace attn;
using llvm::Constant;
using llvm::StringRef;

namespace {

/// Writes C structs, field by field, as constants.
class TableWriter {
public:
  explicit TableWriter(llvm::Module &module)
      : module(module), context(module.getContext()) {}

  Constant *i8(uint64_t v) { return integer(8, v); }
  Constant *i16(uint64_t v) { return integer(16, v); }
  Constant *i32(uint64_t v) { return integer(32, v); }
  Constant *i64(uint64_t v) { return integer(64, v); }
  llvm::PointerType *pointerType() {
    return llvm::PointerType::get(context, 0);
  }
  Constant *null() { return llvm::ConstantPointerNull::get(pointerType()); }

  /// A constant with the layout that C gives these fields.
  Constant *structure(llvm::ArrayRef<Constant *> fields) {
    return llvm::ConstantStruct::getAnon(context, fields);
  }

  /// A private constant of that content.
  llvm::GlobalVariable *object(Constant *content,
                               const llvm::Twine &name = "") {
    auto *global = new llvm::GlobalVariable(
        module, content->getType(), /*isConstant=*/true,
        llvm::GlobalValue::PrivateLinkage, content, name);
    global->setAlignment(llvm::Align(8));
    return global;
  }

  Constant *string(StringRef text) {
    return object(llvm::ConstantDataArray::getString(context, text), "str");
  }

  /// A pointer to an array of pointers; null if empty.
  Constant *pointers(llvm::ArrayRef<Constant *> elements) {
    if (elements.empty())
      return null();
    auto *type = llvm::ArrayType::get(pointerType(), elements.size());
    return object(llvm::ConstantArray::get(type, elements), "list");
  }
  Constant *strings(llvm::ArrayRef<std::string> texts) {
    llvm::SmallVector<Constant *> elements;
    for (const std::string &text : texts)
      elements.push_back(string(text));
    return pointers(elements);
  }

  template <typename T>
  Constant *integers(llvm::ArrayRef<T> values) {
    if (values.empty())
      return null();
    using Unsigned = std::make_unsigned_t<T>;
    llvm::SmallVector<Unsigned> bits(values.begin(), values.end());
    return object(llvm::ConstantDataArray::get(context, bits), "ints");
  }

  /// A function or object defined elsewhere in the library.
  Constant *external(StringRef name) {
    auto *global = module.getNamedGlobal(name);
    if (!global)
      global = new llvm::GlobalVariable(module, llvm::Type::getInt8Ty(context),
                                        /*isConstant=*/true,
                                        llvm::GlobalValue::ExternalLinkage,
                                        nullptr, name);
    global->setVisibility(llvm::GlobalValue::HiddenVisibility);
    return global;
  }

private:
  Constant *integer(unsigned bits, uint64_t value) {
    return llvm::ConstantInt::get(llvm::Type::getIntNTy(context, bits), value);
  }

  llvm::Module &module;
  llvm::LLVMContext &context;
};

} // namespace

/// A hidden object that another module of the library refers to.
static void share(llvm::GlobalVariable *global, StringRef name) {
  global->setName(name);
  global->setLinkage(llvm::GlobalValue::ExternalLinkage);
  global->setVisibility(llvm::GlobalValue::HiddenVisibility);
}

static std::string variantSymbol(unsigned index) {
  return "attn_rt_variant_" + std::to_string(index);
}

std::string attn::querySymbol(const LibraryDescription &library) {
  return library.name + "_query";
}

static Constant *argumentTable(TableWriter &w,
                               const ArgumentDescription &argument) {
  llvm::SmallVector<int64_t> shape;
  for (int64_t extent : argument.shape)
    shape.push_back(mlir::ShapedType::isDynamic(extent) ? -1 : extent);
  llvm::SmallVector<int32_t> symbols(argument.symbols.begin(),
                                     argument.symbols.end());
  Constant *dtype = w.structure(
      {w.i8(argument.type.code), w.i8(argument.type.bits), w.i16(1)});
  return w.object(
      w.structure({w.i64(sizeof(attn_argument)), w.string(argument.name),
                   w.i8(argument.isScalar ? ATTN_SCALAR : ATTN_TENSOR),
                   w.i8(argument.isOutput  ? ATTN_OUTPUT
                        : argument.isInOut ? ATTN_INOUT
                                           : ATTN_INPUT),
                   w.i8(argument.isWeight), w.i8(argument.isIndex), dtype,
                   w.i32(argument.shape.size()), w.i32(0),
                   w.integers<int64_t>(shape), w.integers<int32_t>(symbols)}));
}

/// Distinguishes prepared buffers: what packs weights differently must differ.
static uint64_t fingerprint(const LibraryDescription &library,
                            const VariantDescription &variant,
                            const EntryDescription &entry,
                            const EntryLowering &lowering) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << library.compiler << '\n'
     << library.name << '\n'
     << entry.name << '\n'
     << variant.target << '\n'
     << variant.cpu << '\n'
     << variant.features << '\n'
     << lowering.preparedBytes << '\n'
     << lowering.schedule;
  for (const ArgumentDescription &argument : entry.arguments) {
    os << '\n' << argument.name << argument.isWeight << argument.type.name();
    llvm::interleave(argument.shape, os, "x");
  }
  return llvm::xxh3_64bits(text);
}

static Constant *entryTable(TableWriter &w, const LibraryDescription &library,
                            const VariantDescription &variant,
                            const EntryDescription &entry,
                            const EntryLowering &lowering,
                            const PackedFunctions &functions) {
  llvm::SmallVector<Constant *> arguments;
  int64_t words = 0;
  for (const ArgumentDescription &argument : entry.arguments) {
    arguments.push_back(argumentTable(w, argument));
    words += argument.isScalar ? 1 : 3 + 2 * argument.shape.size();
  }
  llvm::SmallVector<int32_t> weights;
  for (int index : entry.weights())
    weights.push_back(index);
  int64_t prepared = lowering.preparedBytes;
  auto orNull = [&](llvm::Function *function) -> Constant * {
    return function ? function : w.null();
  };
  return w.object(w.structure(
      {w.i64(sizeof(attn_entry)), w.string(entry.name), w.i32(entry.numInputs),
       w.i32(arguments.size()), w.pointers(arguments), w.strings(entry.symbols),
       w.i32(entry.symbols.size()), w.i32(weights.size()),
       w.i64(prepared ? prepared + ATTN_RT_PREPARED_HEADER : 0), w.i32(kDLCPU),
       w.i32(0), w.string(lowering.schedule), w.external("attn_rt_call"),
       w.external("attn_rt_workspace_size"), w.external("attn_rt_prepare"),
       // From here on what only the runtime reads.
       functions.invoke, orNull(functions.workspaceSize),
       orNull(functions.prepare), w.integers<int32_t>(weights), w.i64(words),
       w.i64(fingerprint(library, variant, entry, lowering)),
       orNull(functions.check), w.strings(lowering.checks)}));
}

llvm::Error attn::addVariantTables(llvm::Module &module,
                                   const LibraryDescription &library,
                                   unsigned index) {
  const VariantDescription &variant = library.variants[index];
  TableWriter w(module);
  llvm::SmallVector<Constant *> entries;
  for (auto [entry, lowering] :
       llvm::zip_equal(library.entries, variant.entries)) {
    auto functions = addPackedWrappers(module, entry, lowering);
    if (!functions)
      return functions.takeError();
    entries.push_back(
        entryTable(w, library, variant, entry, lowering, *functions));
  }

  // Only the table leaves this module, so that variants may define the same
  // functions and LLVM may inline and drop what it likes. An entry may be
  // called like a function of libc; its symbol must not be.
  for (llvm::Function &function : module)
    if (!function.isDeclaration()) {
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
      function.setName("attn." + function.getName());
    } else if (function.getName().starts_with("attn_rt_")) {
      function.setVisibility(llvm::GlobalValue::HiddenVisibility);
    }
  for (llvm::GlobalVariable &global : module.globals())
    if (!global.isDeclaration() && !global.hasPrivateLinkage())
      global.setLinkage(llvm::GlobalValue::InternalLinkage);

  share(w.object(w.structure(
            {w.i64(sizeof(attn_library)), w.i32(ATTN_ABI_VERSION),
             w.i32(entries.size()), w.string(library.name),
             w.string(library.compiler), w.pointers(entries),
             w.string(variant.target), w.external("attn_rt_targets"),
             w.i32(library.variants.size()), w.i32(variant.cpuFeatures.size()),
             w.strings(variant.cpuFeatures), w.external("attn_rt_bytecode"),
             w.i64(library.bytecode.size())})),
        variantSymbol(index));
  return llvm::Error::success();
}

void attn::addIndexTables(llvm::Module &module,
                          const LibraryDescription &library) {
  TableWriter w(module);
  llvm::LLVMContext &context = module.getContext();
  llvm::GlobalVariable *bytecode =
      w.object(llvm::ConstantDataArray::getString(context, library.bytecode,
                                                  /*AddNull=*/false));
  bytecode->setAlignment(llvm::Align(16)); // the reader wants it so
  share(bytecode, "attn_rt_bytecode");

  llvm::SmallVector<Constant *> variants, targets;
  for (auto [index, variant] : llvm::enumerate(library.variants)) {
    variants.push_back(w.external(variantSymbol(index)));
    targets.push_back(w.string(variant.target));
  }
  share(llvm::cast<llvm::GlobalVariable>(w.pointers(targets)),
        "attn_rt_targets");

  auto *picked = new llvm::GlobalVariable(
      module, w.pointerType(), /*isConstant=*/false,
      llvm::GlobalValue::InternalLinkage, w.null(), "attn_rt_picked");
  Constant *table = w.object(w.structure(
      {w.pointers(variants), picked, w.i64(library.variants.size())}));

  // const attn_library *NAME_query(uint32_t max_abi, const char **error) {
  //   return attn_rt_query(&table, max_abi, error);
  // }
  llvm::IRBuilder<> builder(context);
  auto *pointer = w.pointerType();
  auto *runtime = llvm::Function::Create(
      llvm::FunctionType::get(pointer, {pointer, builder.getInt32Ty(), pointer},
                              false),
      llvm::GlobalValue::ExternalLinkage, "attn_rt_query", module);
  runtime->setVisibility(llvm::GlobalValue::HiddenVisibility);
  auto *query = llvm::Function::Create(
      llvm::FunctionType::get(pointer, {builder.getInt32Ty(), pointer}, false),
      llvm::GlobalValue::ExternalLinkage, querySymbol(library), module);
  builder.SetInsertPoint(llvm::BasicBlock::Create(context, "", query));
  builder.CreateRet(
      builder.CreateCall(runtime, {table, query->getArg(0), query->getArg(1)}));
}
