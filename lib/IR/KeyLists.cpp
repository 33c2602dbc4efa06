//===- KeyLists.cpp - The keys that an attention lists --------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/KeyLists.h"
#include "RegionAsm.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

std::optional<KeyLists> attn::getKeyLists(AttentionOp op) {
  bool isCSR = !op.getCsr().empty();
  OperandRange group = isCSR ? op.getCsr() : op.getBlocks();
  if (group.empty())
    return std::nullopt;
  KeyLists lists;
  lists.pointers = group.size() == 2 ? group.front() : Value();
  lists.entries = group.back();
  lists.queryBlock = isCSR ? 1 : (*op.getBlockSizes())[0];
  lists.keyBlock = isCSR ? 1 : (*op.getBlockSizes())[1];
  int64_t rank = typeOf(lists.entries).getRank();
  int64_t leading = lists.pointers ? rank - 1 : std::max<int64_t>(rank - 2, 0);
  bool isPacked = !op.getQueryStarts().empty();
  bool hasBatch = isPacked || typeOf(op.getQuery()).getRank() == 4;
  lists.byBatch = hasBatch && leading >= 1;
  lists.byHead = leading == (hasBatch ? 2 : 1);
  lists.isSingle = !lists.pointers && rank == 1;
  bool someIsNone =
      op->hasAttr(kSomeEntryIsNoneAttr) || (isPacked && !lists.byBatch);
  lists.everyEntryIsKey =
      (lists.pointers && !someIsNone) || op->hasAttr(kEveryEntryIsKeyAttr);
  return lists;
}

int64_t KeyLists::getQueryStep(int64_t most) const {
  if (isSingle)
    return most;
  int64_t step = std::min(most, queryBlock);
  while (queryBlock % step != 0)
    --step;
  return step;
}

bool attn::mayShareLists(AttentionOp op) {
  if (!getKeyLists(op))
    return true;
  return op.getQueryStarts().empty() && !op.getAuxResult("scores") &&
         !op.getAuxResult("probabilities");
}

int64_t attn::getHeadsTogether(AttentionOp op) {
  std::optional<KeyLists> lists = getKeyLists(op);
  return lists && lists->byHead ? 1 : getAttentionShape(op).groupSize();
}

KeyLists::List KeyLists::getList(OpBuilder &builder, Location loc,
                                 OpFoldResult b, OpFoldResult h,
                                 OpFoldResult i) const {
  if (isSingle)
    return {entries, {}};
  Value begin;
  OpFoldResult one = builder.getIndexAttr(1);
  SmallVector<OpFoldResult> front;
  if (byBatch)
    front.push_back(b);
  if (byHead)
    front.push_back(h);
  AffineExpr d0 = builder.getAffineDimExpr(0);
  OpFoldResult row = affine::makeComposedFoldedAffineApply(
      builder, loc, d0.floorDiv(queryBlock), i);
  SmallVector<OpFoldResult> offsets(front), sizes(front.size(), one);
  if (!pointers) {
    // A query beyond the lists sees no key. (Those of an argument are counted
    // at the entry.)
    unsigned dim = firstDim();
    OpFoldResult rows = tensor::getMixedSize(builder, loc, entries, dim);
    OpFoldResult length = tensor::getMixedSize(builder, loc, entries, dim + 1);
    if (!isa<Attribute>(rows)) {
      Value at = getValueOrCreateConstantIndexOp(builder, loc, row);
      Value exists = arith::CmpIOp::create(
          builder, loc, arith::CmpIPredicate::ult, at,
          getValueOrCreateConstantIndexOp(builder, loc, rows));
      Value none = arith::ConstantIndexOp::create(builder, loc, 0);
      auto where = [&](OpFoldResult value) -> OpFoldResult {
        return builder.createOrFold<arith::SelectOp>(
            loc, exists, getValueOrCreateConstantIndexOp(builder, loc, value),
            none);
      };
      row = where(at);
      length = where(length);
    }
    offsets.append({row, builder.getIndexAttr(0)});
    sizes.append({one, length});
  } else {
    SmallVector<Value> at =
        getValueOrCreateConstantIndexOp(builder, loc, front);
    auto pointer = [&](int64_t next) -> Value {
      OpFoldResult place =
          affine::makeComposedFoldedAffineApply(builder, loc, d0 + next, row);
      SmallVector<Value> indices(at);
      indices.push_back(getValueOrCreateConstantIndexOp(builder, loc, place));
      Value number = tensor::ExtractOp::create(builder, loc, pointers, indices);
      return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                        number);
    };
    begin = pointer(0);
    Value end = pointer(1);
    offsets.push_back(begin);
    sizes.push_back(builder.createOrFold<arith::SubIOp>(loc, end, begin));
  }
  SmallVector<OpFoldResult> strides(offsets.size(), one);
  auto type = typeOf(entries).clone(
      {getConstantIntValue(sizes.back()).value_or(ShapedType::kDynamic)});
  return {tensor::ExtractSliceOp::create(builder, loc, type, entries, offsets,
                                         sizes, strides),
          begin};
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// attention_c25
static LogicalResult verifyBlockSizes(AttentionOp op) {
  std::optional<ArrayRef<int64_t>> sizes = op.getBlockSizes();
  if (op.getBlocks().empty() != !sizes)
    return op.emitOpError()
           << "expects blocks and block_sizes together, got only "
           << (sizes ? "block_sizes" : "blocks");
  if (!sizes || (sizes->size() == 2 && (*sizes)[0] > 0 && (*sizes)[1] > 0))
    return success();
  auto error = op.emitOpError() << "expects block_sizes of two positive "
                                   "numbers, of queries and of keys, got [";
  llvm::interleaveComma(*sizes, error);
  return error << ']';
}

