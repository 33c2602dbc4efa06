//===- LinearForm.cpp - Integers of a mask, linear in i and j
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinearForm.h"
#include "llvm/Support/MathExtras.h"

using namespace attn;
using namespace attn::mask;

std::optional<Bounds> LinearBuilder::bounds(const LinearForm &form) const {
  std::optional<Bounds> sum = Bounds{form.lo.bounds.min, form.hi.bounds.max};
  auto accumulate = [&](int64_t factor, Scalar first, Scalar last) {
    auto part = mask::multiply(Bounds::exactly(factor),
                               Bounds{first.bounds.min, last.bounds.max});
    sum = sum && part ? mask::add(*sum, *part) : std::nullopt;
  };
  accumulate(form.ci, box.iFirst, box.iLast);
  accumulate(form.cj, box.jFirst, box.jLast);
  return sum;
}

std::optional<LinearForm> LinearBuilder::collapse(const LinearForm &form) {
  if (form.isInterval())
    return form;
  std::optional<Bounds> whole = bounds(form);
  if (!whole)
    return std::nullopt;
  Scalar lo = form.lo, hi = form.hi;
  auto accumulate = [&](int64_t factor, Scalar first, Scalar last) {
    if (factor == 0)
      return;
    if (factor < 0)
      std::swap(first, last);
    Scalar by = ScalarBuilder::constant(factor);
    lo = scalars.add(lo, scalars.multiply(first, by));
    hi = scalars.add(hi, scalars.multiply(last, by));
  };
  accumulate(form.ci, box.iFirst, box.iLast);
  accumulate(form.cj, box.jFirst, box.jLast);
  return LinearForm::interval(ScalarBuilder::restrict(lo, *whole),
                              ScalarBuilder::restrict(hi, *whole));
}

std::optional<LinearForm> LinearBuilder::checked(const LinearForm &form) const {
  return bounds(form) ? std::optional(form) : std::nullopt;
}

std::optional<LinearForm> LinearBuilder::add(const LinearForm &a,
                                             const LinearForm &b) {
  LinearForm sum;
  if (!mask::add(a.lo.bounds, b.lo.bounds) ||
      !mask::add(a.hi.bounds, b.hi.bounds) ||
      llvm::AddOverflow(a.ci, b.ci, sum.ci) ||
      llvm::AddOverflow(a.cj, b.cj, sum.cj))
    return std::nullopt;
  sum.lo = scalars.add(a.lo, b.lo);
  sum.hi = a.isPoint() && b.isPoint() ? sum.lo : scalars.add(a.hi, b.hi);
  return checked(sum);
}

std::optional<LinearForm> LinearBuilder::subtract(const LinearForm &a,
                                                  const LinearForm &b) {
  LinearForm difference;
  if (!mask::subtract(a.lo.bounds, b.hi.bounds) ||
      !mask::subtract(a.hi.bounds, b.lo.bounds) ||
      llvm::SubOverflow(a.ci, b.ci, difference.ci) ||
      llvm::SubOverflow(a.cj, b.cj, difference.cj))
    return std::nullopt;
  difference.lo = scalars.subtract(a.lo, b.hi);
  difference.hi =
      a.isPoint() && b.isPoint() ? difference.lo : scalars.subtract(a.hi, b.lo);
  return checked(difference);
}

std::optional<LinearForm> LinearBuilder::scale(const LinearForm &a,
                                               int64_t factor) {
  LinearForm product;
  Scalar by = ScalarBuilder::constant(factor);
  if (!mask::multiply(a.lo.bounds, by.bounds) ||
      !mask::multiply(a.hi.bounds, by.bounds) ||
      llvm::MulOverflow(a.ci, factor, product.ci) ||
      llvm::MulOverflow(a.cj, factor, product.cj))
    return std::nullopt;
  product.lo = scalars.multiply(a.lo, by);
  product.hi = a.isPoint() ? product.lo : scalars.multiply(a.hi, by);
  if (factor < 0)
    std::swap(product.lo, product.hi);
  return checked(product);
}

std::optional<LinearForm> LinearBuilder::multiply(const LinearForm &a,
                                                  const LinearForm &b) {
  if (b.isInterval() && b.isPoint() && b.lo.isConstant())
    return scale(a, b.lo.offset);
  if (a.isInterval() && a.isPoint() && a.lo.isConstant())
    return scale(b, a.lo.offset);
  std::optional<Bounds> x = bounds(a), y = bounds(b);
  if (!x || !y || !mask::multiply(*x, *y))
    return std::nullopt;
  LinearForm p = *collapse(a), q = *collapse(b);
  if (p.lo.bounds.min >= 0 && q.lo.bounds.min >= 0)
    return LinearForm::interval(scalars.multiply(p.lo, q.lo),
                                scalars.multiply(p.hi, q.hi));
  Scalar corner = scalars.multiply(p.lo, q.lo);
  LinearForm product = LinearForm::point(corner);
  auto include = [&](Scalar x, Scalar y) {
    corner = scalars.multiply(x, y);
    product.lo = scalars.min(product.lo, corner);
    product.hi = scalars.max(product.hi, corner);
  };
  if (!p.isPoint())
    include(p.hi, q.lo);
  if (!q.isPoint())
    include(p.lo, q.hi);
  if (!p.isPoint() && !q.isPoint())
    include(p.hi, q.hi);
  return product;
}
