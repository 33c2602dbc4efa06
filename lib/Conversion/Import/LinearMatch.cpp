//===- LinearMatch.cpp - Recognise x . W^T + bias
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinearMatch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace attn::raising;

FailureOr<Linear>
attn::raising::matchLinear(TensorExprs &exprs, const Expr *access,
                           llvm::function_ref<bool(const Expr *)> isInput) {
  const Expr *def = exprs.definition(access);
  SmallVector<std::pair<const Expr *, const Expr *>> terms = {{def, nullptr}};
  if (def->isApply<arith::AddFOp>())
    terms = {{def->operands[0], def->operands[1]},
             {def->operands[1], def->operands[0]}};
  for (auto [product, bias] : terms) {
    const Expr *sum = exprs.definition(product);
    auto factors = matchContraction(exprs, sum);
    if (!factors)
      continue;
    for (auto [input, weight] :
         {*factors, std::pair{factors->second, factors->first}}) {
      Linear linear;
      linear.input = exprs.viewSource(input);
      linear.weight = exprs.viewSource(weight);
      linear.bias = bias ? exprs.viewSource(bias) : nullptr;
      linear.contracted = sum->variables;
      linear.contraction = sum->op;
      if (linear.input->is(Expr::Kind::Access) &&
          linear.weight->is(Expr::Kind::Access) &&
          (!bias || linear.bias->is(Expr::Kind::Access)) &&
          isInput(linear.input))
        return linear;
    }
  }
  return failure();
}
