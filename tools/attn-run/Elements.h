//===- Elements.h - Between .npy, DLPack and plain numbers ---------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TOOLS_ATTN_RUN_ELEMENTS_H
#define ATTN_TOOLS_ATTN_RUN_ELEMENTS_H

#include "attn/Runner/Npy.h"
#include "attn/Runtime/ABI.h"

namespace attn::run {

bool isFloat(DLDataType type);

/// The elements of `array` as an argument of type `type` stores them: those of
/// the same type as they are, f32 rounded to f16 and bf16, i8 packed to i4.
/// Nothing for others.
std::optional<std::vector<char>> toElements(const NpyArray &array,
                                            DLDataType type);
/// An integer of `array` that `type` cannot hold, if there is one.
std::optional<int64_t> findTooLarge(const NpyArray &array, DLDataType type);
/// Whether rows of `shape` are those of the argument, where that decides how
/// elements are packed; elsewhere the library looks at extents.
bool hasItsRows(llvm::ArrayRef<int64_t> shape, const attn_argument &argument);
/// What `toElements` takes, for messages: `f16 or f32`.
std::string acceptedTypes(DLDataType type);

/// A result as a file holds it: f16 and bf16 widened to f32, i4 to i8. Nothing
/// for a type that files are not written in.
std::optional<NpyArray> toNpy(llvm::ArrayRef<int64_t> shape,
                              llvm::ArrayRef<char> elements, DLDataType type);

/// Numbers rounded to the floating-point type `type`.
std::vector<char> fromDoubles(llvm::ArrayRef<double> values, DLDataType type);
/// Numbers that the integer or bool type `type` holds.
std::vector<char> fromIntegers(llvm::ArrayRef<int64_t> values, DLDataType type);

} // namespace attn::run

#endif // ATTN_TOOLS_ATTN_RUN_ELEMENTS_H
