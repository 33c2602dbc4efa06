//===- Arguments.cpp - From files and numbers to the arguments of a call
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arguments.h"
#include "Elements.h"
#include "RandomData.h"
#include "attn/Emit/OutputFiles.h"
#include "attn/Runner/Npy.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Errc.h"

using namespace llvm;
using namespace attn;
using namespace attn::run;

/// `q, k and v`, for messages.
static std::string listInputs(const attn_entry &entry) {
  std::string text;
  for (uint32_t index = 0; index < entry.num_inputs; ++index)
    text += (index ? ", " : "") + std::string(entry.arguments[index]->name);
  return text.empty() ? "none" : text;
}

/// The index of the input called `name`, which must not be set and be of that
/// kind.
static Expected<unsigned> findInput(const attn_entry &entry,
                                    const Invocation &invocation,
                                    StringRef name, uint8_t kind) {
  for (uint32_t index = 0; index < entry.num_inputs; ++index) {
    const attn_argument &argument = *entry.arguments[index];
    if (name != argument.name)
      continue;
    if (invocation.isSet(index))
      return usageError("argument '" + name + "' is given twice");
    if (kind == ATTN_TENSOR && argument.kind != ATTN_TENSOR)
      return usageError("argument '" + name +
                        "' is a scalar: use --scalar=" + name + "=VALUE");
    if (kind == ATTN_SCALAR && argument.kind != ATTN_SCALAR)
      return usageError("argument '" + name +
                        "' is a tensor: use --input=" + name + "=FILE.npy");
    return index;
  }
  return usageError("entry '" + Twine(entry.name) + "' has no argument '" +
                    name + "', only: " + listInputs(entry));
}

static Error setFromFile(const attn_entry &entry, unsigned index,
                         StringRef file, Invocation &invocation) {
  Expected<NpyArray> array = readNpy(file);
  if (!array)
    return array.takeError();
  const attn_argument &argument = *entry.arguments[index];
  std::optional<std::vector<char>> elements =
      toElements(*array, argument.dtype);
  if (!elements)
    return createStringError(errc::invalid_argument,
                             file + ": has elements of type " +
                                 npyName(array->type) + ", argument '" +
                                 argument.name + "' takes " +
                                 acceptedTypes(argument.dtype));
  if (std::optional<int64_t> value = findTooLarge(*array, argument.dtype))
    return createStringError(errc::invalid_argument,
                             file + ": has the element " + Twine(*value) +
                                 ", argument '" + argument.name + "' takes " +
                                 elementName(argument.dtype) + " from -8 to 7");
  // The library checks extents; which file they come from, only we know.
  if (array->shape.size() != size_t(argument.rank))
    return createStringError(errc::invalid_argument,
                             file + ": has rank " + Twine(array->shape.size()) +
                                 ", argument '" + argument.name +
                                 "' takes rank " + Twine(argument.rank));
  if (!hasItsRows(array->shape, argument))
    return createStringError(
        errc::invalid_argument,
        file + ": has rows of " + Twine(array->shape.back()) +
            " elements, argument '" + argument.name + "' takes rows of " +
            Twine(argument.shape[argument.rank - 1]));
  invocation.setTensor(index, array->shape, *elements);
  return Error::success();
}

static Error setScalar(const attn_entry &entry, unsigned index, StringRef text,
                       Invocation &invocation) {
  const attn_argument &argument = *entry.arguments[index];
  auto wrong = [&](StringRef expected) {
    return usageError("--scalar=" + Twine(argument.name) + "=" + text +
                      ": expected " + expected);
  };
  if (argument.dtype.code == kDLFloat || argument.dtype.code == kDLBfloat) {
    double value;
    if (text.getAsDouble(value))
      return wrong("a number");
    invocation.setReal(index, value);
    return Error::success();
  }
  int64_t value;
  if (argument.dtype.code == kDLBool && (text == "true" || text == "false"))
    value = text == "true";
  else if (text.getAsInteger(10, value))
    return wrong("an integer");
  invocation.setInteger(index, value);
  return Error::success();
}

Error attn::run::setInputs(const attn_entry &entry, const Options &options,
                           Invocation &invocation) {
  // What has a name first: the others fill the gaps.
  for (const auto &[name, text] : options.scalars) {
    auto index = findInput(entry, invocation, name, ATTN_SCALAR);
    if (!index)
      return index.takeError();
    if (Error error = setScalar(entry, *index, text, invocation))
      return error;
  }
  for (const auto &[name, sizes] : options.randoms) {
    auto index = findInput(entry, invocation, name, ATTN_TENSOR);
    if (!index)
      return index.takeError();
    if (Error error = setRandom(entry, *index, sizes, options.seed, invocation))
      return error;
  }
  for (const auto &[name, file] : options.inputs) {
    if (name.empty())
      continue;
    auto index = findInput(entry, invocation, name, ATTN_TENSOR);
    if (!index)
      return index.takeError();
    if (Error error = setFromFile(entry, *index, file, invocation))
      return error;
  }
  uint32_t next = 0;
  for (const auto &[name, file] : options.inputs) {
    if (!name.empty())
      continue;
    while (
        next < entry.num_inputs &&
        (invocation.isSet(next) || entry.arguments[next]->kind != ATTN_TENSOR))
      ++next;
    if (next == entry.num_inputs)
      return usageError("--input=" + Twine(file) + ": entry '" + entry.name +
                        "' takes no more tensors");
    if (Error error = setFromFile(entry, next, file, invocation))
      return error;
  }
  for (uint32_t index = 0; index < entry.num_inputs; ++index)
    if (!invocation.isSet(index)) {
      const char *name = entry.arguments[index]->name;
      bool scalar = entry.arguments[index]->kind == ATTN_SCALAR;
      return usageError("argument '" + Twine(name) + "' is missing: use --" +
                        (scalar ? "scalar=" : "input=") + name +
                        (scalar ? "=VALUE" : "=FILE.npy"));
    }
  return Error::success();
}

SmallVector<unsigned> attn::run::listWritten(const attn_entry &entry) {
  SmallVector<unsigned> written;
  for (uint32_t index = entry.num_inputs; index < entry.num_arguments; ++index)
    written.push_back(index);
  for (uint32_t index = 0; index < entry.num_inputs; ++index)
    if (entry.arguments[index]->role == ATTN_INOUT)
      written.push_back(index);
  return written;
}

Error attn::run::writeOutputs(const attn_entry &entry, const Options &options,
                              const Invocation &invocation) {
  OutputFiles files;
  SmallVector<unsigned> written = listWritten(entry);
  for (auto [index, path] : enumerate(options.outputs)) {
    unsigned argument = written[index];
    std::optional<NpyArray> array =
        toNpy(invocation.getShape(argument), invocation.getElements(argument),
              entry.arguments[argument]->dtype);
    if (!array)
      return createStringError(
          errc::not_supported,
          Twine("output '") + entry.arguments[argument]->name + "' has type " +
              elementName(entry.arguments[argument]->dtype) +
              ", which .npy files are not written in");
    if (Error error = files.add(path, formatNpy(*array)))
      return error;
  }
  return files.commit();
}
