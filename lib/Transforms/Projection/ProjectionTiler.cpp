//===- ProjectionTiler.cpp - The loops of one projection
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ProjectionTiler.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace attn;

ProjectionTiler::ProjectionTiler(MLIRContext *context,
                                 const Projection &projection,
                                 const TargetSpec &spec)
    : p(projection), accumulator(Float32Type::get(context)) {
  Type element = p.element();
  if (element.isF64())
    accumulator = element;
  bool dots = element.isBF16() && spec.bf16DotPack > 1;
  pack = dots && p.depth() % spec.bf16DotPack == 0 ? spec.bf16DotPack : 1;
  if (dots && pack == 1)
    remark::missed(p.input.getLoc(),
                   remark::RemarkOpts::name("dot").category("attn"))
        << ("multiplies bf16 as f32: a depth of " + Twine(p.depth()) +
            " is no whole number of pairs")
               .str();
  multiplied = pack > 1 ? element : accumulator;
  lanes = spec.vectorBits / accumulator.getIntOrFloatBitWidth();
  registers = spec.vectorRegisters >= 32 ? 24 : spec.fusedMultiplyAdd ? 12 : 8;
  hasMatrix = spec.matrixTiles && pack == 2 && p.depth() >= matrixDepth;
}

/// Matrix registers hold two by two squares of sums, or one below the other;
/// what columns are left are multiplied by vectors.
std::vector<ProjectionTiler::PackedTile> ProjectionTiler::chooseTiles() const {
  std::vector<PackedTile> list;
  int64_t begin = 0;
  if (hasMatrix)
    for (int64_t width : {2 * matrixRows, matrixRows}) {
      int64_t end = begin + (p.columns() - begin) / width * width;
      if (end > begin)
        list.push_back(
            {{registers / (width / lanes), width, begin, end}, true, {}});
      begin = end;
    }
  if (begin < p.columns())
    for (RegisterTile tile :
         registerTiles(/*rows=*/0, p.columns() - begin, lanes, registers)) {
      tile.columnBegin += begin;
      tile.columnEnd += begin;
      list.push_back({tile, false, {}});
    }
  return list;
}

/// All blocks of columns of the `height` rows from `row` on.
Value ProjectionTiler::buildRow(IRBuilder &b, const PackedTile &tile,
                                int64_t height, bool onMatrix, Value row,
                                Value into) {
  Factor input = readRows(b, b.add(firstRow, row), height);
  return b.loop(
      b.index(tile.shape.columnBegin), b.index(tile.shape.columnEnd),
      tile.shape.columns, into,
      [&](IRBuilder &b, Value column, ValueRange args) -> SmallVector<Value> {
        if (onMatrix)
          return {
              buildMatrixBlock(b, tile, height, input, row, column, args[0])};
        return {buildBlock(b, tile, height, input, row, column, args[0])};
      })[0];
}

/// How many blocks of `height` rows come before blocks of `shorter`, so that
/// the last block overlaps the one before it by as few rows as possible:
/// `rows % height` rows are left for no, one or two shorter blocks, the second
/// in place of a higher one.
static Value countHigherBlocks(IRBuilder &b, Value rows, int64_t height,
                               int64_t shorter) {
  Location loc = b.getLoc();
  auto choose = [&](Value condition, Value then, Value otherwise) {
    return b.createOrFold<arith::SelectOp>(loc, condition, then, otherwise);
  };
  Value size = b.index(height), zero = b.index(0), one = b.index(1);
  Value whole = b.createOrFold<arith::DivUIOp>(loc, rows, size);
  Value left = b.createOrFold<arith::RemUIOp>(loc, rows, size);
  Value none = b.compare(arith::CmpIPredicate::sgt, left, b.index(shorter));
  Value two =
      b.compare(arith::CmpIPredicate::sle, left, b.index(2 * shorter - height));
  Value any = b.compare(arith::CmpIPredicate::ne, left, zero);
  two = b.createOrFold<arith::AndIOp>(loc, any, two);
  Value count =
      choose(none, b.add(whole, one), choose(two, b.sub(whole, one), whole));
  Value fewer = b.compare(arith::CmpIPredicate::eq, whole, zero);
  return choose(fewer, zero, count);
}

/// Rows in blocks of two heights, not fewer rows than the shorter one.
Value ProjectionTiler::buildBlocks(IRBuilder &b, const PackedTile &tile,
                                   Heights heights, Value rows, Value into) {
  auto blocks = [&](Value begin, Value end, int64_t height, Value into) {
    Value last = b.sub(rows, b.index(height));
    return b.loop(
        begin, end, height, into,
        [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
          // Computing some rows twice costs less than a kernel for
          // every remainder.
          return {buildRow(b, tile, height, heights.onMatrix, b.min(row, last),
                           args[0])};
        })[0];
  };
  Value higher =
      b.mul(countHigherBlocks(b, rows, heights.higher, heights.shorter),
            heights.higher);
  into = blocks(b.index(0), higher, heights.higher, into);
  return blocks(higher, rows, heights.shorter, into);
}

