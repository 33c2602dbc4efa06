//===- KeyLists.h - The keys that an attention lists ------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The operand groups `csr` and `blocks` of `attn.attention` say which keys a
// query sees by listing them. They are one thing: queries in runs of
// `queryBlock` share a list, whose entries stand for runs of `keyBlock` keys.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_IR_KEYLISTS_H
#define ATTN_IR_KEYLISTS_H

#include "attn/IR/AttnOps.h"

namespace attn {

/// A unit attribute of a tile: the entries of its list were beside pointers.
constexpr llvm::StringLiteral kEveryEntryIsKeyAttr = "attn.every_entry_is_key";

/// A unit attribute of a sequence: the lists are those of all sequences, some
/// of which lack keys that entries name.
constexpr llvm::StringLiteral kSomeEntryIsNoneAttr = "attn.some_entry_is_none";

/// The lists of a verified op.
struct KeyLists {
  /// Where each list begins in the entries, and the last one ends:
  /// [batch x [head x]] lists + 1; or null.
  mlir::Value pointers;
  /// [batch x [head x]] entries; without pointers [batch x [head x]] lists x
  /// entries, or the entries of one list for all queries.
  mlir::Value entries;
  int64_t queryBlock; ///< Of no meaning for a single list.
  int64_t keyBlock;
  bool byBatch, byHead; ///< A batch of packed sequences is one of them.
  bool isSingle;        ///< One list for all queries, as a tile has.
  /// Entries beside pointers are looked at before; others may name no key.
  bool everyEntryIsKey;

  /// The dimension of `pointers`, or of `entries`, behind batch and head.
  unsigned firstDim() const { return unsigned(byBatch) + unsigned(byHead); }
  /// The most queries, up to `most`, of which tiles never straddle two lists.
  int64_t getQueryStep(int64_t most) const;
  /// One list as a tensor of entries; and the number of the first one, an index
  /// value, or null where it is 0.
  struct List {
    mlir::Value entries, first;
  };
  /// The list of query `i` of head `h` of batch `b`.
  List getList(mlir::OpBuilder &builder, mlir::Location loc,
               mlir::OpFoldResult b, mlir::OpFoldResult h,
               mlir::OpFoldResult i) const;
};

/// The lists of `op`; nothing where it has none.
std::optional<KeyLists> getKeyLists(AttentionOp op);

/// Whether the keys of a list are too few in a run to be a block of a kernel
/// with `lanes`: they are then found one by one.
inline bool readsKeyByKey(const KeyLists &lists, int64_t lanes) {
  return lists.keyBlock < lanes;
}

/// Whether tasks may share the keys of a query of `op`, if lists say which
/// those are: not those of packed sequences, and not where results hold a
/// number for each pair, as a list may name a key twice.
bool mayShareLists(AttentionOp op);

/// Query heads that may be computed together since they read the same keys:
/// those of a group, unless each has lists of its own.
int64_t getHeadsTogether(AttentionOp op);

} // namespace attn

#endif // ATTN_IR_KEYLISTS_H
