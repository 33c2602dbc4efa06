//===- UnpackNibbles.cpp - Tensors of i4 as the bytes that hold them
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Element d of a row is the low half of byte d / 2 where d is even, else the
// high half. Both are brought to the top of an i32 and shifted down again,
// which extends the sign. Code that counts features as `2 * byte + half` reads
// whole vectors of bytes; see lib/Transforms/OnlineAttention/Loads.cpp.
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

namespace attn {
#define GEN_PASS_DEF_UNPACKNIBBLES
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct UnpackNibbles : attn::impl::UnpackNibblesBase<UnpackNibbles> {
  void runOnOperation() override;
};
} // namespace

static bool isNibbles(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getElementType().isInteger(4);
}

/// The bytes of a tensor whose last dimension is static and even.
static RankedTensorType bytesType(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape.back() /= 2;
  return RankedTensorType::get(shape, IntegerType::get(type.getContext(), 8));
}

/// `2 * byte + half`, by its parts, or divided into them.
static std::pair<Value, Value> byteAndHalf(IRBuilder &b, Value feature) {
  if (auto add = feature.getDefiningOp<arith::AddIOp>())
    for (auto [twice, half] :
         {std::pair<Value, Value>{add.getLhs(), add.getRhs()},
          {add.getRhs(), add.getLhs()}})
      if (auto mul = twice.getDefiningOp<arith::MulIOp>())
        if (auto index = half.getDefiningOp<linalg::IndexOp>();
            index && getConstantIntValue(mul.getRhs()) == 2 &&
            cast<linalg::LinalgOp>(index->getParentOp())
                    .getStaticLoopRanges()[index.getDim()] == 2)
          return {mul.getLhs(), half};
  Value two = b.index(2);
  return {b.createOrFold<arith::DivUIOp>(b.getLoc(), feature, two),
          b.createOrFold<arith::RemUIOp>(b.getLoc(), feature, two)};
}

static void unpack(tensor::ExtractOp extract, Value bytes) {
  OpBuilder builder(extract);
  IRBuilder b(builder, extract.getLoc());
  Location loc = b.getLoc();
  SmallVector<Value> indices(extract.getIndices());
  auto [byte, half] = byteAndHalf(b, indices.back());
  indices.back() = byte;
  Type i32 = b.getI32Type();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(b, loc, value, 32);
  };
  Value bits = arith::ExtSIOp::create(b, loc, i32, b.extract(bytes, indices));
  // 28 bits above the low half, 24 above the high one.
  Value lower = arith::MulIOp::create(
      b, loc, arith::IndexCastOp::create(b, loc, i32, half), constant(4));
  bits = arith::ShLIOp::create(
      b, loc, bits, arith::SubIOp::create(b, loc, constant(28), lower));
  bits = arith::ShRSIOp::create(b, loc, bits, constant(28));
  for (Operation *user : llvm::make_early_inc_range(extract->getUsers())) {
    auto convert = dyn_cast<arith::SIToFPOp>(user);
    if (!convert)
      continue;
    b.setInsertionPoint(convert);
    convert.replaceAllUsesWith(
        arith::SIToFPOp::create(b, loc, convert.getType(), bits).getResult());
    convert.erase();
  }
  if (extract->use_empty())
    return extract.erase();
  b.setInsertionPointAfter(bits.getDefiningOp());
  extract.replaceAllUsesWith(
      arith::TruncIOp::create(b, loc, b.getIntegerType(4), bits).getResult());
  extract.erase();
}

static LogicalResult replaceUses(Value nibbles, Value bytes);

static LogicalResult replaceUse(Operation *user, Value bytes) {
  OpBuilder builder(user);
  IRBuilder b(builder, user->getLoc());
  if (auto extract = dyn_cast<tensor::ExtractOp>(user)) {
    unpack(extract, bytes);
    return success();
  }
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user)) {
    SmallVector<OpFoldResult> offsets = slice.getMixedOffsets(),
                              sizes = slice.getMixedSizes();
    // Features are never cut, so rows of slices are rows.
    if (getConstantIntValue(offsets.back()) != 0 ||
        getConstantIntValue(sizes.back()) !=
            slice.getSourceType().getShape().back() ||
        slice.getType().getShape().back() !=
            slice.getSourceType().getShape().back())
      return slice.emitOpError("of a part of the last dimension of i4 is not "
                               "supported");
    sizes.back() = b.getIndexAttr(bytesType(slice.getType()).getShape().back());
    auto narrow = tensor::ExtractSliceOp::create(
        b, b.getLoc(), bytesType(slice.getType()), bytes, offsets, sizes,
        slice.getMixedStrides());
    if (failed(replaceUses(slice, narrow)))
      return failure();
    slice.erase();
    return success();
  }
  if (auto cast = dyn_cast<tensor::CastOp>(user); cast) {
    Value same =
        tensor::CastOp::create(b, b.getLoc(), bytesType(cast.getType()), bytes);
    if (failed(replaceUses(cast, same)))
      return failure();
    cast.erase();
    return success();
  }
  if (auto dim = dyn_cast<tensor::DimOp>(user)) {
    dim.getSourceMutable().assign(bytes);
    return success();
  }
  return user->emitOpError("on a tensor of i4 is not supported; only "
                           "attn.attention reads them");
}

static LogicalResult replaceUses(Value nibbles, Value bytes) {
  for (Operation *user : llvm::make_early_inc_range(nibbles.getUsers()))
    if (failed(replaceUse(user, bytes)))
      return failure();
  return success();
}

static LogicalResult unpackArguments(func::FuncOp function) {
  if (llvm::any_of(function.getResultTypes(), isNibbles))
    return function.emitError("results of i4 are not supported");
  Block &entry = function.getBody().front();
  for (unsigned number = 0; number < entry.getNumArguments(); ++number) {
    BlockArgument nibbles = entry.getArgument(number);
    if (!isNibbles(nibbles.getType()))
      continue;
    auto type = cast<RankedTensorType>(nibbles.getType());
    if (!type.getRank() || type.getShape().back() % 2 ||
        ShapedType::isDynamic(type.getShape().back()))
      return function.emitError()
             << "i4 in rows of an odd or unknown size is not supported, got "
             << type;
    // An argument beside the old one, which goes when nothing reads it.
    BlockArgument bytes =
        entry.insertArgument(number + 1, bytesType(type), nibbles.getLoc());
    if (failed(replaceUses(nibbles, bytes)))
      return failure();
    entry.eraseArgument(number);
  }
  function.setType(FunctionType::get(function.getContext(),
                                     entry.getArgumentTypes(),
                                     function.getResultTypes()));
  return success();
}

void UnpackNibbles::runOnOperation() {
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (!function.isExternal() && failed(unpackArguments(function)))
      return signalPassFailure();
}
