//===- Rotary.cpp - Turns the features of a head by its position ----------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sums of a task are turned on their way from scratch memory, which the
// cache holds, into the result: a pair of features rarely lies in one block of
// registers, and nothing is rounded before. Features behind the pairs stay as
// they are.
//
//===----------------------------------------------------------------------===//

#include "Rotary.h"

using namespace mlir;
using namespace attn;

namespace {
/// The rows of one task.
class Rotator {
public:
  Rotator(IRBuilder &b, const Rotary &rotary, Value batch, Value firstRow,
          Value from)
      : rotary(rotary), batch(batch), firstRow(firstRow), from(from),
        type(getElementTypeOrSelf(from)),
        last(b.sub(b.dim(rotary.cosines, 0), b.index(1))),
        rows(getAsOpFoldResult(b.dim(from, 0))) {}

  Value turnHalves(IRBuilder &b, Value into);
  Value turnNeighbours(IRBuilder &b, Value into);
  /// The columns from `first` on as they are.
  Value keep(IRBuilder &b, int64_t first, Value into);

private:
  using Place = std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>;
  Place columns(IRBuilder &b, int64_t first, int64_t count) {
    return {{b.getIndexAttr(0), b.getIndexAttr(first)},
            {rows, b.getIndexAttr(count)}};
  }
  /// Cosine and sine of `pair` at `row`. A row without a place in the tables,
  /// which a call is refused for, reads another.
  std::pair<Value, Value> angle(IRBuilder &b, Value row, Value pair);
  /// The first or the second of the pair (x, y).
  static Value turn(IRBuilder &b, std::pair<Value, Value> angle, Value x,
                    Value y, bool second);

  const Rotary &rotary;
  Value batch, firstRow, from;
  Type type;
  Value last; ///< Row of the tables.
  OpFoldResult rows;
};
} // namespace

std::pair<Value, Value> Rotator::angle(IRBuilder &b, Value row, Value pair) {
  Value position = b.add(firstRow, row);
  if (rotary.positions) {
    SmallVector<Value> at = {position};
    if (cast<RankedTensorType>(rotary.positions.getType()).getRank() == 2)
      at.insert(at.begin(), batch);
    position = b.extractIndex(rotary.positions, at);
    position = b.max(position, b.index(0));
  }
  position = b.min(position, last);
  auto read = [&](Value table) {
    return b.convert(b.extract(table, {position, pair}), type);
  };
  return {read(rotary.cosines), read(rotary.sines)};
}

Value Rotator::turn(IRBuilder &b, std::pair<Value, Value> angle, Value x,
                    Value y, bool second) {
  auto [cosine, sine] = angle;
  if (second)
    return b.addf(b.mulf(x, sine), b.mulf(y, cosine));
  Value negative = arith::NegFOp::create(b, b.getLoc(), b.mulf(y, sine));
  return b.addf(b.mulf(x, cosine), negative);
}

/// Features n and n + pairs.
Value Rotator::turnHalves(IRBuilder &b, Value into) {
  int64_t pairs = rotary.pairs();
  SmallVector<Value> halves;
  for (int64_t first : {int64_t(0), pairs}) {
    auto [offsets, sizes] = columns(b, first, pairs);
    halves.push_back(b.slice(from, offsets, sizes));
  }
  for (bool second : {false, true}) {
    auto [offsets, sizes] = columns(b, second ? pairs : 0, pairs);
    Value half = b.generic(
        "pp", halves, {{0, 1}, {0, 1}}, b.slice(into, offsets, sizes), {{0, 1}},
        [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
          auto turned = turn(b, angle(b, b.indexOf(0), b.indexOf(1)), args[0],
                             args[1], second);
          return {b.convert(turned, args[2].getType())};
        })[0];
    into = b.insert(half, into, offsets, sizes);
  }
  return into;
}

/// Features 2n and 2n + 1.
Value Rotator::turnNeighbours(IRBuilder &b, Value into) {
  int64_t pairs = rotary.pairs();
  auto [offsets, sizes] = columns(b, 0, 2 * pairs);
  auto map =
      AffineMap::get(3, 0, {b.d(0), b.d(1) * 2 + b.d(2)}, b.getContext());
  Value part = b.generic(
      "ppp", {}, b.slice(into, offsets, sizes), map, {{1, pairs}, {2, 2}},
      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
        Value row = b.indexOf(0), pair = b.indexOf(1);
        Value second =
            b.compare(arith::CmpIPredicate::eq, b.indexOf(2), b.index(1));
        auto at = angle(b, row, pair);
        Value x = b.extract(from, {row, b.mul(pair, 2)});
        Value y = b.extract(from, {row, b.add(b.mul(pair, 2), 1)});
        Value turned = arith::SelectOp::create(b, b.getLoc(), second,
                                               turn(b, at, x, y, true),
                                               turn(b, at, x, y, false));
        return {b.convert(turned, args.back().getType())};
      })[0];
  return b.insert(part, into, offsets, sizes);
}

Value Rotator::keep(IRBuilder &b, int64_t first, Value into) {
  int64_t all = cast<RankedTensorType>(from.getType()).getDimSize(1);
  if (first == all)
    return into;
  auto [offsets, sizes] = columns(b, first, all - first);
  Value rest =
      b.generic("pp", b.slice(from, offsets, sizes), {{0, 1}},
                b.slice(into, offsets, sizes), {{0, 1}},
                [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                  return {b.convert(args[0], args[1].getType())};
                })[0];
  return b.insert(rest, into, offsets, sizes);
}

Value attn::rotate(IRBuilder &b, const Rotary &rotary, Value batch,
                   Value firstRow, Value from, Value into) {
  Rotator rotator(b, rotary, batch, firstRow, from);
  into = rotary.interleaved ? rotator.turnNeighbours(b, into)
                            : rotator.turnHalves(b, into);
  return rotator.keep(b, 2 * rotary.pairs(), into);
}
