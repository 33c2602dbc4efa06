//===- RaiseProjections.cpp - Raise the matmuls around an attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ImportRemarks.h"
#include "LinearMatch.h"
#include "Relayout.h"
#include "TensorUses.h"
#include "attn/Conversion/Import/Passes.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/RegionUtils.h"

namespace attn {
#define GEN_PASS_DEF_RAISEPROJECTIONS
#include "attn/Conversion/Import/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;
using namespace attn::raising;

/// All atoms of the input, the weight and the bias that belong to `variables`,
/// in the order of the weight.
static Index selectAtoms(ArrayRef<Index> indices, ArrayRef<int> variables) {
  Index result;
  for (const Index &index : indices)
    for (const Digit &digit : index)
      if (!digit.isConstant() && llvm::is_contained(variables, digit.variable))
        result.push_back(digit);
  return result;
}

static Value elementwiseUser(Value value) {
  if (!value.hasOneUse())
    return {};
  auto user = dyn_cast<linalg::LinalgOp>(*value.user_begin());
  if (!user || user.getNumReductionLoops() != 0 || user->getNumResults() != 1)
    return {};
  return user->getResult(0);
}

//===----------------------------------------------------------------------===//
// Heads from the model dimension
//===----------------------------------------------------------------------===//

namespace {
/// One operand of an attention as a projection.
struct Projection {
  unsigned operand;
  int64_t heads;
  IndexedTensor input, weight, bias;
  SmallVector<Index> wantedInput, wantedWeight, wantedBias;
  Operation *contraction;

