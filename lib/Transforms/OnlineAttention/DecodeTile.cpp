//===- DecodeTile.cpp - The loops of one key tile for few queries
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DecodeTile.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"

using namespace mlir;
using namespace attn;

RowTiles RowTiles::of(int64_t group, int64_t rows, int64_t most) {
  most = std::max<int64_t>(1, most);
  RowTiles tiles = {1, 1};
  for (int64_t rows = 1; rows <= most; ++rows)
    if (group % rows == 0)
      tiles.few = rows;
  tiles.many =
      tiles.few * std::max<int64_t>(1, std::min<int64_t>(4, most) / tiles.few);
  if (tiles.many > rows)
    tiles.many = tiles.few;
  return tiles;
}

RowTiles RowTiles::forScores(int64_t group, int64_t rows, int64_t registers) {
  return of(group, rows, registers / 4);
}

RowTiles RowTiles::forValues(int64_t group, int64_t rows, int64_t registers,
                             int64_t vectors) {
  return of(group, rows, registers / std::min(vectors, registers));
}

SmallVector<Value> attn::forDistinctHeads(IRBuilder &b, Region &mask,
                                          int64_t group, ValueRange before,
                                          IRBuilder::LoopBody each) {
  // More code than that would be slower to compile than a loop is to run.
  constexpr int64_t most = 64;
  int64_t heads = mask.getArgument(1).use_empty() ? 1 : group;
  if (heads > most)
    return b.loop(b.index(0), b.index(heads), 1, before, each);
  SmallVector<Value> state(before);
  for (int64_t head = 0; head < heads; ++head)
    state = each(b, b.index(head), state);
  return state;
}

KeyRange attn::emitGroupKeyRange(IRBuilder &b, Region &mask, const MaskBox &box,
                                 int64_t group) {
  auto rangeOf = [&](IRBuilder &b, Value head) {
    MaskBox other = box;
    other.h = b.add(box.h, head);
    return emitKeyRange(b, b.getLoc(), mask, other);
  };
  KeyRange first = rangeOf(b, b.index(0));
  if (mask.empty())
    return first;
  auto whole = forDistinctHeads(
      b, mask, group, {first.begin, first.end},
      [&](IRBuilder &b, Value head, ValueRange whole) -> SmallVector<Value> {
        if (isConstantIntValue(head, 0))
          return whole;
        KeyRange range = rangeOf(b, head);
        return {b.min(whole[0], range.begin), b.max(whole[1], range.end)};
      });
  return {whole[0], whole[1]};
}

DecodeTile::DecodeTile(IRBuilder &b, OnlineAttentionOp op)
    : op(op), schedule(op.getSchedule()), element(op.getAccumulatorType()),
      product(getElementTypeOrSelf(op.getQuery())), features(op.getHeadSize()),
      valueSize(op.getValueSize()), unit(scoreUnit(op.getNormalizer())),
      lanes(schedule.getLanes()), pair(schedule.getDot()), group(op.getGroup()),
      tiles(RowTiles::forScores(group, op.getRows(), schedule.getRegisters())),
      keyFactor(op.getLoadKey()),
      // A row of a table beside the value has no such factor.
      valueFactor(op.getValueTable() ? RowFactor()
                                     : RowFactor(op.getLoadValue())),
      keyHalves(hasHalves(op.getLoadKey(), features)),
      valueHalves(hasHalves(op.getLoadValue(), valueSize)),
      zero(b.getIndexAttr(0)) {
  count = getValueOrCreateConstantIndexOp(b, b.getLoc(), op.getKeyCount(b));
}

SmallVector<Value> DecodeTile::position(IRBuilder &b, Value row, Value key) {
  Location loc = b.getLoc();
  ValueRange offsets = op.getOffsets();
  Value head = offsets[1], query = row;
  if (group > 1) {
    Value size = b.index(group);
    head = b.add(head, b.createOrFold<arith::RemUIOp>(loc, row, size));
    query = b.createOrFold<arith::DivUIOp>(loc, row, size);
  }
  return {offsets[0], head, b.add(offsets[2], query), b.add(offsets[3], key)};
}

Value DecodeTile::keyOfLane(IRBuilder &b, Value block, Value lane) {
  return boundPosition(b, b.add(block, lane), b.sub(count, b.index(1)));
}

Value DecodeTile::keyElement(IRBuilder &b, Value key, Value feature) {
  if (op.getKey())
    return b.extract(op.getKey(), {key, feature});
  return keyFactor.element(b, op.getLoadKey(), key, feature);
}

