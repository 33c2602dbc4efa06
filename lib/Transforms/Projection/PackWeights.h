//===- PackWeights.h - Weights in the order that contractions read them
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_PROJECTION_PACKWEIGHTS_H
#define ATTN_LIB_TRANSFORMS_PROJECTION_PACKWEIGHTS_H

#include "attn/Support/IRBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn {

/// A run of equal column blocks of a weight, for every output head.
struct PackedShape {
  int64_t heads, headColumns;
  int64_t columnBegin, columnEnd, columns; ///< Within a head.
  int64_t groups, depth;
  mlir::Type element; ///< What is multiplied; the weight is converted to it.
  int64_t pack; ///< Elements along the depth that lie side by side; divides it.
};

/// Packs weights as `[head, block, group, depth / pack, pack * column + part]`.
/// A weight that is an
/// argument of the function is packed once, by a function `NAME_prepare` of all
/// such weights whose results become arguments of NAME with the attribute
/// `attn.prepared`; any other is packed at each call, where it stands.
class WeightPacker {
public:
  explicit WeightPacker(mlir::func::FuncOp function) : function(function) {}

  /// The packed tensor, for use at `b`.
  mlir::Value pack(IRBuilder &b, mlir::Value weight, const PackedShape &shape);

  /// Writes the end of NAME_prepare, if there is one, and the attributes
  /// `attn.weight_args` and `attn.prepare_of` that tie the two together.
  void finish();

private:
  mlir::Value prepareArgument(mlir::BlockArgument weight,
                              const PackedShape &shape, mlir::Location loc);

  mlir::func::FuncOp function, prepare;
  llvm::SmallVector<int64_t> weightArguments; ///< In the order of prepare's.
  llvm::SmallVector<mlir::Value> results;
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_PROJECTION_PACKWEIGHTS_H
