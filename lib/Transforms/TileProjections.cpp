//===- TileProjections.cpp - Projections as register-tiled contractions
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Both projections are one contraction of rows with a weight:
//
//   out[row, n] = activation(bias[n] + sum over (group, depth) of
//                            in[group, row, depth] * W[n, group, depth])
//
// project_heads has one group of depth K and one output head for each run of D
// features n; merge_heads has a group for each head, and one output "head".
//
// A task is one output head of one batch. It walks register blocks of rows
// against blocks of weight columns that were packed beforehand, so that a row
// of a block is contiguous; the last block of rows overlaps the one before it.
//
//===----------------------------------------------------------------------===//

#include "Projection/PackWeights.h"
#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"
#include "attn/Support/RegisterTile.h"
#include "attn/Target/TargetSpec.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"

namespace attn {
#define GEN_PASS_DEF_TILEPROJECTIONS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct TileProjections : attn::impl::TileProjectionsBase<TileProjections> {
  void runOnOperation() override;
};

/// One weight's contraction, whichever op it came from.
struct Projection {
  Value input;  ///< (batch?, group?, rows, depth) in some order.
  Value weight; ///< out x (groups * depth).
  Value bias;   ///< out, or null.
  StringRef activation;
  Value output; ///< An empty tensor of the result's shape.
  // Positions of named dimensions; nothing where an operand lacks it.
  std::optional<unsigned> inputBatch, inputGroup, outputBatch, outputHead;
  unsigned inputRow, inputDepth, outputRow, outputColumn;

  int64_t groups() const { return inputGroup ? size(input, *inputGroup) : 1; }
  int64_t depth() const { return size(input, inputDepth); }
  int64_t heads() const { return outputHead ? size(output, *outputHead) : 1; }
  int64_t columns() const { return size(output, outputColumn); }

private:
  static int64_t size(Value tensor, unsigned dim) {
    return cast<RankedTensorType>(tensor.getType()).getDimSize(dim);
  }
};

/// Writes the loops of one projection.
class ProjectionTiler {
public:
  ProjectionTiler(const Projection &projection, const TargetSpec &spec)
      : p(projection), lanes(spec.vectorBits / 32),
        registers(spec.vectorRegisters >= 32 ? 24
                  : spec.fusedMultiplyAdd    ? 12
                                             : 8) {}
  Value build(IRBuilder &b, WeightPacker &packer);

private:
  Value buildTask(IRBuilder &b, ValueRange position, Value into);
  Value buildBlock(IRBuilder &b, const RegisterTile &tile, unsigned packIndex,
                   int64_t rows, Value row, Value column, Value into);
  Value activate(IRBuilder &b, Value x);

  const Projection &p;
  int64_t lanes, registers;
  std::vector<RegisterTile> tiles;
  SmallVector<Value> packed; ///< One tensor for each of `tiles`.
  Value batch, head;
};
} // namespace

Value ProjectionTiler::activate(IRBuilder &b, Value x) {
  Location loc = b.getLoc();
  Type type = x.getType();
  if (p.activation == "relu") // keeps NaN
    return b.maxNumber(b.floating(type, 0.0), x);
  if (p.activation == "gelu") {
    // x * (1 + erf(x / sqrt 2)) / 2
    Value scaled = b.mulf(x, b.floating(type, 0.70710678118654752440));
    Value erf = math::ErfOp::create(b, loc, scaled);
    Value half = b.mulf(x, b.floating(type, 0.5));
    return b.mulf(half, b.addf(erf, b.floating(type, 1.0)));
  }
  return x;
}

