//===- DistanceTerms.cpp - Parts of a region that only see j - i
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/DistanceTerms.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace attn;

namespace {
/// How a value depends on the positions: as `i * query + j * key` plus what is
/// the same for all pairs (`isLinear`); or else as a function of j - i
/// (`isDistance`), or in any other way.
struct Dependence {
  bool isLinear = false, isDistance = false;
  int64_t query = 0, key = 0;

  static Dependence linear(int64_t query, int64_t key) {
    return {true, false, query, key};
  }
  static Dependence distance() { return {false, true, 0, 0}; }

  bool isUniform() const { return isLinear && query == 0 && key == 0; }
  /// Whether it is the same for all pairs of one distance.
  bool isOfDistance() const {
    return isDistance || (isLinear && query == -key);
  }
};

class DistanceAnalysis {
public:
  explicit DistanceAnalysis(Block &block);
  Dependence of(Value value) const;

private:
  Dependence transfer(Operation &op) const;

  llvm::DenseMap<Value, Dependence> values;
};
} // namespace

DistanceAnalysis::DistanceAnalysis(Block &block) {
  // [score,] b, h, i, j
  auto positions = block.getArguments().take_back(4);
  for (BlockArgument score : block.getArguments().drop_back(4))
    values[score] = {};
  values[positions[2]] = Dependence::linear(1, 0);
  values[positions[3]] = Dependence::linear(0, 1);
  for (Operation &op : block.without_terminator()) {
    Dependence dependence = transfer(op);
    for (Value result : op.getResults())
      values[result] = dependence;
  }
}

Dependence DistanceAnalysis::of(Value value) const {
  auto it = values.find(value);
  // Batch, head and captures.
  return it == values.end() ? Dependence::linear(0, 0) : it->second;
}

/// Positions are below 2^31: an integer at least this wide holds each, and each
/// difference.
static bool holdsPositions(Type type) {
  return type.isIndex() ||
         (isa<IntegerType>(type) && type.getIntOrFloatBitWidth() >= 32);
}

static bool isSigned(arith::CmpIPredicate predicate) {
  switch (predicate) {
  case arith::CmpIPredicate::eq:
  case arith::CmpIPredicate::ne:
  case arith::CmpIPredicate::slt:
  case arith::CmpIPredicate::sle:
  case arith::CmpIPredicate::sgt:
  case arith::CmpIPredicate::sge:
    return true;
  default:
    return false;
  }
}

Dependence DistanceAnalysis::transfer(Operation &op) const {
  // Queries, keys and entries differ.
  if (op.getNumRegions() != 0 || isa<QueryDotOp, KeyDotOp, EntryOp>(op))
    return {};
  bool uniform = true, linear = true, ofDistance = true;
  for (Value operand : op.getOperands()) {
    Dependence dependence = of(operand);
    uniform &= dependence.isUniform();
    linear &= dependence.isLinear;
    ofDistance &= dependence.isOfDistance();
  }
  if (uniform)
    return Dependence::linear(0, 0);
  bool wide = llvm::all_of(op.getResultTypes(), holdsPositions);
  if (linear && wide && isa<arith::AddIOp, arith::SubIOp>(op)) {
    Dependence a = of(op.getOperand(0)), b = of(op.getOperand(1));
    int64_t sign = isa<arith::AddIOp>(op) ? 1 : -1;
    return Dependence::linear(a.query + sign * b.query, a.key + sign * b.key);
  }
  if (linear && wide &&
      isa<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(op))
    return of(op.getOperand(0));
  if (auto compare = dyn_cast<arith::CmpIOp>(op);
      compare && linear && isSigned(compare.getPredicate())) {
    // Of one distance, both sides differ by the same.
    Dependence a = of(compare.getLhs()), b = of(compare.getRhs());
    if (a.query - b.query == b.key - a.key)
      return Dependence::distance();
  }
  return ofDistance ? Dependence::distance() : Dependence();
}

/// The ops of the block that `terms` are made of.
static llvm::SetVector<Operation *> sliceOf(ValueRange terms, Block &block) {
  llvm::SetVector<Operation *> slice;
  SmallVector<Value> todo(terms);
  while (!todo.empty()) {
    Operation *def = todo.pop_back_val().getDefiningOp();
    if (def && def->getBlock() == &block && slice.insert(def))
      llvm::append_range(todo, def->getOperands());
  }
  return slice;
}

/// Whether an op of a distance costs more than a load that is contiguous in the
/// lanes.
static bool isExpensive(Operation *op) {
  if (isa<tensor::ExtractOp, arith::DivFOp, arith::SIToFPOp, arith::UIToFPOp>(
          op))
    return true;
  return isa<math::MathDialect>(op->getDialect()) &&
         !isa<math::AbsFOp, math::AbsIOp, math::FmaOp, math::FloorOp,
              math::CeilOp, math::CopySignOp>(op);
}

SmallVector<Value> attn::findDistanceTerms(Region &score) {
  SmallVector<Value> terms;
  if (score.empty())
    return terms;
  Block &block = score.front();
  DistanceAnalysis analysis(block);
  for (Operation &op : block.without_terminator()) {
    if (op.getNumResults() != 1)
      continue;
    Value value = op.getResult(0);
    if (!isa<FloatType>(value.getType()) || !analysis.of(value).isDistance)
      continue;
    bool isMaximal = llvm::any_of(value.getUsers(), [&](Operation *user) {
      return user == block.getTerminator() ||
             !analysis.of(user->getResult(0)).isOfDistance();
    });
    bool isWorthIt = llvm::any_of(sliceOf(value, block), [&](Operation *part) {
      return isExpensive(part) && !analysis.of(part->getResult(0)).isUniform();
    });
    if (isMaximal && isWorthIt)
      terms.push_back(value);
  }
  return terms;
}

PairDependence attn::dependenceOnPair(Region &region, Value value) {
  Dependence dependence = DistanceAnalysis(region.front()).of(value);
  if (dependence.isUniform())
    return PairDependence::None;
  return dependence.isOfDistance() ? PairDependence::Distance
                                   : PairDependence::Any;
}

bool attn::dependsOnEntry(Region &region, Value value) {
  return llvm::any_of(sliceOf(value, region.front()),
                      [](Operation *op) { return isa<EntryOp>(op); });
}

SmallVector<Value> attn::emitAtPosition(OpBuilder &builder, Region &region,
                                        ValueRange values,
                                        ValueRange position) {
  Block &block = region.front();
  IRMapping mapping;
  mapping.map(block.getArguments().take_back(4), position);
  llvm::SetVector<Operation *> slice = sliceOf(values, block);
  for (Operation &op : block.without_terminator())
    if (slice.contains(&op))
      builder.clone(op, mapping);
  SmallVector<Value> results;
  for (Value value : values)
    results.push_back(mapping.lookupOrDefault(value));
  return results;
}

SmallVector<Value> attn::emitAtDistance(OpBuilder &builder, Region &region,
                                        ValueRange values, Value b, Value h,
                                        Value distance) {
  // Any two positions of this distance will do.
  Value zero = arith::ConstantIndexOp::create(builder, distance.getLoc(), 0);
  return emitAtPosition(builder, region, values, {b, h, zero, distance});
}
