//===- DecodeResults.cpp - What a task of few queries leaves, merged
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

/// The live rows of a new tensor, holding `value`.
static Value filledRows(IRBuilder &b, int64_t rows, ArrayRef<int64_t> columns,
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

Decode::Slices Decode::partialSlices(IRBuilder &b, const Work &work) {
  OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
  SmallVector<OpFoldResult> offsets = {work.batch, work.head, work.part, zero},
                            sizes = {one, one, one, liveRows(b, work.queries)};
  Slices slices(OnlineState::namesFor(op).names.size(), {offsets, sizes});
  slices[0].first.push_back(zero);
  slices[0].second.push_back(b.getIndexAttr(shape.valueSize));
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

/// Writes the state of each row into the partial results of a split.
SmallVector<Value> Decode::keep(IRBuilder &b, const OnlineState &state,
                                Value live, ValueRange into) {
  SmallVector<Value> results;
  for (auto [part, target] : llvm::zip_equal(state.values, into)) {
    auto type = cast<RankedTensorType>(part.getType());
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
        sizes = {getAsOpFoldResult(live)};
    SmallVector<int64_t> shape = {
        getConstantIntValue(sizes[0]).value_or(ShapedType::kDynamic)};
    if (type.getRank() == 2) {
      sizes.push_back(b.getIndexAttr(type.getDimSize(1)));
      shape.push_back(type.getDimSize(1));
    }
    Value from = b.slice(part, offsets, sizes);
    OpFoldResult one = b.getIndexAttr(1), zero = b.getIndexAttr(0);
    SmallVector<OpFoldResult> where(3, zero), extent(3, one);
    where.append(offsets);
    extent.append(sizes);
    Value line = b.slice(target, where, extent, type.clone(shape));
    SmallVector<unsigned> dims = {0};
    if (type.getRank() == 2)
      dims.push_back(1);
    line =
        b.generic(type.getRank() == 2 ? "pp" : "p", from, {dims}, line, {dims},
                  [](IRBuilder &, ValueRange args) -> SmallVector<Value> {
                    return {args[0]};
                  })[0];
    results.push_back(b.insert(line, target, where, extent));
  }
  return results;
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

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

/// Merges a split's statistics of each row into `state`, which holds two parts
/// more, the weights of what was there and of what is new: those are found too.
/// On vectors of rows: exp2 of a scalar is a call.
void Decode::mergeStatistics(IRBuilder &b, OnlineState &state,
                             ValueRange partials, Value split, Value live) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  SmallVector<OpFoldResult> offsets = {zero, zero, split, zero},
                            sizes = {one, one, one, getAsOpFoldResult(live)};
  auto ofSplit = [&](StringRef name) {
    unsigned index = llvm::find(state.names, name) - state.names.begin();
    auto type = cast<RankedTensorType>(partials[index].getType());
    return b.slice(partials[index], offsets, sizes,
                   type.clone({getConstantIntValue(sizes[3]).value_or(
                       ShapedType::kDynamic)}));
  };
  auto update = [&](ArrayRef<StringRef> from, ArrayRef<StringRef> names,
                    IRBuilder::GenericBody body) {
    SmallVector<Value> inputs, outputs;
    for (StringRef name : from)
      inputs.push_back(ofSplit(name));
    for (StringRef name : names)
      outputs.push_back(b.slice(state.get(name), {zero}, {sizes[3]}));
    SmallVector<unsigned> rows = {0};
    SmallVector<ArrayRef<unsigned>> in(inputs.size(), rows),
        out(outputs.size(), rows);
    ResultRange results = b.generic("p", inputs, in, outputs, out, body);
    for (auto [name, result] : llvm::zip_equal(names, results))
      state.set(name, b.insert(result, state.get(name), {zero}, {sizes[3]}));
  };
  if (state.get("row_max"))
    update({"row_max"}, {"row_max"},
           [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
             return {raiseRowMax(b, op.getNormalizer(), args[0], args[1])};
           });
  if (state.get("sum"))
    update({"max", "sum"}, {"max", "sum", "old", "added"},
           [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
             Location loc = b.getLoc();
             Value max = b.maxNumber(args[0], args[2]);
             auto weight = [&](Value maximum) -> Value {
               return math::Exp2Op::create(
                   b, loc, arith::SubFOp::create(b, loc, maximum, max));
             };
             Value old = weight(args[2]), added = weight(args[0]);
             return {max, b.addf(b.mulf(args[3], old), b.mulf(args[1], added)),
                     old, added};
           });
}

/// Adds a split's rows to those before it.
SmallVector<Value> Decode::mergeSplit(IRBuilder &b, OnlineState state,
                                      ValueRange partials, Value split,
                                      Value live) {
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  mergeStatistics(b, state, partials, split, live);
  Value merged = b.loop(
      b.index(0), live, 1, state.get("acc"),
      [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
        OpFoldResult width = b.getIndexAttr(shape.valueSize);
        auto line = RankedTensorType::get({shape.valueSize}, element);
        Value into = b.slice(args[0], {row, zero}, {one, width}, line);
        Value from = b.slice(partials[0], {zero, zero, split, row, zero},
                             {one, one, one, one, width}, line);
        Value old, added;
        if (state.get("sum")) {
          old = b.extract(state.get("old"), row);
          added = b.extract(state.get("added"), row);
        }
        into = b.generic(
            "p", from, {{0}}, into, {{0}},
            [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              if (!old)
                return {b.addf(args[0], args[1])};
              return {b.addf(b.mulf(args[0], added), b.mulf(args[1], old))};
            })[0];
        return {b.insert(into, args[0], {row, zero}, {one, width})};
      })[0];
  state.set("acc", merged);
  return state.values;
}

SmallVector<Value> Decode::merge(IRBuilder &b, ValueRange outputs,
                                 ValueRange partials) {
  Value several = b.compare(arith::CmpIPredicate::sgt, splits, b.index(1));
  Value count =
      arith::SelectOp::create(b, b.getLoc(), several, batches, b.index(0));
  SmallVector<OpFoldResult> bounds = {
      getAsOpFoldResult(count), b.getIndexAttr(shape.queryHeads / group),
      runs ? getAsOpFoldResult(runs) : b.getIndexAttr(1)};
  auto forall =
      scf::ForallOp::create(b, b.getLoc(), bounds, outputs, std::nullopt);
  OpBuilder inside = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder inner(inside, b.getLoc());
  SmallVector<Value> ivs = forall.getInductionVars();
  Queries some = queriesOf(inner, ivs[2]);
  Slices slices = outputSlices(inner, {ivs[0], ivs[1], some, Value(), Value()});
  Value live = inner.mul(some.count, group);
  SmallVector<Value> heads;
  for (Value partial : partials) {
    auto type = cast<RankedTensorType>(partial.getType());
    SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
        sizes = {b.getIndexAttr(1), b.getIndexAttr(1),
                 getAsOpFoldResult(splits)};
    offsets[0] = ivs[0];
    offsets[1] = ivs[1];
    if (runs)
      offsets[2] =
          inner.createOrFold<arith::MulIOp>(b.getLoc(), ivs[2], splits);
    sizes.push_back(liveRows(inner, some));
    if (type.getRank() == 5)
      sizes.push_back(b.getIndexAttr(shape.valueSize));
    heads.push_back(inner.slice(partial, offsets, sizes));
  }
  OnlineState state = emptyState(inner, live, /*lanes=*/false);
  if (state.get("sum"))
    for (auto [name, value] : {std::pair("old", 0.0), {"added", 1.0}}) {
      state.names.push_back(name);
      state.values.push_back(filledRows(inner, rows, {}, element, live, value));
    }
  state = state.with(
      inner.loop(inner.index(0), splits, 1, state.values,
                 [&](IRBuilder &b, Value split, ValueRange args) {
                   return mergeSplit(b, state.with(args), heads, split, live);
                 }));
  Value sinks;
  if (Value all = op.getSinksOperand())
    sinks = inner.slice(all, {getAsOpFoldResult(inner.mul(ivs[1], group))},
                        {inner.getIndexAttr(group)});
  SmallVector<Value> parts =
      slicesOf(inner, forall.getRegionIterArgs(), slices);
  Value whole = takeScores(parts);
  Value scores = pairs.inPlace() ? Value() : withoutBatch(inner, whole);
  parts = finish(inner, state, sinks, scores, live, parts);
  if (whole)
    parts.insert(parts.begin() + *pairs.scores, whole);
  endTask(inner, forall, parts, slices);
  return SmallVector<Value>(forall.getResults());
}
