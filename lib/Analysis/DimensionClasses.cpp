//===- DimensionClasses.cpp - Which extents must be equal -----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Analysis/DimensionClasses.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/IR/KeyLists.h"
#include "attn/IR/RecurrenceShape.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <array>

using namespace mlir;
using namespace attn;

DimensionClasses::DimensionClasses(func::FuncOp func, bool withLoads)
    : withLoads(withLoads) {
  func.walk([&](Operation *op) { visit(op); });
}

int DimensionClasses::find(int node) {
  while (nodes[node].parent != node)
    node = nodes[node].parent = nodes[nodes[node].parent].parent;
  return node;
}

int DimensionClasses::classOf(Value value, unsigned dim) {
  auto [it, isNew] = ids.try_emplace({value, dim}, nodes.size());
  if (isNew) {
    auto type = cast<ShapedType>(value.getType());
    nodes.push_back({it->second, type.getDimSize(dim), {}, INT_MAX});
  }
  return find(it->second);
}

int DimensionClasses::unite(int a, int b) {
  a = find(a);
  b = find(b);
  if (a == b)
    return a;
  Node &from = nodes[b], &to = nodes[a];
  // A function whose static extents disagree is the verifier's business, and a
  // region may read a few of the rows that there are.
  if (!ShapedType::isDynamic(to.extent) &&
      !ShapedType::isDynamic(from.extent) && to.extent != from.extent)
    return a;
  if (ShapedType::isDynamic(to.extent))
    to.extent = from.extent;
  if (from.priority < to.priority) {
    to.name = from.name;
    to.priority = from.priority;
  } else if (from.priority == to.priority && from.name != to.name &&
             from.name.starts_with("S") && to.name.starts_with("S")) {
    to.name = "S"; // one length for queries and keys
  }
  from.parent = a;
  return a;
}

void DimensionClasses::unite(Value a, unsigned dimA, Value b, unsigned dimB) {
  unite(classOf(a, dimA), classOf(b, dimB));
}

void DimensionClasses::name(Value value, unsigned dim, StringRef name,
                            int priority) {
  Node &node = nodes[classOf(value, dim)];
  if (priority < node.priority) {
    node.name = name;
    node.priority = priority;
  } else if (priority == node.priority && node.name != name &&
             node.name.starts_with("S") && name.starts_with("S")) {
    node.name = "S";
  }
}

//===----------------------------------------------------------------------===//
// Ops of attn
//===----------------------------------------------------------------------===//

void DimensionClasses::visitAttention(AttentionOp op) {
  AttentionShape shape = getAttentionShape(op);
  const HeadLayout &layout = shape.layout;
  Value query = op.getQuery(), key = op.getKey(), value = op.getValue();
  unsigned seq = layout.sequence;

  name(query, seq, "SQ");
  name(key, seq, "SK");
  if (layout.batch)
    name(query, *layout.batch, "B");
  unite(key, seq, value, seq);
  unite(query, seq, op.getOutput(), seq);
  if (layout.batch) {
    unite(query, *layout.batch, op.getOutput(), *layout.batch);
    unite(key, *layout.batch, value, *layout.batch);
    if (shape.isPaged())
      name(key, *layout.batch, "POOL");
    else
      unite(query, *layout.batch, key, *layout.batch);
  }
  visitGroups(op, layout);

  // Auxiliary results are [B,] H, SQ [, SK] whatever the layout.
  for (Value aux : op.getResults().drop_front()) {
    unsigned rank = cast<ShapedType>(aux.getType()).getRank();
    unsigned head = layout.batch ? 1 : 0;
    if (layout.batch)
      unite(query, *layout.batch, aux, 0);
    if (rank > head + 1)
      unite(query, seq, aux, head + 1);
    if (rank > head + 2 && !shape.isPaged())
      unite(key, seq, aux, head + 2);
  }
  if (!withLoads)
    return;
  for (Region &region : op->getRegions())
    visitRegionLoads(op, region);
}

