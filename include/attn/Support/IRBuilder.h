//===- IRBuilder.h - Short spellings for IR that passes write
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes of attn-mlir write much index arithmetic, many slices and small linalg
// ops. `IRBuilder` is an OpBuilder with a location and those spellings, so that
// a pass reads like the loop nest that it writes.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_SUPPORT_IRBUILDER_H
#define ATTN_SUPPORT_IRBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"

namespace attn {

class IRBuilder : public mlir::OpBuilder {
public:
  IRBuilder(mlir::OpBuilder &builder, mlir::Location loc)
      : mlir::OpBuilder(builder), loc(loc) {}

  mlir::Location getLoc() const { return loc; }

  //===--- Scalars --------------------------------------------------------===//

  mlir::Value index(int64_t value);
  mlir::Value floating(mlir::Type type, double value);
  mlir::Value add(mlir::Value a, mlir::Value b);
  mlir::Value add(mlir::Value a, int64_t b) { return add(a, index(b)); }
  mlir::Value sub(mlir::Value a, mlir::Value b);
  mlir::Value mul(mlir::Value a, int64_t b);
  mlir::Value min(mlir::Value a, mlir::Value b);
  mlir::Value max(mlir::Value a, mlir::Value b);
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value a,
                      mlir::Value b);
  /// The larger number; NaN in `a` is kept out, NaN in `b` is kept. One
  /// instruction on x86.
  mlir::Value maxNumber(mlir::Value a, mlir::Value b);
  /// Floating-point ops that may fuse into a multiply-add.
  mlir::Value addf(mlir::Value a, mlir::Value b);
  mlir::Value mulf(mlir::Value a, mlir::Value b);
  /// A number (float or signed integer) as another floating-point type.
  mlir::Value convert(mlir::Value number, mlir::Type type);

  //===--- Tensors --------------------------------------------------------===//

  /// The run-time size of `dim`; a constant where it is static.
  mlir::Value dim(mlir::Value tensor, int64_t dim);
  mlir::Value empty(llvm::ArrayRef<mlir::OpFoldResult> sizes,
                    mlir::Type element);
  /// A tensor of its own: two empty tensors of the same type may become one.
  mlir::Value scratch(llvm::ArrayRef<int64_t> sizes, mlir::Type element);
  mlir::Value scratch(llvm::ArrayRef<mlir::OpFoldResult> sizes,
                      mlir::Type element);
  mlir::Value filled(mlir::Value tensor, double value);
  /// `tensor[offsets][sizes]`, dropping the unit dimensions that `type`, if
  /// given, does not have.
  mlir::Value slice(mlir::Value tensor,
                    llvm::ArrayRef<mlir::OpFoldResult> offsets,
                    llvm::ArrayRef<mlir::OpFoldResult> sizes,
                    mlir::RankedTensorType type = {});
  mlir::Value insert(mlir::Value source, mlir::Value into,
                     llvm::ArrayRef<mlir::OpFoldResult> offsets,
                     llvm::ArrayRef<mlir::OpFoldResult> sizes);
  mlir::Value extract(mlir::Value tensor, mlir::ValueRange indices);
  /// The same of a tensor of integers, as an index.
  mlir::Value extractIndex(mlir::Value tensor, mlir::ValueRange indices);

  //===--- Loops and linalg -----------------------------------------------===//

  using LoopBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      IRBuilder &, mlir::Value, mlir::ValueRange)>;
  /// `scf.for iv = lower to upper step step iter_args(inits)`.
  mlir::ResultRange loop(mlir::Value lower, mlir::Value upper, int64_t step,
                         mlir::ValueRange inits, LoopBody body);

  using Branch =
      llvm::function_ref<llvm::SmallVector<mlir::Value>(IRBuilder &)>;
  mlir::ResultRange conditional(mlir::Value condition, mlir::TypeRange types,
                                Branch then, Branch otherwise);

  using GenericBody = llvm::function_ref<llvm::SmallVector<mlir::Value>(
      IRBuilder &, mlir::ValueRange)>;
  /// A `linalg.generic` over `iterators` ('p' parallel, 'r' reduction, one
  /// letter a dimension). `inputMaps` and `outputMaps` list the dimensions that
  /// index each operand.
  mlir::ResultRange generic(llvm::StringRef iterators, mlir::ValueRange inputs,
                            llvm::ArrayRef<llvm::ArrayRef<unsigned>> inputMaps,
                            mlir::ValueRange outputs,
                            llvm::ArrayRef<llvm::ArrayRef<unsigned>> outputMaps,
                            GenericBody body);

  /// A dimension of an op and its static extent.
  using Extent = std::pair<unsigned, int64_t>;
  /// The same, with a map for each input and then each output, where dimensions
  /// alone do not say it (`2 * lane + p`). `extents` are those of the
  /// dimensions that no map has by itself.
  mlir::ResultRange generic(llvm::StringRef iterators, mlir::ValueRange inputs,
                            mlir::ValueRange outputs,
                            llvm::ArrayRef<mlir::AffineMap> maps,
                            llvm::ArrayRef<Extent> extents, GenericBody body);
  /// Dimension `d` of a map of such an op.
  mlir::AffineExpr d(unsigned dim) { return getAffineDimExpr(dim); }
  /// The position along dimension `dim`, in the body of such an op.
  mlir::Value indexOf(unsigned dim);

  /// Clones the region's block with `arguments` and returns what it yields.
  mlir::Value inlineRegion(mlir::Region &region, mlir::ValueRange arguments);

private:
  mlir::Location loc;
};

} // namespace attn

#endif // ATTN_SUPPORT_IRBUILDER_H
