//===- CacheOperand.cpp - Keys and values as attention reads them
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CacheOperand.h"

using namespace mlir;
using namespace attn;
using namespace attn::reference;

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

static double toDouble(const Tensor &tensor, int64_t at) {
  return tensor.isFloat() ? tensor[at].f : double(tensor[at].i);
}

LogicalResult CacheOperand::dequantize(StringRef name, const Tensor *scales,
                                       const Tensor *zeroPoints) {
  int64_t size = getSize(), rows = 1;
  for (int64_t dim : tensor->getShape().drop_back())
    rows *= dim;
  int64_t groups = 1;
  for (auto [group, suffix] :
       {std::pair{scales, "_scales"}, {zeroPoints, "_zero_points"}}) {
    if (!group)
      continue;
    ArrayRef<int64_t> shape = group->getShape();
    if (shape.take_front(at.feature) != tensor->getShape().drop_back() ||
        group->getNumElements() != scales->getNumElements())
      return op.emitOpError()
             << "expects " << name << suffix << " of one row for each of the "
             << name << ", got sizes " << shape << " for "
             << tensor->getShape();
    groups = shape.size() > at.feature ? shape.back() : 1;
  }
  Tensor result(Float64Type::get(op.getContext()), tensor->getShape());
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t d = 0; d < size; ++d) {
      int64_t group = row * groups + d / (size / groups);
      double zero = zeroPoints ? toDouble(*zeroPoints, group) : 0;
      double scale = scales ? toDouble(*scales, group) : 1;
      int64_t element = row * size + d;
      result[element].f = (toDouble(*tensor, element) - zero) * scale;
    }
  dequantized = std::move(result);
  tensor = &dequantized;
  return success();
}

LogicalResult CacheOperand::set(StringRef name, const Tensor &operand,
                                const Tensor *scales, const Tensor *zeroPoints,
                                const Tensor *table) {
  tensor = &operand;
  pageTable = table;
  if ((scales || !operand.isFloat()) &&
      failed(dequantize(name, scales, zeroPoints)))
    return failure();
  view.emplace(*tensor, at);
  return success();
}

//===----------------------------------------------------------------------===//
// Positions
//===----------------------------------------------------------------------===//

int64_t CacheOperand::getLength() const {
  int64_t length = tensor->getDim(at.sequence);
  return pageTable ? pageTable->getDim(1) * length : length;
}

const Scalar *CacheOperand::row(int64_t b, int64_t h, int64_t j) const {
  if (!pageTable)
    return view->row(b, h, j);
  int64_t pageSize = tensor->getDim(at.sequence);
  int64_t page = (*pageTable)[b * pageTable->getDim(1) + j / pageSize].i;
  if (page < 0 || page >= getBatch()) {
    AttentionOp(op).emitOpError()
        << "reads key " << j << " of batch " << b << " in page " << page
        << " of a pool of " << getBatch();
    return nullptr;
  }
  return view->row(page, h, j % pageSize);
}

static LogicalResult checkStarts(AttentionOp op, StringRef name,
                                 const Tensor &starts, int64_t length) {
  int64_t last = starts.getNumElements() - 1;
  bool rising = last >= 0 && starts[0].i == 0 && starts[last].i == length;
  for (int64_t n = 0; n < last; ++n)
    rising &= starts[n].i <= starts[n + 1].i;
  if (rising)
    return success();
  auto error = op.emitOpError()
               << "expects " << name << " from 0 to the length " << length
               << ", not decreasing, got [";
  llvm::interleaveComma(llvm::seq(last + 1), error,
                        [&](int64_t n) { error << starts[n].i; });
  return error << ']';
}

FailureOr<SmallVector<Sequence>>
attn::reference::listSequences(AttentionOp op, const Environment &env,
                               int64_t batch, int64_t queries, int64_t keys) {
  SmallVector<Sequence> sequences;
  if (op.getQueryStarts().empty()) {
    for (int64_t b = 0; b < batch; ++b)
      sequences.push_back({b, b, 0, queries, 0, keys});
    return sequences;
  }
  const Tensor &queryStarts = env[op.getQueryStartsOperand()];
  const Tensor &keyStarts = env[op.getKeyStartsOperand()];
  if (queryStarts.getNumElements() != keyStarts.getNumElements())
    return op.emitOpError()
           << "expects as many key_starts as query_starts, got "
           << keyStarts.getNumElements() << " and "
           << queryStarts.getNumElements();
  if (failed(checkStarts(op, "query_starts", queryStarts, queries)) ||
      failed(checkStarts(op, "key_starts", keyStarts, keys)))
    return failure();
  for (int64_t n = 0; n + 1 < queryStarts.getNumElements(); ++n)
    sequences.push_back({n, 0, queryStarts[n].i,
                         queryStarts[n + 1].i - queryStarts[n].i,
                         keyStarts[n].i, keyStarts[n + 1].i - keyStarts[n].i});
  return sequences;
}
