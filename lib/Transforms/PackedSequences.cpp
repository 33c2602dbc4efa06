//===- PackedSequences.cpp - Query tiles of packed sequences
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Sequences have lengths of their own, so their tiles are no rectangle. They
// are listed first, in a table of (sequence, first query); the parallel loop
// runs over the list, and no iteration is empty. The list has at most one
// ragged tile a sequence, which bounds its size by the shapes:
//
//   tiles, n = [(b, i) for b in sequences for i in 0, 48, .. before length(b)]
//   forall (head, t) in heads x n:
//     tile of query s[b] + i, keys t[b] to t[b + 1]
//
// Where few queries are a tile, with keys in the lanes, all heads that share
// the keys are in one.
//
//===----------------------------------------------------------------------===//

#include "PackedSequences.h"
#include "OnlineAttention/DecodeTask.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/KeyLists.h"
#include "attn/Support/IRBuilder.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"

using namespace mlir;
using namespace attn;

namespace {
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Where a sequence lies in a packed tensor; index values.
struct Span {
  Value begin, length;
};

class PackedTiler {
public:
  PackedTiler(IRBuilder &b, AttentionOp op)
      : op(op), shape(getAttentionShape(op)), lists(getKeyLists(op)),
        keysInLanes(op.getSchedule()->keysInLanes()),
        heads(keysInLanes ? getHeadsTogether(op) : 1),
        tile(op.getSchedule()->getQueryTile() / heads), zero(b.getIndexAttr(0)),
        one(b.getIndexAttr(1)) {
    if (lists) // of which a tile has one
      tile = lists->getQueryStep(tile);
  }

  FailureOr<SmallVector<Value>> run(IRBuilder &b);

private:
  Span span(IRBuilder &b, Value starts, Value sequence) {
    Value begin = b.extractIndex(starts, sequence);
    Value end = b.extractIndex(starts, b.add(sequence, 1));
    return {begin, b.sub(end, begin)};
  }
  void listTiles(IRBuilder &b);
  Value makeOutput(IRBuilder &b, OpResult result, ArrayRef<OpFoldResult> sizes);
  AttentionOp attendSequence(IRBuilder &b, Value sequence, Span queries,
                             Span keys);
  /// Whether `result` has a number for each query and key.
  bool isOfPairs(Value result) {
    return result == op.getAuxResult("scores") ||
           result == op.getAuxResult("probabilities");
  }
  Value listsOf(IRBuilder &b, Value tensor, Value sequence);
  Value fillOthers(IRBuilder &b, Value whole, ArrayRef<OpFoldResult> offsets,
                   ArrayRef<OpFoldResult> sizes, Span keys, double number);
  LogicalResult emitTask(OpBuilder &builder, ValueRange arguments);

  AttentionOp op;
  AttentionShape shape;
  std::optional<KeyLists> lists;
  bool keysInLanes;
  int64_t heads; ///< Of a task.
  int64_t tile;  ///< Queries of a task.
  OpFoldResult zero, one;
  Value tiles; ///< capacity x (sequence, first query), i32.
  Value count; ///< How many of them there are.
};
} // namespace

void PackedTiler::listTiles(IRBuilder &b) {
  Location loc = b.getLoc();
  Value starts = op.getQueryStartsOperand();
  Value sequences = b.sub(b.dim(starts, 0), b.index(1));
  AffineExpr queries = b.d(0), others = b.d(1);
  OpFoldResult capacity = affine::makeComposedFoldedAffineApply(
      b, loc, queries.floorDiv(tile) + others,
      {tensor::getMixedSize(b, loc, op.getQuery(), shape.layout.sequence),
       getAsOpFoldResult(sequences)});
  Value list = b.empty({capacity, b.getIndexAttr(2)}, b.getI32Type());
  auto put = [&](IRBuilder &b, Value number, Value list, ValueRange at) {
    Value narrow =
        arith::IndexCastOp::create(b, b.getLoc(), b.getI32Type(), number);
    return tensor::InsertOp::create(b, b.getLoc(), narrow, list, at)
        .getResult();
  };
  auto results =
      b.loop(b.index(0), sequences, 1, {list, b.index(0)},
             [&](IRBuilder &b, Value sequence, ValueRange outer) {
               Value length = span(b, starts, sequence).length;
               return SmallVector<Value>(
                   b.loop(b.index(0), length, tile, outer,
                          [&](IRBuilder &b, Value first,
                              ValueRange inner) -> SmallVector<Value> {
                            Value list = inner[0], number = inner[1];
                            list = put(b, sequence, list, {number, b.index(0)});
                            list = put(b, first, list, {number, b.index(1)});
                            return {list, b.add(number, 1)};
                          }));
             });
  tiles = results[0];
  count = results[1];
}