/// Scales and zero points have one row for each of theirs.
void DimensionClasses::visitGroups(AttentionOp op, const HeadLayout &layout) {
  for (auto [rows, groups] :
       {std::pair{op.getKey(),
                  std::array{op.getKeyScales(), op.getKeyZeroPoints()}},
        {op.getValue(), {op.getValueScales(), op.getValueZeroPoints()}}})
    for (OperandRange group : groups)
      for (Value operand : group)
        for (unsigned dim = 0; dim < layout.feature; ++dim)
          unite(rows, dim, operand, dim);
  if (Value table = op.getPageTableOperand()) {
    unite(op.getQuery(), *layout.batch, table, 0);
    name(table, 1, "PAGES");
  }
  if (std::optional<KeyLists> lists = getKeyLists(op)) {
    name(lists->entries,
         cast<ShapedType>(lists->entries.getType()).getRank() - 1, "LISTED");
    if (lists->pointers)
      name(lists->pointers, lists->firstDim(), "POINTERS");
    else if (!lists->isSingle)
      name(lists->entries, lists->firstDim(), "LISTS");
    for (Value tensor : {lists->pointers, lists->entries})
      if (tensor && lists->byBatch && layout.batch)
        unite(op.getQuery(), *layout.batch, tensor, 0);
    if (lists->byBatch && !layout.batch) {
      name(lists->entries, 0, "SEQUENCES");
      if (lists->pointers)
        unite(lists->entries, 0, lists->pointers, 0);
    }
  }
  if (Value starts = op.getQueryStartsOperand()) {
    name(starts, 0, "STARTS");
    unite(starts, 0, op.getKeyStartsOperand(), 0);
  }
}

/// A captured tensor that is read at exactly `b`, `i`, `j` or attn.entry has
/// the extent of the batch, the queries, the keys or the entries there.
void DimensionClasses::visitRegionLoads(AttentionOp op, Region &region) {
  if (region.empty())
    return;
  AttentionShape shape = getAttentionShape(op);
  const HeadLayout &layout = shape.layout;
  Block &body = region.front();
  unsigned first = body.getNumArguments() - 4;
  body.walk([&](tensor::ExtractOp load) {
    for (auto [dim, index] : llvm::enumerate(load.getIndices())) {
      if (index.getDefiningOp<EntryOp>()) {
        Value entries = getKeyLists(op)->entries;
        unsigned rank = cast<ShapedType>(entries.getType()).getRank();
        unite(entries, rank - 1, load.getTensor(), dim);
        continue;
      }
      auto argument = dyn_cast<BlockArgument>(index);
      if (!argument || argument.getOwner() != &body ||
          argument.getArgNumber() < first)
        continue;
      switch (argument.getArgNumber() - first) {
      case 0:
        if (layout.batch)
          unite(op.getQuery(), *layout.batch, load.getTensor(), dim);
        break;
      // Those of a packed sequence are fewer.
      case 2:
        if (!shape.isPacked)
          unite(op.getQuery(), layout.sequence, load.getTensor(), dim);
        break;
      case 3:
        if (!shape.isPacked && !shape.isPaged())
          unite(op.getKey(), layout.sequence, load.getTensor(), dim);
        break;
      }
    }
  });
}

void DimensionClasses::visitProjectHeads(ProjectHeadsOp op) {
  Value input = op.getInput();
  unsigned sequence = cast<ShapedType>(input.getType()).getRank() - 2;
  name(input, sequence, "S", 1);
  if (sequence)
    name(input, 0, "B", 1);
  for (Value table : op.getRotary()) {
    name(table, 0, "POSITIONS");
    unite(op.getRotary()[0], 0, table, 0);
  }
  if (Value positions = op.getPositions()) {
    unsigned rank = cast<ShapedType>(positions.getType()).getRank();
    unite(input, sequence, positions, rank - 1);
    if (rank == 2)
      unite(input, 0, positions, 0);
  }
  for (Value result : op.getResults()) {
    auto layout = parseHeadLayout(op.getLayout(),
                                  cast<ShapedType>(result.getType()).getRank());
    if (!layout)
      continue;
    unite(input, sequence, result, layout->sequence);
    if (layout->batch && sequence)
      unite(input, 0, result, *layout->batch);
  }
}

