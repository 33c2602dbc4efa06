//===- Lists.cpp - Checks of the keys that queries list -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lists take a look at each pointer and at each entry, which is little beside
// what a kernel does for one: that much follows from any of them.
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"
#include "Elements.h"
#include "attn/IR/KeyLists.h"

using namespace mlir;
using namespace attn;

using Predicate = arith::CmpIPredicate;
using Values = SmallVector<Value>;

namespace {
/// What the loops over lists need to know.
struct ListCheck {
  CheckWriter &writer;
  Value tensor;          ///< What is looked at.
  Value entries;         ///< Index values: the length of the entries,
  Value keyBlocks;       ///< and the number of runs of keys.
  int64_t rising, entry; ///< Rules.
};
} // namespace

/// Pointers of one batch and head rise within the entries. Gives the status,
/// the first pointer and the last.
static Values checkPointers(IRBuilder &b, const ListCheck &check,
                            ArrayRef<Value> outer, Value status) {
  Value size = b.dim(check.tensor, outer.size());
  auto at = [&](IRBuilder &b, Value index) {
    return linearIndex(b, check.tensor, with(outer, index));
  };
  Value first = b.extractIndex(check.tensor, with(outer, b.index(0)));
  Value negative = b.compare(Predicate::slt, first, b.index(0));
  status =
      check.writer.failIf(b, status, negative, check.rising, at(b, b.index(0)));
  auto results =
      b.loop(b.index(1), size, 1, {status, first},
             [&](IRBuilder &b, Value index, ValueRange before) -> Values {
               Value now = b.extractIndex(check.tensor, with(outer, index));
               Value bad = arith::OrIOp::create(
                   b, b.getLoc(), b.compare(Predicate::slt, now, before[1]),
                   b.compare(Predicate::sgt, now, check.entries));
               return {check.writer.failIf(b, before[0], bad, check.rising,
                                           at(b, index)),
                       now};
             });
  return {results[0], first, results[1]};
}

/// Entries [first, last) of one batch and head are runs of keys, or, where they
/// may be none, not beyond.
static Value checkEntries(IRBuilder &b, const ListCheck &check, Value entries,
                          ArrayRef<Value> outer, Value first, Value last,
                          bool mayBeNone, Value status) {
  return b.loop(first, last, 1, status,
                [&](IRBuilder &b, Value index, ValueRange before) -> Values {
                  SmallVector<Value> at = with(outer, index);
                  Value entry = b.extractIndex(entries, at);
                  // As an unsigned number, what is negative is too large.
                  Value bad =
                      b.compare(mayBeNone ? Predicate::sge : Predicate::uge,
                                entry, check.keyBlocks);
                  return {check.writer.failIf(b, before[0], bad, check.entry,
                                              linearIndex(b, entries, at))};
                })[0];
}

/// How long packed sequence `number` is.
static Value lengthOf(IRBuilder &b, Value starts, Value number) {
  return b.sub(b.extractIndex(starts, b.add(number, 1)),
               b.extractIndex(starts, number));
}

/// The most queries of a sequence.
static Value longestSequence(IRBuilder &b, Value starts) {
  return b.loop(
      b.index(1), b.dim(starts, 0), 1, b.index(0),
      [&](IRBuilder &b, Value end, ValueRange most) -> Values {
        return {b.max(most[0], lengthOf(b, starts, b.sub(end, b.index(1))))};
      })[0];
}

LogicalResult CheckWriter::checkPackedLists(IRBuilder &b, AttentionOp op) {
  KeyLists lists = *getKeyLists(op);
  BlockArgument pointers =
      lists.pointers ? argumentOf(lists.pointers) : BlockArgument();
  BlockArgument entries = argumentOf(lists.entries);
  // What no pointers count is at most no key.
  if (!lists.pointers && !entries && !lists.byBatch)
    return success();
  if (bool(pointers) != bool(lists.pointers) || !entries)
    return op.emitOpError()
           << (op.getCsr().empty() ? "blocks" : "csr")
           << " of packed sequences that are no argument of the function '"
           << entry.getName() << "' is not supported, as nothing checks them";
  Value queryStarts = mapping.lookup(argumentOf(op.getQueryStartsOperand())),
        keyStarts = mapping.lookup(argumentOf(op.getKeyStartsOperand()));
  auto runs = [](IRBuilder &b, Value length, int64_t size) {
    return b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), length,
                                              b.index(size));
  };
  BlockArgument counted = lists.pointers ? pointers : entries;
  Value all = mapping.lookup(entries), table = mapping.lookup(counted);
  unsigned dim = lists.firstDim();
  auto require = [&](Value holds, StringRef rule) {
    int64_t code = addRule(counted, rule);
    Value yes = arith::ConstantIntOp::create(b, b.getLoc(), 1, 1);
    status = failIf(b, status, arith::XOrIOp::create(b, b.getLoc(), holds, yes),
                    code, b.index(-1));
  };
  if (lists.byBatch)
    require(b.compare(Predicate::eq, b.add(b.dim(all, 0), 1),
                      b.dim(queryStarts, 0)),
            "must have lists for every sequence");
  if (!lists.isSingle) {
    Value rows = runs(b, longestSequence(b, queryStarts), lists.queryBlock);
    require(b.compare(Predicate::sge, b.dim(table, dim),
                      b.add(rows, lists.pointers ? 1 : 0)),
            lists.pointers ? "must have pointers for the longest sequence"
                           : "must have lists for the longest sequence");
  }
  if (!lists.pointers)
    return success();
  ListCheck check{*this, table, b.dim(all, dim), Value(), 0, 0};
  check.rising = addRule(pointers, "must not be less than the one before, "
                                   "nor beyond the entries");
  if (lists.byBatch)
    check.entry = addRule(entries, lists.keyBlock == 1
                                       ? "must be a key of its sequence"
                                       : "must be a run of " +
                                             std::to_string(lists.keyBlock) +
                                             " keys of its sequence");
  Value fine = b.compare(Predicate::eq, status, constant(b, 0));
  status = b.conditional(
      fine, status.getType(),
      [&](IRBuilder &b) -> Values {
        return {forEachIndex(
            b, all, dim, status,
            [&](IRBuilder &b, ArrayRef<Value> outer, Value now) -> Value {
              Values found = checkPointers(b, check, outer, now);
              if (!lists.byBatch)
                return found[0];
              Value rises = b.compare(Predicate::eq, found[0], constant(b, 0));
              return b.conditional(
                  rises, now.getType(),
                  [&](IRBuilder &b) -> Values {
                    // Lists behind those of the sequence are nobody's.
                    ListCheck own = check;
                    own.keyBlocks = runs(b, lengthOf(b, keyStarts, outer[0]),
                                         lists.keyBlock);
                    Value rows = runs(b, lengthOf(b, queryStarts, outer[0]),
                                      lists.queryBlock);
                    Value last = b.extractIndex(table, with(outer, rows));
                    return {checkEntries(b, own, all, outer, found[1], last,
                                         false, found[0])};
                  },
                  [&](IRBuilder &) -> Values { return {found[0]}; })[0];
            })};
      },
      [&](IRBuilder &) -> Values { return {status}; })[0];
  return success();
}

