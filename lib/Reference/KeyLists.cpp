//===- KeyLists.cpp - Which keys a query's list names ---------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/KeyLists.h"
#include "CacheOperand.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn;
using namespace attn::reference;

namespace {
/// A run of entries, by their numbers behind those of other batches and heads.
struct Run {
  int64_t outer, begin, end;
};
} // namespace

/// The entries of list `row`; `outer` counts the batches and heads before it.
static FailureOr<Run> findRun(AttentionOp op, const KeyLists &lists,
                              const Tensor *pointers, const Tensor &entries,
                              int64_t outer, int64_t row) {
  int64_t length = entries.getShape().back();
  if (!pointers) {
    int64_t rows = lists.isSingle ? 1 : entries.getDim(lists.firstDim());
    if (lists.isSingle)
      return Run{0, 0, length};
    if (row >= rows)
      return op.emitOpError() << "expects a list for every query, got " << rows;
    return Run{(outer * rows + row) * length, 0, length};
  }
  int64_t size = pointers->getShape().back();
  if (row + 1 >= size)
    return op.emitOpError() << "expects pointers for every query, got " << size;
  const Scalar *pointer = &(*pointers)[outer * size + row];
  if (pointer[0].i < 0 || pointer[1].i < pointer[0].i || pointer[1].i > length)
    return op.emitOpError()
           << "expects pointers that rise within " << length << " entries, got "
           << pointer[0].i << " and " << pointer[1].i;
  return Run{outer * length, pointer[0].i, pointer[1].i};
}

LogicalResult attn::reference::listKeys(AttentionOp op, const Environment &env,
                                        const Sequence &sequence, int64_t h,
                                        int64_t i,
                                        std::vector<ListedKey> &listed) {
  listed.clear();
  std::optional<KeyLists> lists = getKeyLists(op);
  if (!lists) {
    for (int64_t j = 0; j < sequence.keys; ++j)
      listed.push_back({j, 0});
    return success();
  }
  const Tensor *pointers = lists->pointers ? &env[lists->pointers] : nullptr;
  const Tensor &entries = env[lists->entries];
  int64_t heads = getAttentionShape(op).queryHeads, outer = 0;
  if (lists->byBatch)
    outer = sequence.number;
  if (lists->byHead)
    outer = outer * heads + h;
  FailureOr<Run> run =
      findRun(op, *lists, pointers, entries, outer, i / lists->queryBlock);
  if (failed(run))
    return failure();
  int64_t blocks = llvm::divideCeil(sequence.keys, lists->keyBlock);
  for (int64_t n = run->begin; n < run->end; ++n) {
    int64_t entry = entries[run->outer + n].i;
    if (entry < 0 || entry >= blocks) {
      if (!lists->everyEntryIsKey)
        continue;
      return op.emitOpError()
             << "expects entries below " << blocks << ", got " << entry;
    }
    int64_t first = entry * lists->keyBlock;
    for (int64_t j = first;
         j < std::min(first + lists->keyBlock, sequence.keys); ++j)
      listed.push_back({j, n});
  }
  return success();
}
