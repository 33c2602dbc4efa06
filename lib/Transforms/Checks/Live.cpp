//===- Live.cpp - Whether some query sees a key ---------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Asked where something is wrong that would not matter if nobody saw it. Brute
// force: the mask of every pair, of lists those of what they name.
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"
#include "Elements.h"
#include "attn/IR/KeyLists.h"

using namespace mlir;
using namespace attn;

using Values = SmallVector<Value>;

bool CheckWriter::hasKnownLists(AttentionOp op) {
  std::optional<KeyLists> lists = getKeyLists(op);
  return lists && argumentOf(lists->entries) &&
         (!lists->pointers || argumentOf(lists->pointers));
}

Value CheckWriter::isSomePairLive(IRBuilder &b, AttentionOp op, Value batch,
                                  Value head, const PairRange &pairs,
                                  Value entry) {
  Value no = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  // What a mask says of lists that nobody knows here, nobody knows.
  if (op.getMask().empty() ||
      (!entry && !op.getMask().getOps<EntryOp>().empty()))
    return arith::AndIOp::create(
        b, b.getLoc(),
        b.compare(arith::CmpIPredicate::slt, pairs.firstQuery, pairs.lastQuery),
        b.compare(arith::CmpIPredicate::slt, pairs.firstKey, pairs.lastKey));
  Block &mask = op.getMask().front();
  return b.loop(
      pairs.firstQuery, pairs.lastQuery, 1, no,
      [&](IRBuilder &b, Value query, ValueRange some) {
        return Values(b.loop(
            pairs.firstKey, pairs.lastKey, 1, some,
            [&](IRBuilder &b, Value key, ValueRange some) -> Values {
              IRMapping inner = mapping;
              inner.map(mask.getArguments(),
                        ValueRange{batch, head, query, key});
              for (Operation &inside : mask.without_terminator())
                if (isa<EntryOp>(inside))
                  inner.map(inside.getResult(0), entry);
                else
                  b.clone(inside, inner);
              Value live =
                  inner.lookupOrDefault(mask.getTerminator()->getOperand(0));
              return {arith::OrIOp::create(b, b.getLoc(), some[0], live)};
            }));
      })[0];
}

Value CheckWriter::isSomeListedLive(IRBuilder &b, AttentionOp op, Value batch,
                                    Value head, const PairRange &pairs) {
  KeyLists lists = *getKeyLists(op);
  Value entries = mapping.lookup(argumentOf(lists.entries));
  Value pointers =
      lists.pointers ? mapping.lookup(argumentOf(lists.pointers)) : Value();
  Values outer;
  if (lists.byBatch)
    outer.push_back(batch);
  if (lists.byHead)
    outer.push_back(head);
  unsigned dim = lists.firstDim();
  Value no = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  Value rows =
      lists.isSingle
          ? b.index(1)
          : b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), pairs.lastQuery,
                                               b.index(lists.queryBlock));
  return b.loop(
      b.index(0), rows, 1, no, [&](IRBuilder &b, Value row, ValueRange some) {
        PairRange own = pairs;
        if (!lists.isSingle) {
          own.firstQuery = b.mul(row, lists.queryBlock);
          own.lastQuery =
              b.min(b.add(own.firstQuery, lists.queryBlock), pairs.lastQuery);
        }
        Value first = b.index(0), last;
        if (pointers) {
          first = b.extractIndex(pointers, with(outer, row));
          last = b.extractIndex(pointers, with(outer, b.add(row, 1)));
        } else {
          last = b.dim(entries, lists.isSingle ? dim : dim + 1);
        }
        return Values(b.loop(
            first, last, 1, some,
            [&](IRBuilder &b, Value number, ValueRange some) -> Values {
              Values at = pointers || lists.isSingle ? outer : with(outer, row);
              at.push_back(number);
              // One that is negative lies before all keys.
              Value key = b.mul(b.extractIndex(entries, at), lists.keyBlock);
              PairRange listed = own;
              listed.firstKey = b.max(key, pairs.firstKey);
              listed.lastKey = b.min(b.add(key, lists.keyBlock), pairs.lastKey);
              return {arith::OrIOp::create(
                  b, b.getLoc(), some[0],
                  isSomePairLive(b, op, batch, head, listed, number))};
            }));
      })[0];
}

Value CheckWriter::isSomeLive(IRBuilder &b, AttentionOp op, Value batch,
                              Value first, int64_t count, Value firstHead,
                              int64_t heads) {
  bool listed = hasKnownLists(op);
  if (op.getMask().empty() && !listed)
    return arith::ConstantIntOp::create(b, b.getLoc(), 1, 1);
  AttentionShape shape = getAttentionShape(op);
  Value queries = importSize(b, op.getQuery(), shape.layout.sequence);
  if (!firstHead) {
    firstHead = b.index(0);
    heads = shape.queryHeads;
  }
  bool masksByHead =
      !op.getMask().empty() && !op.getMask().getArgument(1).use_empty();
  if (!masksByHead && !(listed && getKeyLists(op)->byHead))
    heads = 1;
  PairRange pairs{b.index(0), queries, first, b.add(first, count)};
  Value no = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  return b.loop(firstHead, b.add(firstHead, heads), 1, no,
                [&](IRBuilder &b, Value head, ValueRange some) -> Values {
                  Value live = listed
                                   ? isSomeListedLive(b, op, batch, head, pairs)
                                   : isSomePairLive(b, op, batch, head, pairs);
                  return {arith::OrIOp::create(b, b.getLoc(), some[0], live)};
                })[0];
}
