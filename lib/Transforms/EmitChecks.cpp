//===- EmitChecks.cpp - A function that looks at what a caller passed
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Shapes are known when a call is bound; what a page table or the starts of
// sequences hold is not. Their checks are ordinary code beside the entry, and
// look at no more than the entry would.
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/IR/Updates.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Transforms/Passes.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/RegionUtils.h"

namespace attn {
#define GEN_PASS_DEF_EMITCHECKS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct EmitChecks : attn::impl::EmitChecksBase<EmitChecks> {
  void runOnOperation() override;
};

/// Writes `ENTRY_check`. Every check gives the status before it where that is
/// bad already.
class CheckWriter {
public:
  explicit CheckWriter(func::FuncOp entry) : entry(entry) {}
  /// Adds the function, if there is something to check.
  LogicalResult run();

private:
  LogicalResult checkStarts(IRBuilder &b, AttentionOp op, Value starts,
                            StringRef name, Value packed, StringRef counted);
  void checkPageTable(IRBuilder &b, AttentionOp op);
  LogicalResult checkAppend(IRBuilder &b, AppendOp op);
  LogicalResult checkInsertion(IRBuilder &b, tensor::InsertSliceOp op,
                               BlockArgument changed);
  Value checkEntry(IRBuilder &b, AttentionOp op, Value status, Value table,
                   Value batch, Value number, int64_t code);
  Value isPageLive(IRBuilder &b, AttentionOp op, Value batch, Value number);

  /// The argument that `value` is, or null.
  BlockArgument argumentOf(Value value);
  /// `value` in the function of the checks, or null if it takes more than
  /// scalar arithmetic to compute it.
  Value import(IRBuilder &b, Value value);
  bool importCaptured(IRBuilder &b, Region &region);
  Value importSize(IRBuilder &b, Value tensor, unsigned dim);

  /// The number of the rule that `argument` must keep.
  int64_t addRule(BlockArgument argument, const Twine &rule);
  Value constant(IRBuilder &b, int64_t value) {
    return arith::ConstantIntOp::create(b, b.getLoc(), value, 64);
  }
  /// `status`, or if that is fine and `bad`, that `element` breaks rule `code`.
  Value failIf(IRBuilder &b, Value status, Value bad, int64_t code,
               Value element);
  Value element(IRBuilder &b, Value tensor, ValueRange at) {
    return arith::IndexCastOp::create(b, b.getLoc(), b.getIndexType(),
                                      b.extract(tensor, at));
  }

  func::FuncOp entry;
  IRMapping mapping;
  SmallVector<std::string> rules; ///< Argument and rule in turns.
  Value status;
};
} // namespace

//===----------------------------------------------------------------------===//
// From the entry to its checks
//===----------------------------------------------------------------------===//

BlockArgument CheckWriter::argumentOf(Value value) {
  while (auto cast = value.getDefiningOp<tensor::CastOp>())
    value = cast.getSource();
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && argument.getOwner() == &entry.front() ? argument
                                                           : BlockArgument();
}

Value CheckWriter::import(IRBuilder &b, Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  Operation *def = value.getDefiningOp();
  if (!def || def->getNumRegions() || !isMemoryEffectFree(def))
    return {};
  for (Value operand : def->getOperands())
    if (!import(b, operand))
      return {};
  b.clone(*def, mapping);
  return mapping.lookup(value);
}

bool CheckWriter::importCaptured(IRBuilder &b, Region &region) {
  llvm::SetVector<Value> captured;
  getUsedValuesDefinedAbove(region, captured);
  return llvm::all_of(captured,
                      [&](Value value) { return import(b, value) != Value(); });
}

/// Nothing of the tensor but its type and size is wanted.
Value CheckWriter::importSize(IRBuilder &b, Value tensor, unsigned dim) {
  tensor = beforeUpdates(tensor);
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return b.index(type.getDimSize(dim));
  Value imported = import(b, tensor);
  return imported ? b.dim(imported, dim) : Value();
}

