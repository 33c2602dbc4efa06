//===- HeadOperands.cpp - What a task of one head reads
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HeadOperands.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace attn;

static RankedTensorType tensorType(Value value) {
  return cast<RankedTensorType>(value.getType());
}

bool CacheRows::isDirect(Type multiplied) const {
  return !scales && !zeroPoints && !pages && !lists &&
         tensorType(rows).getElementType() == multiplied;
}

int64_t CacheRows::features() const {
  return tensorType(rows).getShape().back();
}

Value CacheRows::length(IRBuilder &b) const {
  if (!lists)
    return sequenceLength(b);
  Value keys = b.mul(b.dim(lists->entries, 0), lists->keyBlock);
  // Without keys there is no row that an entry could be clamped to.
  Value none = b.compare(arith::CmpIPredicate::eq, sequence, b.index(0));
  return b.createOrFold<arith::SelectOp>(b.getLoc(), none, b.index(0), keys);
}

Value CacheRows::listedKey(IRBuilder &b, Value number) const {
  Location loc = b.getLoc();
  Value size = b.index(lists->keyBlock);
  Value entry = b.extractIndex(
      lists->entries, b.createOrFold<arith::DivUIOp>(loc, number, size));
  return b.add(b.mul(entry, lists->keyBlock),
               b.createOrFold<arith::RemUIOp>(loc, number, size));
}

Value CacheRows::existingKey(IRBuilder &b, Value number) const {
  Value key = listedKey(b, number);
  if (!mayListNone())
    return key;
  return b.max(b.min(key, b.sub(sequence, b.index(1))), b.index(0));
}

Value CacheRows::sequenceLength(IRBuilder &b) const {
  if (!pages)
    return b.dim(rows, 0);
  int64_t pageSize = tensorType(rows).getDimSize(1);
  Value keys = b.mul(b.dim(pages, 0), pageSize);
  // An empty pool has no row that a key could be clamped to.
  Value empty = b.compare(arith::CmpIPredicate::slt, lastPage, b.index(0));
  return b.createOrFold<arith::SelectOp>(b.getLoc(), empty, b.index(0), keys);
}

SmallVector<Value> CacheRows::position(IRBuilder &b, Value row) const {
  if (lists)
    row = existingKey(b, row);
  if (!pages)
    return {row};
  Location loc = b.getLoc();
  Value pageSize = b.index(tensorType(rows).getDimSize(1));
  Value number = b.createOrFold<arith::DivUIOp>(loc, row, pageSize);
  Value page = b.extractIndex(pages, number);
  // Between live keys may lie pages that no query sees: their entries may hold
  // anything, and what is read there is masked.
  page = b.max(b.min(page, lastPage), b.index(0));
  return {page, b.createOrFold<arith::RemUIOp>(loc, row, pageSize)};
}

Value CacheRows::element(IRBuilder &b, Value row, Value feature,
                         Type type) const {
  SmallVector<Value> at = position(b, row);
  auto with = [&](Value last) {
    SmallVector<Value> indices = at;
    indices.push_back(last);
    return indices;
  };
  // One number a row, or one for each run of equally many features.
  auto parameter = [&](Value tensor) -> Value {
    auto shape = tensorType(tensor);
    if (shape.getRank() == int64_t(at.size()))
      return b.convert(b.extract(tensor, at), type);
    Value length = b.index(features() / shape.getShape().back());
    Value group = b.createOrFold<arith::DivUIOp>(b.getLoc(), feature, length);
    return b.convert(b.extract(tensor, with(group)), type);
  };
  Value element = b.convert(b.extract(rows, with(feature)), type);
  if (zeroPoints)
    element =
        arith::SubFOp::create(b, b.getLoc(), element, parameter(zeroPoints));
  if (scales)
    element = b.mulf(element, parameter(scales));
  return element;
}

Value attn::asMatrix(IRBuilder &b, Value tensor, const HeadLayout &at) {
  auto type = tensorType(tensor);
  SmallVector<OpFoldResult> offsets(at.rank(), b.getIndexAttr(0));
  return b.slice(
      tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
      type.clone({type.getDimSize(at.sequence), type.getDimSize(at.feature)}));
}

