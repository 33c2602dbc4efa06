//===- Tensor.cpp - The values of the reference interpreter
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Reference/Tensor.h"
#include "llvm/ADT/APFloat.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
#include <limits>

using namespace mlir;
using namespace attn::reference;

int64_t attn::reference::wrapInteger(uint64_t value, unsigned width) {
  if (width == 1)
    return value & 1;
  return width >= 64 ? int64_t(value) : llvm::SignExtend64(value, width);
}

unsigned attn::reference::integerWidth(Type type) {
  return isa<IndexType>(type) ? 64 : type.getIntOrFloatBitWidth();
}

//===----------------------------------------------------------------------===//
// Construction
//===----------------------------------------------------------------------===//

Tensor::Tensor(Type elementType, ArrayRef<int64_t> shape)
    : elementType(elementType), shape(shape) {
  Scalar unset;
  if (isFloat())
    unset.f = std::numeric_limits<double>::quiet_NaN();
  else
    unset.i = 0;
  elements.assign(llvm::product_of(shape), unset);
}

Tensor Tensor::filled(Type elementType, ArrayRef<int64_t> shape, Scalar value) {
  Tensor result(elementType, shape);
  llvm::fill(result.elements, value);
  return result;
}

Tensor Tensor::scalar(Type type, Scalar value) {
  return filled(type, {}, value);
}

Tensor Tensor::floats(Type elementType, ArrayRef<int64_t> shape,
                      ArrayRef<double> values) {
  Tensor result(elementType, shape);
  assert(values.size() == result.elements.size() && "one value an element");
  for (auto [element, value] : llvm::zip(result.elements, values))
    element.f = value;
  return result;
}

Tensor Tensor::integers(Type elementType, ArrayRef<int64_t> shape,
                        ArrayRef<int64_t> values) {
  Tensor result(elementType, shape);
  assert(values.size() == result.elements.size() && "one value an element");
  for (auto [element, value] : llvm::zip(result.elements, values))
    element.i = wrapInteger(value, integerWidth(elementType));
  return result;
}

Tensor Tensor::reshaped(ArrayRef<int64_t> newShape) const {
  assert(llvm::product_of(newShape) == getNumElements() && "as many elements");
  Tensor result = *this;
  result.shape.assign(newShape.begin(), newShape.end());
  return result;
}

SmallVector<int64_t> Tensor::getStrides() const {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (size_t dim = shape.size(); dim-- > 1;)
    strides[dim - 1] = strides[dim] * shape[dim];
  return strides;
}

//===----------------------------------------------------------------------===//
// Storage of compiled code
//===----------------------------------------------------------------------===//

unsigned Tensor::storageSize(Type elementType) {
  unsigned bits = isa<FloatType>(elementType)
                      ? elementType.getIntOrFloatBitWidth()
                      : integerWidth(elementType);
  return llvm::PowerOf2Ceil(llvm::divideCeil(bits, 8));
}

size_t Tensor::storageSize() const {
  // Two i4 share a byte.
  if (elementType.isInteger(4))
    return llvm::divideCeil(elements.size(), 2);
  return elements.size() * storageSize(elementType);
}

template <typename T, typename Convert>
static void readEach(std::vector<Scalar> &elements, const void *bytes,
                     Convert convert) {
  for (auto [index, element] : llvm::enumerate(elements)) {
    T raw;
    std::memcpy(&raw, static_cast<const char *>(bytes) + index * sizeof(T),
                sizeof(T));
    convert(element, raw);
  }
}

template <typename T, typename Convert>
static void writeEach(const std::vector<Scalar> &elements, void *bytes,
                      Convert convert) {
  for (auto [index, element] : llvm::enumerate(elements)) {
    T raw = convert(element);
    std::memcpy(static_cast<char *>(bytes) + index * sizeof(T), &raw,
                sizeof(T));
  }
}

/// f16 and bf16, which have no type in C++17.
static double decode(const llvm::fltSemantics &semantics, uint16_t bits) {
  return llvm::APFloat(semantics, llvm::APInt(16, bits)).convertToDouble();
}

static uint16_t encode(const llvm::fltSemantics &semantics, double value) {
  llvm::APFloat narrow(value);
  bool lossy;
  narrow.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &lossy);
  return narrow.bitcastToAPInt().getZExtValue();
}

Tensor Tensor::fromStorage(Type elementType, ArrayRef<int64_t> shape,
                           const void *bytes) {
  Tensor result(elementType, shape);
  auto toFloat = [](Scalar &element, auto raw) { element.f = raw; };
  auto toInteger = [](Scalar &element, auto raw) { element.i = raw; };
  std::vector<Scalar> &elements = result.elements;
  if (auto type = dyn_cast<FloatType>(elementType)) {
    if (type.isF32())
      readEach<float>(elements, bytes, toFloat);
    else if (type.isF64())
      readEach<double>(elements, bytes, toFloat);
    else
      readEach<uint16_t>(elements, bytes, [&](Scalar &element, uint16_t raw) {
        element.f = decode(type.getFloatSemantics(), raw);
      });
    return result;
  }
  if (elementType.isInteger(4)) {
    // The low half of a byte is the first of its two elements.
    for (auto [index, element] : llvm::enumerate(elements))
      element.i = wrapInteger(
          static_cast<const uint8_t *>(bytes)[index / 2] >> index % 2 * 4, 4);
    return result;
  }
  switch (storageSize(elementType)) {
  case 1:
    readEach<int8_t>(elements, bytes, toInteger);
    break;
  case 2:
    readEach<int16_t>(elements, bytes, toInteger);
    break;
  case 4:
    readEach<int32_t>(elements, bytes, toInteger);
    break;
  default:
    readEach<int64_t>(elements, bytes, toInteger);
  }
  for (Scalar &element : elements)
    element.i = wrapInteger(element.i, integerWidth(elementType));
  return result;
}

void Tensor::toStorage(void *bytes) const {
  if (auto type = dyn_cast<FloatType>(elementType)) {
    if (type.isF32())
      writeEach<float>(elements, bytes, [](Scalar e) { return float(e.f); });
    else if (type.isF64())
      writeEach<double>(elements, bytes, [](Scalar e) { return e.f; });
    else
      writeEach<uint16_t>(elements, bytes, [&](Scalar e) {
        return encode(type.getFloatSemantics(), e.f);
      });
    return;
  }
  if (elementType.isInteger(4)) {
    auto *packed = static_cast<uint8_t *>(bytes);
    std::memset(packed, 0, storageSize());
    for (auto [index, element] : llvm::enumerate(elements))
      packed[index / 2] |= (element.i & 15) << index % 2 * 4;
    return;
  }
  switch (storageSize(elementType)) {
  case 1:
    return writeEach<int8_t>(elements, bytes, [](Scalar e) { return e.i; });
  case 2:
    return writeEach<int16_t>(elements, bytes, [](Scalar e) { return e.i; });
  case 4:
    return writeEach<int32_t>(elements, bytes, [](Scalar e) { return e.i; });
  default:
    return writeEach<int64_t>(elements, bytes, [](Scalar e) { return e.i; });
  }
}
