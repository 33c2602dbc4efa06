//===- Loads.cpp - What a mask reads over a box
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A load whose indices are known as intervals gives one of the elements between
// them: reduced to the least and the largest, or to the bits that all and that
// some have, they are an abstract value like any other. Indices are clamped to
// the tensor, so that nothing outside of it is read, whatever the mask does
// elsewhere.
//
//===----------------------------------------------------------------------===//

#include "MaskEvaluator.h"
#include "attn/Support/Guards.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"
#include <variant>

using namespace mlir;
using namespace attn;
using namespace attn::mask;

/// Elements of a row that are read together.
static constexpr int64_t chunk = 16;

namespace {
/// What reduces elements.
enum class Fold { Smallest, Largest, Union, Intersection };

/// Emits the reduction of a box of a tensor.
class Reduction {
public:
  using Index = std::variant<Value, std::pair<Value, Value>>; ///< begin, end

  Reduction(Location loc, Value tensor, ArrayRef<Index> indices,
            ArrayRef<Fold> folds)
      : loc(loc), tensor(tensor), indices(indices), folds(folds),
        element(cast<RankedTensorType>(tensor.getType()).getElementType()) {}

  SmallVector<Value> emit(OpBuilder &builder, bool inChunks);

private:
  SmallVector<Value> run(OpBuilder &builder, int64_t lanes);
  SmallVector<Value> nest(OpBuilder &builder, SmallVector<Value> at,
                          ValueRange sofar, int64_t lanes);
  Value combine(OpBuilder &builder, Fold fold, Value a, Value b);
  TypedAttr neutral(OpBuilder &builder, Fold fold);

  Location loc;
  Value tensor;
  ArrayRef<Index> indices;
  ArrayRef<Fold> folds;
  Type element;
};
} // namespace

Value Reduction::combine(OpBuilder &builder, Fold fold, Value a, Value b) {
  switch (fold) {
  case Fold::Smallest:
    return arith::MinSIOp::create(builder, loc, a, b);
  case Fold::Largest:
    return arith::MaxSIOp::create(builder, loc, a, b);
  case Fold::Union:
    return arith::OrIOp::create(builder, loc, a, b);
  case Fold::Intersection:
    return arith::AndIOp::create(builder, loc, a, b);
  }
  llvm_unreachable("all are listed");
}

TypedAttr Reduction::neutral(OpBuilder &builder, Fold fold) {
  unsigned width = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  APInt value(width, 0);
  if (fold == Fold::Smallest)
    value = APInt::getSignedMaxValue(width);
  else if (fold == Fold::Largest)
    value = APInt::getSignedMinValue(width);
  else if (fold == Fold::Intersection)
    value = APInt::getAllOnes(width);
  return builder.getIntegerAttr(element, value);
}

