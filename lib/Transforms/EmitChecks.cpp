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

#include "Checks/CheckWriter.h"
#include "attn/Analysis/MaskAnalysis.h"
#include "attn/IR/KeyLists.h"
#include "attn/IR/Updates.h"
#include "attn/Support/Attributes.h"
#include "attn/Transforms/Passes.h"
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
        Value begin = b.extractIndex(list, zero);
        Value now = failIf(b, status, b.compare(Predicate::ne, begin, zero),
                           first, zero);
        auto results =
            b.loop(b.index(1), size, 1, {now, begin},
                   [&](IRBuilder &b, Value at,
                       ValueRange before) -> SmallVector<Value> {
                     Value start = b.extractIndex(list, at);
                     Value falls = b.compare(Predicate::slt, start, before[1]);
                     return {failIf(b, before[0], falls, rising, at), start};
                   });
        Value ends = b.compare(Predicate::ne, results[1], total);
        return {failIf(b, results[0], ends, last, b.sub(size, b.index(1)))};
      },
      [&](IRBuilder &) -> SmallVector<Value> { return {status}; })[0];
  return success();
}

Value CheckWriter::checkEntry(IRBuilder &b, AttentionOp op, Value status,
                              Value table, Value batch, Value number,
                              int64_t code) {
  Value page = b.extractIndex(table, {batch, number});
  int64_t size = getAttentionShape(op).pageSize;
  // As an unsigned number, what is negative is too large.
  Value bad =
      b.compare(arith::CmpIPredicate::uge, page, importSize(b, op.getKey(), 0));
  return b.conditional(
      bad, status.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        Value row =
            arith::MulIOp::create(b, b.getLoc(), batch, b.dim(table, 1));
        return {failIf(b, status,
                       isSomeLive(b, op, batch, b.mul(number, size), size),
                       code, b.add(row, number))};
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
  // The mask may read what is known to be wrong.
  Value fine = b.compare(arith::CmpIPredicate::eq, status, constant(b, 0));
  status = b.conditional(
      arith::AndIOp::create(b, b.getLoc(), some, fine), status.getType(),
      [&](IRBuilder &b) -> SmallVector<Value> {
        return SmallVector<Value>(b.loop(
            b.index(0), b.dim(table, 0), 1, status,
            [&](IRBuilder &b, Value batch, ValueRange before) {
              Value first = b.index(0), last = b.dim(table, 1);
              Region &mask = op.getMask();
              if (!mask.empty() && mask.getArgument(1).use_empty()) {
                Region here;
                IRMapping captured = mapping;
                mask.cloneInto(&here, captured);
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

/// Whether a region reads what nothing shows to have an element.
static bool readsMaybeEmpty(AttentionOp op) {
  WalkResult result = op.walk([](tensor::ExtractOp load) {
    return load->hasAttr(notEmptyAttr) ? WalkResult::interrupt()
                                       : WalkResult::advance();
  });
  return result.wasInterrupted();
}

LogicalResult CheckWriter::run() {
  bool scalesToo =
      entry->getParentOfType<ModuleOp>()->hasAttr(kCheckScalesAttr);
  SmallVector<AttentionOp> ops;
  entry.walk([&](AttentionOp op) {
    bool scaled = op.getKeyScalesOperand() || op.getValueScalesOperand();
    if (op.getQueryStartsOperand() || op.getPageTableOperand() ||
        getKeyLists(op) || !tablesOf(op).empty() || (scalesToo && scaled) ||
        readsMaybeEmpty(op) || limitsLengths(op))
      ops.push_back(op);
  });
  SmallVector<ProjectHeadsOp> turned;
  entry.walk([&](ProjectHeadsOp op) {
    if (!op.getRotary().empty())
      turned.push_back(op);
  });
  SmallVector<AppendOp> appends;
  entry.walk([&](AppendOp op) { appends.push_back(op); });
  auto insertions = listInsertions(entry);
  if (ops.empty() && turned.empty() && appends.empty() && insertions.empty())
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
  for (AttentionOp op : ops)
    checkLengths(b, op);
  for (AttentionOp op : ops)
    if (failed(checkCaptured(b, op)))
      return failure();
  for (AttentionOp op : ops) {
    if (Value starts = op.getQueryStartsOperand())
      if (failed(checkStarts(b, op, starts, "query_starts", op.getQuery(),
                             "queries")) ||
          failed(checkStarts(b, op, op.getKeyStartsOperand(), "key_starts",
                             op.getKey(), "keys")))
        return failure();
    if (getKeyLists(op) && failed(checkLists(b, op)))
      return failure();
    // Lists that are right say which pages are read.
    if (op.getPageTableOperand())
      checkPageTable(b, op);
  }
  for (AttentionOp op : ops)
    for (Value scales : {op.getKeyScalesOperand(), op.getValueScalesOperand()})
      if (scales && scalesToo)
        checkScales(b, op, scales);
  for (AttentionOp op : ops)
    checkTables(b, op);
  for (ProjectHeadsOp op : turned)
    checkRotary(b, op);
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
