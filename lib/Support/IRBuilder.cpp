//===- IRBuilder.cpp - Short spellings for IR that passes write
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

//===----------------------------------------------------------------------===//
// Scalars
//===----------------------------------------------------------------------===//

Value IRBuilder::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, loc, value);
}

Value IRBuilder::floating(Type type, double value) {
  return arith::ConstantOp::create(*this, loc, getFloatAttr(type, value));
}

Value IRBuilder::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(loc, a, b);
}

Value IRBuilder::sub(Value a, Value b) {
  return createOrFold<arith::SubIOp>(loc, a, b);
}

Value IRBuilder::mul(Value a, int64_t b) {
  return createOrFold<arith::MulIOp>(loc, a, index(b));
}

Value IRBuilder::min(Value a, Value b) {
  return createOrFold<arith::MinSIOp>(loc, a, b);
}

Value IRBuilder::max(Value a, Value b) {
  return createOrFold<arith::MaxSIOp>(loc, a, b);
}

Value IRBuilder::compare(arith::CmpIPredicate predicate, Value a, Value b) {
  return createOrFold<arith::CmpIOp>(loc, predicate, a, b);
}

Value IRBuilder::maxNumber(Value a, Value b) {
  Value greater =
      arith::CmpFOp::create(*this, loc, arith::CmpFPredicate::OGT, a, b);
  return arith::SelectOp::create(*this, loc, greater, a, b);
}

Value IRBuilder::addf(Value a, Value b) {
  return arith::AddFOp::create(*this, loc, a, b,
                               arith::FastMathFlags::contract);
}

Value IRBuilder::mulf(Value a, Value b) {
  return arith::MulFOp::create(*this, loc, a, b,
                               arith::FastMathFlags::contract);
}

