//===- Distances.cpp - Score terms of j - i, tabulated for a key tile
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile has `width` queries and at most `keyTile` keys, so fewer distances
// than width + keyTile. Element t of a table is the term of lane `lane` and key
// `key` of the tile where lane - key + keyTile - 1 = t: what the lanes of a
// vector need lies side by side.
//
//===----------------------------------------------------------------------===//

#include "KeyTile.h"
#include "attn/Analysis/DistanceTerms.h"

using namespace mlir;
using namespace attn;

Value KeyTile::tabulate(IRBuilder &b, Type type, ValueAt at) {
  ValueRange offsets = op.getOffsets();
  int64_t last = schedule.getKeyTile() - 1;
  int64_t size = llvm::alignTo(width + last, schedule.getLanes());
  // j - i of the first key and the first query.
  Value origin = b.sub(offsets[3], offsets[2]);
  // No pair of the tile is further apart: a region may rely on positions.
  Value least = b.sub(origin, b.sub(op.getLive(), b.index(1)));
  Value most = b.add(origin, b.sub(count, b.index(1)));
  return b.generic("p", {}, {}, b.empty({b.getIndexAttr(size)}, type), {{0}},
                   [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
                     Value place = b.indexOf(0);
                     Value distance = b.sub(b.add(origin, last), place);
                     return {at(b, b.max(b.min(distance, most), least))};
                   })[0];
}

Value KeyTile::placeOf(IRBuilder &b, Value lane, Value key) {
  // Keys beyond the last have a place too: no bound is in the way of vectors.
  return b.add(lane, b.sub(b.index(schedule.getKeyTile() - 1), key));
}

void KeyTile::tabulateDistances(IRBuilder &b) {
  ValueRange offsets = op.getOffsets();
  for (Value term : findDistanceTerms(op.getScore())) {
    Value table =
        tabulate(b, term.getType(), [&](IRBuilder &b, Value distance) -> Value {
          return emitAtDistance(b, op.getScore(), term, offsets[0], offsets[1],
                                distance)[0];
        });
    chooseLaneWidth(table, op.getScore());
    distanceTables.push_back({term, table});
  }
}

SmallVector<Value> KeyTile::inlineScore(IRBuilder &b, Value score, Value lane,
                                        Value key) {
  SmallVector<Value> arguments = {score};
  arguments.append(position(b, lane, clampKey(b, key)));
  SmallVector<std::pair<Value, Value>> known;
  for (auto [term, table] : distanceTables)
    known.push_back({term, b.extract(table, placeOf(b, lane, key))});
  for (const TableTerm &term : tableTerms)
    known.push_back(
        {term.term, b.extract(term.products, {b.min(key, term.last), lane})});
  return inlineScoreRegion(b, op.getScore(), arguments, known);
}
