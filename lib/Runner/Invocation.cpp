//===- Invocation.cpp - One call of a compiled entry
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Runner/Invocation.h"
#include "attn/Runner/Npy.h"
#include "llvm/Support/Errc.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace llvm;
using namespace attn;

unsigned attn::elementSize(DLDataType type) { return (type.bits + 7) / 8; }

unsigned attn::elementsPerByte(DLDataType type) {
  return type.bits < 8 ? 8 / type.bits : 1;
}

/// Elements of a row, or bytes of elements that share one.
static int64_t rowUnits(DLDataType type, ArrayRef<int64_t> shape) {
  return shape.empty() ? 1 : divideCeil(shape.back(), elementsPerByte(type));
}

size_t attn::storageSize(DLDataType type, ArrayRef<int64_t> shape) {
  size_t units = rowUnits(type, shape);
  for (int64_t size : shape.empty() ? shape : shape.drop_back())
    units *= size;
  return units * elementSize(type);
}

std::string attn::elementName(DLDataType type) {
  if (type.code == kDLBool)
    return "bool";
  StringRef kind = type.code == kDLFloat    ? "f"
                   : type.code == kDLBfloat ? "bf"
                   : type.code == kDLUInt   ? "u"
                                            : "i";
  return (kind + Twine(unsigned(type.bits))).str();
}

