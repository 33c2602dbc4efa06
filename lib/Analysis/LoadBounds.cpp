//===- LoadBounds.cpp - Which loads of a region stay in their tensor
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/LoadBounds.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/KeyLists.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Guards.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace attn;
using namespace attn::mask;

//===----------------------------------------------------------------------===//
// Ranges
//===----------------------------------------------------------------------===//

llvm::DenseMap<Value, Bounds> attn::boundsInRegion(Region &region,
                                                   ArrayRef<Bounds> arguments) {
  llvm::DenseMap<Value, Bounds> known;
  for (auto [argument, bounds] :
       llvm::zip_equal(region.getArguments(), arguments))
    if (Bounds::ofType(argument.getType()))
      known.try_emplace(argument, bounds);
  // In order: each op finds what its operands are.
  for (Operation &op : region.front().without_terminator())
    for (Value result : op.getResults())
      if (Bounds::ofType(result.getType()))
        known.try_emplace(result, staticBounds(result, known));
  return known;
}

/// Whether `value` is a size, or a number that is kept below one.
static bool isAtMostASize(Value value) {
  if (value.getDefiningOp<tensor::DimOp>())
    return true;
  auto least = value.getDefiningOp<arith::MinSIOp>();
  return least &&
         llvm::any_of(least->getOperands(),
                      [](Value operand) {
                        return operand.getDefiningOp<tensor::DimOp>();
                      }) &&
         staticBounds(value, llvm::DenseMap<Value, Bounds>()).min >= 0;
}

llvm::DenseMap<Value, Bounds> attn::boundsInRegion(AttentionOp op,
                                                   Region &region) {
  AttentionShape shape = getAttentionShape(op);
  auto below = [](int64_t size) {
    return ShapedType::isDynamic(size)
               ? positionBounds
               : Bounds{0, std::max<int64_t>(size - 1, 0)};
  };
  SmallVector<Bounds> arguments(region.getNumArguments(), positionBounds);
  // Positions of a tile are those of a larger attention.
  if (op.getOffsets().empty()) {
    MutableArrayRef<Bounds> positions(arguments.end() - 4, 4);
    if (!shape.isPacked)
      positions[0] = below(shape.batch);
    positions[1] = below(shape.queryHeads);
    positions[2] = below(shape.queries);
    positions[3] = below(shape.keys);
  }
  return boundsInRegion(region, arguments);
}

/// Whether 32 bits change what `region` computes with index values, where
/// lengths and heads are at most these.
static bool needsWideLanes(Region &region, int64_t longest, int64_t heads) {
  constexpr Bounds narrow = {INT32_MIN, INT32_MAX};
  SmallVector<Bounds> arguments(region.getNumArguments(), {0, longest - 1});
  arguments[region.getNumArguments() - 3] = {0, heads - 1};
  llvm::DenseMap<Value, Bounds> known = boundsInRegion(region, arguments);
  auto boundsOf = [&](Value value) {
    if (isAtMostASize(value))
      return Bounds{0, longest};
    return staticBounds(value, known);
  };
  // Sizes are as small as positions.
  for (auto &[value, bounds] : known)
    if (value.getDefiningOp<tensor::DimOp>())
      bounds = bounds.intersect({0, longest});
  WalkResult result = region.walk([&](Operation *op) {
    bool isIndex = false;
    for (ValueRange values :
         {ValueRange(op->getOperands()), ValueRange(op->getResults())})
      for (Value value : values) {
        if (value.getType().isInteger(64))
          return WalkResult::interrupt();
        if (!value.getType().isIndex())
          continue;
        isIndex = true;
        if (!narrow.contains(boundsOf(value)))
          return WalkResult::interrupt();
      }
    if (!isIndex)
      return WalkResult::advance();
    // A negative number is another one in fewer bits, if it has no sign.
    if (isa<arith::DivUIOp, arith::CeilDivUIOp, arith::RemUIOp, arith::ShRUIOp,
            arith::IndexCastUIOp>(op))
      for (Value operand : op->getOperands())
        if (boundsOf(operand).min < 0)
          return WalkResult::interrupt();
    if (isa<arith::ShLIOp, arith::ShRSIOp, arith::ShRUIOp>(op) &&
        !Bounds{0, 31}.contains(boundsOf(op->getOperand(1))))
      return WalkResult::interrupt();
    return WalkResult::advance();
  });
  return result.wasInterrupted();
}

bool attn::needsWideLanes(Region &region) {
  if (region.empty())
    return false;
  if (region.front().getTerminator()->hasAttr(shortLengthsAttr))
    return ::needsWideLanes(region, shortLength, fewHeads);
  return ::needsWideLanes(region, INT32_MAX, INT32_MAX);
}

bool attn::isNarrowForShortLengths(Region &region) {
  return !region.empty() && ::needsWideLanes(region, INT32_MAX, INT32_MAX) &&
         !::needsWideLanes(region, shortLength, fewHeads);
}

//===----------------------------------------------------------------------===//
// Proofs
//===----------------------------------------------------------------------===//

LoadBounds::LoadBounds(AttentionOp op, Region &region,
                       DimensionClasses &extents)
    : op(op), region(region), extents(extents),
      known(boundsInRegion(op, region)) {}

Bounds LoadBounds::boundsOf(Value value) { return staticBounds(value, known); }

bool LoadBounds::isSame(const Extent &extent, Value tensor, unsigned dim) {
  return extents.classOf(extent.tensor, extent.dim) ==
         extents.classOf(tensor, dim);
}

