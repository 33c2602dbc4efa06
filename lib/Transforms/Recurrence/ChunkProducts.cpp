//===- ChunkProducts.cpp - A chunk of tokens as matrix products
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Blocks of `rows` tokens: what a block has to do with the tokens before it are
// products of matrices; within, its rows come one by one.
//
//===----------------------------------------------------------------------===//

#include "RecurrenceTask.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

//===----------------------------------------------------------------------===//
// Operands in the accumulation type
//===----------------------------------------------------------------------===//

/// Keys, transposed: tokens lie in the lanes. Those beyond the last repeat it.
Value RecurrenceTask::packKeys(IRBuilder &b, const Chunk &chunk) {
  Value last = b.sub(chunk.count, b.index(1));
  return b.generic(
      "pp", {}, {}, b.scratch({shape.keySize, size}, element), {{0, 1}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value token = b.add(b.min(b.indexOf(1), last), chunk.first);
        return {b.convert(b.extract(key, {token, b.indexOf(0)}), element)};
      })[0];
}

/// Queries of head `head` of the group.
Value RecurrenceTask::packQueries(IRBuilder &b, const Chunk &chunk,
                                  Value head) {
  auto type = cast<RankedTensorType>(query.getType());
  auto [offsets, sizes] =
      placeInGroup(b, head, b.getIndexAttr(1), chunk.first, chunk.count,
                   b.getIndexAttr(0), b.getIndexAttr(shape.keySize));
  Value from = b.slice(query, offsets, sizes,
                       type.clone({ShapedType::kDynamic, shape.keySize}));
  return pack(b, from, b.scratch({size, shape.keySize}, element),
              b.sub(chunk.count, b.index(1)));
}

/// What is written, but for the delta rule's part: as it lies in memory where
/// it can be read so.
Value RecurrenceTask::packValues(IRBuilder &b, const Chunk &chunk) {
  Value from = b.slice(value, {chunk.first, b.getIndexAttr(0)},
                       {chunk.count, b.getIndexAttr(columns)});
  if (!chunk.betas && getElementTypeOrSelf(value) == element)
    return from;
  return pack(b, from, b.scratch({size, columns}, element),
              b.sub(chunk.count, b.index(1)));
}

//===----------------------------------------------------------------------===//
// Products of pairs of tokens
//===----------------------------------------------------------------------===//

/// L[i, j] left_i . k_j for j <= i (`strict`: times -beta_i, and for j < i), 0
/// for later j.
Value RecurrenceTask::multiplyPairs(IRBuilder &b, const Chunk &chunk,
                                    LeftRows left, bool strict) {
  // Eight accumulators or more, and little of what comes later.
  int64_t columns = schedule.getLanes();
  while (columns < 8 && size % (2 * columns) == 0)
    columns *= 2;
  int64_t registers = schedule.getRegisters() * schedule.getLanes() / columns;
  int64_t rows = std::min<int64_t>(
      columns, llvm::bit_floor(uint64_t(std::max<int64_t>(registers, 1))));
  OpFoldResult zero = b.getIndexAttr(0), height = b.getIndexAttr(rows),
               width = b.getIndexAttr(columns),
               depth = b.getIndexAttr(shape.keySize);
  Value pairs = b.scratch({size, size}, element);
  for (int64_t column = 0; column < size; column += columns)
    pairs = b.loop(
        b.index(column), chunk.count, rows, pairs,
        [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
          SmallVector<OpFoldResult> at = {row, b.getIndexAttr(column)},
                                    extent = {height, width};
          Factor keys = chunk.writingKeys.part(b, at[1], width, zero, depth,
                                               /*tokenDim=*/1,
                                               /*featureDim=*/2);
          Value sums = b.filled(b.empty(extent, element), 0);
          sums = multiplyAccumulate(b, left(b, row, rows), keys, sums, 1);
          SmallVector<Value> inputs = {sums};
          SmallVector<SmallVector<unsigned>> dims = {{0, 1}};
          if (chunk.between) {
            inputs.push_back(b.slice(chunk.between, at, extent));
            dims.push_back({0, 1});
          }
          if (strict) {
            inputs.push_back(b.slice(chunk.betas, {row}, {height}));
            dims.push_back({0});
          }
          SmallVector<ArrayRef<unsigned>> maps(dims.begin(), dims.end());
          Value block = b.generic(
              "pp", inputs, maps, b.slice(args[0], at, extent), {{0, 1}},
              [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                Location loc = b.getLoc();
                Value x = args[0];
                if (chunk.between)
                  x = b.mulf(x, args[1]);
                if (strict)
                  x = b.mulf(x, arith::NegFOp::create(b, loc,
                                                      args[inputs.size() - 1]));
                Value alive = b.compare(strict ? arith::CmpIPredicate::slt
                                               : arith::CmpIPredicate::sle,
                                        b.add(b.indexOf(1), column),
                                        b.add(b.indexOf(0), row));
                return {arith::SelectOp::create(b, loc, alive, x,
                                                b.floating(element, 0))};
              })[0];
          return {b.insert(block, args[0], at, extent)};
        })[0];
  return pairs;
}

