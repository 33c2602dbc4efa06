//===- DimensionClasses.h - Which extents must be equal ---------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A function's type says `?` where it means "the batch" or "the keys". This
// works out, from the ops of its body, which dimensions of which tensors are
// the same extent, and what to call it.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_ANALYSIS_DIMENSIONCLASSES_H
#define ATTN_ANALYSIS_DIMENSIONCLASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"

namespace attn {

class AttentionOp;
struct HeadLayout;
class ProjectHeadsOp;
class AppendOp;
class LinearAttentionOp;
class MergeHeadsOp;
class MergePartialsOp;

/// A union-find over the dimensions of all tensors of one function.
class DimensionClasses {
public:
  /// With `withLoads`, where a region reads a captured tensor at exactly `b`,
  /// `i` or `j` counts too: nothing but the entry's check of its arguments
  /// makes that true.
  explicit DimensionClasses(mlir::func::FuncOp func, bool withLoads = true);

  /// Makes two dimensions the same, unless both are static and differ.
  void unite(mlir::Value a, unsigned dimA, mlir::Value b, unsigned dimB);

  /// A number for the class of dimension `dim` of `value`.
  int classOf(mlir::Value value, unsigned dim);
  /// The static extent of a class, or `ShapedType::kDynamic`.
  int64_t extentOf(int cls) { return nodes[find(cls)].extent; }
  /// What the ops call it: "B", "SQ", "SK", "S"; empty if nothing does.
  llvm::StringRef nameOf(int cls) { return nodes[find(cls)].name; }

private:
  struct Node {
    int parent;
    int64_t extent;
    llvm::StringRef name;
    int priority; ///< Of the name: lower wins.
  };

  int find(int node);
  int unite(int a, int b);
  void name(mlir::Value value, unsigned dim, llvm::StringRef name,
            int priority = 0);

  void visit(mlir::Operation *op);
  void visitAttention(AttentionOp op);
  void visitGroups(AttentionOp op, const HeadLayout &layout);
  void visitProjectHeads(ProjectHeadsOp op);
  void visitMergeHeads(MergeHeadsOp op);
  void visitMergePartials(MergePartialsOp op);
  void visitLinearAttention(LinearAttentionOp op);
  void visitAppend(AppendOp op);
  void visitRegionLoads(AttentionOp op, mlir::Region &region);
  void visitReshape(mlir::Value expanded, mlir::Value collapsed,
                    llvm::ArrayRef<llvm::SmallVector<int64_t, 2>> groups);

  llvm::DenseMap<std::pair<mlir::Value, unsigned>, int> ids;
  llvm::SmallVector<Node> nodes;
  bool withLoads;
};

} // namespace attn

#endif // ATTN_ANALYSIS_DIMENSIONCLASSES_H
