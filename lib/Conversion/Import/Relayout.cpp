//===- Relayout.cpp - Bring a tensor into the dimensions that an op wants
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Relayout.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace attn::raising;

/// The digits of several positions in one list, without the constants.
static Index flatten(ArrayRef<Index> indices) {
  Index result;
  for (const Index &index : indices)
    llvm::copy_if(index, std::back_inserter(result),
                  [](const Digit &digit) { return !digit.isConstant(); });
  return result;
}

bool attn::raising::needsCopy(const IndexedTensor &source,
                              ArrayRef<Index> wanted) {
  return flatten(source.index) != flatten(wanted);
}

namespace {
/// Works on `tensor` step by step; `index` always says what it holds.
class Relayouter {
public:
  Relayouter(OpBuilder &builder, Location loc, const IndexedTensor &source)
      : builder(builder), loc(loc), tensor(source.tensor), index(source.index) {
  }

  LogicalResult run(ArrayRef<Index> dimensions);
  Value getResult() const { return tensor; }

private:
  RankedTensorType type() const {
    return cast<RankedTensorType>(tensor.getType());
  }
  void sliceConstants();
  LogicalResult expandToDigits();
  LogicalResult broadcastMissing(ArrayRef<Digit> wanted);
  void transposeTo(ArrayRef<Digit> wanted);
  LogicalResult groupTo(ArrayRef<Index> wanted);

  OpBuilder &builder;
  Location loc;
  Value tensor;
  SmallVector<Index> index;
};
} // namespace

/// Selects where the position is a constant above, or all of, a dimension.
void Relayouter::sliceConstants() {
  SmallVector<OpFoldResult> offsets, sizes;
  SmallVector<int64_t> kept;
  SmallVector<Index> remaining;
  bool any = false;
  for (auto [dim, at] : llvm::enumerate(index)) {
    if (at.empty() || !at.front().isConstant()) {
      offsets.push_back(builder.getIndexAttr(0));
      sizes.push_back(tensor::getMixedSize(builder, loc, tensor, dim));
      kept.push_back(type().getDimSize(dim));
      remaining.push_back(at);
      continue;
    }
    any = true;
    ArrayRef<Digit> below = ArrayRef<Digit>(at).drop_front();
    int64_t size = extentOf(below);
    offsets.push_back(builder.getIndexAttr(at.front().stride * size));
    sizes.push_back(builder.getIndexAttr(size));
    if (below.empty())
      continue;
    kept.push_back(size);
    remaining.push_back(Index(below));
  }
  if (!any)
    return;
  SmallVector<OpFoldResult> strides(sizes.size(), builder.getIndexAttr(1));
  auto sliced = RankedTensorType::get(kept, type().getElementType());
  tensor = tensor::ExtractSliceOp::create(builder, loc, sliced, tensor, offsets,
                                          sizes, strides);
  index = remaining;
}

/// One dimension for each digit; dimensions of size 1 go.
LogicalResult Relayouter::expandToDigits() {
  SmallVector<int64_t> sizes;
  SmallVector<ReassociationIndices> groups;
  SmallVector<Index> digits;
  bool expands = false, hasUnits = false;
  for (auto [dim, at] : llvm::enumerate(index)) {
    groups.emplace_back();
    expands |= at.size() > 1;
    hasUnits |= at.empty();
    if (at.empty()) {
      groups.back().push_back(sizes.size());
      sizes.push_back(type().getDimSize(dim));
      digits.emplace_back();
    }
    for (const Digit &digit : at) {
      groups.back().push_back(sizes.size());
      sizes.push_back(at.size() == 1 ? type().getDimSize(dim) : digit.extent);
      digits.push_back({digit});
    }
    if (llvm::count_if(at, [](const Digit &digit) {
          return ShapedType::isDynamic(digit.extent);
        }) > 1)
      return failure();
  }
  if (expands) {
    tensor = tensor::ExpandShapeOp::create(
        builder, loc, RankedTensorType::get(sizes, type().getElementType()),
        tensor, groups);
    index = digits;
  }
  // Constants that were below other digits are dimensions of their own now.
  if (llvm::any_of(index, [](const Index &at) {
        return !at.empty() && at.front().isConstant();
      }))
    sliceConstants();
  if (!hasUnits)
    return success();
  SmallVector<ReassociationIndices> joined;
  SmallVector<Index> kept;
  for (auto [dim, at] : llvm::enumerate(index)) {
    if (joined.empty() || (!at.empty() && !kept.back().empty()))
      joined.emplace_back(), kept.emplace_back();
    joined.back().push_back(dim);
    if (!at.empty())
      kept.back() = at;
  }
  if (kept.size() == 1 && kept.front().empty())
    joined.clear(), kept.clear();
  tensor = tensor::CollapseShapeOp::create(builder, loc, tensor, joined);
  index = kept;
  return success();
}

