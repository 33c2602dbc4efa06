//===- PairTable.cpp - Rows of tables that pairs ask for
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PairTable.h"
#include "attn/Analysis/DistanceTerms.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn;

PairTable::PairTable(IRBuilder &b, Region &region, Value table,
                     ValueRange indices)
    : region(&region), table(table) {
  for (unsigned dim = 0; dim < indices.size(); ++dim)
    sizes.push_back(b.dim(table, dim));
  // The last one counts rows, whether they differ or not.
  while (fixed.size() + 1 < indices.size() &&
         dependenceOnPair(region, indices[fixed.size()]) ==
             PairDependence::None)
    fixed.push_back(indices[fixed.size()]);
  varying.assign(indices.begin() + fixed.size(), indices.end());
  ofDistance = llvm::all_of(varying, [&](Value index) {
    return dependenceOnPair(region, index) != PairDependence::Any;
  });
}

SmallVector<Value> PairTable::slice(IRBuilder &b, Value batch,
                                    Value head) const {
  SmallVector<Value> indices =
      emitAtDistance(b, *region, fixed, batch, head, b.index(0));
  for (auto [dim, index] : llvm::enumerate(indices))
    index = clamped(b, index, dim);
  return indices;
}

std::optional<int64_t> PairTable::rowCount() const {
  int64_t count = 1;
  auto type = cast<RankedTensorType>(table.getType());
  for (int64_t size : type.getShape().drop_back().drop_front(fixed.size())) {
    if (ShapedType::isDynamic(size))
      return std::nullopt;
    count *= size;
  }
  return count;
}

Value PairTable::clamped(IRBuilder &b, Value index, unsigned dim) const {
  return b.min(b.max(index, b.index(0)), b.sub(sizes[dim], b.index(1)));
}

Value PairTable::numberOf(IRBuilder &b, ValueRange indices) const {
  Value number;
  for (auto [at, index] : llvm::enumerate(indices)) {
    unsigned dim = fixed.size() + at;
    Value next = clamped(b, index, dim);
    number = number ? b.add(b.createOrFold<arith::MulIOp>(b.getLoc(), number,
                                                          sizes[dim]),
                            next)
                    : next;
  }
  return number;
}

Value PairTable::row(IRBuilder &b, ValueRange position) const {
  return numberOf(b, emitAtPosition(b, *region, varying, position));
}

Value PairTable::rowAtDistance(IRBuilder &b, Value batch, Value head,
                               Value distance) const {
  return numberOf(b,
                  emitAtDistance(b, *region, varying, batch, head, distance));
}

SmallVector<Value> PairTable::indicesOf(IRBuilder &b, ValueRange slice,
                                        Value row) const {
  SmallVector<Value> indices(slice);
  indices.resize(sizes.size());
  for (unsigned dim = sizes.size() - 1; dim > fixed.size(); --dim) {
    indices[dim] = b.createOrFold<arith::RemUIOp>(b.getLoc(), row, sizes[dim]);
    row = b.createOrFold<arith::DivUIOp>(b.getLoc(), row, sizes[dim]);
  }
  indices[fixed.size()] = row;
  return indices;
}

Value PairTable::element(IRBuilder &b, ValueRange slice, Value row,
                         Value feature, Type type) const {
  SmallVector<Value> indices = indicesOf(b, slice, row);
  indices.push_back(feature);
  return b.convert(b.extract(table, indices), type);
}

Value PairTable::wholeRow(IRBuilder &b, ValueRange slice, Value row) const {
  auto type = cast<RankedTensorType>(table.getType());
  int64_t features = type.getShape().back();
  SmallVector<OpFoldResult> offsets =
                                getAsOpFoldResult(indicesOf(b, slice, row)),
                            extents(offsets.size(), b.getIndexAttr(1));
  offsets.push_back(b.getIndexAttr(0));
  extents.push_back(b.getIndexAttr(features));
  return b.slice(table, offsets, extents, type.clone({1, features}));
}

SmallVector<Value>
attn::inlineScoreRegion(IRBuilder &b, Region &score, ValueRange arguments,
                        ArrayRef<std::pair<Value, Value>> known) {
  IRMapping mapping;
  mapping.map(score.getArguments(), arguments);
  for (auto [value, replacement] : known)
    mapping.map(value, replacement);
  Block &block = score.front();
  for (Operation &inner : block.without_terminator())
    if (!llvm::all_of(inner.getResults(),
                      [&](Value result) { return mapping.contains(result); }))
      b.clone(inner, mapping);
  return llvm::map_to_vector(
      block.getTerminator()->getOperands(),
      [&](Value yielded) { return mapping.lookupOrDefault(yielded); });
}
