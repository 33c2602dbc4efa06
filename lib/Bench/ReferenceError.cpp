//===- ReferenceError.cpp - How far from the right answer -----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Data.h"
#include "attn/Reference/Interpreter.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Errc.h"
#include <cmath>
#include <random>
#include <set>

using namespace attn;
using namespace attn::bench;
using llvm::SmallVector;
using reference::Tensor;

/// More rows than this are sampled.
static constexpr int64_t mostRows = 512, sampledRows = 64;

/// The rows to look at: all, or the first, the last, and some in between.
static std::optional<SmallVector<int64_t>> chooseRows(int64_t count) {
  if (count <= mostRows)
    return std::nullopt;
  std::set<int64_t> rows = {0, count - 1};
  std::mt19937_64 generator(count);
  while (rows.size() < size_t(sampledRows))
    rows.insert(int64_t(generator() % count));
  return SmallVector<int64_t>(rows.begin(), rows.end());
}

/// The rows `rows` of dimension `dim`.
static Tensor gather(const Tensor &tensor, unsigned dim,
                     llvm::ArrayRef<int64_t> rows) {
  SmallVector<int64_t> shape(tensor.getShape());
  int64_t inner = 1, count = shape[dim];
  for (int64_t extent : llvm::ArrayRef(shape).drop_front(dim + 1))
    inner *= extent;
  shape[dim] = rows.size();
  Tensor result(tensor.getElementType(), shape);
  for (int64_t at = 0; at < result.getNumElements(); ++at) {
    int64_t outer = at / (inner * int64_t(rows.size()));
    int64_t row = rows[at / inner % int64_t(rows.size())];
    result[at] = tensor[(outer * count + row) * inner + at % inner];
  }
  return result;
}

/// The largest difference; what the reference left out is NaN there. Also
/// counts what was compared.
static double compare(const Tensor &actual, const Tensor &expected,
                      int64_t &compared) {
  double largest = 0;
  for (int64_t at = 0; at < expected.getNumElements(); ++at) {
    if (std::isnan(expected[at].f))
      continue;
    ++compared;
    double error = std::fabs(actual[at].f - expected[at].f);
    if (std::isnan(error))
      return std::numeric_limits<double>::infinity();
    largest = std::max(largest, error);
  }
  return largest;
}

llvm::Expected<double>
attn::bench::findLargestError(const Shape &shape, mlir::func::FuncOp function,
                              const attn_entry &entry,
                              const Invocation &invocation) {
  auto rows = chooseRows(shape.queries);
  // The interpreter skips rows of attention, not of projections; but those are
  // independent of each other.
  bool gathers = rows && shape.op == OpKind::projectHeads;
  unsigned sequence = shape.layout == "bshd" ? 1 : 2;

  std::vector<Tensor> arguments;
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    arguments.push_back(Tensor::fromStorage(
        mlir::getElementTypeOrSelf(type), invocation.getShape(index),
        invocation.getElements(index).data()));
  reference::InterpretOptions options;
  if (gathers)
    arguments[0] = gather(arguments[0], /*dim=*/1, *rows);
  else
    options.queryRows = rows;

  std::string said;
  mlir::ScopedDiagnosticHandler handler(function.getContext(),
                                        [&](mlir::Diagnostic &diagnostic) {
                                          if (said.empty())
                                            said = diagnostic.str();
                                          return mlir::success();
                                        });
  auto results = reference::interpret(function, arguments, options);
  if (failed(results))
    return llvm::createStringError(llvm::errc::not_supported,
                                   "the reference interpreter stops at: " +
                                       said);
  double largest = 0;
  int64_t compared = 0, wanted = 0;
  for (auto [index, expected] : llvm::enumerate(*results)) {
    unsigned argument = entry.num_inputs + index;
    Tensor actual = Tensor::fromStorage(
        expected.getElementType(), invocation.getShape(argument),
        invocation.getElements(argument).data());
    if (gathers)
      actual = gather(actual, sequence, *rows);
    largest = std::max(largest, compare(actual, expected, compared));
    wanted += expected.getNumElements();
  }
  if (rows && !gathers)
    wanted = wanted / shape.queries * int64_t(rows->size());
  if (compared != wanted)
    return llvm::createStringError(llvm::errc::not_supported,
                                   "the reference has NaN of its own");
  return largest;
}