/// `tensor`, a cache or what belongs to its rows (then the feature, always
/// last, may be absent), without the head; and without the batch, unless that
/// counts pages.
static Value withoutHead(IRBuilder &b, Value tensor, const HeadLayout &at,
                         bool paged) {
  auto type = tensorType(tensor);
  SmallVector<int64_t> shape;
  if (paged)
    shape.push_back(type.getDimSize(*at.batch));
  shape.push_back(type.getDimSize(at.sequence));
  if (type.getRank() == at.rank())
    shape.push_back(type.getDimSize(at.feature));
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  return b.slice(tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
                 type.clone(shape));
}

static CacheRows cacheRows(IRBuilder &b, AttentionOp op, Value rows,
                           Value scales, Value zeroPoints) {
  HeadLayout at = getAttentionShape(op).layout;
  Value table = op.getPageTableOperand();
  auto matrix = [&](Value tensor) {
    return tensor ? withoutHead(b, tensor, at, table != nullptr) : Value();
  };
  CacheRows cache;
  cache.rows = matrix(rows);
  cache.scales = matrix(scales);
  cache.zeroPoints = matrix(zeroPoints);
  if (table) {
    auto type = tensorType(table);
    OpFoldResult zero = b.getIndexAttr(0);
    cache.pages = b.slice(table, {zero, zero},
                          tensor::getMixedSizes(b, b.getLoc(), table),
                          type.clone({type.getDimSize(1)}));
    cache.lastPage = b.sub(b.dim(cache.rows, 0), b.index(1));
  }
  std::optional<KeyLists> lists = getKeyLists(op);
  if (lists && readsKeyByKey(*lists, op.getSchedule()->getLanes())) {
    cache.sequence = cache.sequenceLength(b);
    cache.lists = lists;
  }
  return cache;
}

CacheRows attn::keyRows(IRBuilder &b, AttentionOp op) {
  return cacheRows(b, op, op.getKey(), op.getKeyScalesOperand(),
                   op.getKeyZeroPointsOperand());
}

/// The matrix of the group value_pairs, or null.
static Value valuePairs(IRBuilder &b, AttentionOp op) {
  if (op.getValuePairs().empty())
    return {};
  Value tensor = op.getValuePairs().front();
  auto type = tensorType(tensor);
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0));
  return b.slice(tensor, offsets, tensor::getMixedSizes(b, b.getLoc(), tensor),
                 type.clone(type.getShape().take_back(2)));
}

CacheRows attn::valueRows(IRBuilder &b, AttentionOp op) {
  CacheRows cache = cacheRows(b, op, op.getValue(), op.getValueScalesOperand(),
                              op.getValueZeroPointsOperand());
  cache.pairs = valuePairs(b, op);
  return cache;
}

/// Lets a region whose keys are numbers in a list see their positions.
static void seePositions(Region &region, const CacheRows &keys, Location loc) {
  if (region.empty())
    return;
  Block &block = region.front();
  Value number = block.getArgument(block.getNumArguments() - 1);
  OpBuilder builder = OpBuilder::atBlockBegin(&block);
  IRBuilder b(builder, loc);
  Operation *first = &block.front();
  Value position = keys.existingKey(b, number);
  number.replaceUsesWithIf(position, [&](OpOperand &use) {
    Operation *user = use.getOwner();
    while (user->getBlock() != &block)
      user = user->getParentOp();
    return user == first || first->isBeforeInBlock(user);
  });
}

/// Puts numbers in the place of attn.entry: `entry`, where one names all keys;
/// or else what each key's number in a list comes from.
static void seeEntries(Region &region, Value entry, const CacheRows &keys,
                       Location loc) {
  for (auto number : llvm::make_early_inc_range(region.getOps<EntryOp>())) {
    OpBuilder builder(number);
    BlockArgument key =
        region.getArgument(region.getNumArguments() - 1); // of the list
    Value own = entry ? entry
                      : builder.createOrFold<arith::DivUIOp>(
                            loc, key,
                            arith::ConstantIndexOp::create(
                                builder, loc, keys.lists->keyBlock));
    number.replaceAllUsesWith(own);
    number.erase();
  }
}