int64_t CheckWriter::addRule(BlockArgument argument, const Twine &rule) {
  unsigned number = argument.getArgNumber();
  auto name = entry.getArgAttrOfType<StringAttr>(number, "attn.name");
  rules.push_back(name ? name.str() : "arg" + std::to_string(number));
  rules.push_back(rule.str());
  return rules.size() / 2;
}

Value CheckWriter::failIf(IRBuilder &b, Value status, Value bad, int64_t code,
                          Value element) {
  Location loc = b.getLoc();
  Value number = arith::IndexCastOp::create(b, loc, b.getI64Type(), element);
  number = arith::ShLIOp::create(b, loc, number, constant(b, 16));
  number = arith::OrIOp::create(b, loc, number, constant(b, code));
  Value fine = b.compare(arith::CmpIPredicate::eq, status, constant(b, 0));
  Value first = arith::AndIOp::create(b, loc, fine, bad);
  return arith::SelectOp::create(b, loc, first, number, status);
}

//===----------------------------------------------------------------------===//
// The checks
//===----------------------------------------------------------------------===//

LogicalResult CheckWriter::checkStarts(IRBuilder &b, AttentionOp op,
                                       Value starts, StringRef name,
                                       Value packed, StringRef counted) {
  BlockArgument argument = argumentOf(starts);
  Value total = importSize(b, packed, getAttentionShape(op).layout.sequence);
  if (!argument || !total)
    return op.emitOpError()
           << name << " that are no argument of the function '"
           << entry.getName() << "' are not supported, as nothing checks them";
  Value list = mapping.lookup(argument);
  int64_t none = addRule(argument, "must have at least one element"),
          first = addRule(argument, "must be 0"),
          rising = addRule(argument, "must not be less than the one before"),
          last = addRule(argument, "must be the number of " + counted);
  Value size = b.dim(list, 0), zero = b.index(0);
  using Predicate = arith::CmpIPredicate;
  status = failIf(b, status, b.compare(Predicate::eq, size, zero), none,
                  b.index(-1));
  Value fine = b.compare(Predicate::eq, status, constant(b, 0));
  status = b.conditional(
      fine, status.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value begin = element(b, list, zero);
        Value now = failIf(b, status, b.compare(Predicate::ne, begin, zero),
                           first, zero);
        auto results =
            b.loop(b.index(1), size, 1, {now, begin},
                   [&](IRBuilder &b, Value at,
                       ValueRange before) -> SmallVector<Value> {
                     Value start = element(b, list, at);
                     Value falls = b.compare(Predicate::slt, start, before[1]);
                     return {failIf(b, before[0], falls, rising, at), start};
                   });
        Value ends = b.compare(Predicate::ne, results[1], total);
        return {failIf(b, results[0], ends, last, b.sub(size, b.index(1)))};
      },
      [&](IRBuilder &) -> SmallVector<Value> { return {status}; })[0];
  return success();
}

/// Whether some query sees a key of page `number`; asked of entries that are
/// wrong, so it may take its time.
Value CheckWriter::isPageLive(IRBuilder &b, AttentionOp op, Value batch,
                              Value number) {
  Value no = arith::ConstantIntOp::create(b, b.getLoc(), 0, 1);
  Value yes = arith::ConstantIntOp::create(b, b.getLoc(), 1, 1);
  if (op.getMask().empty())
    return yes;
  AttentionShape shape = getAttentionShape(op);
  Value first = b.mul(number, shape.pageSize);
  Value queries = importSize(b, op.getQuery(), shape.layout.sequence);
  Block &mask = op.getMask().front();
  int64_t heads = mask.getArgument(1).use_empty() ? 1 : shape.queryHeads;
  using Values = SmallVector<Value>;
  return b.loop(
      b.index(0), b.index(heads), 1, no,
      [&](IRBuilder &b, Value head, ValueRange some) {
        return Values(b.loop(
            b.index(0), queries, 1, some,
            [&](IRBuilder &b, Value query, ValueRange some) {
              return Values(b.loop(
                  first, b.add(first, shape.pageSize), 1, some,
                  [&](IRBuilder &b, Value key, ValueRange some) -> Values {
                    IRMapping inner = mapping;
                    inner.map(mask.getArguments(),
                              ValueRange{batch, head, query, key});
                    for (Operation &inside : mask.without_terminator())
                      b.clone(inside, inner);
                    Value live = inner.lookupOrDefault(
                        mask.getTerminator()->getOperand(0));
                    return {arith::OrIOp::create(b, b.getLoc(), some[0], live)};
                  }));
            }));
      })[0];
}

