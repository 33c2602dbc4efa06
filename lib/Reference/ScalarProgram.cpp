//===- ScalarProgram.cpp - A block of scalar ops, ready to run
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include "attn/IR/AttnOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;
using namespace attn;
using namespace attn::reference;

LogicalResult attn::reference::unsupported(Operation *op) {
  return op->emitOpError("is not known to the reference interpreter");
}

Scalar attn::reference::constantValue(Attribute attribute) {
  Scalar value;
  if (auto real = dyn_cast<FloatAttr>(attribute)) {
    APFloat wide = real.getValue();
    bool lossy;
    wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &lossy);
    value.f = wide.convertToDouble();
    return value;
  }
  auto integer = cast<IntegerAttr>(attribute);
  value.i = wrapInteger(integer.getValue().getSExtValue(),
                        integerWidth(integer.getType()));
  return value;
}

static unsigned widthOrZero(Type type) {
  return isa<FloatType>(type) ? 0 : integerWidth(type);
}

LogicalResult attn::reference::selectKernel(Operation *op,
                                            Instruction &instruction) {
  auto isScalar = [](Type type) { return type.isIntOrIndexOrFloat(); };
  Type operand =
      op->getNumOperands() ? getElementTypeOrSelf(op->getOperand(0)) : Type();
  Type result = op->getNumResults() == 1
                    ? getElementTypeOrSelf(op->getResult(0))
                    : Type();
  if (!operand || !result || !isScalar(operand) || !isScalar(result))
    return unsupported(op);
  instruction.op = op;
  instruction.width = widthOrZero(operand);
  instruction.resultWidth = widthOrZero(result);
  if (selectArith(op, instruction) || selectMath(op, instruction) ||
      selectIndex(op, instruction))
    return success();
  return unsupported(op);
}

/// Reads one element of a captured tensor, at any rank.
template <bool clamp>
static bool extractElement(const Instruction &in, Scalar *slots) {
  int64_t linear = 0;
  for (auto [slot, size] : llvm::zip(in.operands, in.tensor->getShape())) {
    int64_t index = slots[slot].i;
    if (clamp)
      index = std::max<int64_t>(std::min(index, size - 1), 0);
    if (index < 0 || index >= size)
      return false;
    linear = linear * size + index;
  }
  slots[in.result] = (*in.tensor)[linear];
  return true;
}

const Scalar *attn::reference::tableRow(const Tensor &table,
                                        ArrayRef<int64_t> indices) {
  int64_t linear = 0;
  for (auto [index, size] : llvm::zip(indices, table.getShape())) {
    if (size == 0)
      return nullptr;
    linear = linear * size + std::clamp<int64_t>(index, 0, size - 1);
  }
  return table.data() + linear * table.getShape().back();
}

/// The row of a pair times one of a table.
template <const Scalar *PairRows::*row>
static bool multiplyRow(const Instruction &in, Scalar *slots) {
  SmallVector<int64_t> indices;
  for (unsigned slot : in.operands)
    indices.push_back(slots[slot].i);
  const Scalar *a = in.rows->*row, *b = tableRow(*in.tensor, indices);
  if (!b)
    return false;
  double sum = 0, magnitude = 0;
  for (int64_t d = 0; d < in.tensor->getShape().back(); ++d) {
    sum += a[d].f * b[d].f;
    magnitude += std::fabs(a[d].f * b[d].f);
  }
  in.rows->magnitude = std::fmax(in.rows->magnitude, magnitude);
  slots[in.result].f = sum;
  return true;
}

FailureOr<ScalarProgram> ScalarProgram::compile(Block &block,
                                                const Environment &env,
                                                unsigned numIndices,
                                                PairRows *rows) {
  ScalarProgram program;
  llvm::DenseMap<Value, unsigned> slotOf;
  auto newSlot = [&](Value value, Scalar initial) {
    slotOf[value] = program.slots.size();
    program.slots.push_back(initial);
  };
  Scalar zero;
  zero.i = 0;
  for (BlockArgument argument : block.getArguments())
    newSlot(argument, zero);
  unsigned firstIndex = program.slots.size();
  program.slots.resize(firstIndex + numIndices, zero);
  auto slot = [&](Value value) {
    if (!slotOf.contains(value))
      newSlot(value, env[value][0]); // A captured scalar.
    return slotOf[value];
  };

  for (Operation &op : block.without_terminator()) {
    // What does not change from element to element gets its value now.
    Attribute constant;
    if (matchPattern(&op, m_Constant(&constant)) &&
        isa<FloatAttr, IntegerAttr>(constant)) {
      newSlot(op.getResult(0), constantValue(constant));
      continue;
    }
    if (auto index = dyn_cast<linalg::IndexOp>(op)) {
      slotOf[index.getResult()] = firstIndex + index.getDim();
      continue;
    }
    Instruction instruction;
    ValueRange scalars = op.getOperands();
    if (auto dim = dyn_cast<tensor::DimOp>(op)) {
      instruction.op = &op;
      instruction.tensor = &env[dim.getSource()];
      scalars = scalars.drop_front();
      instruction.kernel = [](const Instruction &in, Scalar *slots) {
        int64_t index = slots[in.operands[0]].i;
        if (index < 0 || index >= in.tensor->getRank())
          return false;
        slots[in.result].i = in.tensor->getDim(index);
        return true;
      };
    } else if (auto extract = dyn_cast<tensor::ExtractOp>(op)) {
      instruction.op = &op;
      instruction.tensor = &env[extract.getTensor()];
      instruction.kernel = rows ? extractElement<true> : extractElement<false>;
      scalars = scalars.drop_front();
    } else if (isa<QueryDotOp, KeyDotOp>(op) && rows) {
      bool ofQuery = isa<QueryDotOp>(op);
      instruction.op = &op;
      instruction.tensor = &env[op.getOperand(0)];
      instruction.rows = rows;
      instruction.kernel =
          ofQuery ? multiplyRow<&PairRows::query> : multiplyRow<&PairRows::key>;
      scalars = ofQuery ? cast<QueryDotOp>(op).getIndices()
                        : cast<KeyDotOp>(op).getIndices();
    } else if (isa<EntryOp>(op) && rows) {
      instruction.op = &op;
      instruction.rows = rows;
      instruction.kernel = [](const Instruction &in, Scalar *slots) {
        slots[in.result].i = in.rows->entry;
        return true;
      };
    } else if (failed(selectKernel(&op, instruction))) {
      return failure();
    }
    for (Value operand : scalars)
      instruction.operands.push_back(slot(operand));
    newSlot(op.getResult(0), zero);
    instruction.result = slotOf[op.getResult(0)];
    program.instructions.push_back(std::move(instruction));
  }
  for (Value operand : block.getTerminator()->getOperands())
    program.results.push_back(slot(operand));
  return program;
}

LogicalResult ScalarProgram::run() {
  for (const Instruction &instruction : instructions)
    if (!instruction.kernel(instruction, slots.data()))
      return instruction.op->emitOpError(
          "has no defined result: index out of bounds");
  return success();
}