/// rows x tile.columns outputs from (row, column) on.
Value ProjectionTiler::buildBlock(IRBuilder &b, const RegisterTile &tile,
                                  unsigned packIndex, int64_t rows, Value row,
                                  Value column, Value into) {
  auto inputType = cast<RankedTensorType>(p.input.getType());
  OpFoldResult zero = b.getIndexAttr(0), one = b.getIndexAttr(1);
  auto fixed = [&](int64_t size) -> OpFoldResult {
    return b.getIndexAttr(size);
  };

  // Bias, sum and activation follow each other in one place: the vectorised
  // block stays in registers between them, and is stored once.
  SmallVector<OpFoldResult> at = {row, column},
                            extent = {fixed(rows), fixed(tile.columns)};
  Value block = b.slice(into, at, extent);
  if (p.bias) {
    AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
    Value first =
        affine::makeComposedAffineApply(b, b.getLoc(), d0 * p.columns() + d1,
                                        ArrayRef<OpFoldResult>{head, column});
    Value bias = b.slice(p.bias, {first}, {fixed(tile.columns)});
    block = b.generic("pp", bias, {{1}}, block, {{0, 1}},
                      [&](IRBuilder &, ValueRange args) -> SmallVector<Value> {
                        return {args[0]};
                      })[0];
  } else {
    block = b.filled(block, 0.0);
  }

  // in[group, row, depth]: unit dimensions but these three are dropped.
  unsigned rank = inputType.getRank();
  SmallVector<OpFoldResult> offsets(rank, zero), sizes(rank, one);
  if (p.inputBatch)
    offsets[*p.inputBatch] = batch;
  offsets[p.inputRow] = row;
  sizes[p.inputRow] = fixed(rows);
  sizes[p.inputDepth] = fixed(p.depth());
  SmallVector<std::pair<unsigned, unsigned>> order = {{p.inputRow, 0},
                                                      {p.inputDepth, 3}};
  if (p.inputGroup) {
    sizes[*p.inputGroup] = fixed(p.groups());
    order.push_back({*p.inputGroup, 2});
  }
  llvm::sort(order);
  SmallVector<unsigned> inputMap;
  SmallVector<int64_t> shape;
  for (auto [dim, loop] : order) {
    inputMap.push_back(p.inputGroup ? loop : std::min(loop, 2u));
    shape.push_back(*getConstantIntValue(sizes[dim]));
  }
  Value in = b.slice(p.input, offsets, sizes, inputType.clone(shape));

  // packed[head, block of columns, group, depth, column]
  AffineExpr d0 = b.getAffineDimExpr(0);
  Value number = affine::makeComposedAffineApply(
      b, b.getLoc(), (d0 - tile.columnBegin).floorDiv(tile.columns),
      ArrayRef<OpFoldResult>{column});
  SmallVector<int64_t> packedShape;
  if (p.inputGroup)
    packedShape.push_back(p.groups());
  packedShape.append({p.depth(), tile.columns});
  Value weights = b.slice(
      packed[packIndex], {head, number, zero, zero, zero},
      {one, one, fixed(p.groups()), fixed(p.depth()), fixed(tile.columns)},
      inputType.clone(packedShape));
  auto multiplyAdd = [](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
    return {b.addf(b.mulf(args[0], args[1]), args[2])};
  };
  if (p.inputGroup)
    block = b.generic("pprr", {in, weights}, {inputMap, {2, 3, 1}}, block,
                      {{0, 1}}, multiplyAdd)[0];
  else
    block = b.generic("ppr", {in, weights}, {inputMap, {2, 1}}, block, {{0, 1}},
                      multiplyAdd)[0];

  if (p.activation != "none")
    block = b.generic("pp", {}, {}, block, {{0, 1}},
                      [&](IRBuilder &b, ValueRange args) -> SmallVector<Value> {
                        return {activate(b, args[0])};
                      })[0];
  return b.insert(block, into, at, extent);
}

/// All rows of one batch and output head; `into` is rows x columns.
Value ProjectionTiler::buildTask(IRBuilder &b, ValueRange position,
                                 Value into) {
  batch = p.outputBatch ? position.front() : Value();
  head = p.outputHead ? position.back() : b.index(0);
  Value rows = b.dim(into, 0);
  for (auto [number, tile] : llvm::enumerate(tiles)) {
    auto columnsOf = [&, number = number, tile = tile](
                         IRBuilder &b, int64_t height, Value row, Value into) {
      return b.loop(
          b.index(tile.columnBegin), b.index(tile.columnEnd), tile.columns,
          into,
          [&](IRBuilder &b, Value column,
              ValueRange args) -> SmallVector<Value> {
            return {buildBlock(b, tile, number, height, row, column, args[0])};
          })[0];
    };
    Value last = b.sub(rows, b.index(tile.rows));
    Value enough =
        b.compare(arith::CmpIPredicate::sge, rows, b.index(tile.rows));
    auto run = [&, tile = tile](IRBuilder &b, int64_t height) {
      return SmallVector<Value>(b.loop(
          b.index(0), rows, height, into,
          [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
            // The last block overlaps: computing a row twice costs less than a
            // kernel for every remainder.
            Value first = height == 1 ? row : b.min(row, last);
            return {columnsOf(b, height, first, args[0])};
          }));
    };
    into = b.conditional(
        enough, into.getType(), [&](IRBuilder &b) { return run(b, tile.rows); },
        [&](IRBuilder &b) { return run(b, 1); })[0];
  }
  return into;
}

