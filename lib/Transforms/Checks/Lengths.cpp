//===- Lengths.cpp - Checks of lengths that positions are computed with
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Positions lie in lanes of 32 bits. All lengths below 2^31 are right where a
// region only compares them or takes their difference. Where it adds to them,
// lanes of 64 bits would be right for all, and twice as slow for those that
// people use; so the entry takes shorter ones only.
//
//===----------------------------------------------------------------------===//

#include "CheckWriter.h"
#include "attn/Analysis/LoadBounds.h"
#include "attn/Support/Attributes.h"

using namespace mlir;
using namespace attn;

namespace {
/// A dimension whose size must be at most `most`.
struct Limit {
  Value tensor;
  unsigned dim;
  int64_t most;

  bool operator==(const Limit &other) const {
    return tensor == other.tensor && dim == other.dim && most == other.most;
  }
  bool isKept() const {
    auto type = cast<RankedTensorType>(tensor.getType());
    return !type.isDynamicDim(dim) && type.getDimSize(dim) <= most;
  }
};
using Limits = SmallVector<Limit>;
} // namespace

/// Keys of pages are counted like others.
static Limits limitsOfPages(AttentionOp op) {
  int64_t pageSize = getAttentionShape(op).pageSize;
  if (!pageSize)
    return {};
  return {{op.getPageTableOperand(), 1, INT32_MAX / pageSize}};
}

/// What makes `region` one of short lengths, or nothing if that cannot be.
static std::optional<Limits> limitsOf(AttentionOp op, Region &region) {
  AttentionShape shape = getAttentionShape(op);
  if (shape.queryHeads > fewHeads)
    return std::nullopt;
  Limits limits;
  MutableArrayRef<BlockArgument> positions = region.getArguments();
  positions = positions.take_back(4);
  if (Value starts = op.getQueryStartsOperand())
    limits.push_back({starts, 0, shortLength});
  else if (shape.layout.batch && !positions[0].use_empty())
    limits.push_back({op.getQuery(), *shape.layout.batch, shortLength});
  if (!positions[2].use_empty())
    limits.push_back({op.getQuery(), shape.layout.sequence, shortLength});
  if (!positions[3].use_empty() && !shape.isPaged())
    limits.push_back({op.getKey(), shape.layout.sequence, shortLength});
  if (!positions[3].use_empty() && shape.isPaged())
    limits.push_back(
        {op.getPageTableOperand(), 1, shortLength / shape.pageSize});
  bool areKnown = true;
  auto addSize = [&](Value value) {
    auto size = value.getDefiningOp<tensor::DimOp>();
    if (!size)
      return;
    areKnown &= size.getConstantIndex().has_value();
    if (areKnown)
      limits.push_back(
          {size.getSource(), unsigned(*size.getConstantIndex()), shortLength});
  };
  region.walk([&](Operation *inner) {
    for (Value operand : inner->getOperands()) {
      addSize(operand);
      // Of an index that is kept in a tensor.
      if (auto least = operand.getDefiningOp<arith::MinSIOp>())
        llvm::for_each(least->getOperands(), addSize);
    }
  });
  if (!areKnown)
    return std::nullopt;
  return limits;
}

bool attn::limitsLengths(AttentionOp op) {
  return getAttentionShape(op).isPaged() ||
         llvm::any_of(op->getRegions(), [](Region &region) {
           return isNarrowForShortLengths(region);
         });
}

void CheckWriter::checkLengths(IRBuilder &b, AttentionOp op) {
  Limits checked;
  // Gives whether the entry can see the size.
  auto check = [&](const Limit &limit, StringRef why) {
    if (limit.isKept() || llvm::is_contained(checked, limit))
      return true;
    BlockArgument argument = argumentOf(sourceOf(limit.tensor));
    Value size = argument ? importSize(b, limit.tensor, limit.dim) : Value();
    if (!size)
      return false;
    checked.push_back(limit);
    std::string rule = "must ";
    rule += argument == argumentOf(limit.tensor)
                ? "have at most " + std::to_string(limit.most) +
                      " elements in dimension "
                : "lead to at most " + std::to_string(limit.most) +
                      " elements of a tensor in dimension ";
    int64_t code = addRule(argument, Twine(rule) + Twine(limit.dim) + why);
    Value bad = b.compare(arith::CmpIPredicate::sgt, size, b.index(limit.most));
    status = failIf(b, status, bad, code, b.index(-1));
    return true;
  };
  for (const Limit &limit : limitsOfPages(op))
    check(limit, ", as keys are counted in 31 bits");
  for (Region &region : op->getRegions()) {
    if (!isNarrowForShortLengths(region))
      continue;
    std::optional<Limits> limits = limitsOf(op, region);
    if (limits && llvm::all_of(*limits, [&](const Limit &limit) {
          return check(limit, ", as a region adds to positions in 32 bits");
        }))
      region.front().getTerminator()->setAttr(shortLengthsAttr,
                                              b.getUnitAttr());
  }
}
