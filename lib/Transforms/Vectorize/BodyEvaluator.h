//===- BodyEvaluator.h - The body of a linalg op on vectors
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Evaluates the body of a `linalg.generic` for one vector of its iteration
// space. A body value that does not depend on the lane dimension stays a scalar
// and is broadcast where it meets a vector; each value is computed once for the
// coordinates that it depends on.
//
// Positions in lanes are i32 vectors (i64 where the body mixes them with index
// values of unknown size), never vectors of index.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_VECTORIZE_BODYEVALUATOR_H
#define ATTN_LIB_TRANSFORMS_VECTORIZE_BODYEVALUATOR_H

#include "attn/Support/IRBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "llvm/ADT/DenseMap.h"
#include <map>

namespace attn {

/// Tensors whose elements are known as vectors, so that reading them needs no
/// memory: results of vectorised ops, and fills.
struct RegisterFile {
  struct Tile {
    llvm::SmallVector<mlir::Value> vectors; ///< Row-major; chunks innermost.
    int64_t chunks;                         ///< Vectors in one row.
  };
  llvm::DenseMap<mlir::Value, Tile> tiles;
  llvm::DenseMap<mlir::Value, mlir::Value> fills;  ///< The scalar everywhere.
  llvm::DenseMap<mlir::Value, mlir::Value> blanks; ///< What a fill wrote over.

  /// Before `op` is erased: another op may be created at its address.
  void forget(mlir::Operation *op) {
    for (mlir::Value result : op->getResults()) {
      tiles.erase(result);
      fills.erase(result);
      blanks.erase(result);
    }
  }
};

/// `dim * 2 + second` as an index: two elements side by side.
struct PairIndex {
  unsigned dim, second;
};
/// The pair that `expr` is, or nothing.
std::optional<PairIndex> asPair(mlir::AffineExpr expr);

/// One vector of the iteration space: a coordinate for each dimension, the
/// first position of the vector for the lane dimension.
using Point = llvm::SmallVector<mlir::OpFoldResult>;

class BodyEvaluator {
public:
  /// With `second`, a dimension of two, lanes run over the positions
  /// `2 * laneDim + second`.
  BodyEvaluator(mlir::linalg::LinalgOp op, unsigned laneDim, int64_t lanes,
                const RegisterFile &registers,
                std::optional<unsigned> second = std::nullopt);

  /// What the body yields at `point`, with the current values of the outputs.
  llvm::SmallVector<mlir::Value> yields(IRBuilder &b, const Point &point,
                                        mlir::ValueRange outputs);

  /// The body of a contraction of pairs, `acc + a0 * b0 + a1 * b1` with `a` and
  /// `b` extended: a `vector.contract` over the two, dimension `second`.
  mlir::Value contractPairs(IRBuilder &b, const Point &point, mlir::Value acc,
                            unsigned second);
  /// Whether the body is that, with `second` the dimension of the two.
  bool isPairContraction(unsigned second);

  /// Reads `tensor` at `point` through `map`: a vector where the map's last
  /// result is the lane dimension (or a pair of it), else a scalar.
  mlir::Value read(IRBuilder &b, mlir::Value tensor, mlir::AffineMap map,
                   const Point &point);

  /// Reads every input that does not depend on `without` at `point`.
  void readInputs(IRBuilder &b, const Point &point, unsigned without);

  /// Forgets what was computed, but for what is kept: its place no longer
  /// dominates.
  void enterBlock();
  /// Keeps what was computed so far, until `release`, for the blocks inside.
  void keep();
  void release();

  /// Gives `value` instead of evaluating it, for every point.
  void substitute(mlir::Value value, mlir::Value with) { given[value] = with; }
  mlir::Value evaluate(IRBuilder &b, mlir::Value value, const Point &point);
  /// Whether the value differs between the lanes of a vector.
  bool isVarying(mlir::Value value) { return dependencies(value) & laneBit; }