Invocation::Invocation(const attn_entry &entry, Placement placement,
                       unsigned padding)
    : entry(entry), placement(placement), padding(padding),
      set(entry.num_arguments), shapes(entry.num_arguments),
      strides(entry.num_arguments), memory(entry.num_arguments),
      tensors(entry.num_arguments), values(entry.num_arguments),
      originals(entry.num_arguments) {
  env.struct_size = sizeof(env);
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

void Invocation::bind(unsigned argument, ArrayRef<int64_t> shape) {
  DLDataType type = entry.arguments[argument]->dtype;
  shapes[argument].assign(shape.begin(), shape.end());
  strides[argument].assign(shape.size(), 1);
  int64_t row = rowUnits(type, shape), rows = 1;
  int64_t pitch = shape.size() < 2 ? row : row + padding;
  for (size_t dim = shape.size(); dim-- > 1;) {
    strides[argument][dim - 1] = dim + 1 == shape.size()
                                     ? pitch * elementsPerByte(type)
                                     : strides[argument][dim] * shape[dim];
    rows *= shape[dim - 1];
  }
  // Nothing follows the last row.
  int64_t units = rows && row ? (rows - 1) * pitch + row : 0;
  memory[argument] = Memory(units * elementSize(type), placement);
  tensors[argument] = attn_tensor(memory[argument].data(), type.code, type.bits,
                                  shape.size(), shapes[argument].data(),
                                  padding ? strides[argument].data() : nullptr);
  values[argument].tensor = &tensors[argument];
  set[argument] = true;
}

void Invocation::forEachRow(
    unsigned argument, function_ref<void(size_t, size_t, size_t)> visit) const {
  ArrayRef<int64_t> shape = shapes[argument];
  DLDataType type = entry.arguments[argument]->dtype;
  size_t size = elementSize(type);
  size_t row = rowUnits(type, shape) * size;
  size_t pitch = shape.size() < 2 ? row : row + padding * size;
  for (size_t at = 0, packed = 0; row && at < memory[argument].size();
       at += pitch, packed += row)
    visit(at, packed, row);
}

void Invocation::setTensor(unsigned argument, ArrayRef<int64_t> shape,
                           ArrayRef<char> elements) {
  bind(argument, shape);
  write(argument, elements);
  if (entry.arguments[argument]->role == ATTN_INOUT)
    originals[argument].assign(elements.begin(), elements.end());
}

void Invocation::write(unsigned argument, ArrayRef<char> elements) {
  forEachRow(argument, [&](size_t at, size_t packed, size_t bytes) {
    std::memcpy(memory[argument].data() + at, elements.data() + packed, bytes);
  });
}

void Invocation::restoreInOuts() {
  for (uint32_t index = 0; index < entry.num_inputs; ++index)
    if (entry.arguments[index]->role == ATTN_INOUT)
      write(index, originals[index]);
}

std::vector<char> Invocation::getElements(unsigned argument,
                                          bool before) const {
  return before && entry.arguments[argument]->role == ATTN_INOUT
             ? originals[argument]
             : getElements(argument);
}

std::vector<char> Invocation::getElements(unsigned argument) const {
  std::vector<char> elements;
  forEachRow(argument, [&](size_t at, size_t, size_t bytes) {
    const char *row = memory[argument].data() + at;
    elements.insert(elements.end(), row, row + bytes);
  });
  return elements;
}

bool Invocation::isPaddingUntouched(unsigned argument) const {
  const Memory &bytes = memory[argument];
  bool untouched = true;
  forEachRow(argument, [&](size_t at, size_t, size_t row) {
    size_t gap = padding * elementSize(entry.arguments[argument]->dtype);
    for (at += row; gap && at < bytes.size(); ++at, --gap)
      untouched &= bytes.data()[at] == char(0xff);
  });
  return untouched;
}

void Invocation::setInteger(unsigned argument, int64_t value) {
  values[argument].integer = value;
  set[argument] = true;
}

void Invocation::setReal(unsigned argument, double value) {
  values[argument].real = value;
  set[argument] = true;
}

Error Invocation::allocateOutputs() {
  SmallVector<int64_t> extents(entry.num_symbols, -1);
  for (uint32_t index = 0; index < entry.num_inputs; ++index) {
    const attn_argument &argument = *entry.arguments[index];
    // Of a wrong rank or size the library itself will tell.
    if (argument.kind == ATTN_TENSOR &&
        shapes[index].size() == size_t(argument.rank))
      for (int32_t dim = 0; dim < argument.rank; ++dim)
        if (int32_t symbol = argument.symbols[dim]; symbol >= 0)
          extents[symbol] = shapes[index][dim];
  }
  for (uint32_t index = entry.num_inputs; index < entry.num_arguments;
       ++index) {
    const attn_argument &argument = *entry.arguments[index];
    SmallVector<int64_t> shape;
    for (int32_t dim = 0; dim < argument.rank; ++dim) {
      int32_t symbol = argument.symbols[dim];
      shape.push_back(symbol < 0 ? argument.shape[dim] : extents[symbol]);
      if (shape.back() < 0)
        return createStringError(
            errc::not_supported,
            "output '%s': no input has the extent of its dimension %d",
            argument.name, dim);
    }
    if (!countElements(shape, elementSize(argument.dtype)))
      return createStringError(errc::invalid_argument,
                               "output '%s' would be too large", argument.name);
    bind(index, shape);
  }
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Calls
//===----------------------------------------------------------------------===//

attn_options Invocation::makeOptions() {
  attn_options options = ATTN_OPTIONS_INIT;
  options.env = &env;
  options.error = message;
  options.error_bytes = sizeof(message);
  if (prepared.size()) {
    options.prepared = prepared.data();
    options.prepared_bytes = prepared.size();
  }
  if (workspace.size()) {
    options.workspace = workspace.data();
    options.workspace_bytes = workspace.size();
  }
  return options;
}

Error Invocation::check(int32_t status) const {
  if (status == ATTN_OK)
    return Error::success();
  return createStringError(errc::invalid_argument, StringRef(message));
}

Error Invocation::prepare(unsigned threads, bool packWeights) {
  env.num_threads = threads;
  attn_options options = makeOptions();
  if (entry.prepared_bytes && packWeights) {
    SmallVector<attn_value> weights;
    for (uint32_t index = 0; index < entry.num_inputs; ++index)
      if (entry.arguments[index]->weight)
        weights.push_back(values[index]);
    Memory packed(entry.prepared_bytes, Placement::aligned);
    if (Error error =
            check(entry.prepare(&entry, weights.data(), weights.size(),
                                packed.data(), packed.size(), &options)))
      return error;
    prepared = std::move(packed);
    options = makeOptions();
  }
  size_t bytes = 0;
  if (Error error = check(entry.workspace_size(
          &entry, values.data(), values.size(), &options, &bytes)))
    return error;
  workspace = Memory(bytes, placement);
  return Error::success();
}

Error Invocation::call() {
  attn_options options = makeOptions();
  return check(entry.call(&entry, values.data(), values.size(), &options));
}