Value DecodeTile::valueElement(IRBuilder &b, Value key, Value feature) {
  if (op.getValue())
    return b.extract(op.getValue(), {key, feature});
  return valueFactor.element(b, op.getLoadValue(), key, feature);
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

SmallVector<Value> DecodeTile::forRows(IRBuilder &b, RowTiles tiles,
                                       ValueRange state, RowsBody body) {
  if (op.getRows() == tiles.few)
    return body(b, {b.index(0), tiles.few}, state);
  Value live = op.getLive(), whole = live;
  SmallVector<Value> values(state);
  if (tiles.many != tiles.few) {
    Value over =
        b.createOrFold<arith::RemUIOp>(b.getLoc(), live, b.index(tiles.many));
    whole = b.sub(live, over);
  }
  values = b.loop(b.index(0), whole, tiles.many, values,
                  [&](IRBuilder &b, Value first, ValueRange arguments) {
                    return body(b, {first, tiles.many}, arguments);
                  });
  if (tiles.many == tiles.few)
    return values;
  return b.loop(whole, live, tiles.few, values,
                [&](IRBuilder &b, Value first, ValueRange arguments) {
                  return body(b, {first, tiles.few}, arguments);
                });
}

/// Offsets and sizes of `rows` of a tensor.
static std::pair<SmallVector<OpFoldResult>, SmallVector<OpFoldResult>>
sliceOf(IRBuilder &b, Value tensor, Value first, int64_t count) {
  SmallVector<OpFoldResult> offsets = {first}, sizes = {b.getIndexAttr(count)};
  auto type = cast<RankedTensorType>(tensor.getType());
  for (int64_t size : type.getShape().drop_front()) {
    offsets.push_back(b.getIndexAttr(0));
    sizes.push_back(b.getIndexAttr(size));
  }
  return {offsets, sizes};
}

Value DecodeTile::rowsOf(IRBuilder &b, Value tensor, Rows rows) {
  auto [offsets, sizes] = sliceOf(b, tensor, rows.first, rows.count);
  return b.slice(tensor, offsets, sizes);
}

Value DecodeTile::insertRows(IRBuilder &b, Value part, Value tensor,
                             Rows rows) {
  auto [offsets, sizes] = sliceOf(b, tensor, rows.first, rows.count);
  return b.insert(part, tensor, offsets, sizes);
}

/// The part of `tile`, rows x keys of the tile, that `rows` and a block have.
Value DecodeTile::blockOf(IRBuilder &b, Value tile, Value block, Rows rows) {
  return b.slice(tile, {rows.first, block},
                 {b.getIndexAttr(rows.count), b.getIndexAttr(lanes)});
}

//===----------------------------------------------------------------------===//
// The tile
//===----------------------------------------------------------------------===//

/// query . key^T of the whole tile, before anything is made of it: a block's
/// softmax is a chain of some hundred cycles, which hides behind those of
/// others, and not behind so many products. Null where the products are the
/// scores, which then stay in registers.
Value DecodeTile::multiplyKeys(IRBuilder &b) {
  if (areFinished())
    return {};
  Value all = b.scratch({op.getRows(), schedule.getKeyTile()}, element);
  return b.loop(b.index(0), count, lanes, all,
                [&](IRBuilder &b, Value block, ValueRange args) {
                  return forRows(b, tiles, args,
                                 [&](IRBuilder &b, Rows rows,
                                     ValueRange args) -> SmallVector<Value> {
                                   Value scores = computeScores(b, block, rows);
                                   return {b.insert(scores, args[0],
                                                    {rows.first, block},
                                                    {b.getIndexAttr(rows.count),
                                                     b.getIndexAttr(lanes)})};
                                 });
                })[0];
}

SmallVector<Value> DecodeTile::build(IRBuilder &b) {
  KeyTileState state = KeyTileState::before(op);
  state.probabilities =
      b.scratch({op.getRows(), schedule.getKeyTile()}, product);
  for (auto [result, own] : {std::pair(state.scores, &state.scoreTile),
                             {state.others, &state.otherTile}})
    if (result)
      *own = b.scratch({op.getRows(), schedule.getKeyTile()}, element);
  // Outside the loops: an empty tensor in the cold path would be an allocation.
  scratchMax = b.scratch({tiles.many, lanes}, element);
  scratchRaised = b.scratch({tiles.many, lanes}, element);
  findTables(b);
  bool masked = !op.getMask().empty();
  if (masked) {
    state.dirty = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
    scratchAcc = b.scratch({op.getRows(), valueSize}, element);
  }
  Value products = multiplyKeys(b);
  state = state.with(b.loop(
      b.index(0), count, lanes, state.list(),
      [&](IRBuilder &b, Value block, ValueRange args) {
        KeyTileState now = state.with(args);
        copyKeys(b, block);
        Value partly = isPartlyMasked(b, block);
        if (masked)
          now.dirty =
              b.createOrFold<arith::OrIOp>(b.getLoc(), now.dirty, partly);
        return forRows(
            b, tiles, now.list(),
            [&](IRBuilder &b, Rows rows, ValueRange args) {
              KeyTileState here = now.with(args);
              Value raw = products ? blockOf(b, products, block, rows)
                                   : computeScores(b, block, rows);
              SmallVector<Value> finished = finishScores(b, raw, block, rows);
              ResultRange masked = b.conditional(
                  partly, TypeRange(ValueRange(finished)),
                  [&](IRBuilder &b) -> SmallVector<Value> {
                    return llvm::map_to_vector(finished, [&](Value some) {
                      return applyMask(b, some, block, rows);
                    });
                  },
                  [&](IRBuilder &) { return finished; });
              Value scores = keepScores(b, masked, block, rows, here);
              updateMaximum(b, scores, block, rows, here);
              computeProbabilities(b, scores, block, rows, here);
              return here.list();
            });
      }));
  state.acc = masked ? accumulateChecked(b, state) : accumulate(b, state);
  if (op.getValueTable())
    state.acc = addTableRows(b, state);
  if (state.scores)
    state.scores = writePairs(b, state.scoreTile, state.scores);
  if (state.others)
    state.others = writePairs(b, state.otherTile, state.others);
  return state.resultsOf(op);
}
