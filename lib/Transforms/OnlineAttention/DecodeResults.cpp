//===- DecodeResults.cpp - What a task of few queries leaves
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Decode.h"
#include "Nibbles.h"
#include "attn/Support/Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace attn;

Value Decode::filledRows(IRBuilder &b, int64_t rows, ArrayRef<int64_t> columns,
                         Type element, Value live, double value) {
  SmallVector<int64_t> all = {rows};
  llvm::append_range(all, columns);
  SmallVector<OpFoldResult> sizes = getAsIndexOpFoldResult(b.getContext(), all),
                            offsets(all.size(), b.getIndexAttr(0));
  sizes[0] = getAsOpFoldResult(live);
  Value tensor = b.scratch(all, element);
  return b.insert(b.filled(b.slice(tensor, offsets, sizes), value), tensor,
                  offsets, sizes);
}

OnlineState Decode::emptyState(IRBuilder &b, Value live, bool lanes) {
  OnlineState state = OnlineState::namesFor(op);
  for (StringRef name : state.names) {
    SmallVector<int64_t> columns;
    if (name == "acc")
      columns.push_back(shape.valueSize);
    else if (lanes && name != "max")
      columns.push_back(schedule.getLanes());
    state.values.push_back(filledRows(b, rows, columns, element, live,
                                      OnlineState::initial(name)));
  }
  return state;
}

Value Decode::withoutBatch(IRBuilder &b, Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (type.getRank() == 3)
    return tensor;
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0));
  return b.slice(tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
                 type.clone(type.getShape().drop_front()));
}

Value Decode::takeScores(SmallVectorImpl<Value> &results) {
  if (!pairs.scores)
    return {};
  Value scores = results[*pairs.scores];
  results.erase(results.begin() + *pairs.scores);
  return scores;
}

Value Decode::withBatch(IRBuilder &b, Value part, Value tensor) {
  if (part.getType() == tensor.getType())
    return part;
  SmallVector<OpFoldResult> offsets(4, b.getIndexAttr(0));
  return b.insert(part, tensor, offsets,
                  tensor::getMixedSizes(b, b.getLoc(), tensor));
}

Decode::Slices Decode::outputSlices(IRBuilder &b, const Work &work) {
  Slices slices;
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  for (OpResult result : op->getResults()) {
    bool isOutput = result.getResultNumber() == 0;
    // Statistics are (batch,) head, query in every layout.
    unsigned headDim = isOutput ? at.head : (at.batch ? 1 : 0);
    unsigned queryDim = isOutput ? at.sequence : headDim + 1;
    auto rank = cast<RankedTensorType>(result.getType()).getRank();
    SmallVector<OpFoldResult> offsets(rank, zero), sizes(rank, one);
    if (at.batch)
      offsets[0] = work.batch;
    offsets[headDim] = b.mul(work.head, group);
    sizes[headDim] = b.getIndexAttr(group);
    offsets[queryDim] = getAsOpFoldResult(work.queries.first);
    sizes[queryDim] = getAsOpFoldResult(work.queries.count);
    if (isOutput)
      sizes[at.feature] = b.getIndexAttr(shape.valueSize);
    else if (rank == int64_t(at.rank())) // scores or probabilities
      sizes.back() = getAsOpFoldResult(keys);
    slices.push_back({offsets, sizes});
  }
  return slices;
}