Value CheckWriter::checkEntry(IRBuilder &b, AttentionOp op, Value status,
                              Value table, Value batch, Value number,
                              int64_t code) {
  Value page = element(b, table, {batch, number});
  // As an unsigned number, what is negative is too large.
  Value bad =
      b.compare(arith::CmpIPredicate::uge, page, importSize(b, op.getKey(), 0));
  return b.conditional(
      bad, status.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value row =
            arith::MulIOp::create(b, b.getLoc(), batch, b.dim(table, 1));
        return {failIf(b, status, isPageLive(b, op, batch, number), code,
                       b.add(row, number))};
      },
      [&](IRBuilder &) -> SmallVector<Value> { return {status}; })[0];
}

/// Entries of a table that is computed are not checked: the kernel keeps them
/// inside of the pool in any case.
void CheckWriter::checkPageTable(IRBuilder &b, AttentionOp op) {
  BlockArgument argument = argumentOf(op.getPageTableOperand());
  AttentionShape shape = getAttentionShape(op);
  if (!argument || !importCaptured(b, op.getMask()))
    return;
  Value queries = importSize(b, op.getQuery(), shape.layout.sequence);
  if (!queries || !importSize(b, op.getKey(), 0))
    return;
  int64_t code = addRule(argument, "must be a page of the pool");
  Value table = mapping.lookup(argument);
  Value some = b.compare(arith::CmpIPredicate::sgt, queries, b.index(0));
  status = b.conditional(
      some, status.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return SmallVector<Value>(b.loop(
            b.index(0), b.dim(table, 0), 1, status,
            [&](IRBuilder &b, Value batch, ValueRange before) {
              Value first = b.index(0), last = b.dim(table, 1);
              Region &mask = op.getMask();
              if (!mask.empty() && mask.getArgument(1).use_empty()) {
                Region here;
                mask.cloneInto(&here, mapping);
                KeyRange range = emitKeyRange(
                    b, b.getLoc(), here,
                    MaskBox{batch, b.index(0), b.index(0), queries, b.index(0),
                            b.mul(last, shape.pageSize)});
                Value size = b.index(shape.pageSize);
                first = b.createOrFold<arith::DivUIOp>(b.getLoc(), range.begin,
                                                       size);
                last = b.createOrFold<arith::CeilDivUIOp>(b.getLoc(), range.end,
                                                          size);
              }
              return SmallVector<Value>(
                  b.loop(first, last, 1, before,
                         [&](IRBuilder &b, Value number,
                             ValueRange before) -> SmallVector<Value> {
                           return {checkEntry(b, op, before[0], table, batch,
                                              number, code)};
                         }));
            }));
      },
      [&](IRBuilder &) -> SmallVector<Value> { return {status}; })[0];
}

