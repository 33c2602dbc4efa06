//===- ElementwiseOps.cpp - Scalar ops at the level of a function
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ScalarProgram.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace attn::reference;

static Tensor constantTensor(DenseElementsAttr attribute) {
  auto type = cast<ShapedType>(attribute.getType());
  Tensor result(type.getElementType(), type.getShape());
  for (auto [index, element] :
       llvm::enumerate(attribute.getValues<Attribute>()))
    result[index] = constantValue(element);
  return result;
}

static LogicalResult evaluateConstant(Operation *op, Attribute attribute,
                                      Environment &env) {
  if (isa<FloatAttr, IntegerAttr>(attribute)) {
    env.define(op->getResult(0), Tensor::scalar(op->getResult(0).getType(),
                                                constantValue(attribute)));
    return success();
  }
  auto dense = dyn_cast<DenseElementsAttr>(attribute);
  if (!dense)
    return unsupported(op);
  env.define(op->getResult(0), constantTensor(dense));
  return success();
}

LogicalResult attn::reference::evaluateElementwiseOp(Operation *op,
                                                     Environment &env) {
  Attribute constant;
  if (matchPattern(op, m_Constant(&constant)))
    return evaluateConstant(op, constant, env);

  Instruction instruction;
  if (failed(selectKernel(op, instruction)))
    return failure();
  // Slots: the operands, then the result. A tensor operand gives the shape; a
  // scalar among them (the condition of a select) is the same everywhere.
  SmallVector<Scalar> slots(op->getNumOperands() + 1);
  instruction.result = op->getNumOperands();
  const Tensor *shapeOf = &env[op->getOperand(0)];
  for (auto [index, operand] : llvm::enumerate(op->getOperands())) {
    instruction.operands.push_back(index);
    if (env[operand].getRank() > shapeOf->getRank())
      shapeOf = &env[operand];
  }
  for (Value operand : op->getOperands())
    if (env[operand].getRank() != 0 &&
        env[operand].getShape() != shapeOf->getShape())
      return op->emitOpError("has operands of different shapes");

  Tensor result(getElementTypeOrSelf(op->getResult(0)), shapeOf->getShape());
  for (int64_t at = 0, end = result.getNumElements(); at < end; ++at) {
    for (auto [index, operand] : llvm::enumerate(op->getOperands()))
      slots[index] = env[operand][env[operand].getRank() ? at : 0];
    if (!instruction.kernel(instruction, slots.data()))
      return op->emitOpError("has no defined result");
    result[at] = slots.back();
  }
  env.define(op->getResult(0), std::move(result));
  return success();
}