/// Writes acc / sum of each row, and what `aux` names, but for the scores, into
/// `into`. Rows without a live key are zero and -inf.
SmallVector<Value> Decode::finish(IRBuilder &b, OnlineState state, Value sinks,
                                  Value scores, Value live, ValueRange into) {
  if (sinks)
    addSinks(b, state, getAsOpFoldResult(live),
             [&](IRBuilder &b, Value row) -> Value {
               Value head = b.createOrFold<arith::RemUIOp>(b.getLoc(), row,
                                                           b.index(group));
               return b.extract(sinks, head);
             });
  SmallVector<StringRef> names;
  if (op.getAux())
    llvm::append_range(names, op.getAux()->getAsValueRange<StringAttr>());
  llvm::erase(names, "scores");
  return b.loop(
      b.index(0), live, 1, into,
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value size = b.index(group);
        Value query = b.createOrFold<arith::DivUIOp>(loc, row, size);
        Value head = b.createOrFold<arith::RemUIOp>(loc, row, size);
        OnlineState numbers;
        for (auto [name, part] : llvm::zip_equal(state.names, state.values))
          if (name != "acc") {
            numbers.names.push_back(name);
            numbers.values.push_back(b.extract(part, row));
          }
        Value sum = numbers.get("sum");
        Value inverse = sum ? inverseOf(b, sum) : Value();
        auto type = cast<RankedTensorType>(args[0].getType());
        SmallVector<OpFoldResult> offsets(at.rank(), b.getIndexAttr(0)),
            sizes(at.rank(), b.getIndexAttr(1));
        offsets[at.head] = head;
        offsets[at.sequence] = query;
        sizes[at.feature] = b.getIndexAttr(shape.valueSize);
        Value line =
            b.slice(args[0], offsets, sizes, type.clone({shape.valueSize}));
        Value from =
            b.slice(state.get("acc"), {row, b.getIndexAttr(0)},
                    {b.getIndexAttr(1), b.getIndexAttr(shape.valueSize)},
                    RankedTensorType::get({shape.valueSize}, element));
        auto normalise = [&](IRBuilder &b,
                             ValueRange args) -> SmallVector<Value> {
          Value number = inverse ? b.mulf(args[0], inverse) : args[0];
          return {b.convert(number, args[1].getType())};
        };
        if (hasHalves(op.getValue(), shape.valueSize)) {
          auto map = [&](ArrayRef<AffineExpr> results) {
            return AffineMap::get(2, 0, results, b.getContext());
          };
          line = b.generic("pp", splitHalves(b, from), line,
                           {map({b.d(1), b.d(0)}), map(b.d(0) * 2 + b.d(1))},
                           /*extents=*/{}, normalise)[0];
        } else {
          line = b.generic("p", from, {{0}}, line, {{0}}, normalise)[0];
        }
        SmallVector<Value> results = {b.insert(line, args[0], offsets, sizes)};
        for (auto [name, statistics] :
             llvm::zip_equal(names, args.drop_front())) {
          if (name == "probabilities") {
            if (areProbabilitiesDone(op)) {
              results.push_back(statistics);
              continue;
            }
            results.push_back(writeProbabilities(
                b, op.getNormalizer(), numbers, scores ? scores : statistics,
                statistics, head, query, keys));
            continue;
          }
          SmallVector<Value> position = {head, query};
          if (at.batch)
            position.insert(position.begin(), b.index(0));
          Value value =
              rowStatistic(b, name, scoreUnit(op.getNormalizer()), numbers);
          results.push_back(
              tensor::InsertOp::create(b, loc, value, statistics, position));
        }
        return results;
      });
}

SmallVector<Value> Decode::slicesOf(IRBuilder &b, ValueRange tensors,
                                    const Slices &slices) {
  SmallVector<Value> parts;
  for (auto [tensor, slice] : llvm::zip_equal(tensors, slices))
    parts.push_back(b.slice(tensor, slice.first, slice.second));
  return parts;
}

void Decode::endTask(IRBuilder &b, scf::ForallOp forall, ValueRange parts,
                     const Slices &slices) {
  b.setInsertionPointToStart(forall.getTerminator().getBody());
  for (auto [part, shared, slice] :
       llvm::zip_equal(parts, forall.getRegionIterArgs(), slices)) {
    SmallVector<OpFoldResult> strides(slice.first.size(), b.getIndexAttr(1));
    tensor::ParallelInsertSliceOp::create(b, b.getLoc(), part, shared,
                                          slice.first, slice.second, strides);
  }
}
