//===- LowerTiles.cpp - Contractions of squares as AMX instructions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// AMX has eight registers of 16 rows of 64 bytes. What is in them is configured
// before their first use and released after the last: LLVM does both from the
// shapes that the intrinsics name, and allocates the registers.
//
//===----------------------------------------------------------------------===//

#include "attn/Support/IRBuilder.h"
#include "attn/Target/Passes.h"
#include "attn/Target/TargetSpec.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/DialectConversion.h"

namespace attn {
#define GEN_PASS_DEF_LOWERTILES
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct LowerTiles : attn::impl::LowerTilesBase<LowerTiles> {
  void runOnOperation() override;
};
} // namespace

static constexpr int64_t tileRows = 16, rowBytes = 64;

/// Whether values of `type` are in one matrix register: 16 x 16 sums, or 16
/// rows of 16 pairs.
static bool isTile(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  if (!vector || vector.getShape().front() != tileRows || vector.getRank() < 2)
    return false;
  ArrayRef<int64_t> row = vector.getShape().drop_front();
  if (vector.getElementType().isF32())
    return row == ArrayRef<int64_t>{16};
  return vector.getElementType().isBF16() &&
         (row == ArrayRef<int64_t>{32} || row == ArrayRef<int64_t>{16, 2});
}

/// Whether both pairs of rows and of columns are where the instruction wants
/// them.
static bool isTileProduct(vector::ContractionOp op) {
  AffineExpr row, column, pair, second;
  bindDims(op.getContext(), row, column, pair, second);
  auto map = [&](ArrayRef<AffineExpr> results) {
    return AffineMap::get(4, 0, results, op.getContext());
  };
  return op.getKind() == vector::CombiningKind::ADD &&
         op.getIndexingMapsArray() ==
             SmallVector<AffineMap>{map({row, pair, second}),
                                    map({pair, column, second}),
                                    map({row, column})};
}

/// Calls an intrinsic; `result` is null where it has none.
static Value call(IRBuilder &b, StringRef name, Type result,
                  ValueRange operands) {
  StringAttr intrinsic = b.getStringAttr("llvm.x86." + name.str());
  if (!result) {
    LLVM::CallIntrinsicOp::create(b, b.getLoc(), intrinsic, operands);
    return {};
  }
  return LLVM::CallIntrinsicOp::create(b, b.getLoc(), result, intrinsic,
                                       operands)
      .getResult(0);
}

/// A tile's rows and the bytes of a row.
static SmallVector<Value> tileShape(IRBuilder &b) {
  SmallVector<Value> shape;
  for (int64_t size : {tileRows, rowBytes})
    shape.push_back(LLVM::ConstantOp::create(b, b.getLoc(), b.getI16Type(),
                                             b.getI16IntegerAttr(size)));
  return shape;
}

/// The address of the tile that a transfer reads or writes, and the bytes from
/// one row to the next.
static FailureOr<std::pair<Value, Value>>
locate(IRBuilder &b, VectorTransferOpInterface transfer, Value memory,
       ValueRange indices) {
  auto type = dyn_cast<MemRefType>(memory.getType());
  AffineMap map = transfer.getPermutationMap();
  if (!type || transfer.hasOutOfBoundsDim() || transfer.getMask() ||
      map.getNumResults() != 2)
    return failure();
  auto row = dyn_cast<AffineDimExpr>(map.getResult(0));
  auto column = dyn_cast<AffineDimExpr>(map.getResult(1));
  SmallVector<int64_t> strides;
  int64_t offset;
  if (!row || !column || failed(type.getStridesAndOffset(strides, offset)) ||
      strides[column.getPosition()] != 1)
    return failure();
  Location loc = b.getLoc();
  auto metadata = memref::ExtractStridedMetadataOp::create(b, loc, memory);
  auto stride = [&](unsigned dim) {
    return getValueOrCreateConstantIndexOp(
        b, loc, metadata.getConstifiedMixedStrides()[dim]);
  };
  Value element = getValueOrCreateConstantIndexOp(
      b, loc, metadata.getConstifiedMixedOffset());
  for (auto [dim, index] : llvm::enumerate(indices))
    element =
        b.add(element, b.createOrFold<arith::MulIOp>(loc, index, stride(dim)));
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  auto inBytes = [&](Value count) -> Value {
    return arith::IndexCastOp::create(b, loc, b.getI64Type(),
                                      b.mul(count, bytes));
  };
  auto pointerType = LLVM::LLVMPointerType::get(b.getContext());
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, memory);
  base = arith::IndexCastOp::create(b, loc, b.getI64Type(), base);
  base = LLVM::IntToPtrOp::create(b, loc, pointerType, base);
  Value address = LLVM::GEPOp::create(b, loc, pointerType, b.getI8Type(), base,
                                      ArrayRef<LLVM::GEPArg>{inBytes(element)});
  return std::make_pair(address, inBytes(stride(row.getPosition())));
}