/// Sum of coefficients[token, n] * values[n] for n in [begin, end).
Value RecurrenceTask::sumRow(IRBuilder &b, Value coefficients, Value token,
                             Value begin, Value end, Value values,
                             int64_t column, int64_t columns) {
  OpFoldResult unit = b.getIndexAttr(1), width = b.getIndexAttr(columns),
               at = b.getIndexAttr(column), depth = b.sub(end, begin);
  Value sum = b.filled(b.empty({unit, width}, element), 0);
  return multiplyAccumulate(
      b, {b.slice(coefficients, {token, begin}, {unit, depth}), {0, 2}},
      {b.slice(values, {begin, at}, {depth, width}), {2, 1}}, sum, 1);
}

//===----------------------------------------------------------------------===//
// The steps of a chunk
//===----------------------------------------------------------------------===//

/// What the delta rule writes, from the values: in place.
Value RecurrenceTask::solve(IRBuilder &b, const Chunk &chunk, Value values,
                            Value state) {
  OpFoldResult zero = b.getIndexAttr(0),
               features = b.getIndexAttr(shape.keySize);
  for (const RegisterTile &tile : columnTiles(size)) {
    OpFoldResult height = b.getIndexAttr(tile.rows),
                 width = b.getIndexAttr(tile.columns);
    auto block = [&](IRBuilder &b, Value row, int64_t column, Value values) {
      SmallVector<OpFoldResult> at = {row, b.getIndexAttr(column)},
                                extent = {height, width};
      Value sums = b.filled(b.empty(extent, element), 0);
      sums = multiplyAccumulate(
          b, chunk.readingKeys.part(b, row, height, zero, features, 0, 2),
          {b.slice(state, {zero, at[1]}, {features, width}), {2, 1}}, sums, 1);
      SmallVector<Value> inputs = {b.slice(values, at, extent),
                                   b.slice(chunk.betas, {row}, {height})};
      SmallVector<SmallVector<unsigned>> dims = {{0, 1}, {0}};
      if (chunk.before) {
        inputs.push_back(b.slice(chunk.before, {row}, {height}));
        dims.push_back({0});
      }
      SmallVector<ArrayRef<unsigned>> maps(dims.begin(), dims.end());
      sums = b.generic(
          "pp", inputs, maps, sums, {{0, 1}},
          [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
            Value read = args.back();
            if (chunk.before)
              read = b.mulf(read, args[2]);
            return {b.mulf(arith::SubFOp::create(b, b.getLoc(), args[0], read),
                           args[1])};
          })[0];
      sums = multiplyAccumulate(
          b, {b.slice(chunk.among, {row, zero}, {height, row}), {0, 2}},
          {b.slice(values, {zero, at[1]}, {row, width}), {2, 1}}, sums, 1);
      values = b.insert(sums, values, at, extent);
      return b.loop(
          b.add(row, 1), b.min(b.add(row, tile.rows), chunk.count), 1, values,
          [&](IRBuilder &b, Value token,
              ValueRange args) -> SmallVector<Value> {
            SmallVector<OpFoldResult> here = {token, at[1]},
                                      line = {b.getIndexAttr(1), width};
            Value sum = sumRow(b, chunk.among, token, row, token, args[0],
                               column, tile.columns);
            sum = b.generic(
                "pp", sum, {{0, 1}}, b.slice(args[0], here, line), {{0, 1}},
                [](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {b.addf(args[0], args[1])};
                })[0];
            return {b.insert(sum, args[0], here, line)};
          })[0];
    };
    for (int64_t column = tile.columnBegin; column < tile.columnEnd;
         column += tile.columns)
      values = b.loop(
          b.index(0), chunk.count, tile.rows, values,
          [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
            return {block(b, row, column, args[0])};
          })[0];
  }
  return values;
}

