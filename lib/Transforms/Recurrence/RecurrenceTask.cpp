//===- RecurrenceTask.cpp - The operands and the loops of a task
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RecurrenceTask.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

RecurrenceTask::RecurrenceTask(LinearAttentionOp op)
    : op(op), shape(getRecurrenceShape(op)), schedule(*op.getSchedule()),
      element(op.getAccumulatorType()), size(schedule.getTokens()) {}

SmallVector<RegisterTile> RecurrenceTask::columnTiles(int64_t rows) const {
  auto tiles = registerTiles(rows, columns, schedule.getLanes(),
                             schedule.getRegisters());
  return SmallVector<RegisterTile>(tiles.begin(), tiles.end());
}

Factor TokenMatrix::part(IRBuilder &b, OpFoldResult token, OpFoldResult tokens,
                         OpFoldResult feature, OpFoldResult features,
                         unsigned tokenDim, unsigned featureDim) const {
  if (transposed)
    return {b.slice(tensor, {feature, token}, {features, tokens}),
            {featureDim, tokenDim}};
  return {b.slice(tensor, {token, feature}, {tokens, features}),
          {tokenDim, featureDim}};
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// Tokens x features of the task's key/value head, features from `feature` on.
Value RecurrenceTask::headOf(IRBuilder &b, Value tensor, Value feature,
                             int64_t features) {
  const HeadLayout &at = shape.layout;
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> offsets(at.rank(), b.getIndexAttr(0)),
      sizes(at.rank(), b.getIndexAttr(1));
  if (at.batch)
    offsets[*at.batch] = batch;
  offsets[at.head] = head;
  offsets[at.feature] = feature;
  sizes[at.sequence] = tensor::getMixedSize(b, b.getLoc(), tensor, at.sequence);
  sizes[at.feature] = b.getIndexAttr(features);
  return b.slice(tensor, offsets, sizes,
                 type.clone({type.getDimSize(at.sequence), features}));
}

/// The same of the query heads that share the state: heads x tokens x features,
/// or tokens x heads x features, as the layout has them.
Value RecurrenceTask::groupOf(IRBuilder &b, Value tensor, Value feature,
                              int64_t features) {
  const HeadLayout &at = shape.layout;
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<OpFoldResult> offsets(at.rank(), b.getIndexAttr(0)),
      sizes(at.rank(), b.getIndexAttr(1));
  if (at.batch)
    offsets[*at.batch] = batch;
  offsets[at.head] = firstQueryHead;
  offsets[at.feature] = feature;
  sizes[at.head] = b.getIndexAttr(shape.groupSize());
  sizes[at.sequence] = tensor::getMixedSize(b, b.getLoc(), tensor, at.sequence);
  sizes[at.feature] = b.getIndexAttr(features);
  SmallVector<int64_t> sizesOfType = {shape.groupSize(),
                                      type.getDimSize(at.sequence), features};
  if (at.sequence < at.head)
    std::swap(sizesOfType[0], sizesOfType[1]);
  return b.slice(tensor, offsets, sizes, type.clone(sizesOfType));
}

std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>
RecurrenceTask::placeInGroup(IRBuilder &b, Value head, OpFoldResult heads,
                             Value token, OpFoldResult tokens,
                             OpFoldResult feature, OpFoldResult features) {
  if (shape.layout.sequence < shape.layout.head)
    return {{token, head, feature}, {tokens, heads, features}};
  return {{head, token, feature}, {heads, tokens, features}};
}

static std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>
placeOfState(IRBuilder &b, const RecurrenceShape &shape, Value batch,
             Value head, Value column, int64_t columns) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {head, zero, column},
                            sizes = {one, b.getIndexAttr(shape.keySize),
                                     b.getIndexAttr(columns)};
  if (shape.layout.batch) {
    offsets.insert(offsets.begin(), batch);
    sizes.insert(sizes.begin(), one);
  }
  return {offsets, sizes};
}

/// The task's columns of its state in a tensor of states.
Value RecurrenceTask::stateOf(IRBuilder &b, Value tensor) {
  auto [offsets, sizes] =
      placeOfState(b, shape, batch, head, firstColumn, columns);
  return b.slice(tensor, offsets, sizes,
                 RankedTensorType::get({shape.keySize, columns}, element));
}

/// One number of a gate, in the accumulation type.
Value RecurrenceTask::gateOf(IRBuilder &b, Value gates, Value token) {
  const HeadLayout &at = shape.layout;
  SmallVector<Value> indices(at.rank() - 1);
  if (at.batch)
    indices[*at.batch] = batch;
  indices[at.head] = head;
  indices[at.sequence] = token;
  return b.convert(b.extract(gates, indices), element);
}

/// A generic that reads what it copies is one of the vectoriser's; with `from`
/// as its input it would fold to a copy, which is not.
Value RecurrenceTask::pack(IRBuilder &b, Value from, Value into, Value last) {
  unsigned rank = cast<RankedTensorType>(into.getType()).getRank();
  SmallVector<unsigned> dims = llvm::to_vector(llvm::seq<unsigned>(0, rank));
  Type type = getElementTypeOrSelf(into);
  return b.generic(std::string(rank, 'p'), {}, {}, into, {dims},
                   [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                     SmallVector<Value> at;
                     for (unsigned dim : dims)
                       at.push_back(b.indexOf(dim));
                     if (last)
                       at[0] = b.min(at[0], last);
                     return {b.convert(b.extract(from, at), type)};
                   })[0];
}