  mlir::Value toVector(IRBuilder &b, mlir::Value value);
  int64_t getLanes() const { return lanes; }

private:
  /// A bit for each dimension, and one for the outputs' current values.
  using Mask = uint64_t;
  static constexpr Mask accumulatorBit = Mask(1) << 63;
  Mask dependencies(mlir::Value value);
  mlir::Value compute(IRBuilder &b, mlir::Value value, const Point &point);
  mlir::Value computeExtract(IRBuilder &b, mlir::tensor::ExtractOp op,
                             const Point &point);
  /// The same where only the last index varies, and in a way that takes fewer
  /// loads than lanes, or null.
  mlir::Value extractAlongLanes(IRBuilder &b, mlir::tensor::ExtractOp op,
                                const Point &point);
  /// Several lanes in turn read the same element.
  mlir::Value extractRepeated(IRBuilder &b, mlir::tensor::ExtractOp op,
                              const Point &point);
  /// Positions are arbitrary.
  mlir::Value extractByLane(IRBuilder &b, mlir::tensor::ExtractOp op,
                            const Point &point);
  /// `count` elements from index `last` of the last dimension on.
  mlir::Value readElements(IRBuilder &b, mlir::tensor::ExtractOp op,
                           mlir::Value last, int64_t count, bool inBounds,
                           const Point &point);
  mlir::Value computeElementwise(IRBuilder &b, mlir::Operation *op,
                                 const Point &point);
  /// The value that `index` has at `point`, at the start of dimension `dim`, if
  /// it grows by one along that, else null. `bounded` becomes true if a minimum
  /// was left out: what is read beyond is of no interest.
  mlir::Value contiguousBase(IRBuilder &b, mlir::Value index, unsigned dim,
                             const Point &point, bool &bounded);
  /// Reads element (row(lane), column) of the last two dimensions for as many
  /// columns as are adjacent along an unrolled dimension, and transposes them
  /// in registers; gives the one at `point` and remembers the others. Null
  /// where the load is not of this form.
  mlir::Value extractTransposed(IRBuilder &b, mlir::tensor::ExtractOp extract,
                                const Point &point);
  /// The dimension along which those columns are adjacent.
  std::optional<unsigned> adjacentDim(mlir::tensor::ExtractOp extract);
  bool isAligned(mlir::Value index);
  /// How many lanes in turn have the same value of `index`, a division of a
  /// position in the lanes (two features in a byte, a scale for a group).
  std::optional<int64_t> repeatsInLanes(mlir::Value index);
  /// The vectors of both elements of the pairs at `point`, side by side.
  mlir::Value readPairs(IRBuilder &b, mlir::Value tensor, mlir::AffineMap map,
                        Point point);
  /// The evaluator of both elements of each lane's pair.
  BodyEvaluator &pairs(unsigned second);
  bool isPairPosition(mlir::Value index, unsigned second);
  /// The dimension of two that `index`, a position of pairs in the lanes, has.
  std::optional<unsigned> pairDimOf(mlir::Value index);
  /// Whether what the lanes of `value` read lies side by side.
  bool readsRows(mlir::Value value);
  mlir::Value interleavePairs(IRBuilder &b, mlir::Value factor,
                              const Point &point, unsigned second);
  /// The pair that one factor of a contraction is at `point`, for each lane.
  mlir::Value pairFactor(IRBuilder &b, mlir::Value factor, const Point &point,
                         unsigned second);
  mlir::OpFoldResult coordinate(IRBuilder &b, mlir::AffineExpr expr,
                                const Point &point);
  /// The coordinates of `point` that `value` depends on.
  mlir::SmallVector<mlir::OpFoldResult> coordinatesOf(mlir::Value value,
                                                      const Point &point);
  mlir::Value &remembered(mlir::Value value,
                          llvm::ArrayRef<mlir::OpFoldResult> coordinates);
  mlir::Type vectorType(mlir::Type element);
  /// `count` elements of the last dimension from `start` on; zeros beyond the
  /// tensor, unless they are known to be `inBounds`.
  mlir::Value readVector(IRBuilder &b, mlir::Value tensor,
                         mlir::ValueRange start, int64_t count, bool inBounds);
  mlir::Value materialize(IRBuilder &b, mlir::OpFoldResult coordinate);
  bool isPartial(const Point &point) const;

  mlir::linalg::LinalgOp op;
  mlir::Block *body;
  unsigned laneDim;
  std::optional<unsigned> second;
  int64_t lanes;
  int64_t laneExtent; ///< Positions that lanes run over.
  Mask laneBit;
  mlir::IntegerType indexType;
  const RegisterFile &registers;
  mlir::ValueRange outputs;
  llvm::DenseMap<mlir::Value, mlir::Value> given;
  llvm::DenseMap<mlir::Value, Mask> depends;
  std::unique_ptr<BodyEvaluator> ofPairs;
  std::map<std::pair<void *, std::vector<void *>>, mlir::Value> memo, kept;
};

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_VECTORIZE_BODYEVALUATOR_H