Value IRBuilder::convert(Value number, Type type) {
  Type from = number.getType();
  if (from == type)
    return number;
  if (from.isInteger())
    return arith::SIToFPOp::create(*this, loc, type, number);
  if (from.getIntOrFloatBitWidth() < type.getIntOrFloatBitWidth())
    return arith::ExtFOp::create(*this, loc, type, number);
  return arith::TruncFOp::create(*this, loc, type, number);
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

Value IRBuilder::dim(Value tensor, int64_t dim) {
  return getValueOrCreateConstantIndexOp(
      *this, loc, tensor::getMixedSize(*this, loc, tensor, dim));
}

Value IRBuilder::empty(ArrayRef<OpFoldResult> sizes, Type element) {
  return tensor::EmptyOp::create(*this, loc, sizes, element);
}

Value IRBuilder::scratch(ArrayRef<int64_t> sizes, Type element) {
  return scratch(getAsIndexOpFoldResult(getContext(), sizes), element);
}

Value IRBuilder::scratch(ArrayRef<OpFoldResult> sizes, Type element) {
  auto [known, given] = decomposeMixedValues(SmallVector<OpFoldResult>(sizes));
  return bufferization::AllocTensorOp::create(
      *this, loc, RankedTensorType::get(known, element), given);
}

Value IRBuilder::filled(Value tensor, double value) {
  Type element = cast<RankedTensorType>(tensor.getType()).getElementType();
  Value constant =
      isa<FloatType>(element)
          ? floating(element, value)
          : Value(arith::ConstantOp::create(
                *this, loc, getIntegerAttr(element, int64_t(value))));
  return linalg::FillOp::create(*this, loc, constant, tensor).getResult(0);
}

Value IRBuilder::slice(Value tensor, ArrayRef<OpFoldResult> offsets,
                       ArrayRef<OpFoldResult> sizes, RankedTensorType type) {
  SmallVector<OpFoldResult> strides(offsets.size(), getIndexAttr(1));
  if (!type)
    return tensor::ExtractSliceOp::create(*this, loc, tensor, offsets, sizes,
                                          strides);
  return tensor::ExtractSliceOp::create(*this, loc, type, tensor, offsets,
                                        sizes, strides);
}

Value IRBuilder::insert(Value source, Value into,
                        ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(offsets.size(), getIndexAttr(1));
  return tensor::InsertSliceOp::create(*this, loc, source, into, offsets, sizes,
                                       strides);
}

Value IRBuilder::extract(Value tensor, ValueRange indices) {
  return tensor::ExtractOp::create(*this, loc, tensor, indices);
}

Value IRBuilder::extractIndex(Value tensor, ValueRange indices) {
  return arith::IndexCastOp::create(*this, loc, getIndexType(),
                                    extract(tensor, indices));
}

//===----------------------------------------------------------------------===//
// Loops and linalg
//===----------------------------------------------------------------------===//

ResultRange IRBuilder::loop(Value lower, Value upper, int64_t step,
                            ValueRange inits, LoopBody body) {
  auto loop = scf::ForOp::create(
      *this, loc, lower, upper, index(step), inits,
      [&](OpBuilder &inner, Location, Value iv, ValueRange arguments) {
        IRBuilder builder(inner, loc);
        SmallVector<Value> results = body(builder, iv, arguments);
        scf::YieldOp::create(builder, loc, results);
      });
  return loop.getResults();
}

ResultRange IRBuilder::conditional(Value condition, TypeRange types,
                                   Branch then, Branch otherwise) {
  auto branch = scf::IfOp::create(*this, loc, types, condition,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  auto fill = [&](Block &block, Branch body) {
    OpBuilder inner = OpBuilder::atBlockEnd(&block);
    IRBuilder builder(inner, loc);
    SmallVector<Value> results = body(builder);
    scf::YieldOp::create(builder, loc, results);
  };
  fill(branch.getThenRegion().front(), then);
  fill(branch.getElseRegion().front(), otherwise);
  return branch.getResults();
}

ResultRange IRBuilder::generic(StringRef iterators, ValueRange inputs,
                               ArrayRef<ArrayRef<unsigned>> inputMaps,
                               ValueRange outputs,
                               ArrayRef<ArrayRef<unsigned>> outputMaps,
                               GenericBody body) {
  SmallVector<AffineMap> maps;
  for (ArrayRef<ArrayRef<unsigned>> list : {inputMaps, outputMaps})
    for (ArrayRef<unsigned> dims : list) {
      SmallVector<AffineExpr> exprs;
      for (unsigned dim : dims)
        exprs.push_back(getAffineDimExpr(dim));
      maps.push_back(AffineMap::get(iterators.size(), 0, exprs, getContext()));
    }
  return generic(iterators, inputs, outputs, maps, /*extents=*/{}, body);
}

ResultRange IRBuilder::generic(StringRef iterators, ValueRange inputs,
                               ValueRange outputs, ArrayRef<AffineMap> maps,
                               ArrayRef<Extent> extents, GenericBody body) {
  SmallVector<utils::IteratorType> types;
  for (char letter : iterators)
    types.push_back(letter == 'p' ? utils::IteratorType::parallel
                                  : utils::IteratorType::reduction);
  // linalg reads the extent of a dimension off an operand: one that is nothing
  // but a shape, as convolutions have one for their window.
  SmallVector<Value> operands(inputs);
  SmallVector<AffineMap> operandMaps(maps);
  if (!extents.empty()) {
    SmallVector<OpFoldResult> sizes;
    SmallVector<AffineExpr> exprs;
    for (auto [dim, size] : extents) {
      sizes.push_back(getIndexAttr(size));
      exprs.push_back(d(dim));
    }
    // Of a type that vectors hold.
    Type element = getElementTypeOrSelf(outputs.front());
    if (element.getIntOrFloatBitWidth() < 8)
      element = getF32Type();
    operands.push_back(empty(sizes, element));
    operandMaps.insert(
        operandMaps.begin() + inputs.size(),
        AffineMap::get(iterators.size(), 0, exprs, getContext()));
  }
  auto op = linalg::GenericOp::create(
      *this, loc, outputs.getTypes(), operands, outputs, operandMaps, types,
      [&](OpBuilder &inner, Location, ValueRange arguments) {
        IRBuilder builder(inner, loc);
        SmallVector<Value> visible(arguments);
        if (!extents.empty())
          visible.erase(visible.begin() + inputs.size());
        SmallVector<Value> results = body(builder, visible);
        linalg::YieldOp::create(builder, loc, results);
      });
  return op.getResults();
}

Value IRBuilder::indexOf(unsigned dim) {
  return linalg::IndexOp::create(*this, loc, dim);
}

Value IRBuilder::inlineRegion(Region &region, ValueRange arguments) {
  IRMapping mapping;
  mapping.map(region.getArguments(), arguments);
  for (Operation &op : region.front().without_terminator())
    clone(op, mapping);
  return mapping.lookupOrDefault(region.front().getTerminator()->getOperand(0));
}
