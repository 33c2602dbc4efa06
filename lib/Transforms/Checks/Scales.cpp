//===- Scales.cpp - Checks of the scales of quantised caches
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A scale of 0 or NaN is what a cache holds that nobody filled. Where a module
// asks for it, all that the entry will read are looked at before it writes;
// which one is wrong, and whether its key is live, is asked only where some is.
// That reads the scales twice (of a cache of bytes with one f32 a row, 4 / D of
// its size), and in one thread.
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"
#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/KeyLists.h"
#include "attn/IR/Updates.h"
#include <functional>

using namespace mlir;
using namespace attn;
using Values = SmallVector<Value>;

/// Whether the scale is zero, infinite or NaN.
static Value isBad(IRBuilder &b, Value scale) {
  Location loc = b.getLoc();
  Value zero = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UEQ, scale,
                                     b.floating(scale.getType(), 0));
  // Of what is finite, the difference to itself is a number.
  Value difference = arith::SubFOp::create(b, loc, scale, scale);
  Value endless = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO,
                                        difference, difference);
  return arith::OrIOp::create(b, loc, zero, endless);
}

/// Whether some scale of the slice is.
static Value hasBad(IRBuilder &b, Value slice) {
  int64_t rank = cast<RankedTensorType>(slice.getType()).getRank();
  auto dims = llvm::to_vector(llvm::seq<unsigned>(rank));
  Value no = b.filled(b.empty({}, b.getI1Type()), 0);
  Value some = b.generic(std::string(rank, 'r'), slice, {dims}, no, {{}},
                         [](IRBuilder &b, ValueRange args) -> Values {
                           return {arith::OrIOp::create(b, b.getLoc(), args[1],
                                                        isBad(b, args[0]))};
                         })[0];
  return b.extract(some, {});
}

namespace {
/// The scales of some rows: where they lie in their tensor, and which keys they
/// are of.
struct Rows {
  Value outer;        ///< Index of the first dimension: batch or page.
  Value first, count; ///< Along the sequence dimension.
};
} // namespace

/// The status after a look at the scales of `rows`. `isLive` says of a head and
/// a row, counted along the sequence dimension, whether it matters; null: it
/// does.
static Value
checkRows(CheckWriter &writer, IRBuilder &b, Value status, Value scales,
          const HeadLayout &at, const Rows &rows, int64_t code,
          llvm::function_ref<Value(IRBuilder &, Value, Value)> isLive) {
  auto type = cast<RankedTensorType>(scales.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)), sizes;
  for (unsigned dim = 0; dim < type.getRank(); ++dim)
    sizes.push_back(tensor::getMixedSize(b, b.getLoc(), scales, dim));
  if (at.batch) {
    offsets[*at.batch] = rows.outer;
    sizes[*at.batch] = b.getIndexAttr(1);
  }
  offsets[at.sequence] = rows.first;
  sizes[at.sequence] = rows.count;
  Value some = hasBad(b, b.slice(scales, offsets, sizes));
  return b.conditional(
      some, status.getType(),
      [&](IRBuilder &b) -> Values {
        // One loop a dimension; the index of an element grows with them.
        std::function<Value(IRBuilder &, unsigned, Value, SmallVector<Value>,
                            Value)>
            visit = [&](IRBuilder &b, unsigned dim, Value linear,
                        SmallVector<Value> index, Value status) -> Value {
          if (dim == type.getRank()) {
            Value scale = b.extract(scales, index);
            Value live = isLive(b, index[at.head], index[at.sequence]);
            Value bad = isBad(b, scale);
            if (live)
              bad = arith::AndIOp::create(b, b.getLoc(), bad, live);
            return writer.failIf(b, status, bad, code, linear);
          }
          auto value = [&](OpFoldResult part) {
            return getValueOrCreateConstantIndexOp(b, b.getLoc(), part);
          };
          Value begin = value(offsets[dim]);
          Value end = b.add(begin, value(sizes[dim]));
          return b.loop(
              begin, end, 1, status,
              [&](IRBuilder &b, Value at, ValueRange before) -> Values {
                Value above = b.createOrFold<arith::MulIOp>(b.getLoc(), linear,
                                                            b.dim(scales, dim));
                SmallVector<Value> inner = index;
                inner.push_back(at);
                return {visit(b, dim + 1, b.add(above, at), inner, before[0])};
              })[0];
        };
        return {visit(b, 0, b.index(0), {}, status)};
      },
      [&](IRBuilder &) -> Values { return {status}; })[0];
}