  bool hasBias() const { return bool(bias.tensor); }
  /// Whether one op can do both.
  bool goesWith(const Projection &other) const {
    return input.tensor == other.input.tensor &&
           input.index == other.input.index && hasBias() == other.hasBias();
  }
};

struct RaiseProjections : attn::impl::RaiseProjectionsBase<RaiseProjections> {
  void runOnOperation() override;

private:
  FailureOr<Projection> matchOperand(AttentionOp op, unsigned number);
  void raiseOperands(AttentionOp op);
  LogicalResult raiseResult(AttentionOp op, Value result);
  LogicalResult emit(OpBuilder &builder, AttentionOp op,
                     ArrayRef<Projection> group, StringRef layout,
                     MutableArrayRef<Value> operands);
};
} // namespace

FailureOr<Projection> RaiseProjections::matchOperand(AttentionOp op,
                                                     unsigned number) {
  Value tensor = op->getOperand(number);
  HeadLayout at = getAttentionShape(op).layout;
  TensorExprs exprs;
  const Expr *whole = exprs.accessWhole(tensor);
  SmallVector<int> rows = {int(at.sequence)};
  if (at.batch)
    rows.push_back(*at.batch);
  SmallVector<int> columns = {int(at.head), int(at.feature)};
  FailureOr<Linear> linear = matchLinear(exprs, whole, [&](const Expr *input) {
    return !exprs.dependsOnAny(input, columns);
  });
  if (failed(linear) || exprs.dependsOnAny(linear->weight, rows) ||
      (linear->bias && exprs.dependsOnAny(linear->bias, rows)))
    return failure();
  if (Operation *use =
          findOtherUse(linear->contraction, llvm::IsaPred<AttentionOp>)) {
    remarkNotRaised(getOperation(), linear->contraction->getLoc(),
                    "projection not raised to attn.project_heads: its result "
                    "has another use",
                    use);
    return failure();
  }

  Refinement refinement;
  for (const Expr *expr : {whole, linear->input, linear->weight, linear->bias})
    if (expr)
      refinement.add(ArrayRef<Index>(expr->index));
  if (!refinement.nests())
    return failure();
  auto indexed = [&](const Expr *expr) {
    return IndexedTensor{expr->value,
                         refinement.atoms(ArrayRef<Index>(expr->index))};
  };
  SmallVector<Index> dims = refinement.atoms(ArrayRef<Index>(whole->index));
  Projection projection;
  projection.operand = number;
  projection.heads = getAttentionShape(op).keyHeads;
  if (number == 0)
    projection.heads = getAttentionShape(op).queryHeads;
  projection.contraction = linear->contraction;
  projection.input = indexed(linear->input);
  projection.weight = indexed(linear->weight);
  if (linear->bias)
    projection.bias = indexed(linear->bias);
  Index inner = selectAtoms(projection.input.index, linear->contracted);
  Index outer = dims[at.head];
  outer.append(dims[at.feature]);
  if (at.batch)
    projection.wantedInput.push_back(dims[*at.batch]);
  projection.wantedInput.append({dims[at.sequence], inner});
  projection.wantedWeight = {outer, inner};
  projection.wantedBias = {outer};
  return projection;
}

/// Writes one op for `group` and the results into their place in `operands`.
LogicalResult RaiseProjections::emit(OpBuilder &builder, AttentionOp op,
                                     ArrayRef<Projection> group,
                                     StringRef layout,
                                     MutableArrayRef<Value> operands) {
  Location loc = group.front().contraction->getLoc();
  FailureOr<Value> input =
      relayout(builder, loc, group.front().input, group.front().wantedInput);
  if (failed(input))
    return failure();
  HeadLayout from = getAttentionShape(op).layout;
  HeadLayout to = *parseHeadLayout(layout, from.rank());
  SmallVector<Value> weights, biases;
  SmallVector<int64_t> heads;
  SmallVector<Type> types;
  for (const Projection &projection : group) {
    FailureOr<Value> weight =
        relayout(builder, loc, projection.weight, projection.wantedWeight);
    if (failed(weight) ||
        !cast<RankedTensorType>(weight->getType()).hasStaticShape())
      return failure();
    weights.push_back(*weight);
    if (projection.hasBias()) {
      FailureOr<Value> bias =
          relayout(builder, loc, projection.bias, projection.wantedBias);
      if (failed(bias))
        return failure();
      biases.push_back(*bias);
    }
    heads.push_back(projection.heads);
    auto type =
        cast<RankedTensorType>(op->getOperand(projection.operand).getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[to.head] = type.getDimSize(from.head);
    shape[to.sequence] = type.getDimSize(from.sequence);
    types.push_back(type.clone(shape));
  }
  auto project = ProjectHeadsOp::create(
      builder, loc, types, *input, weights, biases, /*rotary=*/ValueRange(),
      /*positions=*/Value(), heads, /*rotated=*/DenseI64ArrayAttr(),
      /*pairs=*/StringAttr(), layout, "none");
  for (auto [projection, result] : llvm::zip(group, project.getResults()))
    operands[projection.operand] = result;
  remarkRaised(getOperation(), loc,
               llvm::formatv("raised {0} projection(s) to attn.project_heads",
                             group.size()));
  return success();
}

void RaiseProjections::raiseOperands(AttentionOp op) {
  std::vector<std::vector<Projection>> groups;
  unsigned found = 0;
  for (unsigned number : {0, 1, 2}) {
    FailureOr<Projection> projection = matchOperand(op, number);
    if (failed(projection))
      continue;
    ++found;
    auto group = llvm::find_if(groups, [&](ArrayRef<Projection> group) {
      return group.front().goesWith(*projection);
    });
    if (group == groups.end())
      groups.push_back({*projection});
    else
      group->push_back(*projection);
  }
  // Projections write any layout at no cost, and keys of one head next to one
  // another suit the attention best. Operand groups follow the layout.
  StringRef layout = found == 3 && !op.hasGroups() ? "" : op.getLayout();
  OpBuilder builder(op);
  SmallVector<Value> operands(op->getOperands().take_front(3));
  for (ArrayRef<Projection> group : groups)
    if (failed(emit(builder, op, group, layout, operands)))
      return;
  HeadLayout from = getAttentionShape(op).layout;
  for (unsigned number : {0, 1, 2})
    op->setOperand(number, operands[number]);
  if (layout == op.getLayout())
    return;
  // The result follows; who reads it sees the old layout through a transpose.
  HeadLayout to = *parseHeadLayout(layout, from.rank());
  SmallVector<int64_t> permutation(from.rank());
  for (auto [old, now] :
       {std::pair{from.head, to.head}, std::pair{from.sequence, to.sequence},
        std::pair{from.feature, to.feature}})
    permutation[old] = now;
  if (from.batch)
    permutation[*from.batch] = *to.batch;
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  SmallVector<int64_t> shape(type.getShape());
  shape[to.head] = type.getDimSize(from.head);
  shape[to.sequence] = type.getDimSize(from.sequence);
  op.setLayout(layout);
  op.getOutput().setType(type.clone(shape));
  builder.setInsertionPointAfter(op);
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, op.getLoc(), op.getOutput());
  SmallVector<OpFoldResult> permuted;
  for (int64_t dim : permutation)
    permuted.push_back(sizes[dim]);
  Value init = tensor::EmptyOp::create(builder, op.getLoc(), permuted,
                                       type.getElementType());
  auto transpose = linalg::TransposeOp::create(
      builder, op.getLoc(), op.getOutput(), init, permutation);
  op.getOutput().replaceUsesWithIf(
      transpose->getResult(0), [&](OpOperand &use) {
        return use.getOwner() != transpose.getOperation() &&
               !isa<tensor::DimOp>(use.getOwner());
      });
}

//===----------------------------------------------------------------------===//
// Heads back to the model dimension
//===----------------------------------------------------------------------===//

/// Replaces `result` by an attn.merge_heads if it is that of the output of
/// `op`.
LogicalResult RaiseProjections::raiseResult(AttentionOp op, Value result) {
  TensorExprs exprs;
  const Expr *whole = exprs.accessWhole(result);
  FailureOr<Linear> linear = matchLinear(exprs, whole, [&](const Expr *input) {
    return input->value == op.getOutput();
  });
  if (failed(linear) ||
      exprs.viewSource(linear->weight)->value == op.getOutput())
    return failure();
  Refinement refinement;
  for (const Expr *expr : {whole, linear->input, linear->weight, linear->bias})
    if (expr)
      refinement.add(ArrayRef<Index>(expr->index));
  if (!refinement.nests())
    return failure();
  auto atoms = [&](const Expr *expr) {
    return refinement.atoms(ArrayRef<Index>(expr->index));
  };

  HeadLayout at = getAttentionShape(op).layout;
  SmallVector<Index> input = atoms(linear->input);
  Index inner = input[at.head];
  inner.append(input[at.feature]);
  Index rows = input[at.sequence];
  if (at.batch)
    rows.append(input[*at.batch]);
  SmallVector<Index> dims = atoms(whole);
  Index outer;
  for (const Index &dim : dims)
    for (const Digit &digit : dim)
      if (!llvm::is_contained(rows, digit))
        outer.push_back(digit);
  // The contraction runs over all heads and features, and over nothing else.
  if (!llvm::all_of(inner,
                    [&](const Digit &digit) {
                      return llvm::is_contained(linear->contracted,
                                                digit.variable);
                    }) ||
      dependsOn(ArrayRef<Digit>(rows), linear->contracted))
    return failure();

  OpBuilder builder(result.getDefiningOp());
  Location loc = linear->contraction->getLoc();
  FailureOr<Value> weight =
      relayout(builder, loc, {linear->weight->value, atoms(linear->weight)},
               {outer, inner});
  if (failed(weight) ||
      !cast<RankedTensorType>(weight->getType()).hasStaticShape())
    return failure();
  FailureOr<Value> bias = Value();
  if (linear->bias)
    bias = relayout(builder, loc, {linear->bias->value, atoms(linear->bias)},
                    {outer});
  if (failed(bias))
    return failure();
  auto type = cast<RankedTensorType>(op.getOutput().getType());
  SmallVector<int64_t> shape;
  SmallVector<Index> merged;
  if (at.batch) {
    shape.push_back(type.getDimSize(*at.batch));
    merged.push_back(input[*at.batch]);
  }
  shape.append({type.getDimSize(at.sequence), extentOf(outer)});
  merged.append({input[at.sequence], outer});
  Value merge =
      MergeHeadsOp::create(builder, loc, type.clone(shape), op.getOutput(),
                           *weight, *bias, op.getLayout(), "none");
  FailureOr<Value> replacement = relayout(builder, loc, {merge, merged}, dims);
  if (failed(replacement) || replacement->getType() != result.getType())
    return failure();
  result.replaceAllUsesWith(*replacement);
  remarkRaised(getOperation(), loc,
               "raised the output projection to attn.merge_heads");
  return success();
}

void RaiseProjections::runOnOperation() {
  SmallVector<AttentionOp> ops;
  getOperation().walk([&](AttentionOp op) { ops.push_back(op); });
  for (AttentionOp op : ops) {
    raiseOperands(op);
    for (Operation *user :
         llvm::to_vector(followViews(op.getOutput()).getUsers())) {
      auto contraction = dyn_cast<linalg::LinalgOp>(user);
      if (!contraction || contraction.getNumReductionLoops() == 0 ||
          contraction->getNumResults() != 1)
        continue;
      Value product = contraction->getResult(0);
      // With the bias if there is one.
      Value sum = elementwiseUser(product);
      if (!sum || failed(raiseResult(op, followViews(sum))))
        (void)raiseResult(op, followViews(product));
    }
  }
  IRRewriter rewriter(&getContext());
  (void)runRegionDCE(rewriter, getOperation()->getRegions());
}
