//===- AttnDialect.cpp - The attn dialect
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttnDialect.h"
#include "attn/IR/AttnOps.h"
#include "attn/Support/RegisterTile.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace attn;

#include "attn/IR/AttnDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "attn/IR/AttnAttributes.cpp.inc"

void AttnDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "attn/IR/AttnAttributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "attn/IR/AttnOps.cpp.inc"
      >();
}

ScheduleAttr ScheduleAttr::withQueryTile(int64_t queryTile) const {
  return get(getContext(), getKind(), queryTile, getKeyTile(), getKeyBlock(),
             getLanes(), getRegisters(), getDot(), getSplit(), getMatrix());
}

ScheduleAttr ScheduleAttr::withSplit(int64_t split) const {
  return get(getContext(), getKind(), getQueryTile(), getKeyTile(),
             getKeyBlock(), getLanes(), getRegisters(), getDot(), split,
             getMatrix());
}

LogicalResult ScheduleAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                   StringRef kind, int64_t queryTile,
                                   int64_t keyTile, int64_t keyBlock,
                                   int64_t lanes, int64_t registers,
                                   int64_t dot, int64_t split, int64_t matrix) {
  if (kind != "prefill" && kind != "short" && kind != "decode")
    return emitError() << "schedule kind must be \"prefill\", \"short\" or "
                          "\"decode\", not \""
                       << kind << '"';
  for (int64_t size : {queryTile, keyTile, keyBlock, lanes, registers})
    if (size <= 0)
      return emitError() << "schedule sizes must be positive, got " << size;
  if (kind != "decode" && queryTile % lanes != 0)
    return emitError() << "query_tile must be a multiple of lanes, got "
                       << queryTile << " and " << lanes;
  if (keyTile % keyBlock != 0)
    return emitError() << "key_tile must be a multiple of key_block, got "
                       << keyTile << " and " << keyBlock;
  if (dot != 1 && dot != 2)
    return emitError() << "dot must be 1 or 2, got " << dot;
  if (keyBlock % dot != 0)
    return emitError() << "key_block must be a multiple of dot, got "
                       << keyBlock << " and " << dot;
  if (split < 0 || split % keyTile != 0)
    return emitError() << "split must be a multiple of key_tile, got " << split
                       << " and " << keyTile;
  if (matrix == 0)
    return success();
  // More than two squares by two would not leave registers for factors.
  if (matrix != matrixRows && matrix != 2 * matrixRows)
    return emitError() << "matrix must be 0, " << matrixRows << " or "
                       << 2 * matrixRows << ", got " << matrix;
  if (kind == "decode" || dot != 2)
    return emitError() << "matrix asks for queries in the lanes and for dot 2, "
                          "got kind \""
                       << kind << "\" and " << dot;
  if (matrix % keyBlock != 0 || keyTile % matrix != 0)
    return emitError()
           << "matrix must be a multiple of key_block, and key_tile "
              "of matrix, got "
           << matrix << ", " << keyBlock << " and " << keyTile;
  if (queryTile > matrix)
    return emitError() << "query_tile must be at most matrix, got " << queryTile
                       << " and " << matrix;
  return success();
}

LogicalResult ChunksAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                                 int64_t tokens, int64_t columns, int64_t few,
                                 int64_t lanes, int64_t registers) {
  for (int64_t size : {tokens, columns, lanes, registers})
    if (size <= 0)
      return emitError() << "sizes of chunks must be positive, got " << size;
  if (tokens % lanes != 0)
    return emitError() << "tokens must be a multiple of lanes, got " << tokens
                       << " and " << lanes;
  if (few < 0 || few >= tokens)
    return emitError() << "few must be less than tokens, got " << few << " and "
                       << tokens;
  return success();
}
