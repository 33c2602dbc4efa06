//===- ProjectionTiler.h - The loops of one projection ------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both projections are one contraction of rows with a weight:
//
//   out[row, n] = activation(bias[n] + sum over (group, depth) of
//                            in[group, row, depth] * W[n, group, depth])
//
// project_heads has one group of depth K and one output head for each run of D
// features n; merge_heads has a group for each head, and one output "head".
//
// A task is a run of rows of one output head of one batch. It walks register
// blocks of rows against blocks of weight columns that were packed beforehand,
// so that a row of a block is contiguous.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_PROJECTION_PROJECTIONTILER_H
#define ATTN_LIB_TRANSFORMS_PROJECTION_PROJECTIONTILER_H

#include "PackWeights.h"
#include "Rotary.h"
#include "attn/Support/Contraction.h"
#include "attn/Support/RegisterTile.h"
#include "attn/Target/TargetSpec.h"
#include "mlir/IR/TypeUtilities.h"

namespace attn {

/// One weight's contraction, whichever op it came from.
struct Projection {
  mlir::Value input;  ///< (batch?, group?, rows, depth) in some order.
  mlir::Value weight; ///< out x (groups * depth).
  mlir::Value bias;   ///< out, or null.
  llvm::StringRef activation;
  std::optional<Rotary> rotary;
  mlir::Value output; ///< An empty tensor of the result's shape.
  // Positions of named dimensions; nothing where an operand lacks it.
  std::optional<unsigned> inputBatch, inputGroup, outputBatch, outputHead;
  unsigned inputRow, inputDepth, outputRow, outputColumn;

  int64_t groups() const { return inputGroup ? size(input, *inputGroup) : 1; }
  int64_t depth() const { return size(input, inputDepth); }
  int64_t heads() const { return outputHead ? size(output, *outputHead) : 1; }
  int64_t columns() const { return size(output, outputColumn); }
  mlir::Type element() const { return getElementTypeOrSelf(input.getType()); }

private:
  static int64_t size(mlir::Value tensor, unsigned dim) {
    return llvm::cast<mlir::RankedTensorType>(tensor.getType()).getDimSize(dim);
  }
};

/// Writes the loops of one projection.
class ProjectionTiler {
public:
  ProjectionTiler(mlir::MLIRContext *context, const Projection &projection,
                  const TargetSpec &spec);
  mlir::Value build(IRBuilder &b, WeightPacker &packer);

private:
  /// A register tile with the weights that were packed for it.
  struct PackedTile {
    RegisterTile shape;
    bool onMatrix; ///< Its columns fit matrix registers.
    mlir::Value weights;
  };

  /// Heights of the blocks that share the rows between them.
  struct Heights {
    int64_t higher, shorter;
    bool onMatrix;
  };

  std::vector<PackedTile> chooseTiles() const;
  mlir::Value buildRows(IRBuilder &b, const PackedTile &tile, mlir::Value rows,
                        mlir::Value into);
  mlir::Value buildBlocks(IRBuilder &b, const PackedTile &tile, Heights heights,
                          mlir::Value rows, mlir::Value into);
  mlir::Value buildRow(IRBuilder &b, const PackedTile &tile, int64_t height,
                       bool onMatrix, mlir::Value row, mlir::Value into);
  mlir::Value buildBlock(IRBuilder &b, const PackedTile &tile, int64_t height,
                         const Factor &input, mlir::Value row,
                         mlir::Value column, mlir::Value into);
  mlir::Value buildMatrixBlock(IRBuilder &b, const PackedTile &tile,
                               int64_t height, const Factor &input,
                               mlir::Value row, mlir::Value column,
                               mlir::Value into);
  Factor readRows(IRBuilder &b, mlir::Value row, int64_t height);
  Factor readWeights(IRBuilder &b, const PackedTile &tile, mlir::Value column);
  mlir::Value readBias(IRBuilder &b, mlir::Value column, int64_t width);
  mlir::Value startSum(IRBuilder &b, mlir::Value sum, mlir::Value column);
  mlir::Value activate(IRBuilder &b, mlir::Value x);

  const Projection &p;
  mlir::Type accumulator; ///< What sums are: f64 of f64, else f32.
  mlir::Type multiplied;  ///< What inputs and weights are when they meet.
  int64_t pack;           ///< How many products one instruction adds to a sum.
  int64_t lanes, registers;
  bool hasMatrix; ///< Registers of 16 rows of 16 pairs, for enough depth.
  std::vector<PackedTile> tiles;
  mlir::Value batch, head, firstRow; ///< Of the task.
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_PROJECTION_PROJECTIONTILER_H