Value ProjectionTiler::build(IRBuilder &b, WeightPacker &packer) {
  // Rows of a block need not divide anything: the last block overlaps.
  int64_t most = registers;
  tiles = registerTiles(/*rows=*/0, p.columns(), lanes, most);
  for (RegisterTile &tile : tiles)
    packed.push_back(
        packer.pack(b, p.weight,
                    {p.heads(), p.columns(), tile.columnBegin, tile.columnEnd,
                     tile.columns, p.groups(), p.depth()}));
  auto type = cast<RankedTensorType>(p.output.getType());
  SmallVector<OpFoldResult> bounds;
  SmallVector<unsigned> loopDims;
  for (std::optional<unsigned> dim : {p.outputBatch, p.outputHead})
    if (dim) {
      bounds.push_back(tensor::getMixedSize(b, b.getLoc(), p.output, *dim));
      loopDims.push_back(*dim);
    }
  if (bounds.empty())
    bounds.push_back(b.getIndexAttr(1));
  auto forall = scf::ForallOp::create(b, b.getLoc(), bounds, p.output,
                                      /*mapping=*/std::nullopt);
  OpBuilder inner = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder body(inner, b.getLoc());
  SmallVector<Value> position;
  for (auto [index, iv] : llvm::enumerate(forall.getInductionVars()))
    if (index < loopDims.size())
      position.push_back(iv);
  Value shared = forall.getRegionIterArgs()[0];
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
      sizes = tensor::getMixedSizes(body, b.getLoc(), shared),
      strides(type.getRank(), b.getIndexAttr(1));
  for (auto [dim, iv] : llvm::zip(loopDims, position)) {
    offsets[dim] = iv;
    sizes[dim] = b.getIndexAttr(1);
  }
  SmallVector<int64_t> shape = {type.getDimSize(p.outputRow), p.columns()};
  Value slice = body.slice(shared, offsets, sizes, type.clone(shape));
  Value result = buildTask(body, position, slice);
  body.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(body, b.getLoc(), result, shared,
                                        offsets, sizes, strides);
  return forall.getResult(0);
}

//===----------------------------------------------------------------------===//
// The two ops
//===----------------------------------------------------------------------===//

/// A tensor of the result's type to write into.
static Value emptyLike(IRBuilder &b, OpResult result) {
  ReifiedRankedShapedTypeDims shapes;
  (void)reifyResultShapes(b, result.getOwner(), shapes);
  return b.empty(shapes[result.getResultNumber()],
                 cast<RankedTensorType>(result.getType()).getElementType());
}

static void lowerProject(IRBuilder &b, ProjectHeadsOp op,
                         const TargetSpec &spec, WeightPacker &packer) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  HeadLayout at = *parseHeadLayout(op.getLayout(), input.getRank() + 1);
  bool batched = input.getRank() == 3;
  for (auto [index, weight] : llvm::enumerate(op.getWeights())) {
    Projection p;
    p.input = op.getInput();
    p.weight = weight;
    p.bias = op.getBiases().empty() ? Value() : op.getBiases()[index];
    p.activation = op.getActivation();
    p.output = emptyLike(b, op->getResult(index));
    if (batched)
      p.inputBatch = 0;
    p.inputRow = batched ? 1 : 0;
    p.inputDepth = batched ? 2 : 1;
    p.outputBatch = at.batch;
    p.outputHead = at.head;
    p.outputRow = at.sequence;
    p.outputColumn = at.feature;
    op.getResult(index).replaceAllUsesWith(
        ProjectionTiler(p, spec).build(b, packer));
  }
  op.erase();
}

static void lowerMerge(IRBuilder &b, MergeHeadsOp op, const TargetSpec &spec,
                       WeightPacker &packer) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  HeadLayout at = *parseHeadLayout(op.getLayout(), input.getRank());
  Projection p;
  p.input = op.getInput();
  p.weight = op.getWeight();
  p.bias = op.getBias();
  p.activation = op.getActivation();
  p.output = emptyLike(b, op->getOpResult(0));
  p.inputBatch = at.batch;
  p.inputGroup = at.head;
  p.inputRow = at.sequence;
  p.inputDepth = at.feature;
  if (at.batch)
    p.outputBatch = 0;
  p.outputRow = at.batch ? 1 : 0;
  p.outputColumn = at.batch ? 2 : 1;
  op.getResult().replaceAllUsesWith(ProjectionTiler(p, spec).build(b, packer));
  op.erase();
}

void TileProjections::runOnOperation() {
  ModuleOp module = getOperation();
  std::optional<TargetSpec> spec = getTargetSpec(module);
  if (!spec) {
    module.emitError("has no target; run attn-attach-target first");
    return signalPassFailure();
  }
  SmallVector<func::FuncOp> functions(module.getOps<func::FuncOp>());
  for (func::FuncOp function : functions) {
    SmallVector<Operation *> ops;
    WalkResult result = function.walk([&](Operation *op) {
      if (!isa<ProjectHeadsOp, MergeHeadsOp>(op))
        return WalkResult::advance();
      auto type = cast<RankedTensorType>(op->getOperand(0).getType());
      if (!type.getElementType().isF32()) {
        op->emitOpError() << "of " << type.getElementType()
                          << " is not supported on the CPU; supported: f32";
        return WalkResult::interrupt();
      }
      ops.push_back(op);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    if (ops.empty())
      continue;
    WeightPacker packer(function);
    for (Operation *op : ops) {
      OpBuilder builder(op);
      IRBuilder b(builder, op->getLoc());
      if (auto project = dyn_cast<ProjectHeadsOp>(op))
        lowerProject(b, project, *spec, packer);
      else
        lowerMerge(b, cast<MergeHeadsOp>(op), *spec, packer);
    }
    packer.finish();
  }
}
