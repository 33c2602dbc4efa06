//===- PairTable.h - Rows of tables that pairs ask for ----------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `attn.query_dot`, `attn.key_dot` and `value_row` say for each pair of query
// and key which row of a table it asks for. Leading indices that are the same
// for all pairs of a head (the head itself) choose a slice of the table; the
// rows of the slice have numbers.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_PAIRTABLE_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_PAIRTABLE_H

#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"

namespace attn {

class PairTable {
public:
  /// `indices` are values of `region`, or around it. Emits the sizes of
  /// `table`.
  PairTable(IRBuilder &b, mlir::Region &region, mlir::Value table,
            mlir::ValueRange indices);

  /// How many rows a slice has, where that is known.
  std::optional<int64_t> rowCount() const;
  /// Whether the row is a function of j - i.
  bool isOfDistance() const { return ofDistance; }

  /// The indices of the slice of the head `head` of batch `batch`.
  llvm::SmallVector<mlir::Value> slice(IRBuilder &b, mlir::Value batch,
                                       mlir::Value head) const;
  /// The number of the row of the pair at `position` (b, h, i, j); and that of
  /// all pairs of one distance, where it is a function of that.
  mlir::Value row(IRBuilder &b, mlir::ValueRange position) const;
  mlir::Value rowAtDistance(IRBuilder &b, mlir::Value batch, mlir::Value head,
                            mlir::Value distance) const;

  /// Element `feature` of a row of a slice, as `type`.
  mlir::Value element(IRBuilder &b, mlir::ValueRange slice, mlir::Value row,
                      mlir::Value feature, mlir::Type type) const;
  /// The row as `1 x D`, of the table's type.
  mlir::Value wholeRow(IRBuilder &b, mlir::ValueRange slice,
                       mlir::Value row) const;

private:
  /// Index `dim`, at least 0 and below the table's size.
  mlir::Value clamped(IRBuilder &b, mlir::Value index, unsigned dim) const;
  mlir::Value numberOf(IRBuilder &b, mlir::ValueRange indices) const;
  /// The indices of a row in the table.
  llvm::SmallVector<mlir::Value> indicesOf(IRBuilder &b, mlir::ValueRange slice,
                                           mlir::Value row) const;

  mlir::Region *region;
  mlir::Value table;
  llvm::SmallVector<mlir::Value> fixed, varying; ///< Indices: of slice and row.
  llvm::SmallVector<mlir::Value> sizes; ///< Of all dimensions but the last.
  bool ofDistance;
};

/// What a score region yields for `arguments`, where some of its values are
/// known otherwise.
llvm::SmallVector<mlir::Value>
inlineScoreRegion(IRBuilder &b, mlir::Region &score, mlir::ValueRange arguments,
                  llvm::ArrayRef<std::pair<mlir::Value, mlir::Value>> known);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_PAIRTABLE_H
