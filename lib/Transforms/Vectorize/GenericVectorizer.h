//===- GenericVectorizer.h - Loops and vectors for one linalg op
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_VECTORIZE_GENERICVECTORIZER_H
#define ATTN_LIB_TRANSFORMS_VECTORIZE_GENERICVECTORIZER_H

#include "BodyEvaluator.h"
#include "Fetch.h"

namespace attn {

/// Turns a `linalg.generic` or `linalg.fill` into vector code.
///
/// The last dimension of the first output becomes the lanes. As many of the
/// other static dimensions as give at most `maxUnrolled` vectors are unrolled,
/// one vector finished before the next is begun; the rest become loops,
/// parallel ones outside, reductions inside, whose accumulators are carried in
/// registers.
class GenericVectorizer {
public:
  GenericVectorizer(mlir::linalg::LinalgOp op, int64_t vectorBits,
                    RegisterFile &registers);

  /// What keeps the op from becoming vector code; empty if nothing does.
  std::string whyNot();

  /// Replaces the op, and records what its results hold.
  void run(mlir::RewriterBase &rewriter);

private:
  /// More vectors than this would be spilled and re-read from memory anyway.
  static constexpr int64_t maxUnrolled = 32;

  struct Dimension {
    int64_t extent; ///< Static, or kDynamic.
    mlir::Value size;
    bool reduction;
    bool unrolled;
    bool absorbed = false; ///< Two steps that one instruction does.
  };

  unsigned findLaneDim();
  void analyze(IRBuilder &b);
  void chooseUnrolled();
  /// Every combination of the unrolled dimensions with `reduction`.
  llvm::SmallVector<Point> unrolledPoints(bool reduction, const Point &at);
  llvm::SmallVector<unsigned> loops(bool reduction) const;
  int64_t step(unsigned dim) const { return dim == laneDim ? lanes : 1; }

  /// Recursion over the parallel loops `dims`, threading the output tensors.
  llvm::SmallVector<mlir::Value> emitParallel(IRBuilder &b,
                                              llvm::ArrayRef<unsigned> dims,
                                              Point point,
                                              mlir::ValueRange tensors);
  /// The vectors (or lane-wise partial reductions) at every unrolled point.
  llvm::SmallVector<mlir::Value> emitReduction(IRBuilder &b,
                                               llvm::ArrayRef<unsigned> dims,
                                               Point point,
                                               mlir::ValueRange accumulators);
  llvm::SmallVector<mlir::Value> emitFetching(IRBuilder &b, unsigned dim,
                                              Fetches &fetches, Point point,
                                              mlir::ValueRange accumulators);
  llvm::SmallVector<mlir::Value> emitBlock(IRBuilder &b, const Point &point,
                                           mlir::ValueRange tensors);
  /// Writes the vector (or the two of a pair) at `points[slot]`; returns the
  /// tensor.
  mlir::Value emitWrite(IRBuilder &b, unsigned index, unsigned slot,
                        mlir::ValueRange accumulators, mlir::Value into);
  /// The dimension of the two elements of output `index`'s pairs, if it has
  /// pairs in its lanes.
  std::optional<unsigned> pairDim(unsigned index);
  /// Whether output `index` keeps the lane dimension.
  bool keepsLanes(unsigned index);

  mlir::linalg::LinalgOp op;
  RegisterFile &registers;
  unsigned laneDim = 0;
  std::optional<unsigned> pairContraction;
  int64_t lanes = 0;
  llvm::SmallVector<Dimension> dims;
  llvm::SmallVector<Point> points; ///< Unrolled parallel points, last block.
  std::unique_ptr<BodyEvaluator> body;
  llvm::SmallVector<mlir::Value> blockResults;
};

/// A generic that reads a tensor across its lanes, `out[d, lane] =
/// f(in[row(lane), d])`, read as rows and transposed in registers. True if the
/// op had this form and was replaced.
bool vectorizeTransposedRead(mlir::RewriterBase &rewriter,
                             mlir::linalg::LinalgOp op, int64_t vectorBits);

/// A generic marked `attn.reduce_lanes`, whose last dimension is reduced and
/// lies in the lanes: `out[row, lane] = sum_d f(row, lane, d)` of whole
/// vectors, or `out[row] = sum_d f(row, d)`, all of static extents. True if the
/// op had this form and was replaced.
bool vectorizeLaneReduction(mlir::RewriterBase &rewriter,
                            mlir::linalg::LinalgOp op, int64_t vectorBits,
                            RegisterFile &registers);

/// A generic marked `attn.matrix_tiles`: squares of 16 x 16 sums are values
/// through the whole contraction. True if the op was marked and was replaced.
bool vectorizeMatrixTiles(mlir::RewriterBase &rewriter,
                          mlir::linalg::LinalgOp op, RegisterFile &registers);

/// Number of lanes of an op's vectors: those of its widest floating-point type,
/// or of i32 without one.
int64_t lanesFor(mlir::linalg::LinalgOp op, int64_t vectorBits);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_VECTORIZE_GENERICVECTORIZER_H