/// New rows lie between 0 and the last position of their sequence, on pages of
/// the pool.
LogicalResult CheckWriter::checkAppend(IRBuilder &b, AppendOp op) {
  unsigned sequence = op.getSequenceDim();
  BlockArgument positions = argumentOf(op.getPositions()), table;
  if (Value pages = op.getPageTable())
    table = argumentOf(pages);
  Value count = importSize(b, op.getRows(), sequence);
  Value length = importSize(b, op.getCache(), sequence);
  Value pool = importSize(b, op.getCache(), 0);
  if (!positions || bool(op.getPageTable()) != bool(table) || !count ||
      !length || !pool)
    return op.emitOpError()
           << "with positions, a page_table or a cache that are no arguments "
              "of "
              "the function '"
           << entry.getName() << "' is not supported, as nothing checks them";
  int64_t room = addRule(positions, "must leave room for the new rows in the "
                                    "cache"),
          page = table ? addRule(table, "must be a page of the pool") : 0;
  Value starts = mapping.lookup(positions);
  Value pages = table ? mapping.lookup(table) : Value();
  if (table)
    length = b.createOrFold<arith::MulIOp>(b.getLoc(), b.dim(pages, 1), length);
  using Predicate = arith::CmpIPredicate;
  using Values = SmallVector<Value>;
  status = b.loop(
      b.index(0), b.dim(starts, 0), 1, status,
      [&](IRBuilder &b, Value batch, ValueRange before) -> Values {
        Location loc = b.getLoc();
        Value start = element(b, starts, batch), end = b.add(start, count);
        Value below = b.compare(Predicate::slt, start, b.index(0));
        Value above = b.compare(Predicate::sgt, end, length);
        Value bad = arith::OrIOp::create(b, loc, below, above);
        Value now = failIf(b, before[0], bad, room, batch);
        if (!table)
          return {now};
        Value fine = arith::XOrIOp::create(
            b, loc, bad, arith::ConstantIntOp::create(b, loc, 1, 1));
        return Values(b.conditional(
            fine, now.getType(),
            [&](IRBuilder &b) -> Values {
              Value size = b.index(op.getPageSize());
              Value first = arith::DivUIOp::create(b, loc, start, size);
              Value last = arith::CeilDivUIOp::create(b, loc, end, size);
              // No row falls on no page.
              Value some = b.compare(Predicate::sgt, count, b.index(0));
              last = arith::SelectOp::create(b, loc, some, last, first);
              return Values(b.loop(
                  first, last, 1, now,
                  [&](IRBuilder &b, Value number, ValueRange before) -> Values {
                    Value at = element(b, pages, {batch, number});
                    Value row =
                        arith::MulIOp::create(b, loc, batch, b.dim(pages, 1));
                    return {failIf(b, before[0],
                                   b.compare(Predicate::uge, at, pool), page,
                                   b.add(row, number))};
                  }));
            },
            [&](IRBuilder &) -> Values { return {now}; }));
      })[0];
  return success();
}

/// A slice put into an argument lies in it, and is as large as its source.
LogicalResult CheckWriter::checkInsertion(IRBuilder &b,
                                          tensor::InsertSliceOp op,
                                          BlockArgument changed) {
  Location loc = b.getLoc();
  auto imported = [&](OpFoldResult part) -> Value {
    if (auto value = dyn_cast<Value>(part))
      return import(b, value);
    return b.index(cast<IntegerAttr>(cast<Attribute>(part)).getInt());
  };
  int64_t code = addRule(changed, "must have room for what is put into it");
  llvm::SmallBitVector dropped = op.getDroppedDims();
  unsigned from = 0;
  using Predicate = arith::CmpIPredicate;
  for (unsigned dim = 0; dim < op.getDestType().getRank(); ++dim) {
    Value offset = imported(op.getMixedOffsets()[dim]),
          size = imported(op.getMixedSizes()[dim]),
          step = imported(op.getMixedStrides()[dim]),
          length = importSize(b, op.getDest(), dim), actual = size;
    if (!dropped.test(dim))
      actual = importSize(b, op.getSource(), from++);
    if (!offset || !size || !step || !length || !actual)
      return op.emitOpError()
             << "into an argument of the function '" << entry.getName()
             << "' at a place that takes more than scalar arithmetic to "
                "compute is not supported, as nothing checks it";
    Value last =
        b.createOrFold<arith::MulIOp>(loc, b.sub(size, b.index(1)), step);
    Value end = b.add(b.add(offset, last), 1);
    Value some = b.compare(Predicate::sgt, size, b.index(0));
    Value bad = b.compare(Predicate::slt, offset, b.index(0));
    for (Value other : {b.compare(Predicate::sgt, end, length),
                        b.compare(Predicate::slt, step, b.index(1))})
      bad = arith::OrIOp::create(b, loc, bad, other);
    bad = arith::AndIOp::create(b, loc, bad, some);
    bad = arith::OrIOp::create(b, loc, bad,
                               b.compare(Predicate::ne, size, actual));
    status = failIf(b, status, bad, code, b.index(-1));
  }
  return success();
}