Value RecurrenceTask::writeOutputs(IRBuilder &b, const Chunk &chunk, Value head,
                                   Value queries, Value scores, Value values,
                                   Value state, Value output) {
  OpFoldResult zero = b.getIndexAttr(0), unit = b.getIndexAttr(1),
               features = b.getIndexAttr(shape.keySize);
  auto type = cast<RankedTensorType>(output.getType());
  Value scale = b.floating(element, op.getScaleValue());
  for (const RegisterTile &tile : columnTiles(size)) {
    OpFoldResult height = b.getIndexAttr(tile.rows),
                 width = b.getIndexAttr(tile.columns);
    auto block = [&](IRBuilder &b, Value row, int64_t column, Value output) {
      OpFoldResult at = b.getIndexAttr(column);
      Value sums = b.filled(b.empty({height, width}, element), 0);
      sums = multiplyAccumulate(
          b, {b.slice(queries, {row, zero}, {height, features}), {0, 2}},
          {b.slice(state, {zero, at}, {features, width}), {2, 1}}, sums, 1);
      if (chunk.before)
        sums = b.generic(
            "pp", b.slice(chunk.before, {row}, {height}), {{0}}, sums, {{0, 1}},
            [](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
              return {b.mulf(args[0], args[1])};
            })[0];
      sums = multiplyAccumulate(
          b, {b.slice(scores, {row, zero}, {height, row}), {0, 2}},
          {b.slice(values, {zero, at}, {row, width}), {2, 1}}, sums, 1);
      Value rows = b.scratch({tile.rows, tile.columns}, element);
      rows = b.insert(sums, rows, {zero, zero}, {height, width});
      return b.loop(
          row, b.min(b.add(row, tile.rows), chunk.count), 1, output,
          [&](IRBuilder &b, Value token,
              ValueRange args) -> SmallVector<Value> {
            Value sum = sumRow(b, scores, token, row, b.add(token, 1), values,
                               column, tile.columns);
            Value before =
                b.slice(rows, {b.sub(token, row), zero}, {unit, width});
            auto [offsets, sizes] = placeInGroup(
                b, head, unit, b.add(chunk.first, token), unit, at, width);
            Value into =
                b.slice(args[0], offsets, sizes, type.clone({1, tile.columns}));
            into = b.generic(
                "pp", {sum, before}, {{0, 1}, {0, 1}}, into, {{0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value all = b.mulf(b.addf(args[0], args[1]), scale);
                  return {b.convert(all, args[2].getType())};
                })[0];
            return {b.insert(into, args[0], offsets, sizes)};
          })[0];
    };
    for (int64_t column = tile.columnBegin; column < tile.columnEnd;
         column += tile.columns)
      output = b.loop(
          b.index(0), chunk.count, tile.rows, output,
          [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
            return {block(b, row, column, args[0])};
          })[0];
  }
  return output;
}

Value RecurrenceTask::updateState(IRBuilder &b, const Chunk &chunk,
                                  Value values, Value state) {
  OpFoldResult zero = b.getIndexAttr(0);
  Value remaining;
  if (chunk.before)
    remaining = b.extract(chunk.before, b.sub(chunk.count, b.index(1)));
  auto block = [&](IRBuilder &b, Value row, int64_t rows, int64_t column,
                   int64_t columns, Value state) {
    SmallVector<OpFoldResult> at = {row, b.getIndexAttr(column)},
                              extent = {b.getIndexAttr(rows),
                                        b.getIndexAttr(columns)};
    Value old = b.slice(state, at, extent);
    // In registers until it is whole; but what is all of the state stays it.
    bool isAll = rows == shape.keySize && columns == this->columns;
    SmallVector<Value> inputs;
    SmallVector<SmallVector<unsigned>> dims;
    if (chunk.remains) {
      inputs.push_back(b.slice(chunk.remains, at[0], extent[0]));
      dims.push_back({0});
    }
    if (!isAll) {
      inputs.push_back(old);
      dims.push_back({0, 1});
    }
    SmallVector<ArrayRef<unsigned>> maps(dims.begin(), dims.end());
    Value sums = b.generic(
        "pp", inputs, maps, isAll ? old : b.empty(extent, element), {{0, 1}},
        [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
          Value factor = chunk.remains ? args[0] : remaining;
          Value x = isAll ? args.back() : args[inputs.size() - 1];
          return {factor ? b.mulf(x, factor) : x};
        })[0];
    sums = multiplyAccumulate(
        b,
        chunk.writingKeys.part(b, zero, chunk.count, at[0], extent[0],
                               /*tokenDim=*/2, /*featureDim=*/0),
        {b.slice(values, {zero, at[1]}, {chunk.count, extent[1]}), {2, 1}},
        sums, 1);
    return b.insert(sums, state, at, extent);
  };
  for (const RegisterTile &tile : columnTiles(/*rows=*/0))
    for (int64_t column = tile.columnBegin; column < tile.columnEnd;
         column += tile.columns) {
      int64_t rows = std::min(tile.rows, shape.keySize);
      int64_t whole = shape.keySize / rows * rows;
      state = b.loop(
          b.index(0), b.index(whole), rows, state,
          [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
            return {block(b, row, rows, column, tile.columns, args[0])};
          })[0];
      if (whole < shape.keySize)
        state = block(b, b.index(whole), shape.keySize - whole, column,
                      tile.columns, state);
    }
  return state;
}

SmallVector<Value> RecurrenceTask::runChunk(IRBuilder &b, Value first,
                                            Value count, Value output,
                                            Value state) {
  Chunk chunk = constant;
  chunk.first = first;
  chunk.count = count;
  if (op.getBeta())
    chunk.betas = packBetas(b, first, count, size);
  OpFoldResult zero = b.getIndexAttr(0),
               features = b.getIndexAttr(shape.keySize);
  bool byFeature = shape.decay == DecayKind::Feature;
  if (byFeature) {
    rollKeys(b, chunk);
  } else {
    if (shape.decay == DecayKind::Token)
      tabulate(b, chunk, remainsOf(b, first, count, size), count);
    chunk.writingKeys = {packKeys(b, chunk), /*transposed=*/true};
    chunk.readingKeys = chunk.writingKeys;
    if (chunk.betas)
      chunk.among = multiplyPairs(
          b, chunk,
          [&](IRBuilder &b, Value row, int64_t rows) {
            return chunk.readingKeys.part(b, row, b.getIndexAttr(rows), zero,
                                          features, 0, 2);
          },
          /*strict=*/true);
  }
  Value values = packValues(b, chunk);
  if (chunk.betas)
    values = solve(b, chunk, values, state);
  output = b.loop(
      b.index(0), b.index(shape.groupSize()), 1, output,
      [&](IRBuilder &b, Value head, ValueRange args) -> SmallVector<Value> {
        Value queries, scores;
        if (byFeature) {
          auto ofHead = [&](Value all, int64_t width) {
            return b.slice(all, {head, zero, zero},
                           {b.getIndexAttr(1), b.getIndexAttr(size),
                            b.getIndexAttr(width)},
                           RankedTensorType::get({size, width}, element));
          };
          queries = ofHead(chunk.queries, shape.keySize);
          scores = ofHead(chunk.scores, size);
        } else {
          queries = packQueries(b, chunk, head);
          scores = multiplyPairs(
              b, chunk,
              [&](IRBuilder &b, Value row, int64_t rows) -> Factor {
                return {b.slice(queries, {row, zero},
                                {b.getIndexAttr(rows), features}),
                        {0, 2}};
              },
              /*strict=*/false);
        }
        return {writeOutputs(b, chunk, head, queries, scores, values, state,
                             args[0])};
      })[0];
  // Keys as they are after the last token.
  if (chunk.between) {
    Value last = b.slice(chunk.between, {b.sub(count, b.index(1)), zero},
                         {b.getIndexAttr(1), b.getIndexAttr(size)},
                         RankedTensorType::get({size}, element));
    chunk.writingKeys.tensor =
        b.generic("pp", last, {{1}}, chunk.writingKeys.tensor, {{0, 1}},
                  [](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                    return {b.mulf(args[0], args[1])};
                  })[0];
  }
  return {output, updateState(b, chunk, values, state)};
}
