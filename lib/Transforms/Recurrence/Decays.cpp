//===- Decays.cpp - What remains of a state between two tokens
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RecurrenceTask.h"
#include "attn/Support/Attributes.h"
#include "attn/Support/Softmax.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace attn;

static Value select(IRBuilder &b, Value condition, Value then,
                    Value otherwise) {
  return arith::SelectOp::create(b, b.getLoc(), condition, then, otherwise);
}

/// exp(x), and exactly 1 for 0: an error that all tokens have alike would grow
/// with their number.
Value RecurrenceTask::exponential(IRBuilder &b, Value x) {
  Location loc = b.getLoc();
  if (element.isF64())
    return math::Exp2Op::create(b, loc, b.mulf(x, b.floating(element, log2e)));
  return math::ExpOp::create(b, loc, x);
}

//===----------------------------------------------------------------------===//
// One number for each token
//===----------------------------------------------------------------------===//

Value RecurrenceTask::remainsOf(IRBuilder &b, Value first, Value count,
                                int64_t room) {
  Value logarithms = b.scratch({room}, element);
  if (shape.decay == DecayKind::Head) {
    Value all = b.convert(b.extract(op.getDecay(), head), element);
    logarithms =
        linalg::FillOp::create(b, b.getLoc(), all, logarithms).getResult(0);
  } else {
    logarithms = b.filled(logarithms, 0);
    logarithms = b.loop(
        b.index(0), count, 1, logarithms,
        [&](IRBuilder &b, Value i, ValueRange args) -> SmallVector<Value> {
          Value g = gateOf(b, op.getDecay(), b.add(first, i));
          return {tensor::InsertOp::create(b, b.getLoc(), g, args[0], i)};
        })[0];
  }
  return b.generic("p", {}, {}, logarithms, {{0}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     return {exponential(b, args[0])};
                   })[0];
}

Value RecurrenceTask::packBetas(IRBuilder &b, Value first, Value count,
                                int64_t room) {
  return b.loop(
      b.index(0), count, 1, b.scratch({room}, element),
      [&](IRBuilder &b, Value i, ValueRange args) -> SmallVector<Value> {
        Value beta = gateOf(b, op.getBeta(), b.add(first, i));
        return {tensor::InsertOp::create(b, b.getLoc(), beta, args[0], i)};
      })[0];
}

/// Rows of L one after another: row i is row i - 1 times a_i, and 1 at i.
void RecurrenceTask::tabulate(IRBuilder &b, Chunk &chunk, Value remains,
                              Value count) {
  Value one = b.floating(element, 1);
  OpFoldResult zero = b.getIndexAttr(0), unit = b.getIndexAttr(1),
               width = b.getIndexAttr(size);
  auto line = RankedTensorType::get({size}, element);
  // The row before is a tensor of its own, to be read beside the row.
  auto results = b.loop(
      b.index(0), count, 1,
      {b.scratch({size, size}, element), b.scratch({size}, element),
       b.filled(b.scratch({size}, element), 0), one},
      [&](IRBuilder &b, Value i, ValueRange args) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value remaining = b.extract(remains, i);
        Value into = b.slice(args[0], {i, zero}, {unit, width}, line);
        auto rows = b.generic(
            "p", {}, {}, {into, args[2]}, {{0}, {0}},
            [&](IRBuilder &b, ValueRange values) -> SmallVector<Value> {
              Value same = b.compare(arith::CmpIPredicate::eq, b.indexOf(0), i);
              Value decayed =
                  arith::MulFOp::create(b, loc, values[1], remaining);
              Value next = select(b, same, b.floating(element, 1), decayed);
              return {next, next};
            });
        Value before = arith::MulFOp::create(b, loc, args[3], remaining);
        return {b.insert(rows[0], args[0], {i, zero}, {unit, width}),
                tensor::InsertOp::create(b, loc, before, args[1], i), rows[1],
                before};
      });
  chunk.between = results[0];
  chunk.before = results[1];
}

//===----------------------------------------------------------------------===//
// One number for each feature of each token
//===----------------------------------------------------------------------===//

Value RecurrenceTask::remainsOfFeatures(IRBuilder &b, Value token) {
  auto type = cast<RankedTensorType>(featureDecay.getType());
  Value row = b.slice(featureDecay, {token, b.getIndexAttr(0)},
                      {b.getIndexAttr(1), b.getIndexAttr(shape.keySize)},
                      type.clone({shape.keySize}));
  return b.generic("p", row, {{0}}, b.scratch({shape.keySize}, element), {{0}},
                   [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                     return {exponential(b, b.convert(args[0], element))};
                   })[0];
}

