//===- UnpackBooleans.cpp - Tensors of i1 as the bytes that hold them
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace attn {
#define GEN_PASS_DEF_UNPACKBOOLEANS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct UnpackBooleans : attn::impl::UnpackBooleansBase<UnpackBooleans> {
  void runOnOperation() override;
};
} // namespace

static bool isBooleans(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() > 0 && tensor.getElementType().isInteger(1);
}

static RankedTensorType bytesType(Type type) {
  return cast<RankedTensorType>(cast<RankedTensorType>(type).clone(
      IntegerType::get(type.getContext(), 8)));
}

/// Whether elements are all that is wanted of `booleans`.
static bool isOnlyRead(Value booleans) {
  return llvm::all_of(booleans.getUsers(), [](Operation *user) {
    if (isa<tensor::ExtractSliceOp, tensor::CastOp>(user))
      return isBooleans(user->getResult(0).getType()) &&
             isOnlyRead(user->getResult(0));
    return isa<tensor::ExtractOp, tensor::DimOp, vector::TransferReadOp>(user);
  });
}

static void replaceUses(Value booleans, Value bytes) {
  for (Operation *user : llvm::make_early_inc_range(booleans.getUsers())) {
    OpBuilder builder(user);
    IRBuilder b(builder, user->getLoc());
    Location loc = b.getLoc();
    if (auto extract = dyn_cast<tensor::ExtractOp>(user)) {
      Value byte = b.extract(bytes, extract.getIndices());
      Value zero = arith::ConstantIntOp::create(b, loc, 0, 8);
      extract.replaceAllUsesWith(
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, byte, zero)
              .getResult());
    } else if (auto read = dyn_cast<vector::TransferReadOp>(user)) {
      auto type = cast<VectorType>(read.getVectorType().clone(b.getI8Type()));
      Value padding =
          arith::ExtUIOp::create(b, loc, b.getI8Type(), read.getPadding());
      Value vector = vector::TransferReadOp::create(
          b, loc, type, bytes, read.getIndices(), read.getPermutationMapAttr(),
          padding, read.getMask(), read.getInBoundsAttr());
      Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
      read.replaceAllUsesWith(
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, vector, zero)
              .getResult());
    } else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(user)) {
      replaceUses(slice, tensor::ExtractSliceOp::create(
                             b, loc, bytesType(slice.getType()), bytes,
                             slice.getMixedOffsets(), slice.getMixedSizes(),
                             slice.getMixedStrides()));
    } else if (auto cast = dyn_cast<tensor::CastOp>(user)) {
      replaceUses(cast, tensor::CastOp::create(
                            b, loc, bytesType(cast.getType()), bytes));
    } else {
      llvm::cast<tensor::DimOp>(user).getSourceMutable().assign(bytes);
      continue;
    }
    user->erase();
  }
}

static void unpackArguments(func::FuncOp function) {
  Block &entry = function.getBody().front();
  for (unsigned number = 0; number < entry.getNumArguments(); ++number) {
    BlockArgument booleans = entry.getArgument(number);
    if (!isBooleans(booleans.getType()) || !isOnlyRead(booleans))
      continue;
    // An argument beside the old one, which goes when nothing reads it.
    BlockArgument bytes = entry.insertArgument(
        number + 1, bytesType(booleans.getType()), booleans.getLoc());
    replaceUses(booleans, bytes);
    entry.eraseArgument(number);
  }
  function.setType(FunctionType::get(function.getContext(),
                                     entry.getArgumentTypes(),
                                     function.getResultTypes()));
}

/// A vector of i1 is packed in memory, unlike a row of elements: what could not
/// become bytes is read one by one.
static void readElements(vector::TransferReadOp read) {
  OpBuilder builder(read);
  IRBuilder b(builder, read.getLoc());
  SmallVector<Value> elements, at(read.getIndices());
  for (int64_t lane = 0; lane < read.getVectorType().getNumElements(); ++lane) {
    at.back() = b.add(read.getIndices().back(), lane);
    elements.push_back(b.extract(read.getBase(), at));
  }
  read.replaceAllUsesWith(vector::FromElementsOp::create(
                              b, b.getLoc(), read.getVectorType(), elements)
                              .getResult());
  read.erase();
}

void UnpackBooleans::runOnOperation() {
  for (auto function : getOperation().getOps<func::FuncOp>())
    // A function that others call keeps its type.
    if (!function.isExternal() && function.isPublic() &&
        SymbolTable::symbolKnownUseEmpty(function, getOperation()))
      unpackArguments(function);
  getOperation().walk([](vector::TransferReadOp read) {
    bool whole =
        llvm::all_of(read.getInBoundsValues(), [](bool in) { return in; });
    if (read.getVectorType().getElementType().isInteger(1) &&
        read.getVectorType().getRank() == 1 && whole &&
        isa<RankedTensorType>(read.getBase().getType()))
      readElements(read);
  });
}
