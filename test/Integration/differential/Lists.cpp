//===- Lists.cpp - Random lists of keys
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Lists.h"
#include "Call.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <numeric>

using namespace mlir;
using namespace attn::differential;
using attn::reference::Tensor;

/// The sizes in front of a list, of which those that are known count, and -1
/// stands for others.
static std::vector<int64_t> leadingSizes(const Function &function,
                                         const Lists &lists, int64_t batch) {
  std::vector<int64_t> sizes;
  if (lists.byBatch)
    sizes.push_back(batch);
  if (lists.byHead)
    sizes.push_back(function.heads);
  return sizes;
}

std::vector<std::string> Lists::types(const Function &function) const {
  std::vector<int64_t> sizes = leadingSizes(
      function, *this, function.storage.packed ? -1 : function.batch);
  sizes.push_back(-1);
  if (!havePointers && !areSingle)
    sizes.push_back(-1);
  std::string type = tensorType(sizes, "i32");
  return std::vector<std::string>(havePointers ? 2 : 1, type);
}

Lists attn::differential::makeLists(Random &random, const Function &function) {
  Lists lists;
  lists.areBlocks = random.chance(60);
  lists.havePointers = random.chance(60);
  lists.areSingle = !lists.havePointers && random.chance(15);
  bool hasBatch = function.batched || function.storage.packed;
  lists.byBatch = hasBatch && random.chance(50);
  lists.byHead = (lists.byBatch || !hasBatch) && random.chance(50);
  if (lists.areSingle)
    lists.byBatch = lists.byHead = false;
  auto size = [&] {
    return random.chance(50)
               ? random.pick<int64_t>({1, 8, 16, 32, 64, 128})
               : random.pick<int64_t>({2, 3, 5, 7, 12, 24, 40, 48, 65, 100});
  };
  if (lists.areBlocks) {
    lists.queryBlock = size();
    lists.keyBlock = size();
  }
  return lists;
}

namespace {
/// Lists of runs of keys below `blocks`.
struct ListMaker {
  Random &random;
  int64_t blocks;

  /// Entries of one list, mostly few.
  std::vector<int64_t> make() const;
};
} // namespace

std::vector<int64_t> ListMaker::make() const {
  std::vector<int64_t> entries;
  if (blocks == 0 || random.chance(15))
    return entries;
  int64_t count = random.chance(50)
                      ? 1 + random.below(4)
                      : random.below(std::min<int64_t>(2 * blocks, 150));
  if (random.chance(30)) { // Neighbours.
    int64_t first = random.below(blocks);
    for (int64_t at = first; at < std::min(first + count, blocks); ++at)
      entries.push_back(at);
    return entries;
  }
  for (; count > 0; --count)
    entries.push_back(random.below(blocks));
  if (random.chance(50))
    llvm::sort(entries);
  if (random.chance(60))
    entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

static Tensor makeIntegers(MLIRContext *context, ArrayRef<int64_t> shape,
                           ArrayRef<int64_t> numbers) {
  Tensor tensor(IntegerType::get(context, 32), shape);
  for (auto [at, number] : llvm::enumerate(numbers))
    tensor[at].i = number;
  return tensor;
}

std::vector<Tensor> attn::differential::makeListData(Random &random,
                                                     const Function &function,
                                                     const Call &call,
                                                     MLIRContext *context) {
  const Lists &lists = *function.lists;
  // Of all sequences, the longest; entries may be beyond the keys of others.
  std::pair<int64_t, int64_t> longestOf = {call.queries, call.keys};
  if (function.storage.packed) {
    longestOf = {0, 0};
    for (auto [queries, keys] : call.lengths)
      longestOf = {std::max(longestOf.first, queries),
                   std::max(longestOf.second, keys)};
  }
  int64_t rows =
      lists.areSingle ? 1 : llvm::divideCeil(longestOf.first, lists.queryBlock);
  std::vector<int64_t> shape = leadingSizes(function, lists, call.sequences);
  auto keysOf = [&](size_t matrix) {
    if (!function.storage.packed || !lists.byBatch)
      return longestOf.second;
    return call.lengths[matrix / (lists.byHead ? function.heads : 1)].second;
  };
  // Of each batch and head, the lists.
  std::vector<std::vector<std::vector<int64_t>>> all(std::accumulate(
      shape.begin(), shape.end(), int64_t(1), std::multiplies<>()));
  // Of one tensor there is no telling how long each list is.
  int64_t longest = 0, most = 0;
  for (auto [number, matrix] : llvm::enumerate(all)) {
    ListMaker maker{random,
                    int64_t(llvm::divideCeil(keysOf(number), lists.keyBlock))};
    int64_t total = 0;
    for (int64_t row = 0; row < rows; ++row) {
      matrix.push_back(maker.make());
      longest = std::max<int64_t>(longest, matrix.back().size());
      total += matrix.back().size();
    }
    most = std::max(most, total);
  }
  std::vector<int64_t> entries, pointers;
  if (!lists.havePointers) {
    longest += random.below(3);
    for (auto &matrix : all)
      for (auto &list : matrix) {
        while (int64_t(list.size()) < longest)
          list.insert(list.begin() + random.below(list.size() + 1),
                      random.pick<int64_t>({-1, -1, -2, INT32_MIN}));
        llvm::append_range(entries, list);
      }
    if (!lists.areSingle)
      shape.push_back(rows);
    shape.push_back(longest);
    return {makeIntegers(context, shape, entries)};
  }
  // What no list names may be anything.
  auto skip = [&](int64_t count) {
    for (; count > 0; --count)
      entries.push_back(random.pick<int64_t>({-1, 0, INT32_MAX, INT32_MIN}));
  };
  int64_t slack = random.below(4);
  for (auto &matrix : all) {
    int64_t begin = entries.size();
    skip(random.below(slack + 1));
    for (auto &list : matrix) {
      pointers.push_back(entries.size() - begin);
      llvm::append_range(entries, list);
    }
    pointers.push_back(entries.size() - begin);
    skip(most + slack + begin - entries.size());
  }
  std::vector<int64_t> pointerShape = shape;
  pointerShape.push_back(rows + 1);
  shape.push_back(most + slack);
  return {makeIntegers(context, pointerShape, pointers),
          makeIntegers(context, shape, entries)};
}
