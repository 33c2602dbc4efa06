//===- Poison.cpp - Numbers that must not matter
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Call.h"
#include <limits>

using namespace llvm;
using namespace attn::differential;
using attn::reference::Tensor;

namespace {
/// Finds the rows of keys and values in memory, and who reads them.
class Rows {
public:
  Rows(const Call &call, const Function &function, const Tensor &scores)
      : call(call), function(function), scores(scores),
        read(function.keyHeads * call.arguments[1].getNumElements() /
             std::max<int64_t>(1, function.keyHeads * function.headSize)) {
    forEach([&](int64_t b, int64_t g, int64_t j) {
      read[indexOf(b, g, j)] |= isRead(b, g, j);
    });
  }

  void forEach(function_ref<void(int64_t, int64_t, int64_t)> visit) const {
    for (int64_t b = 0; b < call.batch; ++b)
      for (int64_t g = 0; g < function.keyHeads; ++g)
        for (int64_t j = 0; j < call.keys; ++j)
          visit(b, g, j);
  }

  /// Whether some query reads key `j` of batch `b`.
  bool isRead(int64_t b, int64_t g, int64_t j) const {
    int64_t group = function.heads / function.keyHeads;
    for (int64_t h = g * group; h < (g + 1) * group; ++h)
      for (int64_t i = 0; i < call.queries; ++i) {
        int64_t row = (b * function.heads + h) * call.queries + i;
        if (scores[row * call.keys + j].f !=
            -std::numeric_limits<double>::infinity())
          return true;
      }
    return false;
  }

  /// Of the row that this key lies in, in keys, values and, where a row has one
  /// scale, scales.
  int64_t indexOf(int64_t b, int64_t g, int64_t j) const {
    int64_t heads = function.keyHeads, length = call.keys;
    if (int64_t page = function.storage.pageSize) {
      b = call.arguments[function.pageTable()][b * call.pages + j / page].i;
      j %= page;
      length = page;
    }
    return function.sequenceFirst ? (b * length + j) * heads + g
                                  : (b * heads + g) * length + j;
  }
  /// Also over another sequence's table.
  bool isReadByAny(int64_t b, int64_t g, int64_t j) const {
    return read[indexOf(b, g, j)];
  }

private:
  const Call &call;
  const Function &function;
  const Tensor &scores;
  std::vector<char> read;
};
} // namespace

/// Puts `value` into a row of a key or value, or into its scale.
static void poisonRow(Random &random, Call &call, const Function &function,
                      bool isValue, int64_t row, double value) {
  unsigned operand = 1 + isValue;
  const Cache &cache = isValue ? function.storage.value : function.storage.key;
  if (!call.arguments[operand].isFloat()) {
    if (!cache.groups)
      return;
    operand = function.scales(isValue);
  }
  Tensor &tensor = call.arguments[operand];
  int64_t size = int64_t(tensor.getRank()) == function.rank()
                     ? tensor.getShape().back()
                     : 1;
  tensor[row * size + random.below(size)].f = value;
}

void attn::differential::poison(Call &call, const Function &function,
                                const Tensor &scores, uint64_t seed) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const double bad[] = {std::numeric_limits<double>::quiet_NaN(), infinity,
                        -infinity};
  Random random(seed);
  call.kind += " poisoned";
  Rows rows(call, function, scores);
  rows.forEach([&](int64_t b, int64_t g, int64_t j) {
    bool read = rows.isReadByAny(b, g, j);
    if (random.chance(read ? 95 : 30))
      return;
    double value = read ? bad[0] : bad[random.below(3)];
    for (bool isValue : {false, true})
      if (!random.chance(40))
        poisonRow(random, call, function, isValue, rows.indexOf(b, g, j),
                  value);
  });
  // Behind the last key that is read, a table may hold anything.
  for (int64_t b = 0; function.storage.pageSize && b < call.batch; ++b) {
    int64_t last = -1;
    rows.forEach([&](int64_t other, int64_t g, int64_t j) {
      if (other == b && rows.isRead(b, g, j))
        last = std::max(last, j);
    });
    Tensor &table = call.arguments[function.pageTable()];
    for (int64_t page = last < 0 ? 0 : last / function.storage.pageSize + 1;
         page < call.pages; ++page)
      if (random.chance(30))
        table[b * call.pages + page].i =
            random.pick<int64_t>({-1, call.pool, 1 << 30});
  }
}