/// All rows of one run of column blocks, in the largest blocks that there are
/// rows for.
Value ProjectionTiler::buildRows(IRBuilder &b, const PackedTile &tile,
                                 Value rows, Value into) {
  // Both heights have accumulators enough to hide the latency of an addition.
  int64_t height = tile.shape.rows;
  SmallVector<Heights> choices = {
      {height, int64_t(llvm::divideCeil(2 * height, 3)), false}};
  if (tile.onMatrix)
    choices.insert(choices.begin(), {2 * matrixRows, matrixRows, true});
  std::function<Value(IRBuilder &, ArrayRef<Heights>)> choose =
      [&](IRBuilder &b, ArrayRef<Heights> choices) -> Value {
    if (choices.empty())
      return b.loop(
          b.index(0), rows, 1, into,
          [&](IRBuilder &b, Value row, ValueRange args) -> SmallVector<Value> {
            return {buildRow(b, tile, 1, false, row, args[0])};
          })[0];
    Value enough = b.compare(arith::CmpIPredicate::sge, rows,
                             b.index(choices.front().shorter));
    return b.conditional(
        enough, into.getType(),
        [&](IRBuilder &b) -> SmallVector<Value> {
          return {buildBlocks(b, tile, choices.front(), rows, into)};
        },
        [&](IRBuilder &b) -> SmallVector<Value> {
          return {choose(b, choices.drop_front())};
        })[0];
  };
  return choose(b, choices);
}

/// Rows of a task: enough to be worth one, and to read the weights from the
/// cache for most of them.
static constexpr int64_t taskRows = 128;

Value ProjectionTiler::build(IRBuilder &b, WeightPacker &packer) {
  tiles = chooseTiles();
  for (PackedTile &tile : tiles) {
    const RegisterTile &shape = tile.shape;
    tile.weights =
        packer.pack(b, p.weight,
                    {p.heads(), p.columns(), shape.columnBegin, shape.columnEnd,
                     shape.columns, p.groups(), p.depth(), multiplied, pack});
  }
  Location loc = b.getLoc();
  auto type = cast<RankedTensorType>(p.output.getType());
  auto outputSize = [&](IRBuilder &b, unsigned dim) {
    return tensor::getMixedSize(b, loc, p.output, dim);
  };
  // One iteration is a batch, an output head and a run of rows.
  int64_t run =
      hasMatrix ? taskRows : llvm::alignTo(taskRows, tiles.front().shape.rows);
  SmallVector<OpFoldResult> bounds;
  for (std::optional<unsigned> dim : {p.outputBatch, p.outputHead})
    bounds.push_back(dim ? outputSize(b, *dim) : b.getIndexAttr(1));
  OpFoldResult rows = outputSize(b, p.outputRow);
  bounds.push_back(affine::makeComposedFoldedAffineApply(
      b, loc, b.d(0).ceilDiv(run), {rows}));
  auto forall = scf::ForallOp::create(b, loc, bounds, p.output,
                                      /*mapping=*/std::nullopt);
  OpBuilder inner = OpBuilder::atBlockBegin(forall.getBody());
  IRBuilder body(inner, loc);
  SmallVector<Value> position = forall.getInductionVars();
  batch = position[0];
  head = position[1];
  OpFoldResult first = affine::makeComposedFoldedAffineApply(
      body, loc, b.d(0) * run, {position[2]});
  firstRow = getValueOrCreateConstantIndexOp(body, loc, first);
  Value shared = forall.getRegionIterArgs()[0];
  SmallVector<OpFoldResult> offsets(type.getRank(), b.getIndexAttr(0)),
      sizes(type.getRank(), b.getIndexAttr(1)), strides = sizes;
  if (p.outputBatch)
    offsets[*p.outputBatch] = batch;
  if (p.outputHead)
    offsets[*p.outputHead] = head;
  offsets[p.outputRow] = first;
  sizes[p.outputColumn] = b.getIndexAttr(p.columns());
  // A single run has all rows.
  sizes[p.outputRow] = rows;
  if (getConstantIntValue(rows).value_or(run + 1) > run)
    sizes[p.outputRow] = affine::makeComposedFoldedAffineMin(
        body, loc,
        AffineMap::get(2, 0, {b.getAffineConstantExpr(run), b.d(1) - b.d(0)},
                       b.getContext()),
        {first, rows});
  auto [rowsOfTask, dynamicRows] = decomposeMixedValues({sizes[p.outputRow]});
  Value result = body.slice(shared, offsets, sizes,
                            type.clone({rowsOfTask[0], p.columns()}));
  Value count = body.dim(result, 0);
  // What is turned is not rounded before.
  Value sums = result;
  if (p.rotary)
    sums = body.slice(body.scratch({run, p.columns()}, accumulator),
                      {body.getIndexAttr(0), body.getIndexAttr(0)},
                      {rowsOfTask[0] == ShapedType::kDynamic
                           ? OpFoldResult(count)
                           : OpFoldResult(body.getIndexAttr(rowsOfTask[0])),
                       body.getIndexAttr(p.columns())});
  for (const PackedTile &tile : tiles)
    sums = buildRows(body, tile, count, sums);
  result =
      p.rotary ? rotate(body, *p.rotary, batch, firstRow, sums, result) : sums;
  body.setInsertionPointToStart(forall.getTerminator().getBody());
  tensor::ParallelInsertSliceOp::create(body, loc, result, shared, offsets,
                                        sizes, strides);
  return forall.getResult(0);
}