/// The insertions into arguments that the entry changes.
static SmallVector<std::pair<tensor::InsertSliceOp, BlockArgument>>
listInsertions(func::FuncOp entry) {
  SmallVector<std::pair<tensor::InsertSliceOp, BlockArgument>> insertions;
  entry.walk([&](tensor::InsertSliceOp op) {
    auto argument = dyn_cast<BlockArgument>(beforeUpdates(op.getDest()));
    if (argument && argument.getOwner() == &entry.front() &&
        entry.getArgAttr(argument.getArgNumber(), kUpdatedByAttr))
      insertions.push_back({op, argument});
  });
  return insertions;
}

LogicalResult CheckWriter::run() {
  SmallVector<AttentionOp> ops;
  entry.walk([&](AttentionOp op) {
    if (op.getQueryStartsOperand() || op.getPageTableOperand())
      ops.push_back(op);
  });
  SmallVector<AppendOp> appends;
  entry.walk([&](AppendOp op) { appends.push_back(op); });
  auto insertions = listInsertions(entry);
  if (ops.empty() && appends.empty() && insertions.empty())
    return success();
  OpBuilder builder(entry);
  builder.setInsertionPointAfter(entry);
  Location loc = entry.getLoc();
  auto check = func::FuncOp::create(
      builder, loc, (entry.getName() + "_check").str(),
      builder.getFunctionType(entry.getArgumentTypes(), builder.getI64Type()));
  check->setAttr("attn.check_of", FlatSymbolRefAttr::get(entry));
  Block *body = check.addEntryBlock();
  mapping.map(entry.getArguments(), body->getArguments());
  builder.setInsertionPointToEnd(body);
  IRBuilder b(builder, loc);
  status = constant(b, 0);
  for (AttentionOp op : ops) {
    if (Value starts = op.getQueryStartsOperand())
      if (failed(checkStarts(b, op, starts, "query_starts", op.getQuery(),
                             "queries")) ||
          failed(checkStarts(b, op, op.getKeyStartsOperand(), "key_starts",
                             op.getKey(), "keys")))
        return failure();
    if (op.getPageTableOperand())
      checkPageTable(b, op);
  }
  for (AppendOp op : appends)
    if (failed(checkAppend(b, op)))
      return failure();
  for (auto [op, changed] : insertions)
    if (failed(checkInsertion(b, op, changed)))
      return failure();
  func::ReturnOp::create(b, loc, status);
  if (rules.empty()) {
    check.erase();
    return success();
  }
  SmallVector<StringRef> texts(rules.begin(), rules.end());
  entry->setAttr("attn.checks", b.getStrArrayAttr(texts));
  return success();
}

void EmitChecks::runOnOperation() {
  SmallVector<func::FuncOp> entries;
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal() &&
        function.getBody().hasOneBlock())
      entries.push_back(function);
  for (func::FuncOp entry : entries)
    if (failed(CheckWriter(entry).run()))
      return signalPassFailure();
}
