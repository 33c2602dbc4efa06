//===- TensorExpr.h - What one element of a tensor is computed from
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads a tensor program as scalar expressions: `tensor[position]` is expanded,
// one step at a time and only when somebody asks, into the expression that the
// defining op computes there. Named and generic linalg ops, reshapes, slices
// and element-wise arithmetic all expand alike, so whoever looks for a shape of
// computation sees what is computed, not how a front end spelled it.
//
// What can't be expanded stays an access to that tensor, which is always right.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_TENSOREXPR_H
#define ATTN_LIB_CONVERSION_IMPORT_TENSOREXPR_H

#include "IndexDigits.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <deque>

namespace attn::raising {

enum class ReductionKind { Sum, Max, And, Or };

struct Expr {
  enum class Kind {
    Access,   ///< `value[index...]`
    Position, ///< the number `index.front()` stands for
    Constant, ///< `constant`
    Scalar,   ///< `value`, defined outside of any tensor op
    Apply,    ///< `op` (element-wise) on `operands`
    Reduce,   ///< over all of `variables`, of `operands.front()`
    Softmax,  ///< linalg.softmax of `operands.front()` along `index.front()`
  };

  Kind kind;
  mlir::Type type; ///< Of the element.
  mlir::Value value;
  llvm::SmallVector<Index> index;
  mlir::TypedAttr constant;
  mlir::Operation *op = nullptr; ///< Of Apply; for reductions the tensor op.
  llvm::SmallVector<const Expr *> operands;
  ReductionKind reduction = ReductionKind::Sum;
  llvm::SmallVector<int> variables;

  bool is(Kind other) const { return kind == other; }
  template <typename Op>
  bool isApply() const {
    return kind == Kind::Apply && llvm::isa<Op>(op);
  }
};

/// Owns expressions and loop variables, and expands accesses.
class TensorExprs {
public:
  /// A dimension of a tensor.
  using Dimension = std::pair<mlir::Value, int64_t>;
  /// A new loop variable over `dimension`, as a position of its whole range.
  Index newVariable(Dimension dimension);
  /// One new variable for each dimension of `tensor`, and the access there.
  const Expr *accessWhole(mlir::Value tensor);
  const Expr *access(mlir::Value tensor, llvm::ArrayRef<Index> index);
  const Expr *apply(mlir::Operation *op, llvm::ArrayRef<const Expr *> operands);

  /// One step of the definition of an access; null if there is none.
  const Expr *expand(const Expr *access);
  /// The access behind all reshapes, transposes, slices and broadcasts.
  const Expr *viewSource(const Expr *expr);
  /// The furthest access behind them in which no dimension joins several of
  /// unknown size, so that it can be taken apart again.
  const Expr *separableSource(const Expr *expr);
  /// What is computed behind them; the source itself if it can't be expanded.
  const Expr *definition(const Expr *expr);

  /// The value of a constant or splat, as a number.
  std::optional<double> constantValue(const Expr *expr);
  /// `expr` without widening and narrowing of floats.
  const Expr *skipFloatCasts(const Expr *expr);
  /// Whether the value depends on any of the variables.
  bool dependsOnAny(const Expr *expr, llvm::ArrayRef<int> variables);

  /// The range of a variable, or `kDynamic`.
  int64_t extent(int variable) const;

private:
  class BodyReader;

  Expr *make(Expr::Kind kind, mlir::Type type);
  const Expr *expandUncached(const Expr *access);
  const Expr *expandLinalg(mlir::linalg::LinalgOp op, mlir::OpResult result,
                           const Expr *access);
  mlir::FailureOr<llvm::SmallVector<Index>>
  splitDims(mlir::Value tensor, llvm::ArrayRef<int64_t> dims, Index index);
  const Expr *expandSlice(mlir::Operation *op, const Expr *access);

  std::deque<Expr> arena;
  /// What each variable runs over.
  llvm::SmallVector<Dimension> ranges;
  llvm::DenseMap<const Expr *, const Expr *> expansions;
};

/// The two factors if `reduce` is a sum of products.
std::optional<std::pair<const Expr *, const Expr *>>
matchContraction(TensorExprs &exprs, const Expr *reduce);

/// Whether two expressions compute the same, where the `free` variables of `b`
/// (those of a reduction) may stand for positions of `a`: `bindings` tells
/// which.
using Bindings = llvm::SmallDenseMap<int, Index>;
bool unify(TensorExprs &exprs, const Expr *a, const Expr *b,
           llvm::ArrayRef<int> free, Bindings &bindings);

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_TENSOREXPR_H
