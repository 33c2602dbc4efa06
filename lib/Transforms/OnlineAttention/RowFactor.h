//===- RowFactor.h - What all features of a key or value share
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A load region (`attn.online_attention`) may end with a multiplication by a
// number that does not depend on the feature, such as the scale of a quantised
// row. It can multiply the row's score, or its probability, instead of every
// element: what is left of these is then often exact in bf16.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_ROWFACTOR_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_ROWFACTOR_H

#include "attn/Support/IRBuilder.h"

namespace attn {

class RowFactor {
public:
  /// None.
  RowFactor() = default;
  /// That of `load`, if it has one.
  explicit RowFactor(mlir::Region &load);

  explicit operator bool() const { return load != nullptr; }
  /// The factor of `row`.
  mlir::Value of(IRBuilder &b, mlir::Value row) const;
  /// Element (row, feature) of `load` without this factor, or with all of it
  /// where there is none.
  mlir::Value element(IRBuilder &b, mlir::Region &load, mlir::Value row,
                      mlir::Value feature) const;

private:
  mlir::Region *load = nullptr;
  unsigned operand = 0; ///< Of the multiplication that ends the region.
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_ROWFACTOR_H