/// Reduces with the elements at `at`, and all that the remaining indices add.
SmallVector<Value> Reduction::nest(OpBuilder &builder, SmallVector<Value> at,
                                   ValueRange sofar, int64_t lanes) {
  if (at.size() == indices.size()) {
    Value read;
    if (lanes == 1) {
      read = tensor::ExtractOp::create(builder, loc, tensor, at);
    } else {
      Value padding =
          arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
      read = vector::TransferReadOp::create(
          builder, loc, VectorType::get({lanes}, element), tensor, at, padding,
          AffineMap::getMinorIdentityMap(at.size(), 1, builder.getContext()),
          ArrayRef<bool>{true});
    }
    SmallVector<Value> results;
    for (auto [fold, value] : llvm::zip_equal(folds, sofar))
      results.push_back(combine(builder, fold, value, read));
    return results;
  }
  const Index &index = indices[at.size()];
  at.emplace_back();
  if (auto *fixed = std::get_if<Value>(&index)) {
    at.back() = *fixed;
    return nest(builder, at, sofar, lanes);
  }
  auto [begin, end] = std::get<1>(index);
  int64_t step = at.size() == indices.size() ? lanes : 1;
  auto loop = scf::ForOp::create(
      builder, loc, begin, end,
      arith::ConstantIndexOp::create(builder, loc, step), sofar,
      [&](OpBuilder &inner, Location, Value position, ValueRange arguments) {
        at.back() = position;
        scf::YieldOp::create(inner, loc, nest(inner, at, arguments, lanes));
      });
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> Reduction::run(OpBuilder &builder, int64_t lanes) {
  SmallVector<Value> initial;
  for (Fold fold : folds) {
    TypedAttr value = neutral(builder, fold);
    if (lanes > 1)
      value = SplatElementsAttr::get(VectorType::get({lanes}, element),
                                     Attribute(value));
    initial.push_back(arith::ConstantOp::create(builder, loc, value));
  }
  SmallVector<Value> results = nest(builder, {}, initial, lanes);
  if (lanes == 1)
    return results;
  for (auto [fold, result] : llvm::zip_equal(folds, results)) {
    vector::CombiningKind kind =
        fold == Fold::Smallest  ? vector::CombiningKind::MINSI
        : fold == Fold::Largest ? vector::CombiningKind::MAXSI
        : fold == Fold::Union   ? vector::CombiningKind::OR
                                : vector::CombiningKind::AND;
    result = vector::ReductionOp::create(builder, loc, kind, result);
  }
  return results;
}

SmallVector<Value> Reduction::emit(OpBuilder &builder, bool inChunks) {
  if (!inChunks)
    return run(builder, 1);
  // The last chunk may go on behind the last element: that only makes the
  // answer wider, as long as it stays in the row.
  auto [begin, end] = std::get<1>(indices.back());
  auto create = [&](auto op, Value a, Value b) -> Value {
    return builder.createOrFold<decltype(op)>(loc, a, b);
  };
  Value size = arith::ConstantIndexOp::create(builder, loc, chunk),
        one = arith::ConstantIndexOp::create(builder, loc, 1);
  Value distance =
      create(arith::SubIOp(), create(arith::SubIOp(), end, one), begin);
  Value count =
      create(arith::AddIOp(), create(arith::DivSIOp(), distance, size), one);
  Value whole = create(arith::MulIOp(), count, size);
  Value row = builder.createOrFold<tensor::DimOp>(loc, tensor,
                                                  int64_t(indices.size()) - 1);
  Value fits =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle,
                            create(arith::AddIOp(), begin, whole), row);
  SmallVector<Type> types(folds.size(), element);
  auto branch = scf::IfOp::create(builder, loc, types, fits, true, true);
  for (auto [region, lanes] : {std::pair(&branch.getThenRegion(), chunk),
                               {&branch.getElseRegion(), int64_t(1)}}) {
    OpBuilder inner = OpBuilder::atBlockEnd(&region->front());
    scf::YieldOp::create(inner, loc, run(inner, lanes));
  }
  return SmallVector<Value>(branch.getResults());
}

//===----------------------------------------------------------------------===//
// What a box reads
//===----------------------------------------------------------------------===//

struct MaskEvaluator::Elements {
  Value tensor;
  SmallVector<Reduction::Index> indices;
  Bit assuming = true; ///< That they are all that is read.
  bool inChunks = false;

  SmallVector<Value> reduce(ScalarBuilder &scalars, ArrayRef<Fold> folds) {
    return Reduction(scalars.loc, tensor, indices, folds)
        .emit(scalars.builder, inChunks);
  }
};

