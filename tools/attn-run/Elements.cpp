//===- Elements.cpp - Between .npy, DLPack and plain numbers
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Elements.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace llvm;
using namespace attn;
using namespace attn::run;

bool attn::run::isFloat(DLDataType type) {
  return type.code == kDLFloat || type.code == kDLBfloat;
}

/// The .npy type with the same elements, if there is one.
static std::optional<NpyType> sameType(DLDataType type) {
  switch (type.code) {
  case kDLBool:
    return NpyType::Bool;
  case kDLUInt:
    return type.bits == 8 ? std::optional(NpyType::U8) : std::nullopt;
  case kDLInt:
    return type.bits == 8    ? std::optional(NpyType::I8)
           : type.bits == 32 ? std::optional(NpyType::I32)
           : type.bits == 64 ? std::optional(NpyType::I64)
                             : std::nullopt;
  case kDLFloat:
    return type.bits == 16   ? std::optional(NpyType::F16)
           : type.bits == 32 ? std::optional(NpyType::F32)
           : type.bits == 64 ? std::optional(NpyType::F64)
                             : std::nullopt;
  default:
    return std::nullopt;
  }
}

static bool isNibble(DLDataType type) {
  return type.code == kDLInt && type.bits == 4;
}

static bool isHalf(DLDataType type) { return isFloat(type) && type.bits == 16; }

static const fltSemantics &semanticsOf(DLDataType type) {
  if (type.code == kDLBfloat)
    return APFloat::BFloat();
  return type.bits == 16   ? APFloat::IEEEhalf()
         : type.bits == 32 ? APFloat::IEEEsingle()
                           : APFloat::IEEEdouble();
}

std::vector<char> attn::run::fromDoubles(ArrayRef<double> values,
                                         DLDataType type) {
  unsigned size = type.bits / 8;
  std::vector<char> elements(values.size() * size);
  for (auto [index, value] : enumerate(values)) {
    APFloat rounded(value);
    bool lossy;
    rounded.convert(semanticsOf(type), APFloat::rmNearestTiesToEven, &lossy);
    uint64_t bits = rounded.bitcastToAPInt().getZExtValue();
    std::memcpy(&elements[index * size], &bits, size);
  }
  return elements;
}

std::vector<char> attn::run::fromIntegers(ArrayRef<int64_t> values,
                                          DLDataType type) {
  if (isNibble(type)) {
    std::vector<char> elements(divideCeil(values.size(), 2));
    for (auto [index, value] : enumerate(values))
      elements[index / 2] |= (value & 15) << index % 2 * 4;
    return elements;
  }
  unsigned size = type.bits / 8;
  std::vector<char> elements(values.size() * size);
  for (auto [index, value] : enumerate(values))
    std::memcpy(&elements[index * size], &value, size);
  return elements;
}

/// The elements of an i8 file.
static std::vector<int64_t> readBytes(const NpyArray &array) {
  auto *bytes = reinterpret_cast<const int8_t *>(array.data.data());
  return std::vector<int64_t>(bytes, bytes + array.data.size());
}

std::optional<int64_t> attn::run::findTooLarge(const NpyArray &array,
                                               DLDataType type) {
  if (isNibble(type) && array.type == NpyType::I8)
    for (int64_t value : readBytes(array))
      if (!isInt<4>(value))
        return value;
  return std::nullopt;
}

bool attn::run::hasItsRows(ArrayRef<int64_t> shape,
                           const attn_argument &argument) {
  return !isNibble(argument.dtype) || shape.size() != size_t(argument.rank) ||
         shape.back() == argument.shape[argument.rank - 1];
}

std::string attn::run::acceptedTypes(DLDataType type) {
  std::optional<NpyType> same = sameType(type);
  std::string names = same ? npyName(*same).str() : "";
  if (isHalf(type))
    names += same ? " or f32" : "f32";
  if (isNibble(type))
    names = "i8";
  return names.empty() ? "a type that .npy files are not read in" : names;
}

std::optional<std::vector<char>> attn::run::toElements(const NpyArray &array,
                                                       DLDataType type) {
  if (sameType(type) == array.type)
    return array.data;
  if (isNibble(type) && array.type == NpyType::I8)
    return fromIntegers(readBytes(array), type);
  if (!isHalf(type) || array.type != NpyType::F32)
    return std::nullopt;
  std::vector<double> values(array.data.size() / sizeof(float));
  for (auto [index, value] : enumerate(values)) {
    float single;
    std::memcpy(&single, &array.data[index * sizeof(float)], sizeof(float));
    value = single;
  }
  return fromDoubles(values, type);
}

std::optional<NpyArray> attn::run::toNpy(ArrayRef<int64_t> shape,
                                         ArrayRef<char> elements,
                                         DLDataType type) {
  NpyArray array;
  array.shape.assign(shape.begin(), shape.end());
  if (isNibble(type)) {
    array.type = NpyType::I8;
    for (char pair : elements)
      for (unsigned shift : {0, 4})
        array.data.push_back(char(SignExtend32<4>(pair >> shift & 15)));
    return array;
  }
  if (!isHalf(type)) {
    std::optional<NpyType> same = sameType(type);
    if (!same)
      return std::nullopt;
    array.type = *same;
    array.data.assign(elements.begin(), elements.end());
    return array;
  }
  array.type = NpyType::F32;
  array.data.resize(elements.size() * 2);
  for (size_t index = 0; index < elements.size() / 2; ++index) {
    uint16_t bits;
    std::memcpy(&bits, &elements[index * 2], sizeof(bits));
    APFloat value(semanticsOf(type), APInt(16, bits));
    float single = float(value.convertToDouble());
    std::memcpy(&array.data[index * sizeof(float)], &single, sizeof(float));
  }
  return array;
}