/// attention_c24
LogicalResult asmutil::verifyKeyLists(AttentionOp op) {
  if (!op.getCsr().empty() && !op.getBlocks().empty())
    return op.emitOpError("expects csr or blocks, got both");
  if (failed(verifyBlockSizes(op)))
    return failure();
  StringRef name = op.getCsr().empty() ? "blocks" : "csr";
  OperandRange group = op.getCsr().empty() ? op.getBlocks() : op.getCsr();
  if (group.empty())
    return success();
  if (group.size() > 2)
    return op.emitOpError() << "expects one or two tensors in " << name
                            << ", got " << group.size();
  for (Value tensor : group)
    if (!typeOf(tensor).getElementType().isSignlessInteger(32))
      return op.emitOpError()
             << "expects " << name << " of i32, got " << typeOf(tensor);
  AttentionShape shape = getAttentionShape(op);
  bool hasBatch = shape.layout.batch || shape.isPacked;
  int64_t batch = shape.batch;
  if (shape.isPacked) {
    int64_t starts = typeOf(op.getQueryStartsOperand()).getDimSize(0);
    batch = ShapedType::isDynamic(starts) ? starts : starts - 1;
  }
  RankedTensorType entries = typeOf(group.back());
  bool pointed = group.size() == 2;
  int64_t least = pointed ? 1 : 2, most = least + (hasBatch ? 2 : 1);
  bool isSingle = !pointed && entries.getRank() == 1;
  if (!isSingle && (entries.getRank() < least || entries.getRank() > most))
    return op.emitOpError()
           << "expects " << name << " of ["
           << (hasBatch ? "batch x [heads x]" : "heads x") << "] "
           << (pointed ? "entries" : "lists x entries") << ", got " << entries;
  KeyLists lists = *getKeyLists(op);
  auto expectSize = [&](Value tensor, unsigned dim, StringRef what,
                        int64_t size) -> LogicalResult {
    if (succeeded(verifyCompatibleDims({typeOf(tensor).getDimSize(dim), size})))
      return success();
    return op.emitOpError() << "expects " << name << " for " << size << ' '
                            << what << ", got " << typeOf(tensor);
  };
  if (lists.pointers && typeOf(lists.pointers).getRank() != entries.getRank())
    return op.emitOpError()
           << "expects pointers and entries of " << name << " of one rank, got "
           << typeOf(lists.pointers) << " and " << entries;
  for (Value tensor : group) {
    if (lists.byBatch &&
        failed(expectSize(tensor, 0, shape.isPacked ? "sequences" : "batches",
                          batch)))
      return failure();
    if (lists.byHead && failed(expectSize(tensor, lists.byBatch ? 1 : 0,
                                          "heads", shape.queryHeads)))
      return failure();
  }
  // Of packed sequences, the longest decides how many lists there are.
  if (isSingle || shape.isPacked || ShapedType::isDynamic(shape.queries))
    return success();
  int64_t rows = llvm::divideCeil(shape.queries, lists.queryBlock);
  return lists.pointers
             ? expectSize(lists.pointers, lists.firstDim(), "pointers",
                          rows + 1)
             : expectSize(lists.entries, lists.firstDim(), "lists", rows);
}