/// The state before the first token, in `into`.
Value RecurrenceTask::initialState(IRBuilder &b, Value into) {
  if (!op.getState())
    return b.filled(into, 0);
  return pack(b, stateOf(b, op.getState()), into);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// Chunks, and the tokens behind the last one by themselves where they are few.
SmallVector<Value> RecurrenceTask::runTokens(IRBuilder &b, Value output,
                                             Value state) {
  Location loc = b.getLoc();
  Value tokens =
      b.dim(query, shape.layout.sequence < shape.layout.head ? 0 : 1);
  Value left = b.createOrFold<arith::RemUIOp>(loc, tokens, b.index(size));
  Value many =
      b.compare(arith::CmpIPredicate::sgt, left, b.index(schedule.getFew()));
  Value whole = b.sub(tokens, left);
  Value end = b.createOrFold<arith::SelectOp>(loc, many, tokens, whole);
  auto known = getConstantIntValue(end);
  auto singly = [&](IRBuilder &b, Value begin, ValueRange values) {
    return Values(b.loop(begin, tokens, 1, values,
                         [&](IRBuilder &b, Value token, ValueRange args) {
                           return runToken(b, token, args[1], args[0], args[1]);
                         }));
  };
  auto inChunks = [&](IRBuilder &b) {
    Values values = {output, initialState(b, state)};
    if (known != 0)
      values = Values(b.loop(
          b.index(0), end, size, values,
          [&](IRBuilder &b, Value first, ValueRange args) -> Values {
            // Where all chunks are whole, the code knows.
            Value count = known && *known % size == 0
                              ? b.index(size)
                              : b.min(b.sub(tokens, first), b.index(size));
            return runChunk(b, first, count, args[0], args[1]);
          }));
    if (known && known == getConstantIntValue(tokens))
      return values;
    return singly(b, end, values);
  };
  if (!op.getState() || (known && *known != 0))
    return inChunks(b);
  // The first of few tokens takes the state where it is.
  Value few = b.createOrFold<arith::AndIOp>(
      loc, b.compare(arith::CmpIPredicate::eq, end, b.index(0)),
      b.compare(arith::CmpIPredicate::sgt, tokens, b.index(0)));
  auto fromMemory = [&](IRBuilder &b) {
    Value first = stateOf(b, op.getState());
    return singly(b, b.index(1), runToken(b, b.index(0), first, output, state));
  };
  if (getConstantIntValue(few))
    return *getConstantIntValue(few) ? fromMemory(b) : inChunks(b);
  return Values(b.conditional(few, {output.getType(), state.getType()},
                              fromMemory, inChunks));
}

SmallVector<Value> RecurrenceTask::build(IRBuilder &b, const ColumnRun &run,
                                         ValueRange into) {
  Location loc = b.getLoc();
  const HeadLayout &at = shape.layout;
  columns = run.width;
  SmallVector<OpFoldResult> bounds = {
      at.batch ? tensor::getMixedSize(b, loc, op.getQuery(), *at.batch)
               : b.getIndexAttr(1),
      b.getIndexAttr(shape.keyHeads),
      b.getIndexAttr((run.end - run.begin) / run.width)};
  auto forall = scf::ForallOp::create(b, loc, bounds, into,
                                      /*mapping=*/std::nullopt);
  OpBuilder inner = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder body(inner, loc);
  SmallVector<Value> position = forall.getInductionVars();
  batch = position[0];
  head = position[1];
  firstQueryHead = body.mul(head, shape.groupSize());
  firstColumn = getValueOrCreateConstantIndexOp(
      body, loc,
      affine::makeComposedFoldedAffineApply(
          body, loc, b.d(0) * run.width + run.begin, {position[2]}));
  Value zero = body.index(0);
  query = groupOf(body, op.getQuery(), zero, shape.keySize);
  key = headOf(body, op.getKey(), zero, shape.keySize);
  value = headOf(body, op.getValue(), firstColumn, columns);
  if (shape.decay == DecayKind::Feature)
    featureDecay = headOf(body, op.getDecay(), zero, shape.keySize);
  constant = Chunk();
  if (shape.decay == DecayKind::Head)
    tabulate(body, constant, remainsOf(body, zero, body.index(size), size),
             body.index(size));

  ArrayRef<BlockArgument> shared = forall.getRegionIterArgs();
  Value output = groupOf(body, shared[0], firstColumn, columns);
  Value state = shared.size() > 1
                    ? stateOf(body, shared[1])
                    : body.scratch({shape.keySize, columns}, element);
  SmallVector<Value> results = runTokens(body, output, state);

  // Where they came from.
  SmallVector<OpFoldResult> offsets(at.rank(), b.getIndexAttr(0)),
      sizes(at.rank(), b.getIndexAttr(1)), strides = sizes;
  if (at.batch)
    offsets[*at.batch] = batch;
  offsets[at.head] = firstQueryHead;
  offsets[at.feature] = firstColumn;
  sizes[at.head] = b.getIndexAttr(shape.groupSize());
  sizes[at.sequence] = tensor::getMixedSize(body, loc, shared[0], at.sequence);
  sizes[at.feature] = b.getIndexAttr(columns);
  auto [stateOffsets, stateSizes] =
      placeOfState(body, shape, batch, head, firstColumn, columns);
  body.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(body, loc, results[0], shared[0],
                                        offsets, sizes, strides);
  if (shared.size() > 1)
    tensor::ParallelInsertSliceOp::create(
        body, loc, results[1], shared[1], stateOffsets, stateSizes,
        SmallVector<OpFoldResult>(stateSizes.size(), b.getIndexAttr(1)));
  return Values(forall.getResults());
}
