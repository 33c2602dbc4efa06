//===- Npy.h - NumPy's .npy files ------------------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Strict: a file is either exactly what its header says or refused with the
// name of the file, what is wrong, and the rule.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_RUNNER_NPY_H
#define ATTN_RUNNER_NPY_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <vector>

namespace attn {

enum class NpyType { Bool, I8, U8, I32, I64, F16, F32, F64 };

/// Bytes of one element.
unsigned npySize(NpyType type);
/// bool, i8, u8, i32, i64, f16, f32 or f64.
llvm::StringRef npyName(NpyType type);

struct NpyArray {
  NpyType type = NpyType::F32;
  llvm::SmallVector<int64_t> shape;
  std::vector<char> data; ///< Row-major, little-endian, without gaps.
};

/// The product of `shape`, or nothing if it or a size is negative or the bytes
/// of so many elements would not fit 63 bits.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> shape,
                                     unsigned elementSize);

/// The array in `contents`; `name` stands at the start of errors. Versions 1 to
/// 3 of the format; Fortran order is brought into row-major order; big-endian
/// data, other element types and a bool that is neither 0 nor 1 are refused,
/// and so are too few or too many bytes.
llvm::Expected<NpyArray> parseNpy(llvm::StringRef contents,
                                  llvm::StringRef name);
llvm::Expected<NpyArray> readNpy(llvm::StringRef path);

/// The bytes of a file: version 1.0, data at a multiple of 64, as NumPy writes.
std::string formatNpy(const NpyArray &array);

} // namespace attn

#endif // ATTN_RUNNER_NPY_H