/// Keys of a chunk that decay as its tokens pass: at token i, row j holds
/// k_j * a_{j+1} * ... * a_i, with which queries and keys of i are multiplied.
/// After the last token they are what the state gets.
void RecurrenceTask::rollKeys(IRBuilder &b, Chunk &chunk) {
  int64_t features = shape.keySize, heads = shape.groupSize();
  int64_t lanes = schedule.getLanes();
  OpFoldResult zero = b.getIndexAttr(0), unit = b.getIndexAttr(1),
               width = b.getIndexAttr(features);
  auto line = RankedTensorType::get({features}, element);
  auto rowOf = [&](IRBuilder &b, Value matrix, Value i) {
    return b.slice(matrix, {i, zero}, {unit, width}, line);
  };
  auto insertRow = [&](IRBuilder &b, Value row, Value matrix, Value i) {
    return b.insert(row, matrix, {i, zero}, {unit, width});
  };
  // x . row j of the keys for all j in `alive` of token i, 0 for others.
  auto products = [&](IRBuilder &b, Value x, Value keys, Value i, Value into,
                      arith::CmpIPredicate alive, Value factor) {
    for (int64_t first = 0; first < size; first += lanes) {
      OpFoldResult at = b.getIndexAttr(first), count = b.getIndexAttr(lanes);
      Value sums = b.filled(b.empty({unit, count}, element), 0);
      sums =
          b.generic("ppr", {x, b.slice(keys, {at, zero}, {count, width})},
                    {{2}, {1, 2}}, sums, {{0, 1}},
                    [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                      return {b.addf(b.mulf(args[0], args[1]), args[2])};
                    })[0];
      sums.getDefiningOp()->setAttr(reduceLanesAttr, b.getUnitAttr());
      Value row = b.slice(into, {i, at}, {unit, count});
      row = b.generic("pp", sums, {{0, 1}}, row, {{0, 1}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        Value x = factor ? b.mulf(args[0], factor) : args[0];
                        Value j = b.add(b.indexOf(1), first);
                        return {select(b, b.compare(alive, j, i), x,
                                       b.floating(element, 0))};
                      })[0];
      into = b.insert(row, into, {i, at}, {unit, count});
    }
    return into;
  };

  bool delta = chunk.betas != nullptr;
  SmallVector<Value> state = {b.filled(b.scratch({size, features}, element), 0),
                              b.filled(b.scratch({features}, element), 1),
                              b.scratch({heads, size, features}, element),
                              b.scratch({heads, size, size}, element)};
  if (delta)
    state.append({b.scratch({size, features}, element),
                  b.scratch({size, size}, element)});
  auto results = b.loop(
      b.index(0), chunk.count, 1, state,
      [&](IRBuilder &b, Value i, ValueRange args) -> SmallVector<Value> {
        Value token = b.add(chunk.first, i);
        Value remains = remainsOfFeatures(b, token);
        auto multiply = [&](IRBuilder &b, Value row) -> Value {
          return b.generic(
              "p", remains, {{0}}, row, {{0}},
              [](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                return {b.mulf(args[0], args[1])};
              })[0];
        };
        Value keys = b.loop(
            b.index(0), i, 1, args[0],
            [&](IRBuilder &b, Value j, ValueRange args) -> SmallVector<Value> {
              return {
                  insertRow(b, multiply(b, rowOf(b, args[0], j)), args[0], j)};
            })[0];
        Value before = multiply(b, args[1]);
        auto keyType = cast<RankedTensorType>(key.getType());
        Value keyRow = b.slice(key, {token, zero}, {unit, width},
                               keyType.clone({features}));
        keys = insertRow(b, pack(b, keyRow, rowOf(b, keys, i)), keys, i);
        // A row times P[i], and the row itself beside it.
        auto convertAt = [&](IRBuilder &b, Value row, Value into) {
          return b.generic(
              "p", {row, before}, {{0}, {0}},
              {into, b.scratch({features}, element)}, {{0}, {0}},
              [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                Value x = b.convert(args[0], element);
                return {b.mulf(x, args[1]), x};
              });
        };
        auto ofHeads = b.loop(
            b.index(0), b.index(heads), 1, {args[2], args[3]},
            [&](IRBuilder &b, Value head,
                ValueRange args) -> SmallVector<Value> {
              auto [offsets, sizes] =
                  placeInGroup(b, head, unit, token, unit, zero, width);
              auto type = cast<RankedTensorType>(query.getType());
              Value from =
                  b.slice(query, offsets, sizes, type.clone({features}));
              SmallVector<OpFoldResult> at = {head, i, zero},
                                        extent = {unit, unit, width};
              auto rows =
                  convertAt(b, from, b.slice(args[0], at, extent, line));
              Value queries = b.insert(rows[0], args[0], at, extent);
              SmallVector<OpFoldResult> all = {head, zero, zero},
                                        square = {unit, b.getIndexAttr(size),
                                                  b.getIndexAttr(size)};
              Value scores =
                  b.slice(args[1], all, square,
                          RankedTensorType::get({size, size}, element));
              scores = products(b, rows[1], keys, i, scores,
                                arith::CmpIPredicate::sle, {});
              return {queries, b.insert(scores, args[1], all, square)};
            });
        SmallVector<Value> next = {keys, before, ofHeads[0], ofHeads[1]};
        if (delta) {
          auto rows = convertAt(b, keyRow, rowOf(b, args[4], i));
          next.push_back(insertRow(b, rows[0], args[4], i));
          Value beta = b.extract(chunk.betas, i);
          Value negative = arith::NegFOp::create(b, b.getLoc(), beta);
          next.push_back(products(b, rows[1], keys, i, args[5],
                                  arith::CmpIPredicate::slt, negative));
        }
        return next;
      });
  chunk.writingKeys = {results[0], /*transposed=*/false};
  chunk.remains = results[1];
  chunk.queries = results[2];
  chunk.scores = results[3];
  if (delta) {
    chunk.readingKeys = {results[4], /*transposed=*/false};
    chunk.among = results[5];
  }
}