/// Adds the dimensions that the source lacks, in front.
LogicalResult Relayouter::broadcastMissing(ArrayRef<Digit> wanted) {
  SmallVector<int64_t> added, sizes;
  SmallVector<Index> grown;
  for (const Digit &digit : wanted)
    if (!llvm::is_contained(flatten(index), digit)) {
      if (ShapedType::isDynamic(digit.extent))
        return failure();
      added.push_back(added.size());
      sizes.push_back(digit.extent);
      grown.push_back({digit});
    }
  if (added.empty())
    return success();
  SmallVector<OpFoldResult> mixed;
  for (int64_t size : sizes)
    mixed.push_back(builder.getIndexAttr(size));
  llvm::append_range(mixed, tensor::getMixedSizes(builder, loc, tensor));
  Value init =
      tensor::EmptyOp::create(builder, loc, mixed, type().getElementType());
  tensor = linalg::BroadcastOp::create(builder, loc, tensor, init, added)
               ->getResult(0);
  llvm::append_range(grown, index);
  index = grown;
  return success();
}

void Relayouter::transposeTo(ArrayRef<Digit> wanted) {
  Index current = flatten(index);
  SmallVector<int64_t> permutation;
  SmallVector<OpFoldResult> sizes;
  SmallVector<Index> permuted;
  for (const Digit &digit : wanted) {
    permutation.push_back(llvm::find(current, digit) - current.begin());
    sizes.push_back(
        tensor::getMixedSize(builder, loc, tensor, permutation.back()));
    permuted.push_back({digit});
  }
  if (llvm::is_sorted(permutation))
    return;
  Value init =
      tensor::EmptyOp::create(builder, loc, sizes, type().getElementType());
  tensor = linalg::TransposeOp::create(builder, loc, tensor, init, permutation)
               ->getResult(0);
  index = permuted;
}

/// Joins digits to the wanted dimensions and adds those of size 1.
LogicalResult Relayouter::groupTo(ArrayRef<Index> wanted) {
  SmallVector<ReassociationIndices> joins, units;
  SmallVector<int64_t> sizes;
  unsigned next = 0;
  for (const Index &at : wanted) {
    if (at.empty())
      continue;
    ReassociationIndices &join = joins.emplace_back();
    for (unsigned i = 0; i < at.size(); ++i)
      join.push_back(next++);
  }
  if (joins.size() != next)
    tensor = tensor::CollapseShapeOp::create(builder, loc, tensor, joins);
  if (joins.size() == wanted.size())
    return success();
  // Leading dimensions of size 1 go with the first other one, later ones with
  // the one before them.
  next = 0;
  for (const Index &at : wanted) {
    if (units.empty() || (!at.empty() && next > 0))
      units.emplace_back();
    units.back().push_back(sizes.size());
    sizes.push_back(at.empty() ? 1 : type().getDimSize(next));
    next += !at.empty();
  }
  if (joins.empty())
    units.clear();
  tensor = tensor::ExpandShapeOp::create(
      builder, loc, RankedTensorType::get(sizes, type().getElementType()),
      tensor, units);
  return success();
}

/// Whether some dimension of `wanted` has `second` right below `first`.
static bool haveNeighbours(ArrayRef<Index> wanted, const Digit &first,
                           const Digit &second) {
  return llvm::any_of(wanted, [&](const Index &at) {
    const Digit *found = llvm::find(at, first);
    return found != at.end() && found + 1 != at.end() && found[1] == second;
  });
}

/// Makes one digit of those that stay side by side, so that no reshape takes
/// them apart only for the next one to join them.
static void coarsen(SmallVectorImpl<Index> &source,
                    SmallVectorImpl<Index> &wanted) {
  // Above all numbers of loop variables.
  int nextVariable = std::numeric_limits<int>::max();
  for (Index &at : source)
    for (unsigned i = 0; i + 1 < at.size();) {
      Digit first = at[i], second = at[i + 1];
      if (!haveNeighbours(wanted, first, second)) {
        ++i;
        continue;
      }
      Digit joined{nextVariable--, 1, extentOf({first, second})};
      at[i] = joined;
      at.erase(at.begin() + i + 1);
      for (Index &other : wanted)
        if (Digit *found = llvm::find(other, first); found != other.end()) {
          *found = joined;
          other.erase(found + 1);
        }
    }
}

LogicalResult Relayouter::run(ArrayRef<Index> dimensions) {
  SmallVector<Index> wanted(dimensions);
  coarsen(index, wanted);
  Index flat = flatten(wanted);
  Index have = flatten(index);
  for (auto [at, digit] : llvm::enumerate(have))
    if (!llvm::is_contained(flat, digit) ||
        llvm::is_contained(ArrayRef<Digit>(have).drop_front(at + 1), digit))
      return failure();
  if (index == wanted)
    return success();
  sliceConstants();
  if (index == wanted)
    return success();
  if (failed(expandToDigits()) || failed(broadcastMissing(flat)))
    return failure();
  transposeTo(flat);
  return groupTo(wanted);
}

FailureOr<Value> attn::raising::relayout(OpBuilder &builder, Location loc,
                                         const IndexedTensor &source,
                                         ArrayRef<Index> wanted) {
  Relayouter relayouter(builder, loc, source);
  if (failed(relayouter.run(wanted)))
    return failure();
  return relayouter.getResult();
}