std::optional<MaskEvaluator::Elements>
MaskEvaluator::elementsOf(tensor::ExtractOp load) {
  if (!isUniform(load.getTensor()))
    return std::nullopt;
  Elements elements;
  elements.tensor = copyUniform(load.getTensor());
  int64_t reads = 1;
  unsigned last = load.getIndices().size() - 1;
  for (auto [dim, index] : llvm::enumerate(load.getIndices())) {
    if (isUniform(index)) {
      elements.indices.push_back(copyUniform(index));
      continue;
    }
    // What is read is kept in the tensor here too.
    Integer at = integer(withoutGuards(index));
    uint64_t spread = integers.spread(at, maxQueries, maxKeys);
    // More elements than that are too many however they are read.
    if (spread >= uint64_t(maxReads * chunk))
      return std::nullopt;
    int64_t count = spread + 1;
    if (dim == last && count >= chunk / 2 && !load.getType().isIndex()) {
      elements.inChunks = true;
      count = llvm::divideCeil(count, chunk);
    }
    reads *= count;
    if (reads > maxReads)
      return std::nullopt;
    LinearForm range = *linear.collapse(at.form);
    Scalar zero = ScalarBuilder::constant(0);
    Value size = scalars.builder.createOrFold<tensor::DimOp>(
        scalars.loc, elements.tensor, dim);
    Scalar end = ScalarBuilder::of(size, {0, positionBounds.max + 1});
    Scalar final = scalars.add(end, -1);
    Scalar lo = scalars.max(scalars.min(range.lo, final), zero);
    Scalar hi = scalars.min(scalars.max(range.hi, zero), final);
    if (!at.assuming.isTrue())
      hi = scalars.min(hi, scalars.add(lo, spread));
    elements.assuming = scalars.conjoin(
        elements.assuming,
        scalars.conjoin(at.assuming,
                        scalars.lessEqual(ScalarBuilder::constant(1), end)));
    elements.indices.push_back(std::pair(
        scalars.materialize(lo), scalars.materialize(scalars.add(hi, 1))));
  }
  ++numReductions;
  return elements;
}

/// Whether an integer is taken apart into bits.
static bool isUsedAsBits(Value value) {
  return llvm::any_of(value.getUsers(), [](Operation *user) {
    if (isa<arith::AndIOp, arith::OrIOp, arith::XOrIOp, arith::ShLIOp,
            arith::ShRUIOp, arith::ShRSIOp>(user))
      return true;
    return isa<arith::IndexCastOp, arith::IndexCastUIOp, arith::TruncIOp,
               arith::ExtSIOp, arith::ExtUIOp>(user) &&
           (user->getResult(0).getType().isInteger(1) ||
            isUsedAsBits(user->getResult(0)));
  });
}

Integer MaskEvaluator::load(tensor::ExtractOp load, Bounds type) {
  std::optional<Elements> elements = elementsOf(load);
  if (!elements)
    return IntegerBuilder::unknown(type);
  OpBuilder &builder = scalars.builder;
  bool asBits = isUsedAsBits(load);
  SmallVector<Value> ends = elements->reduce(
      scalars, asBits ? ArrayRef{Fold::Union, Fold::Intersection}
                      : ArrayRef{Fold::Smallest, Fold::Largest});
  llvm::append_range(reduced, ends);
  Type index = builder.getIndexType();
  for (Value &end : ends)
    if (end.getType() != index)
      end = asBits ? builder.createOrFold<arith::IndexCastUIOp>(scalars.loc,
                                                                index, end)
                   : builder.createOrFold<arith::IndexCastOp>(scalars.loc,
                                                              index, end);
  if (!asBits)
    return {LinearForm::interval(ScalarBuilder::of(ends[0], type),
                                 ScalarBuilder::of(ends[1], type)),
            elements->assuming};
  bool isWide = type.max == Bounds::ofWidth(64).max;
  Bounds unsignedType = isWide ? type : Bounds{0, 2 * type.max + 1};
  return integers.fromBits({ScalarBuilder::of(ends[0], unsignedType),
                            ScalarBuilder::of(ends[1], unsignedType)},
                           elements->assuming, type);
}

Predicate MaskEvaluator::loadTruth(tensor::ExtractOp load) {
  std::optional<Elements> elements = elementsOf(load);
  if (!elements) {
    giveUp(load);
    return Predicate::unknown();
  }
  SmallVector<Value> ends =
      elements->reduce(scalars, {Fold::Union, Fold::Intersection});
  llvm::append_range(reduced, ends);
  Bit unless = scalars.negate(elements->assuming);
  auto casesIf = [&](Bit bit) {
    bit = scalars.disjoin(bit, unless);
    return bit.isFalse() ? Cases() : Cases{Case{bit, Zone()}};
  };
  return {casesIf(Bit(ends[0])), casesIf(scalars.negate(Bit(ends[1])))};
}