/// Masks what a list names beyond the keys.
static void maskNoKeys(Region &mask, const CacheRows &keys, Location loc) {
  OpBuilder outer(mask.getContext());
  if (mask.empty()) {
    SmallVector<Type> types(4, outer.getIndexType());
    outer.createBlock(&mask, {}, types, SmallVector<Location>(4, loc));
    Value yes = arith::ConstantIntOp::create(outer, loc, 1, 1);
    YieldOp::create(outer, loc, yes);
  }
  Operation *yield = mask.front().getTerminator();
  outer.setInsertionPoint(yield);
  IRBuilder b(outer, loc);
  Value key = keys.listedKey(b, mask.front().getArgument(3));
  // As an unsigned number, what is negative is too large.
  Value exists = b.compare(arith::CmpIPredicate::ult, key, keys.sequence);
  yield->setOperand(
      0, b.createOrFold<arith::AndIOp>(loc, yield->getOperand(0), exists));
}

/// An online attention of `op` over the keys of `range`, all in one tile, that
/// reads keys and values directly or through load regions. The range is widened
/// to whole pairs of values, where those lie side by side.
static OnlineAttentionOp createOnline(IRBuilder &b, AttentionOp op,
                                      const CacheRows &keys,
                                      const CacheRows &values, KeyRange &range,
                                      const OnlineOperands &with) {
  Type multiplied = tensorType(with.query).getElementType();
  Type accumulator = tensorType(with.state.values.front()).getElementType();
  bool pairs = values.pairs && with.schedule.getDot() == 2;
  Location loc = b.getLoc();
  if (pairs) // to a whole pair; the mask drops a key that is not in the range
    range.begin =
        b.sub(range.begin,
              b.createOrFold<arith::RemUIOp>(loc, range.begin, b.index(2)));
  Value count = b.sub(range.end, range.begin);
  auto matrix = [&](const CacheRows &cache) -> Value {
    if (!cache.isDirect(multiplied))
      return {};
    return b.slice(cache.rows, {range.begin, b.getIndexAttr(0)},
                   {count, b.getIndexAttr(cache.features())});
  };
  Value key = matrix(keys), value;
  if (pairs) {
    Value two = b.index(2);
    Value first = b.createOrFold<arith::DivUIOp>(loc, range.begin, two);
    value = b.slice(values.pairs, {first, b.getIndexAttr(0)},
                    {b.createOrFold<arith::CeilDivUIOp>(loc, count, two),
                     b.getIndexAttr(2 * values.features())});
  } else if (with.schedule.getDot() == 1 || with.schedule.keysInLanes()) {
    value = matrix(values);
  }
  SmallVector<Value> offsets(with.offsets);
  offsets[3] = b.add(offsets[3], range.begin);
  SmallVector<Value> state(with.state.values);
  SmallVector<StringRef> aux(with.state.aux());
  if (with.output) {
    state.push_back(with.output);
    aux.push_back("output");
  }
  if (with.scores) {
    SmallVector<OpFoldResult> from(3, b.getIndexAttr(0)),
        sizes = tensor::getMixedSizes(b, loc, with.scores);
    from[2] = range.begin;
    sizes[2] = count;
    state.push_back(b.slice(with.scores, from, sizes));
    aux.push_back("scores");
  }
  auto online = OnlineAttentionOp::create(
      b, loc, TypeRange(ValueRange(state)), with.query, key, value,
      op.getValueTableOperand(), key || value ? Value() : count, offsets,
      with.live, with.first, with.last, state, with.schedule,
      b.getF64FloatAttr(with.scale), b.getI64IntegerAttr(with.group),
      op.getNormalizerAttr(),
      aux.empty() ? ArrayAttr() : b.getStrArrayAttr(aux));
  // A sum that becomes a result, or divides one, shows what rounded
  // probabilities would hide.
  if (op.getAuxResult("lse") || op.getAuxResult("probabilities"))
    online->setAttr("attn.exact_sum", b.getUnitAttr());
  for (auto [from, to] : llvm::zip(op->getRegions(), online->getRegions())) {
    IRMapping mapping;
    from.cloneInto(&to, mapping);
  }
  for (auto [dot, given] :
       llvm::zip_equal(online.getScore().getOps<QueryDotOp>(), with.products)) {
    if (given.products)
      dot.getProductsMutable().assign(given.products);
    else
      dot.getQueriesMutable().assign(given.queries);
  }
  if (keys.lists) {
    seePositions(online.getScore(), keys, loc);
    seePositions(online.getMask(), keys, loc);
    seePositions(online.getValueRow(), keys, loc);
    if (keys.mayListNone())
      maskNoKeys(online.getMask(), keys, loc);
  }
  for (Region *region :
       {&online.getScore(), &online.getMask(), &online.getValueRow()})
    if (!region->empty())
      seeEntries(*region, with.entry, keys, loc);
  auto load = [&](Region &region, const CacheRows &cache) {
    Type index = b.getIndexType();
    OpBuilder inner(b.getContext());
    inner.createBlock(&region, {}, {index, index}, {b.getLoc(), b.getLoc()});
    IRBuilder body(inner, b.getLoc());
    Value row = body.add(region.getArgument(0), range.begin);
    YieldOp::create(
        body, b.getLoc(),
        cache.element(body, row, region.getArgument(1), accumulator));
  };
  if (!key)
    load(online.getLoadKey(), keys);
  if (!value)
    load(online.getLoadValue(), values);
  return online;
}

