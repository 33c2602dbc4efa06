//===- Interpreter.cpp - Runs a function op by op
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Reference/Interpreter.h"
#include "Views.h"
#include "attn/IR/AttnDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace attn;
using namespace attn::reference;

/// Whether a value of that shape and element type may be one of `type`.
static bool fits(const Tensor &tensor, Type type) {
  if (tensor.getElementType() != getElementTypeOrSelf(type))
    return false;
  auto ranked = dyn_cast<RankedTensorType>(type);
  if (!ranked)
    return type.isIntOrIndexOrFloat() && tensor.getRank() == 0;
  return succeeded(verifyCompatibleShape(tensor.getShape(), ranked.getShape()));
}

static InFlightDiagnostic &describe(InFlightDiagnostic &diagnostic,
                                    const Tensor &tensor) {
  return diagnostic << RankedTensorType::get(tensor.getShape(),
                                             tensor.getElementType());
}

/// The results must have the shapes that the module says: a wrong one would
/// surface far from its cause.
static LogicalResult checkResults(Operation *op, const Environment &env) {
  for (OpResult result : op->getResults())
    if (!fits(env[result], result.getType())) {
      InFlightDiagnostic diagnostic = op->emitOpError() << "computed a ";
      describe(diagnostic, env[result])
          << " where its type is " << result.getType();
      return diagnostic;
    }
  return success();
}

static LogicalResult evaluateCall(func::CallOp call, Environment &env) {
  auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  if (!callee)
    return call.emitOpError()
           << "calls the unknown function " << call.getCallee();
  std::vector<Tensor> arguments;
  for (Value operand : call.getOperands())
    arguments.push_back(env[operand]);
  auto results = interpret(callee, arguments, env.getOptions());
  if (failed(results))
    return failure();
  for (auto [value, tensor] : llvm::zip(call.getResults(), *results))
    env.define(value, std::move(tensor));
  return success();
}

static LogicalResult evaluateAssert(cf::AssertOp op, Environment &env) {
  if (env.integer(op.getArg()))
    return success();
  return op.emitOpError() << "does not hold: " << op.getMsg();
}

LogicalResult attn::reference::evaluateAttnOp(Operation *op, Environment &env) {
  if (auto attention = dyn_cast<AttentionOp>(op))
    return evaluateAttention(attention, env);
  if (auto project = dyn_cast<ProjectHeadsOp>(op))
    return evaluateProjectHeads(project, env);
  if (auto merge = dyn_cast<MergeHeadsOp>(op))
    return evaluateMergeHeads(merge, env);
  if (auto merge = dyn_cast<MergePartialsOp>(op))
    return evaluateMergePartials(merge, env);
  if (auto linear = dyn_cast<LinearAttentionOp>(op))
    return evaluateLinearAttention(linear, env);
  if (auto append = dyn_cast<AppendOp>(op))
    return evaluateAppend(append, env);
  return unsupported(op);
}

static LogicalResult evaluateOp(Operation *op, Environment &env) {
  if (auto call = dyn_cast<func::CallOp>(op))
    return evaluateCall(call, env);
  if (auto assertion = dyn_cast<cf::AssertOp>(op))
    return evaluateAssert(assertion, env);
  using Evaluator = LogicalResult (*)(Operation *, Environment &);
  StringRef dialect = op->getName().getDialectNamespace();
  auto evaluator = llvm::StringSwitch<Evaluator>(dialect)
                       .Case("attn", evaluateAttnOp)
                       .Case("linalg", evaluateLinalgOp)
                       .Case("tensor", evaluateTensorOp)
                       .Cases({"arith", "math", "index"}, evaluateElementwiseOp)
                       .Default(nullptr);
  return evaluator ? evaluator(op, env) : unsupported(op);
}

FailureOr<std::vector<Tensor>>
attn::reference::interpret(func::FuncOp function, ArrayRef<Tensor> arguments,
                           const InterpretOptions &options) {
  if (function.isExternal() || !llvm::hasSingleElement(function.getBody()))
    return function.emitOpError(
        "needs a body of one block for the reference interpreter");
  if (arguments.size() != function.getNumArguments())
    return function.emitOpError() << "takes " << function.getNumArguments()
                                  << " arguments, got " << arguments.size();
  Environment env(options);
  for (auto [parameter, argument] :
       llvm::zip(function.getArguments(), arguments)) {
    if (!fits(argument, parameter.getType())) {
      InFlightDiagnostic diagnostic = function.emitOpError()
                                      << "takes a " << parameter.getType()
                                      << " as argument "
                                      << parameter.getArgNumber() << ", got a ";
      return describe(diagnostic, argument);
    }
    env.define(parameter, argument);
  }
  Block &body = function.getBody().front();
  for (Operation &op : body.without_terminator())
    if (failed(evaluateOp(&op, env)) || failed(checkResults(&op, env)))
      return failure();
  std::vector<Tensor> results;
  for (Value operand : body.getTerminator()->getOperands())
    results.push_back(env[operand]);
  return results;
}

void attn::reference::registerDialects(DialectRegistry &registry) {
  registry.insert<AttnDialect, arith::ArithDialect, cf::ControlFlowDialect,
                  DLTIDialect, func::FuncDialect, index::IndexDialect,
                  linalg::LinalgDialect, math::MathDialect,
                  tensor::TensorDialect>();
}