/// The part of `tensor`, of lists, that belongs to `sequence`.
Value PackedTiler::listsOf(IRBuilder &b, Value tensor, Value sequence) {
  if (!lists->byBatch)
    return tensor;
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), zero),
      sizes = tensor::getMixedSizes(b, b.getLoc(), tensor);
  offsets[0] = sequence;
  sizes[0] = one;
  return b.slice(tensor, offsets, sizes,
                 type.clone(type.getShape().drop_front()));
}

/// The attention of `sequence` alone, of all heads.
AttentionOp PackedTiler::attendSequence(IRBuilder &b, Value sequence,
                                        Span queries, Span keys) {
  Location loc = b.getLoc();
  unsigned dim = shape.layout.sequence;
  auto cut = [&](Value tensor, Span part) -> Value {
    if (!tensor)
      return {};
    SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, tensor),
                              offsets(sizes.size(), zero);
    offsets[dim] = part.begin;
    sizes[dim] = part.length;
    return b.slice(tensor, offsets, sizes);
  };
  auto group = [&](MutableOperandRange into, Value tensor) {
    if (Value part = cut(tensor, keys))
      into.assign(part);
  };
  SmallVector<Type> types;
  for (Value result : op.getResults()) {
    auto type = cast<RankedTensorType>(result.getType());
    SmallVector<int64_t> sizes(type.getShape());
    // Statistics are head x query [x key] in every layout.
    sizes[result == op.getOutput() ? dim : 1] = ShapedType::kDynamic;
    if (isOfPairs(result))
      sizes[2] = ShapedType::kDynamic;
    types.push_back(type.clone(sizes));
  }
  Value query = cut(op.getQuery(), queries), key = cut(op.getKey(), keys),
        value = cut(op.getValue(), keys);
  Value start = b.index(0);
  AttentionOp alone = AttentionOp::create(b, loc, types, query, key, value);
  auto segments = alone.getProperties().operandSegmentSizes;
  alone.getProperties() = op.getProperties();
  alone.getProperties().operandSegmentSizes = segments;
  b.setInsertionPoint(alone);
  group(alone.getKeyScalesMutable(), op.getKeyScalesOperand());
  group(alone.getKeyZeroPointsMutable(), op.getKeyZeroPointsOperand());
  group(alone.getValueScalesMutable(), op.getValueScalesOperand());
  group(alone.getValueZeroPointsMutable(), op.getValueZeroPointsOperand());
  for (auto [from, into] : {std::pair(op.getCsr(), alone.getCsrMutable()),
                            {op.getBlocks(), alone.getBlocksMutable()}}) {
    SmallVector<Value> own = llvm::map_to_vector(
        from, [&](Value tensor) { return listsOf(b, tensor, sequence); });
    into.assign(own);
  }
  if (lists && lists->pointers && !lists->everyEntryIsKey)
    alone->setAttr(kSomeEntryIsNoneAttr, b.getUnitAttr());
  alone.getSinksMutable().assign(op.getSinks());
  alone.getOffsetsMutable().assign({sequence, start, start, start});
  b.setInsertionPointAfter(alone);
  alone.getValueTableMutable().assign(op.getValueTable());
  op.cloneRegionsInto(alone);
  return alone;
}

/// The part of `whole` at `offsets` with `number` for the keys of other
/// sequences.
Value PackedTiler::fillOthers(IRBuilder &b, Value whole,
                              ArrayRef<OpFoldResult> offsets,
                              ArrayRef<OpFoldResult> sizes, Span keys,
                              double number) {
  Value rows = b.slice(whole, offsets, sizes);
  Value end = b.add(keys.begin, keys.length);
  for (auto [from, to] :
       {std::pair(b.index(0), keys.begin), std::pair(end, b.dim(whole, 2))}) {
    SmallVector<OpFoldResult> at(3, zero), extent(sizes);
    at[2] = from;
    extent[2] = b.sub(to, from);
    rows =
        b.insert(b.filled(b.slice(rows, at, extent), number), rows, at, extent);
  }
  return rows;
}

