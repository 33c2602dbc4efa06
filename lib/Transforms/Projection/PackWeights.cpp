//===- PackWeights.cpp - Weights in the order that contractions read them
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PackWeights.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace attn;

/// into[d, pack * column + part] = source[column, pack * d + part].
static Value transposeInto(IRBuilder &b, Value source, Value into,
                           const PackedShape &shape) {
  bool packs = shape.pack > 1;
  auto map = packs
                 ? AffineMap::get(3, 0, {b.d(0), b.d(1) * shape.pack + b.d(2)},
                                  b.getContext())
                 : b.getMultiDimIdentityMap(2);
  SmallVector<IRBuilder::Extent> extents;
  if (packs)
    extents = {{1, shape.columns}, {2, shape.pack}};
  return b.generic(
      packs ? "ppp" : "pp", {}, into, map, extents,
      [&](IRBuilder &b, ValueRange) -> SmallVector<Value> {
        Location loc = b.getLoc();
        Value depth = b.indexOf(0);
        Value lane = b.indexOf(1);
        if (packs)
          depth = b.add(b.mul(depth, shape.pack), b.indexOf(2));
        return {b.convert(b.extract(source, {lane, depth}), shape.element)};
      })[0];
}

/// Packs `weight` here and now.
static Value emitPack(IRBuilder &b, Value weight, const PackedShape &shape) {
  int64_t blocks = (shape.columnEnd - shape.columnBegin) / shape.columns;
  int64_t depth = shape.depth / shape.pack, width = shape.columns * shape.pack;
  auto fixed = [&](int64_t size) -> OpFoldResult {
    return b.getIndexAttr(size);
  };
  OpFoldResult zero = fixed(0), one = fixed(1);
  Value packed = b.empty({fixed(shape.heads), fixed(blocks),
                          fixed(shape.groups), fixed(depth), fixed(width)},
                         shape.element);
  auto block = [&](IRBuilder &b, Value head, Value number, Value group,
                   Value into) -> Value {
    AffineExpr d0 = b.getAffineDimExpr(0), d1 = b.getAffineDimExpr(1);
    Value row = affine::makeComposedAffineApply(
        b, b.getLoc(),
        d0 * shape.headColumns + shape.columnBegin + d1 * shape.columns,
        ArrayRef<OpFoldResult>{head, number});
    Value column = affine::makeComposedAffineApply(
        b, b.getLoc(), d0 * shape.depth, ArrayRef<OpFoldResult>{group});
    Value source = b.slice(weight, {row, column},
                           {fixed(shape.columns), fixed(shape.depth)});
    SmallVector<OpFoldResult> offsets = {head, number, group, zero, zero},
                              sizes = {one, one, one, fixed(depth),
                                       fixed(width)};
    Value target =
        b.slice(into, offsets, sizes,
                RankedTensorType::get({depth, width}, shape.element));
    target = transposeInto(b, source, target, shape);
    return b.insert(target, into, offsets, sizes);
  };
  return b.loop(b.index(0), b.index(shape.heads), 1, packed,
                [&](IRBuilder &b, Value head, ValueRange args) {
                  return SmallVector<Value>(b.loop(
                      b.index(0), b.index(blocks), 1, args,
                      [&](IRBuilder &b, Value number, ValueRange args) {
                        return SmallVector<Value>(b.loop(
                            b.index(0), b.index(shape.groups), 1, args,
                            [&](IRBuilder &b, Value group,
                                ValueRange args) -> SmallVector<Value> {
                              return {block(b, head, number, group, args[0])};
                            }));
                      }));
                })[0];
}

Value WeightPacker::prepareArgument(BlockArgument weight,
                                    const PackedShape &shape, Location loc) {
  OpBuilder builder(function);
  if (!prepare) {
    prepare = func::FuncOp::create(builder, function.getLoc(),
                                   (function.getName() + "_prepare").str(),
                                   builder.getFunctionType({}, {}));
    prepare.addEntryBlock();
  }
  // The same weight is one argument of prepare, however often it is packed.
  int64_t number = weight.getArgNumber();
  Block &body = prepare.getBody().front();
  Value source;
  for (auto [known, argument] : llvm::zip(weightArguments, body.getArguments()))
    if (known == number)
      source = argument;
  if (!source) {
    weightArguments.push_back(number);
    source = body.addArgument(weight.getType(), weight.getLoc());
  }
  builder.setInsertionPointToEnd(&body);
  IRBuilder b(builder, loc);
  Value packed = emitPack(b, source, shape);
  results.push_back(packed);
  unsigned position = function.getNumArguments();
  auto attributes = builder.getDictionaryAttr(
      builder.getNamedAttr("attn.prepared", builder.getUnitAttr()));
  (void)function.insertArgument(position, packed.getType(), attributes, loc);
  return function.getArgument(position);
}

Value WeightPacker::pack(IRBuilder &b, Value weight, const PackedShape &shape) {
  auto argument = dyn_cast<BlockArgument>(weight);
  if (argument && argument.getOwner() == &function.getBody().front())
    return prepareArgument(argument, shape, b.getLoc());
  remark::missed(b.getLoc(), remark::RemarkOpts::name("pack").category("attn"))
      << "weight is not an argument of the function: packed at every call";
  return emitPack(b, weight, shape);
}

void WeightPacker::finish() {
  if (!prepare)
    return;
  OpBuilder builder = OpBuilder::atBlockEnd(&prepare.getBody().front());
  func::ReturnOp::create(builder, function.getLoc(), results);
  prepare.setType(
      builder.getFunctionType(prepare.getBody().front().getArgumentTypes(),
                              ValueRange(results).getTypes()));
  prepare->setAttr("attn.prepare_of", FlatSymbolRefAttr::get(function));
  function->setAttr("attn.weight_args",
                    builder.getDenseI64ArrayAttr(weightArguments));
}