//===----------------------------------------------------------------------===//
// One pattern an op
//===----------------------------------------------------------------------===//

namespace {
template <typename OpTy>
struct TilePattern : OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;
  using Adaptor = typename OpTy::Adaptor;

  LogicalResult
  matchAndRewrite(OpTy op, Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    IRBuilder b(rewriter, op.getLoc());
    Type tile = LLVM::LLVMX86AMXType::get(op.getContext());
    FailureOr<Value> result = lower(b, op, adaptor, tile);
    if (failed(result))
      return rewriter.notifyMatchFailure(op, "has no such instruction");
    if (*result)
      rewriter.replaceOp(op, *result);
    else
      rewriter.eraseOp(op);
    return success();
  }

  FailureOr<Value> lower(IRBuilder &b, OpTy op, Adaptor adaptor,
                         Type tile) const;
};
} // namespace

template <>
FailureOr<Value> TilePattern<vector::TransferReadOp>::lower(
    IRBuilder &b, vector::TransferReadOp op, Adaptor adaptor, Type tile) const {
  auto place = locate(b, op, adaptor.getBase(), adaptor.getIndices());
  if (failed(place))
    return failure();
  SmallVector<Value> operands = tileShape(b);
  operands.append({place->first, place->second});
  return call(b, "tileloadd64.internal", tile, operands);
}

template <>
FailureOr<Value> TilePattern<vector::TransferWriteOp>::lower(
    IRBuilder &b, vector::TransferWriteOp op, Adaptor adaptor, Type) const {
  auto place = locate(b, op, adaptor.getBase(), adaptor.getIndices());
  if (failed(place))
    return failure();
  SmallVector<Value> operands = tileShape(b);
  operands.append({place->first, place->second, adaptor.getValueToStore()});
  return call(b, "tilestored64.internal", {}, operands);
}

template <>
FailureOr<Value>
TilePattern<arith::ConstantOp>::lower(IRBuilder &b, arith::ConstantOp op,
                                      Adaptor, Type tile) const {
  if (!matchPattern(op.getResult(), m_PosZeroFloat()))
    return failure();
  return call(b, "tilezero.internal", tile, tileShape(b));
}

template <>
FailureOr<Value>
TilePattern<vector::ShapeCastOp>::lower(IRBuilder &, vector::ShapeCastOp,
                                        Adaptor adaptor, Type) const {
  return adaptor.getSource();
}

template <>
FailureOr<Value> TilePattern<vector::ContractionOp>::lower(
    IRBuilder &b, vector::ContractionOp op, Adaptor adaptor, Type tile) const {
  if (!isTileProduct(op))
    return failure();
  // Rows, bytes of a row of the sums, and of what is multiplied.
  SmallVector<Value> operands = tileShape(b);
  operands.push_back(operands.back());
  operands.append({adaptor.getAcc(), adaptor.getLhs(), adaptor.getRhs()});
  return call(b, "tdpbf16ps.internal", tile, operands);
}

/// A zero of its own, where it is used, for each square that starts with one:
/// no instruction copies a register to another.
static void separateZeros(ModuleOp module) {
  SmallVector<arith::ConstantOp> zeros;
  module.walk([&](arith::ConstantOp op) {
    if (isTile(op.getType()))
      zeros.push_back(op);
  });
  for (arith::ConstantOp zero : zeros) {
    for (OpOperand &use : llvm::make_early_inc_range(zero->getUses())) {
      OpBuilder b(use.getOwner());
      use.set(b.clone(*zero)->getResult(0));
    }
    zero.erase();
  }
}

void LowerTiles::runOnOperation() {
  std::optional<TargetSpec> spec = getTargetSpec(getOperation());
  if (!spec || !spec->matrixTiles)
    return;
  separateZeros(getOperation());
  MLIRContext *context = &getContext();
  TypeConverter converter;
  converter.addConversion([](Type type) { return type; });
  converter.addConversion([](VectorType type) -> std::optional<Type> {
    if (!isTile(type))
      return std::nullopt;
    return LLVM::LLVMX86AMXType::get(type.getContext());
  });
  ConversionTarget target(*context);
  target.markUnknownOpDynamicallyLegal([](Operation *op) {
    return llvm::none_of(op->getOperandTypes(), isTile) &&
           llvm::none_of(op->getResultTypes(), isTile);
  });
  RewritePatternSet patterns(context);
  scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                       target);
  patterns.add<TilePattern<vector::TransferReadOp>,
               TilePattern<vector::TransferWriteOp>,
               TilePattern<arith::ConstantOp>, TilePattern<vector::ShapeCastOp>,
               TilePattern<vector::ContractionOp>>(converter, context);
  if (failed(
          applyPartialConversion(getOperation(), target, std::move(patterns))))
    signalPassFailure();
}