/// One iteration: `arguments` are head or group, tile, and the shared outputs.
LogicalResult PackedTiler::emitTask(OpBuilder &builder, ValueRange arguments) {
  IRBuilder b(builder, op.getLoc());
  Value head = arguments[0], number = arguments[1];
  Value sequence = b.extractIndex(tiles, {number, b.index(0)});
  Value first = b.extractIndex(tiles, {number, b.index(1)});
  Span queries = span(b, op.getQueryStartsOperand(), sequence);
  Span keys = span(b, op.getKeyStartsOperand(), sequence);
  Value live = b.min(b.sub(queries.length, first), b.index(tile));

  AttentionOp alone = attendSequence(b, sequence, queries, keys);
  OpFoldResult together = b.getIndexAttr(heads);
  SmallVector<OpFoldResult> at = {getAsOpFoldResult(b.mul(head, heads)), first},
                            sizes = {together, live};
  // Before the tile, which becomes code that writes there.
  unsigned count = op.getNumResults();
  SmallVector<SmallVector<OpFoldResult>> offsets(count), extents(count);
  SmallVector<Value> rows(count); // of all keys, where results have them
  for (unsigned index = 0; index < count; ++index) {
    if (failed(alone.getResultTilePosition(b, index, at, sizes, offsets[index],
                                           extents[index])))
      return failure();
    offsets[index][index == 0 ? shape.layout.sequence : 1] =
        b.add(queries.begin, first);
    Value result = op->getResult(index);
    if (!isOfPairs(result))
      continue;
    extents[index][2] = getAsOpFoldResult(b.dim(arguments[2 + index], 2));
    rows[index] =
        fillOthers(b, arguments[2 + index], offsets[index], extents[index],
                   keys, result == op.getAuxResult("scores") ? -infinity : 0);
  }
  // Of results of pairs, those of the sequence's own keys.
  SmallVector<OpFoldResult> own = {zero, zero, keys.begin},
                            extent = {together, live, keys.length};
  SmallVector<Value> parts;
  if (keysInLanes) {
    for (unsigned index = 0; index < count; ++index)
      parts.push_back(rows[index] ? b.slice(rows[index], own, extent)
                                  : b.slice(arguments[2 + index],
                                            offsets[index], extents[index]));
    FailureOr<SmallVector<Value>> done =
        emitDecodeTask(b, alone, *op.getSchedule(), head, first, live, parts);
    if (failed(done))
      return failure();
    parts = *done;
  } else {
    FailureOr<TilingResult> tiled = alone.getTiledImplementation(b, at, sizes);
    if (failed(tiled))
      return failure();
    parts = tiled->tiledValues;
  }
  for (unsigned index = 0; index < count; ++index)
    if (rows[index])
      parts[index] = b.insert(parts[index], rows[index], own, extent);
  auto inParallel = scf::InParallelOp::create(b, b.getLoc());
  b.setInsertionPointToEnd(inParallel.getBody());
  for (unsigned index = 0; index < count; ++index)
    tensor::ParallelInsertSliceOp::create(
        b, b.getLoc(), parts[index], arguments[2 + index], offsets[index],
        extents[index], SmallVector<OpFoldResult>(offsets[index].size(), one));
  alone.erase();
  return success();
}

/// An empty tensor for `result`, of its very type.
Value PackedTiler::makeOutput(IRBuilder &b, OpResult result,
                              ArrayRef<OpFoldResult> sizes) {
  auto type = cast<RankedTensorType>(result.getType());
  SmallVector<OpFoldResult> extents(sizes);
  for (auto [extent, size] : llvm::zip_equal(extents, type.getShape()))
    if (!ShapedType::isDynamic(size))
      extent = b.getIndexAttr(size);
  Value output = b.empty(extents, type.getElementType());
  if (output.getType() != type)
    output = tensor::CastOp::create(b, b.getLoc(), type, output);
  return output;
}

FailureOr<SmallVector<Value>> PackedTiler::run(IRBuilder &b) {
  listTiles(b);
  ReifiedRankedShapedTypeDims sizes;
  if (failed(op.reifyResultShapes(b, sizes)))
    return failure();
  SmallVector<Value> outputs;
  for (OpResult result : op->getResults())
    outputs.push_back(makeOutput(b, result, sizes[result.getResultNumber()]));
  LogicalResult status = success();
  auto forall = scf::ForallOp::create(
      b, b.getLoc(), {zero, zero},
      {b.getIndexAttr(shape.queryHeads / heads), count}, {one, one}, outputs,
      /*mapping=*/std::nullopt,
      [&](OpBuilder &builder, Location, ValueRange arguments) {
        status = emitTask(builder, arguments);
      });
  if (failed(status))
    return failure();
  return SmallVector<Value>(forall.getResults());
}

LogicalResult attn::tilePackedQueries(IRRewriter &rewriter, AttentionOp op) {
  rewriter.setInsertionPoint(op);
  OpBuilder builder(op);
  IRBuilder b(builder, op.getLoc());
  FailureOr<SmallVector<Value>> results = PackedTiler(b, op).run(b);
  if (failed(results))
    return failure();
  rewriter.replaceOp(op, *results);
  return success();
}
