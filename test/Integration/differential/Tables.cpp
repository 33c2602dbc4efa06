//===- Tables.cpp - Tables that pairs take rows of
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Tables.h"
#include "Call.h"
#include "RandomInteger.h"

using namespace attn::differential;
using attn::reference::Tensor;

std::string RowTable::type() const { return tensorType(sizes, element); }

RowTable attn::differential::makeTable(Random &random, const Function &function,
                                       std::string name, int64_t width) {
  RowTable table;
  table.name = std::move(name);
  table.element = function.storage.isDouble()
                      ? "f64"
                      : random.pick<std::string>({"f32", "f32", "bf16", "f16"});
  auto add = [&](std::initializer_list<int64_t> sizes) {
    table.sizes.push_back(random.chance(25) ? -1 : random.pick(sizes));
  };
  if (random.chance(15))
    add({1, 2, 3});
  if (random.chance(45))
    add({function.heads, function.heads, function.heads, function.keyHeads, 2});
  add({1, 2, 5, 16, 33, 65, 129});
  table.sizes.push_back(width);
  return table;
}

/// Where the row of a pair lies along one dimension.
static std::string makeIndex(Random &random, RegionText &text, int64_t size) {
  switch (random.below(10)) {
  case 0:
    return random.pick({"%i", "%j", "%h", "%b"});
  case 1:
    return text.constant(random.below(40) - 1);
  case 2:
  case 3:
    return randomInteger(random, text, 2);
  case 4: { // Rows for runs of distances.
    std::string distance = text.op("arith.subi %i, %j", "index");
    std::string run = text.constant(random.pick<int64_t>({2, 8, 32}));
    std::string row =
        text.op("arith.floordivsi " + distance + ", " + run, "index");
    return text.op("arith.addi " + row + ", " + text.constant(2), "index");
  }
  default: { // Distances, clipped by the table alone or before.
    std::string distance = text.op(
        random.pick({"arith.subi %j, %i", "arith.subi %i, %j"}), "index");
    int64_t middle = size < 0 ? 4 : size / 2;
    if (random.chance(20)) {
      distance = text.op(
          "arith.maxsi " + distance + ", " + text.constant(-middle), "index");
      distance = text.op(
          "arith.minsi " + distance + ", " + text.constant(middle), "index");
    }
    return text.op("arith.addi " + distance + ", " + text.constant(middle),
                   "index");
  }
  }
}

std::vector<std::string> attn::differential::makeRow(Random &random,
                                                     const Function &function,
                                                     RegionText &text,
                                                     const RowTable &table) {
  std::vector<std::string> indices;
  size_t count = table.sizes.size() - 1;
  for (size_t dim = 0; dim < count; ++dim) {
    bool ofHead = dim + 1 < count && table.sizes[dim] == function.heads;
    indices.push_back(ofHead && random.chance(80)
                          ? "%h"
                          : makeIndex(random, text, table.sizes[dim]));
  }
  return indices;
}

Tensor attn::differential::makeTableData(Random &random, const RowTable &table,
                                         mlir::MLIRContext *context) {
  std::vector<int64_t> sizes = table.sizes;
  for (int64_t &size : sizes)
    if (size < 0)
      size = 1 + random.below(40);
  Tensor tensor(elementType(table.element, context), sizes);
  double magnitude = random.pick({0.1, 0.3, 0.3, 1.0});
  for (int64_t at = 0; at < tensor.getNumElements(); ++at)
    tensor[at].f = magnitude * random.normal();
  return rounded(tensor);
}