void DimensionClasses::visitMergeHeads(MergeHeadsOp op) {
  Value input = op.getInput(), result = op.getResult();
  auto layout = parseHeadLayout(op.getLayout(),
                                cast<ShapedType>(input.getType()).getRank());
  if (!layout)
    return;
  unsigned sequence = cast<ShapedType>(result.getType()).getRank() - 2;
  name(input, layout->sequence, "S", 1);
  unite(input, layout->sequence, result, sequence);
  if (layout->batch && sequence) {
    name(input, *layout->batch, "B", 1);
    unite(input, *layout->batch, result, 0);
  }
}

/// Shards differ in nothing but their keys, which are gone.
void DimensionClasses::visitMergePartials(MergePartialsOp op) {
  Value result = op.getResult();
  unsigned rank = op.getResult().getType().getRank();
  HeadLayout layout = *parseHeadLayout(op.getLayout(), rank);
  name(result, layout.sequence, "SQ");
  if (layout.batch)
    name(result, *layout.batch, "B");
  auto uniteLse = [&](Value lse, unsigned front) {
    unsigned head = front + (layout.batch ? 1 : 0);
    if (layout.batch)
      unite(result, *layout.batch, lse, front);
    unite(result, layout.sequence, lse, head + 1);
  };
  for (auto [index, output] : llvm::enumerate(op.getOutputs())) {
    unsigned front = op.isStack(index) ? 1 : 0;
    for (unsigned dim = 0; dim < rank; ++dim)
      unite(result, dim, output, front + dim);
    uniteLse(op.getLses()[index], front);
    if (front) {
      name(output, 0, "SHARDS");
      unite(output, 0, op.getLses()[index], 0);
    }
  }
  if (op.getLse())
    uniteLse(op.getLse(), 0);
}

void DimensionClasses::visitLinearAttention(LinearAttentionOp op) {
  HeadLayout at = getRecurrenceShape(op).layout;
  Value query = op.getQuery();
  name(query, at.sequence, "S", 1);
  if (at.batch)
    name(query, *at.batch, "B", 1);
  for (Value other :
       std::initializer_list<Value>{op.getKey(), op.getValue(), op.getDecay(),
                                    op.getBeta(), op.getOutput()}) {
    // A decay of heads has neither.
    if (!other || cast<ShapedType>(other.getType()).getRank() == 1)
      continue;
    unite(query, at.sequence, other, at.sequence);
    if (at.batch)
      unite(query, *at.batch, other, *at.batch);
  }
  for (Value state :
       std::initializer_list<Value>{op.getState(), op.getFinalState()})
    if (state && at.batch)
      unite(query, *at.batch, state, 0);
}

/// The cache is united with the result as any destination is.
void DimensionClasses::visitAppend(AppendOp op) {
  unsigned rank = cast<ShapedType>(op.getRows().getType()).getRank();
  name(op.getRows(), op.getSequenceDim(), "N", 1);
  unite(op.getRows(), 0, op.getPositions(), 0);
  if (Value table = op.getPageTable())
    unite(op.getRows(), 0, table, 0);
  for (unsigned dim = 0; dim < rank; ++dim)
    if (dim != op.getSequenceDim() && (dim != 0 || !op.getPageTable()))
      unite(op.getRows(), dim, op.getCache(), dim);
}

//===----------------------------------------------------------------------===//
// Upstream ops
//===----------------------------------------------------------------------===//

/// A dimension that a reshape leaves alone, or splits only into ones, stays.
void DimensionClasses::visitReshape(Value expanded, Value collapsed,
                                    ArrayRef<SmallVector<int64_t, 2>> groups) {
  auto type = cast<ShapedType>(expanded.getType());
  for (auto [outer, group] : llvm::enumerate(groups)) {
    int64_t kept = -1;
    unsigned others = 0;
    for (int64_t dim : group)
      if (type.getDimSize(dim) != 1) {
        kept = dim;
        ++others;
      }
    if (others == 1)
      unite(expanded, kept, collapsed, outer);
  }
}