LogicalResult CheckWriter::checkLists(IRBuilder &b, AttentionOp op) {
  KeyLists lists = *getKeyLists(op);
  AttentionShape shape = getAttentionShape(op);
  if (shape.isPacked)
    return checkPackedLists(b, op);
  StringRef name = op.getCsr().empty() ? "blocks" : "csr";
  BlockArgument pointers =
      lists.pointers ? argumentOf(lists.pointers) : BlockArgument();
  BlockArgument entries = argumentOf(lists.entries);
  if (!lists.pointers && !entries)
    return success(); // what they name beyond the keys is no key
  Value queries = importSize(b, op.getQuery(), shape.layout.sequence);
  Value keys = importSize(b, op.getKey(), shape.layout.sequence);
  if (shape.isPaged() && keys) {
    Value pages = importSize(b, op.getPageTableOperand(), 1);
    keys = pages ? b.mul(pages, shape.pageSize) : Value();
  }
  if (!queries || !keys || bool(pointers) != bool(lists.pointers) || !entries)
    return op.emitOpError()
           << name << " of queries, keys or lists that are no argument of the "
           << "function '" << entry.getName()
           << "' is not supported, as nothing checks them";

  auto runs = [&](Value length, int64_t size) {
    return b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), length,
                                              b.index(size));
  };
  std::string shared = lists.queryBlock == 1
                           ? "query"
                           : std::to_string(lists.queryBlock) + " queries";
  std::string named =
      lists.keyBlock == 1
          ? "a key"
          : "a run of " + std::to_string(lists.keyBlock) + " keys";
  unsigned dim = lists.firstDim();
  Value all = mapping.lookup(entries);
  Value fine = b.compare(Predicate::eq, status, constant(b, 0));
  Value keyBlocks = runs(keys, lists.keyBlock);
  if (!lists.isSingle) {
    Value table = lists.pointers ? mapping.lookup(pointers) : all;
    int64_t more = lists.pointers ? 1 : 0;
    int64_t code =
        addRule(lists.pointers ? pointers : entries,
                lists.pointers ? "must have a pointer for every " + shared +
                                     ", and one more"
                               : "must have a list for every " + shared);
    Value wanted = b.add(runs(queries, lists.queryBlock), more);
    Value bad = b.compare(Predicate::ne, b.dim(table, dim), wanted);
    status = failIf(b, status, bad, code, b.index(-1));
    fine = b.compare(Predicate::eq, status, constant(b, 0));
  }
  ListCheck check{*this, all, b.dim(all, dim), keyBlocks, 0, 0};
  if (lists.pointers) {
    check.tensor = mapping.lookup(pointers);
    check.rising = addRule(pointers, "must not be less than the one before, "
                                     "nor beyond the entries");
  }
  check.entry = addRule(entries, "must be " + named);
  status = b.conditional(
      fine, status.getType(),
      [&](IRBuilder &b) -> Values {
        unsigned loops = dim + (lists.pointers || lists.isSingle ? 0 : 1);
        return {forEachIndex(
            b, all, loops, status,
            [&](IRBuilder &b, ArrayRef<Value> outer, Value now) -> Value {
              if (!lists.pointers)
                return checkEntries(b, check, all, outer, b.index(0),
                                    b.dim(all, loops), true, now);
              Values found = checkPointers(b, check, outer, now);
              Value rises = b.compare(Predicate::eq, found[0], constant(b, 0));
              return b.conditional(
                  rises, now.getType(),
                  [&](IRBuilder &b) -> Values {
                    return {checkEntries(b, check, all, outer, found[1],
                                         found[2], false, found[0])};
                  },
                  [&](IRBuilder &) -> Values { return {found[0]}; })[0];
            })};
      },
      [&](IRBuilder &) -> Values { return {status}; })[0];
  return success();
}
