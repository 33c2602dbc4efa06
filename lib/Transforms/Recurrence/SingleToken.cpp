//===- SingleToken.cpp - One token of a recurrence
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Its state is read from memory once, some columns after the others: the key
// and all queries of the group meet the old one together, and q . S' = a (q .
// S) + (q . k) u.
//
//===----------------------------------------------------------------------===//

#include "RecurrenceTask.h"
#include "attn/Support/Attributes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

/// Rows of a token as they are multiplied: at what remains of their features.
Value RecurrenceTask::packReaders(IRBuilder &b, const Token &token) {
  int64_t heads = shape.groupSize(), readers = heads + (op.getBeta() ? 1 : 0);
  Value left = b.scratch({readers, shape.keySize}, element);
  auto put = [&](Value from, bool isRow, int64_t row, int64_t rows) {
    SmallVector<OpFoldResult> at = {b.getIndexAttr(row), b.getIndexAttr(0)},
                              extent = {b.getIndexAttr(rows),
                                        b.getIndexAttr(shape.keySize)};
    Value part =
        b.generic("pp", {}, {}, b.slice(left, at, extent), {{0, 1}},
                  [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                    SmallVector<Value> place = {b.indexOf(0), b.indexOf(1)};
                    Value x =
                        b.extract(from, isRow ? ArrayRef(place).drop_front()
                                              : ArrayRef(place));
                    if (token.remains)
                      x = b.mulf(x, b.extract(token.remains, place[1]));
                    return {x};
                  })[0];
    left = b.insert(part, left, at, extent);
  };
  put(token.queries, /*isRow=*/false, 0, heads);
  if (op.getBeta())
    put(token.key, /*isRow=*/true, heads, 1);
  return left;
}

/// readers x columns: what they find in the state.
Value RecurrenceTask::readState(IRBuilder &b, const Token &token, Value state,
                                Value column, int64_t columns) {
  int64_t readers = shape.groupSize() + (op.getBeta() ? 1 : 0);
  OpFoldResult zero = b.getIndexAttr(0), depth = b.getIndexAttr(shape.keySize);
  Value read = b.scratch({readers, columns}, element);
  std::vector<RegisterTile> tiles = {{readers, columns, 0, columns}};
  if (readers * llvm::divideCeil(columns, schedule.getLanes()) >
      schedule.getRegisters())
    tiles = registerTiles(readers, columns, schedule.getLanes(),
                          schedule.getRegisters());
  for (const RegisterTile &tile : tiles)
    for (int64_t first = tile.columnBegin; first < tile.columnEnd;
         first += tile.columns)
      for (int64_t row = 0; row < readers; row += tile.rows) {
        SmallVector<OpFoldResult> at = {b.getIndexAttr(row),
                                        b.getIndexAttr(first)},
                                  extent = {b.getIndexAttr(tile.rows),
                                            b.getIndexAttr(tile.columns)};
        Value sums = b.filled(b.empty(extent, element), 0);
        sums = multiplyAccumulate(
            b,
            {b.slice(token.readers, {at[0], zero}, {extent[0], depth}), {0, 2}},
            {b.slice(state, {zero, b.add(column, first)}, {depth, extent[1]}),
             {2, 1}},
            sums, 1);
        read = b.insert(sums, read, at, extent);
      }
  return read;
}

/// The columns [column, column + columns) of the outputs and of the state.
SmallVector<Value> RecurrenceTask::runColumns(IRBuilder &b, const Token &token,
                                              Value from, Value output,
                                              Value state, Value column,
                                              int64_t columns) {
  int64_t heads = shape.groupSize();
  using Maps = SmallVector<ArrayRef<unsigned>>;
  const unsigned both[] = {0, 1}, first[] = {0}, second[] = {1};
  OpFoldResult zero = b.getIndexAttr(0), unit = b.getIndexAttr(1),
               group = b.getIndexAttr(heads), width = b.getIndexAttr(columns),
               depth = b.getIndexAttr(shape.keySize);
  auto line = RankedTensorType::get({columns}, element);
  auto decayed = [&](IRBuilder &b, Value x) {
    return token.remaining ? b.mulf(x, token.remaining) : x;
  };

  Value read = readState(b, token, from, column, columns);
  Value update = b.slice(token.value, {column}, {width}, line);
  if (op.getBeta()) {
    Value known =
        b.slice(read, {b.getIndexAttr(heads), zero}, {unit, width}, line);
    update = b.generic(
        "p", {known, update}, {first, first}, b.scratch({columns}, element),
        {first}, [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
          return {b.mulf(arith::SubFOp::create(b, b.getLoc(), args[1],
                                               decayed(b, args[0])),
                         token.beta)};
        })[0];
  }

  auto [to, extent] =
      placeInGroup(b, b.index(0), group, token.number, unit, column, width);
  auto type = cast<RankedTensorType>(output.getType());
  Value rows = b.generic(
      "pp", {b.slice(read, {zero, zero}, {group, width}), token.dots, update},
      {both, first, second},
      b.slice(output, to, extent, type.clone({heads, columns})), {both},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value sum = b.addf(b.mulf(args[1], args[2]), decayed(b, args[0]));
        sum = b.mulf(sum, b.floating(element, op.getScaleValue()));
        return {b.convert(sum, args[3].getType())};
      })[0];
  output = b.insert(rows, output, to, extent);

  SmallVector<OpFoldResult> at = {zero, column}, part = {depth, width};
  Value into = b.slice(state, at, part);
  SmallVector<Value> inputs = {token.key, update};
  Maps maps = {first, second};
  if (token.remains) {
    inputs.push_back(token.remains);
    maps.push_back(first);
  }
  bool inPlace = from == state;
  if (!inPlace) {
    inputs.push_back(b.slice(from, at, part));
    maps.push_back(both);
  }
  into =
      b.generic("pp", inputs, maps, into, {both},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  Value old = inPlace ? args.back() : args[inputs.size() - 1];
                  old = token.remains ? b.mulf(old, args[2]) : decayed(b, old);
                  return {b.addf(b.mulf(args[0], args[1]), old)};
                })[0];
  return {output, b.insert(into, state, at, part)};
}

