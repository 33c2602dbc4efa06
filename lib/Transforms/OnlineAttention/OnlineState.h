//===- OnlineState.h - The state of an online attention, by name
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a task carries from key tile to key tile depends on its normalizer and
// on the results asked for: acc; max and sum of a softmax; the true maximum of
// each row. Here it begins and ends; what happens on the way is in KeyTile.h
// and DecodeTile.h.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_TRANSFORMS_ONLINEATTENTION_ONLINESTATE_H
#define ATTN_LIB_TRANSFORMS_ONLINEATTENTION_ONLINESTATE_H

#include "attn/IR/AttnOps.h"
#include "attn/Support/IRBuilder.h"

namespace attn {

struct OnlineState {
  llvm::SmallVector<llvm::StringRef> names;
  llvm::SmallVector<mlir::Value> values;

  /// The parts that `op` needs, without values.
  static OnlineState namesFor(AttentionOp op);

  /// The part called `name`, or null.
  mlir::Value get(llvm::StringRef name) const;
  void set(llvm::StringRef name, mlir::Value value);
  /// The same parts with other values.
  OnlineState with(mlir::ValueRange values) const {
    return {names, llvm::SmallVector<mlir::Value>(values)};
  }
  /// The names behind those that the normalizer asks for.
  llvm::ArrayRef<llvm::StringRef> aux() const;

  /// What the part called `name` holds before any key.
  static double initial(llvm::StringRef name);
};

/// Adds to rows [0, `live`) of `state` a key without a value whose score is
/// `sink` of the row, in natural units: to sum, max and the scale of acc.
void addSinks(IRBuilder &b, OnlineState &state, mlir::OpFoldResult live,
              llvm::function_ref<mlir::Value(IRBuilder &, mlir::Value)> sink);

/// The larger of `score` and the true maximum `maximum` of its row. A NaN is
/// left out where the sum of a softmax shows it.
mlir::Value raiseRowMax(IRBuilder &b, llvm::StringRef normalizer,
                        mlir::Value score, mlir::Value maximum);

/// 1 / sum, or zero where no key is live.
mlir::Value inverseOf(IRBuilder &b, mlir::Value sum);

/// The result `name` of `aux` for one row, in natural units, from the numbers
/// that the parts of the state hold for it, whose scores are `unit` times that.
/// Rows without a live key give -inf.
mlir::Value rowStatistic(IRBuilder &b, llvm::StringRef name, double unit,
                         const OnlineState &row);

} // namespace attn

#endif // ATTN_LIB_TRANSFORMS_ONLINEATTENTION_ONLINESTATE_H