void CheckWriter::checkScales(IRBuilder &b, AttentionOp op, Value operand) {
  Value before = beforeUpdates(operand);
  AttentionShape shape = getAttentionShape(op);
  bool masked = !op.getMask().empty();
  BlockArgument argument = argumentOf(operand);
  auto leave = [&](StringRef why) {
    op.emitRemark("scales are not checked: ") << why;
  };
  if (before != operand)
    return leave("the entry changes them");
  if (!argument)
    return leave("they are no argument of the entry");
  if ((masked || getKeyLists(op)) && shape.isPacked)
    return leave("of packed sequences, a mask or lists decide which are read");
  if (!importCaptured(b, op.getMask()))
    return leave("the mask captures what the entry computes");
  Value queries = importSize(b, op.getQuery(), shape.layout.sequence);
  Value table;
  if (Value pages = op.getPageTableOperand()) {
    BlockArgument given = argumentOf(pages);
    if (!given)
      return leave("the page table is no argument of the entry");
    table = mapping.lookup(given);
  }
  if (!queries)
    return leave("the entry computes the queries");
  int64_t code = addRule(argument, "must be finite and not 0");
  Value scales = mapping.lookup(argument);
  const HeadLayout &at = shape.layout;
  Value keys = table ? b.mul(b.dim(table, 1), shape.pageSize)
                     : b.dim(scales, at.sequence);
  Value batches = !at.batch ? b.index(1) : b.dim(table ? table : scales, 0);
  Value fine = b.compare(arith::CmpIPredicate::eq, status, constant(b, 0));
  Value some = b.compare(arith::CmpIPredicate::sgt, queries, b.index(0));
  fine = arith::AndIOp::create(b, b.getLoc(), fine, some);
  status = b.conditional(
      fine, status.getType(),
      [&](IRBuilder &b) -> Values {
        return Values(b.loop(
            b.index(0), batches, 1, status,
            [&](IRBuilder &b, Value batch, ValueRange before) -> Values {
              Value first = b.index(0), last = keys;
              if (masked) {
                Region here;
                // Of an argument that is mapped, no other would be made.
                IRMapping captured = mapping;
                op.getMask().cloneInto(&here, captured);
                if (here.getArgument(1).use_empty()) {
                  KeyRange range =
                      emitKeyRange(b, b.getLoc(), here,
                                   MaskBox{batch, b.index(0), b.index(0),
                                           queries, b.index(0), keys});
                  first = range.begin;
                  last = b.max(range.end, first);
                }
              }
              auto isLive = [&](Value key) {
                return [&, key](IRBuilder &b, Value head, Value row) -> Value {
                  if (!masked && !hasKnownLists(op))
                    return {};
                  int64_t group = shape.groupSize();
                  return isSomeLive(b, op, batch, key ? b.add(key, row) : row,
                                    1, b.mul(head, group), group);
                };
              };
              if (!table)
                return {checkRows(*this, b, before[0], scales, at,
                                  {batch, first, b.sub(last, first)}, code,
                                  isLive(Value()))};
              Location loc = b.getLoc();
              Value size = b.index(shape.pageSize);
              Value from = arith::DivUIOp::create(b, loc, first, size),
                    to = arith::CeilDivUIOp::create(b, loc, last, size);
              return Values(b.loop(
                  from, to, 1, before,
                  [&](IRBuilder &b, Value number, ValueRange before) -> Values {
                    Value page = b.extractIndex(table, {batch, number});
                    // A page that no query sees may be any.
                    Value known = b.compare(arith::CmpIPredicate::ult, page,
                                            b.dim(scales, 0));
                    Value key = b.mul(number, shape.pageSize);
                    Value begin = b.max(b.sub(first, key), b.index(0));
                    Value end = b.min(b.sub(last, key), size);
                    return Values(b.conditional(
                        known, before[0].getType(),
                        [&](IRBuilder &b) -> Values {
                          return {checkRows(*this, b, before[0], scales, at,
                                            {page, begin, b.sub(end, begin)},
                                            code, isLive(key))};
                        },
                        [&](IRBuilder &) -> Values { return {before[0]}; }));
                  }));
            }));
      },
      [&](IRBuilder &) -> Values { return {status}; })[0];
}