/// Puts `op` in a loop over its key tiles; returns its results.
static FailureOr<SmallVector<Value>> tileOverKeys(IRBuilder &b,
                                                  OnlineAttentionOp op) {
  IRRewriter rewriter(b);
  rewriter.setInsertionPoint(op);
  scf::SCFTilingOptions options;
  options.setTileSizes({b.getIndexAttr(op.getSchedule().getKeyTile())});
  options.setReductionTilingStrategy(ReductionTilingStrategy::FullReduction);
  FailureOr<scf::SCFTilingResult> tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  // A tile updates the whole state, but for its scores; upstream inserts it
  // into itself, which folds where sizes are known, and would be a copy
  // elsewhere.
  for (LoopLikeOpInterface loop : tiled->loops) {
    auto yields = loop.getYieldedValuesMutable();
    for (auto [name, yielded] : llvm::zip_equal(op.getStateNames(), *yields))
      if (auto insert = yielded.get().getDefiningOp<tensor::InsertSliceOp>();
          insert && name == "output") {
        yielded.set(insert.getSource());
        rewriter.eraseOp(insert);
      }
  }
  rewriter.eraseOp(op);
  return tiled->replacements;
}

/// The keys of `entry`, as far as they lie in `range`.
static KeyRange blockOf(IRBuilder &b, const KeyLists &lists, Value number,
                        KeyRange range) {
  Value entry = b.extractIndex(lists.entries, number);
  Value first = b.mul(entry, lists.keyBlock);
  Value begin = b.min(b.max(first, range.begin), range.end);
  Value end = b.min(b.add(first, lists.keyBlock), range.end);
  return {begin, b.max(end, begin)};
}

FailureOr<SmallVector<Value>> attn::visitKeys(IRBuilder &b, AttentionOp op,
                                              const CacheRows &keys,
                                              const CacheRows &values,
                                              KeyRange &range,
                                              const OnlineOperands &with) {
  std::optional<KeyLists> lists = getKeyLists(op);
  if (!lists || keys.lists) {
    OnlineAttentionOp online = createOnline(b, op, keys, values, range, with);
    return !lists && summarizeMask(op.getMask()).hasHoles
               ? tileOverLiveKeys(b, online)
               : tileOverKeys(b, online);
  }
  LogicalResult status = success();
  SmallVector<Value> state =
      b.loop(b.index(0), b.dim(lists->entries, 0), 1, with.state.values,
             [&](IRBuilder &b, Value number, ValueRange now) {
               OnlineOperands inside = with;
               inside.state = with.state.with(now);
               inside.entry = number;
               KeyRange block = blockOf(b, *lists, number, range);
               FailureOr<SmallVector<Value>> after = tileOverKeys(
                   b, createOnline(b, op, keys, values, block, inside));
               if (succeeded(after))
                 return *after;
               status = failure();
               return SmallVector<Value>(now);
             });
  if (failed(status))
    return failure();
  return state;
}