SmallVector<Value> RecurrenceTask::runToken(IRBuilder &b, Value number,
                                            Value from, Value output,
                                            Value state) {
  int64_t heads = shape.groupSize(), features = shape.keySize;
  OpFoldResult zero = b.getIndexAttr(0), unit = b.getIndexAttr(1),
               depth = b.getIndexAttr(features), group = b.getIndexAttr(heads);
  Token token;
  token.number = number;
  if (shape.decay == DecayKind::Feature)
    token.remains = remainsOfFeatures(b, number);
  else if (shape.decay == DecayKind::Head)
    token.remaining = b.extract(constant.before, b.index(0));
  else if (shape.decay == DecayKind::Token)
    token.remaining =
        b.extract(remainsOf(b, number, b.index(1), 1), b.index(0));
  if (op.getBeta())
    token.beta = gateOf(b, op.getBeta(), number);

  // In the accumulation type.
  auto converted = [&](Value tensor, ArrayRef<OpFoldResult> offsets,
                       ArrayRef<OpFoldResult> sizes, ArrayRef<int64_t> shape) {
    auto type = cast<RankedTensorType>(tensor.getType());
    Value part = b.slice(tensor, offsets, sizes, type.clone(shape));
    return type.getElementType() == element
               ? part
               : pack(b, part, b.scratch(shape, element));
  };
  token.key = converted(key, {number, zero}, {unit, depth}, {features});
  token.value = converted(value, {number, zero},
                          {unit, b.getIndexAttr(columns)}, {columns});
  auto [offsets, sizes] =
      placeInGroup(b, b.index(0), group, number, unit, zero, depth);
  token.queries = converted(query, offsets, sizes, {heads, features});
  token.readers = packReaders(b, token);
  token.dots = b.loop(
      b.index(0), b.index(heads), 1, b.scratch({heads}, element),
      [&](IRBuilder &b, Value head, ValueRange args) -> SmallVector<Value> {
        Value row = b.slice(token.queries, {head, zero}, {unit, depth});
        Value sum =
            b.generic("pr", {row, token.key}, {{0, 1}, {1}},
                      b.filled(b.empty(unit, element), 0), {{0}},
                      [](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        return {b.addf(b.mulf(args[0], args[1]), args[2])};
                      })[0];
        sum.getDefiningOp()->setAttr(reduceLanesAttr, b.getUnitAttr());
        return {tensor::InsertOp::create(
            b, b.getLoc(), b.extract(sum, b.index(0)), args[0], head)};
      })[0];

  // All columns at once, as they lie in memory, if registers hold their sums.
  int64_t readers =
      cast<RankedTensorType>(token.readers.getType()).getDimSize(0);
  if (readers * llvm::divideCeil(columns, schedule.getLanes()) <=
      schedule.getRegisters())
    return runColumns(b, token, from, output, state, b.index(0), columns);
  Values values = {output, state};
  for (const RegisterTile &tile : columnTiles(/*rows=*/1)) {
    if (tile.columnEnd - tile.columnBegin == tile.columns)
      values = runColumns(b, token, from == state ? values[1] : from, values[0],
                          values[1], b.index(tile.columnBegin), tile.columns);
    else
      values = Values(b.loop(
          b.index(tile.columnBegin), b.index(tile.columnEnd), tile.columns,
          values, [&](IRBuilder &b, Value column, ValueRange args) {
            return runColumns(b, token, from == state ? args[1] : from, args[0],
                              args[1], column, tile.columns);
          }));
  }
  return values;
}
