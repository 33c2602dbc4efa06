//===- Tensor.h - The values of the reference interpreter ------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Values are wide whatever the type in the module is: a reference that rounded
// like the code it judges could not judge it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_REFERENCE_TENSOR_H
#define ATTN_REFERENCE_TENSOR_H

#include "mlir/IR/BuiltinTypes.h"
#include <vector>

namespace attn::reference {

/// One element: a float of any type as `f`, never rounded; an integer or index
/// of any width as `i`, sign-extended, except that an i1 is 0 or 1.
union Scalar {
  double f;
  int64_t i;
};

/// `value` as an integer of `width` bits is stored.
int64_t wrapInteger(uint64_t value, unsigned width);

/// The bits of an integer or index type (index: 64).
unsigned integerWidth(mlir::Type type);

/// A dense row-major array. A scalar is a tensor of rank 0.
class Tensor {
public:
  Tensor() = default;
  /// Floats are NaN, so that reading what nobody wrote shows; integers are 0.
  Tensor(mlir::Type elementType, llvm::ArrayRef<int64_t> shape);

  static Tensor scalar(mlir::Type type, Scalar value);
  static Tensor floats(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                       llvm::ArrayRef<double> values);
  static Tensor integers(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                         llvm::ArrayRef<int64_t> values);
  static Tensor filled(mlir::Type elementType, llvm::ArrayRef<int64_t> shape,
                       Scalar value);

  /// Reads elements as a compiled library stores them: floats in their own
  /// format (f16, bf16, f32, f64), integers in the bytes that hold them (i1 in
  /// one; i4 two to a byte, the first in the low half), index in 64 bits.
  /// `bytes` has at least `storageSize()` of them.
  static Tensor fromStorage(mlir::Type elementType,
                            llvm::ArrayRef<int64_t> shape, const void *bytes);
  /// The inverse; floats round to nearest even.
  void toStorage(void *bytes) const;
  size_t storageSize() const;
  /// Bytes of one element in storage, where it has some of its own (not i4).
  static unsigned storageSize(mlir::Type elementType);

  mlir::Type getElementType() const { return elementType; }
  bool isFloat() const { return llvm::isa<mlir::FloatType>(elementType); }
  llvm::ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return shape.size(); }
  int64_t getDim(unsigned dim) const { return shape[dim]; }
  int64_t getNumElements() const { return elements.size(); }
  /// Elements from one index of each dimension to the next.
  llvm::SmallVector<int64_t> getStrides() const;

  Scalar *data() { return elements.data(); }
  const Scalar *data() const { return elements.data(); }
  Scalar &operator[](int64_t index) { return elements[index]; }
  const Scalar &operator[](int64_t index) const { return elements[index]; }

  /// The same elements under another shape of as many.
  Tensor reshaped(llvm::ArrayRef<int64_t> newShape) const;

private:
  mlir::Type elementType;
  llvm::SmallVector<int64_t> shape;
  std::vector<Scalar> elements;
};

} // namespace attn::reference

#endif // ATTN_REFERENCE_TENSOR_H
