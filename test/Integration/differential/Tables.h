//===- Tables.h - Tables that pairs take rows of -------------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_TABLES_H
#define ATTN_TEST_DIFFERENTIAL_TABLES_H

#include "Random.h"
#include "attn/Reference/Tensor.h"
#include <string>
#include <vector>

namespace attn::differential {

struct Function;
class RegionText;

/// A table of `attn.query_dot`, `attn.key_dot` or `value_table`; an argument.
struct RowTable {
  std::string name;
  /// As in the type: -1 where a call decides. Rows of features come last.
  std::vector<int64_t> sizes;
  std::string element;

  std::string type() const;
};

/// A table of some rank and type with rows of `width`.
RowTable makeTable(Random &random, const Function &function, std::string name,
                   int64_t width);

/// Indices of a row for each pair, which may leave the table.
std::vector<std::string> makeRow(Random &random, const Function &function,
                                 RegionText &text, const RowTable &table);

reference::Tensor makeTableData(Random &random, const RowTable &table,
                                mlir::MLIRContext *context);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_TABLES_H