static void forEachTensor(ValueRange values,
                          llvm::function_ref<void(Value)> visit) {
  for (Value value : values)
    if (isa<RankedTensorType>(value.getType()))
      visit(value);
}

void DimensionClasses::visit(Operation *op) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return visitAttention(attention);
  if (auto project = dyn_cast<ProjectHeadsOp>(op))
    return visitProjectHeads(project);
  if (auto merge = dyn_cast<MergeHeadsOp>(op))
    return visitMergeHeads(merge);
  if (auto merge = dyn_cast<MergePartialsOp>(op))
    return visitMergePartials(merge);
  if (auto linear = dyn_cast<LinearAttentionOp>(op))
    return visitLinearAttention(linear);
  if (auto append = dyn_cast<AppendOp>(op))
    visitAppend(append); // and as a destination, below
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return visitReshape(expand.getResult(), expand.getSrc(),
                        expand.getReassociationIndices());
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return visitReshape(collapse.getSrc(), collapse.getResult(),
                        collapse.getReassociationIndices());

  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    // Dimensions walked by the same loop have the same extent.
    SmallVector<std::pair<Value, unsigned>> loops(linalgOp.getNumLoops());
    for (OpOperand &operand : op->getOpOperands()) {
      if (!isa<RankedTensorType>(operand.get().getType()))
        continue;
      AffineMap map = linalgOp.getMatchingIndexingMap(&operand);
      for (auto [dim, expr] : llvm::enumerate(map.getResults()))
        if (auto loop = dyn_cast<AffineDimExpr>(expr)) {
          auto &first = loops[loop.getPosition()];
          if (first.first)
            unite(first.first, first.second, operand.get(), dim);
          else
            first = {operand.get(), dim};
        }
    }
  }
  if (auto dps = dyn_cast<DestinationStyleOpInterface>(op)) {
    for (OpOperand &init : dps.getDpsInitsMutable())
      if (auto type = dyn_cast<RankedTensorType>(init.get().getType()))
        for (unsigned d = 0; d < type.getRank(); ++d)
          unite(init.get(), d, dps.getTiedOpResult(&init), d);
    if (isa<linalg::SoftmaxOp>(op))
      for (unsigned d = 0,
                    e = cast<ShapedType>(op->getResult(0).getType()).getRank();
           d < e; ++d)
        unite(op->getOperand(0), d, op->getResult(0), d);
    return;
  }

  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    for (unsigned d = 0, e = insert.getDestType().getRank(); d < e; ++d)
      unite(insert.getDest(), d, insert.getResult(), d);
    // What is said to be as large as a dimension is.
    llvm::SmallBitVector dropped = insert.getDroppedDims();
    unsigned from = 0;
    for (auto [dim, size] : llvm::enumerate(insert.getMixedSizes())) {
      if (dropped.test(dim))
        continue;
      auto value = dyn_cast<Value>(size);
      auto source = value ? value.getDefiningOp<tensor::DimOp>() : nullptr;
      if (source && source.getConstantIndex())
        unite(source.getSource(), *source.getConstantIndex(),
              insert.getSource(), from);
      ++from;
    }
    return;
  }

  if (auto empty = dyn_cast<tensor::EmptyOp>(op)) {
    for (auto [dim, size] : llvm::enumerate(empty.getMixedSizes())) {
      auto value = dyn_cast<Value>(size);
      auto source = value ? value.getDefiningOp<tensor::DimOp>() : nullptr;
      if (!source)
        continue;
      if (std::optional<int64_t> index = source.getConstantIndex())
        unite(source.getSource(), *index, empty.getResult(), dim);
    }
    return;
  }

  if (isa<tensor::CastOp>(op) || op->hasTrait<OpTrait::Elementwise>()) {
    Value first;
    auto same = [&](Value value) {
      if (!first)
        first = value;
      else
        for (unsigned d = 0, e = cast<ShapedType>(value.getType()).getRank();
             d < e; ++d)
          unite(first, d, value, d);
    };
    forEachTensor(op->getOperands(), same);
    forEachTensor(op->getResults(), same);
  }
}