bool LoadBounds::isExtent(Value value, const Extent &extent) {
  while (auto cast = value.getDefiningOp<arith::IndexCastOp>()) {
    if (!Bounds::ofType(cast.getType())->contains(boundsOf(cast.getIn())))
      return false;
    value = cast.getIn();
  }
  auto size = value.getDefiningOp<tensor::DimOp>();
  return size && size.getConstantIndex() &&
         isSame(extent, size.getSource(), *size.getConstantIndex());
}

bool LoadBounds::isLessThanExtent(Operation *op, const Extent &extent) {
  if (auto sub = dyn_cast<arith::SubIOp>(op))
    return boundsOf(sub.getRhs()).min >= 1 && isExtent(sub.getLhs(), extent);
  if (auto add = dyn_cast<arith::AddIOp>(op))
    return boundsOf(add.getRhs()).max <= -1 && isExtent(add.getLhs(), extent);
  return false;
}

bool LoadBounds::isPositionBelow(BlockArgument position, const Extent &extent) {
  if (position.getParentRegion() != &region || !op.getOffsets().empty())
    return false;
  AttentionShape shape = getAttentionShape(op);
  const HeadLayout &layout = shape.layout;
  switch (position.getArgNumber() + 4 - region.getNumArguments()) {
  case 0:
    return layout.batch && isSame(extent, op.getQuery(), *layout.batch);
  case 1:
    return isSame(extent, op.getQuery(), layout.head);
  case 2:
    return isSame(extent, op.getQuery(), layout.sequence);
  case 3:
    return !shape.isPaged() && isSame(extent, op.getKey(), layout.sequence);
  default:
    return false;
  }
}

/// Whether a cast keeps the number.
static bool isExact(Operation *op, Bounds of) {
  if (isa<arith::IndexCastUIOp, arith::ExtUIOp>(op) && of.min < 0)
    return false;
  return Bounds::ofType(op->getResult(0).getType())->contains(of);
}

bool LoadBounds::isBelow(Value value, Extent &extent) {
  Bounds bounds = boundsOf(value);
  if (!ShapedType::isDynamic(extent.size) && bounds.max < extent.size)
    return true;
  if (bounds.max <= 0) {
    extent.ifNotEmpty = true;
    return true;
  }
  if (auto argument = dyn_cast<BlockArgument>(value))
    return isPositionBelow(argument, extent);
  Operation *def = value.getDefiningOp();
  if (!def || def->getNumRegions())
    return false;
  if (isa<EntryOp>(def)) {
    Value entries = getKeyLists(op)->entries;
    return op.getOffsets().empty() &&
           isSame(extent, entries,
                  cast<RankedTensorType>(entries.getType()).getRank() - 1);
  }
  auto below = [&](unsigned operand) {
    return isBelow(def->getOperand(operand), extent);
  };
  auto within = [&](unsigned operand) {
    return isNotNegative(def->getOperand(operand), extent) && below(operand);
  };
  if (isa<arith::MinSIOp>(def))
    return below(0) || below(1);
  if (isa<arith::MinUIOp, arith::AndIOp>(def))
    return within(0) || within(1);
  if (isa<arith::MaxSIOp>(def))
    return below(0) && below(1);
  if (isa<arith::SelectOp>(def))
    return below(1) && below(2);
  if (isLessThanExtent(def, extent))
    return true;
  if (isa<arith::SubIOp>(def))
    return boundsOf(def->getOperand(1)).min >= 0 &&
           subtract(boundsOf(def->getOperand(0)),
                    boundsOf(def->getOperand(1))) &&
           below(0);
  if (isa<arith::DivUIOp, arith::DivSIOp, arith::FloorDivSIOp>(def))
    return boundsOf(def->getOperand(1)).min >= 1 && within(0);
  if (isa<arith::ShRUIOp, arith::ShRSIOp>(def))
    return within(0);
  if (isa<arith::RemUIOp, arith::RemSIOp>(def)) {
    if (isExtent(withoutGuards(def->getOperand(1)), extent)) {
      extent.ifNotEmpty = true;
      return true;
    }
    return within(0);
  }
  if (isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::ExtSIOp,
          arith::ExtUIOp, arith::TruncIOp>(def))
    return isExact(def, boundsOf(def->getOperand(0))) && below(0);
  return false;
}

bool LoadBounds::isNotNegative(Value value, Extent &extent) {
  if (boundsOf(value).min >= 0)
    return true;
  Operation *def = value.getDefiningOp();
  if (!def || def->getNumRegions())
    return false;
  auto known = [&](unsigned operand) {
    return isNotNegative(def->getOperand(operand), extent);
  };
  if (isa<arith::MaxSIOp, arith::AndIOp>(def))
    return known(0) || known(1);
  if (isa<arith::MinSIOp>(def))
    return known(0) && known(1);
  if (isa<arith::SelectOp>(def))
    return known(1) && known(2);
  if (isa<arith::RemSIOp, arith::ShRSIOp>(def))
    return known(0);
  if (isa<arith::SubIOp, arith::AddIOp>(def)) {
    // The last element of what has one.
    bool isLast = isLessThanExtent(def, extent) &&
                  std::abs(boundsOf(def->getOperand(1)).min) == 1 &&
                  boundsOf(def->getOperand(1)).isConstant();
    extent.ifNotEmpty |= isLast;
    return isLast;
  }
  if (isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(def))
    return isExact(def, boundsOf(def->getOperand(0))) && known(0);
  return false;
}

IndexProof LoadBounds::prove(tensor::ExtractOp load, unsigned dim) {
  Value tensor = load.getTensor(), index = load.getIndices()[dim];
  Extent extent = {tensor, dim,
                   cast<RankedTensorType>(tensor.getType()).getDimSize(dim)};
  bool notNegative = isNotNegative(index, extent);
  bool belowSize = isBelow(index, extent);
  return {notNegative, belowSize, extent.ifNotEmpty};
}
