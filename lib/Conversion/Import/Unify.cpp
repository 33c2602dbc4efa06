//===- Unify.cpp - Equality of expressions up to reduction variables
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorExpr.h"

using namespace mlir;
using namespace attn::raising;

static Index substitute(const Index &index, const Bindings &bindings) {
  Index result;
  for (const Digit &digit : index) {
    auto at = bindings.find(digit.variable);
    if (at == bindings.end() || digit.stride != 1) {
      append(result, digit);
      continue;
    }
    for (const Digit &bound : at->second)
      append(result, bound);
  }
  return result;
}

static bool unifyIndex(const Index &a, const Index &b, ArrayRef<int> free,
                       Bindings &bindings) {
  if (a == b)
    return true;
  if (b.size() == 1 && llvm::is_contained(free, b.front().variable) &&
      b.front().stride == 1 && !bindings.contains(b.front().variable) &&
      extentOf(a) == b.front().extent) {
    bindings[b.front().variable] = a;
    return true;
  }
  return a == substitute(b, bindings);
}

bool attn::raising::unify(TensorExprs &exprs, const Expr *a, const Expr *b,
                          ArrayRef<int> free, Bindings &bindings) {
  auto sameIndex = [&](const Expr *a, const Expr *b) {
    return llvm::all_of(llvm::zip(a->index, b->index), [&](auto pair) {
      return unifyIndex(std::get<0>(pair), std::get<1>(pair), free, bindings);
    });
  };
  auto sameAccess = [&](const Expr *a, const Expr *b) {
    if (!a->is(Expr::Kind::Access) || !b->is(Expr::Kind::Access) ||
        a->value != b->value)
      return false;
    Bindings saved = bindings;
    if (sameIndex(a, b))
      return true;
    bindings = saved;
    return false;
  };
  if (sameAccess(a, b))
    return true;
  a = exprs.viewSource(a);
  b = exprs.viewSource(b);
  if (sameAccess(a, b))
    return true;
  a = exprs.definition(a);
  b = exprs.definition(b);
  if (a->kind != b->kind)
    return false;
  SmallVector<int> inner(free);
  switch (a->kind) {
  case Expr::Kind::Access:
    return false;
  case Expr::Kind::Position:
    return sameIndex(a, b);
  case Expr::Kind::Constant:
    return a->constant == b->constant;
  case Expr::Kind::Scalar:
    return a->value == b->value;
  case Expr::Kind::Softmax:
    return false;
  case Expr::Kind::Reduce:
    if (a->reduction != b->reduction)
      return false;
    inner.append(b->variables);
    break;
  case Expr::Kind::Apply:
    if (a->op->getName() != b->op->getName() ||
        a->op->getAttrDictionary() != b->op->getAttrDictionary())
      return false;
    break;
  }
  return a->operands.size() == b->operands.size() &&
         llvm::all_of(llvm::zip(a->operands, b->operands), [&](auto pair) {
           return unify(exprs, std::get<0>(pair), std::get<1>(pair), inner,
                        bindings);
         });
}
