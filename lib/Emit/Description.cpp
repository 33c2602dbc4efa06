//===- Description.cpp - What a library contains --------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/Description.h"
#include "attn/Analysis/DimensionClasses.h"
#include "attn/IR/Updates.h"
#include "attn/Runtime/ABI.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace attn;

std::string ElementType::name() const {
  if (code == kDLBool)
    return "bool";
  const char *kind = code == kDLFloat    ? "f"
                     : code == kDLBfloat ? "bf"
                     : code == kDLUInt   ? "u"
                                         : "i";
  return kind + std::to_string(bits);
}

bool ElementType::isFloat() const {
  return code == kDLFloat || code == kDLBfloat;
}

std::optional<ElementType> attn::describeElementType(Type type) {
  if (isa<IndexType>(type))
    return ElementType{kDLInt, 64};
  if (isa<BFloat16Type>(type))
    return ElementType{kDLBfloat, 16};
  if (isa<Float16Type, Float32Type, Float64Type>(type))
    return ElementType{kDLFloat, uint8_t(type.getIntOrFloatBitWidth())};
  if (auto integer = dyn_cast<IntegerType>(type)) {
    if (integer.getWidth() == 1)
      return ElementType{kDLBool, 8};
    if (llvm::is_contained({4u, 8u, 16u, 32u, 64u}, integer.getWidth()))
      return ElementType{uint8_t(integer.isUnsigned() ? kDLUInt : kDLInt),
                         uint8_t(integer.getWidth())};
  }
  return std::nullopt;
}

SmallVector<int> EntryDescription::weights() const {
  SmallVector<int> indices;
  for (auto [index, argument] : llvm::enumerate(arguments))
    if (argument.isWeight)
      indices.push_back(index);
  return indices;
}

std::string attn::libraryName(StringRef prefix) {
  std::string name = llvm::sys::path::filename(prefix).str();
  for (char &c : name)
    if (!llvm::isAlnum(c) && c != '_')
      c = '_';
  return name;
}

//===----------------------------------------------------------------------===//
// Entries
//===----------------------------------------------------------------------===//

/// Type and shape; an error at `func` for what C cannot pass.
static LogicalResult describeType(func::FuncOp func, Type type,
                                  ArgumentDescription &argument) {
  const char *role = argument.isOutput ? "result" : "argument";
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (argument.isOutput && !tensor)
    return func.emitError()
           << "not supported: entry '" << func.getName() << "' returns " << type
           << "; results of an entry must be ranked tensors";
  argument.isScalar = !tensor;
  argument.isIndex = isa<IndexType>(type);
  Type element = tensor ? tensor.getElementType() : type;
  std::optional<ElementType> described = describeElementType(element);
  // f16, bf16 and i4 have no C type to pass by value.
  if (!described ||
      (argument.isScalar && (described->isPacked() ||
                             (described->isFloat() && described->bits == 16))))
    return func.emitError()
           << "not supported: " << role << " '" << argument.name
           << "' of entry '" << func.getName() << "' has type " << type
           << "; use a ranked tensor or a scalar of bool, i8 to i64, index, "
              "f32 or f64 (tensors also f16, bf16 and i4)";
  // Rows begin at a byte.
  if (described->isPacked() &&
      (tensor.getRank() == 0 || tensor.isDynamicDim(tensor.getRank() - 1) ||
       tensor.getShape().back() % 2 != 0))
    return func.emitError()
           << "not supported: " << role << " '" << argument.name
           << "' of entry '" << func.getName() << "' has type " << type
           << "; two " << described->name()
           << " share a byte, so the last dimension must be static and even";
  argument.type = *described;
  if (tensor)
    argument.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  return success();
}

/// `wish`, or with a number behind it if that is taken.
static std::string uniqueName(std::string wish, llvm::StringSet<> &taken) {
  std::string name = wish;
  for (unsigned n = 1; !taken.insert(name).second; ++n)
    name = wish + std::to_string(n);
  return name;
}

/// Numbers the classes of equal extents and names them. `values` are the
/// tensors of the arguments (null for scalars).
static void describeExtents(EntryDescription &entry, ArrayRef<Value> values,
                            DimensionClasses &classes) {
  llvm::StringSet<> taken;
  llvm::DenseMap<int, int> symbolOf;
  for (auto [argument, value] : llvm::zip_equal(entry.arguments, values)) {
    for (auto [dim, extent] : llvm::enumerate(argument.shape)) {
      argument.symbols.push_back(-1);
      if (!ShapedType::isDynamic(extent))
        continue;
      int cls = classes.classOf(value, dim);
      extent = classes.extentOf(cls);
      if (!ShapedType::isDynamic(extent))
        continue; // the body makes it static after all
      auto [it, isNew] = symbolOf.try_emplace(cls, entry.symbols.size());
      if (isNew) {
        std::string wish = classes.nameOf(cls).str();
        if (wish.empty())
          wish = argument.name + "_" + std::to_string(dim);
        entry.symbols.push_back(uniqueName(wish, taken));
      }
      argument.symbols.back() = it->second;
    }
  }
}

static FailureOr<EntryDescription> describeEntry(func::FuncOp func) {
  EntryDescription entry;
  entry.name = func.getName().str();
  entry.numInputs = func.getNumArguments();
  if (!llvm::hasSingleElement(func.getBody()))
    return func.emitError() << "not supported: entry '" << func.getName()
                            << "' has control flow between blocks; use scf";

  llvm::StringSet<> taken;
  SmallVector<Value> values;
  for (BlockArgument value : func.getArguments()) {
    unsigned index = value.getArgNumber();
    ArgumentDescription argument;
    auto name = func.getArgAttrOfType<StringAttr>(index, kNameAttr);
    argument.name = name ? name.str() : "arg" + std::to_string(index);
    if (!taken.insert(argument.name).second)
      return func.emitError() << "two arguments of entry '" << func.getName()
                              << "' are called '" << argument.name << "'";
    if (failed(describeType(func, value.getType(), argument)))
      return failure();
    values.push_back(value);
    entry.arguments.push_back(std::move(argument));
  }
  Operation *terminator = func.front().getTerminator();
  SmallVector<BlockArgument> updated = getUpdatedArguments(func);
  for (auto [index, value] : llvm::enumerate(terminator->getOperands())) {
    if (updated[index]) {
      entry.arguments[updated[index].getArgNumber()].isInOut = true;
      continue;
    }
    ArgumentDescription argument;
    argument.isOutput = true;
    auto name = func.getResultAttrOfType<StringAttr>(index, kNameAttr);
    argument.name =
        uniqueName(name ? name.str() : "out" + std::to_string(index), taken);
    if (failed(describeType(func, value.getType(), argument)))
      return failure();
    values.push_back(value);
    entry.arguments.push_back(std::move(argument));
  }
  DimensionClasses classes(func);
  describeExtents(entry, values, classes);
  return entry;
}

FailureOr<std::vector<EntryDescription>>
attn::describeEntries(ModuleOp module) {
  std::vector<EntryDescription> entries;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.isPrivate() || func.isExternal())
      continue;
    FailureOr<EntryDescription> entry = describeEntry(func);
    if (failed(entry))
      return failure();
    entries.push_back(std::move(*entry));
  }
  if (entries.empty()) {
    module.emitError() << "the module has no public function; its public "
                          "functions are the entries of the library";
    return failure();
  }
  return entries;
}

//===----------------------------------------------------------------------===//
// Lowering
//===----------------------------------------------------------------------===//

void attn::describeLowering(ModuleOp lowered,
                            std::vector<EntryDescription> &entries,
                            VariantDescription &variant) {
  variant.entries.assign(entries.size(), {});
  for (auto [entry, lowering] : llvm::zip_equal(entries, variant.entries)) {
    Operation *func = lowered.lookupSymbol(entry.name);
    if (!func)
      continue;
    if (auto bytes = func->getAttrOfType<IntegerAttr>(kPreparedBytesAttr))
      lowering.preparedBytes = bytes.getInt();
    if (auto text = func->getAttrOfType<StringAttr>(kScheduleAttr))
      lowering.schedule = text.str();
    if (auto checks = func->getAttrOfType<ArrayAttr>(kChecksAttr))
      for (StringRef text : checks.getAsValueRange<StringAttr>())
        lowering.checks.push_back(text.str());
    if (auto weights = func->getAttrOfType<DenseI64ArrayAttr>(kWeightArgsAttr))
      for (int64_t index : weights.asArrayRef())
        if (lowering.preparedBytes && index >= 0 &&
            index < int64_t(entry.numInputs))
          entry.arguments[index].isWeight = true;
  }
}
