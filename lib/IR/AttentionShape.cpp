//===- AttentionShape.cpp - The named dimensions of an attention
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/AttentionShape.h"
#include "attn/IR/AttnOps.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace attn;

std::optional<HeadLayout> attn::parseHeadLayout(StringRef name, unsigned rank) {
  using Result = std::optional<HeadLayout>;
  if (rank == 4)
    return llvm::StringSwitch<Result>(name)
        .Cases({"", "bhsd"}, HeadLayout{0, 1, 2, 3})
        .Case("bshd", HeadLayout{0, 2, 1, 3})
        .Default(std::nullopt);
  return llvm::StringSwitch<Result>(name)
      .Cases({"", "hsd"}, HeadLayout{std::nullopt, 0, 1, 2})
      .Case("shd", HeadLayout{std::nullopt, 1, 0, 2})
      .Default(std::nullopt);
}

StringRef attn::headLayoutNames(unsigned rank) {
  return rank == 4 ? "bhsd or bshd" : "hsd or shd";
}

AttentionShape attn::getAttentionShape(AttentionOp op) {
  auto query = cast<RankedTensorType>(op.getQuery().getType());
  auto key = cast<RankedTensorType>(op.getKey().getType());
  auto value = cast<RankedTensorType>(op.getValue().getType());
  AttentionShape shape;
  shape.layout = *parseHeadLayout(op.getLayout(), query.getRank());
  const HeadLayout &at = shape.layout;
  shape.batch = at.batch ? query.getDimSize(*at.batch) : 1;
  shape.queryHeads = query.getDimSize(at.head);
  shape.keyHeads = key.getDimSize(at.head);
  shape.queries = query.getDimSize(at.sequence);
  shape.keys = key.getDimSize(at.sequence);
  shape.headSize = query.getDimSize(at.feature);
  shape.valueSize = value.getDimSize(at.feature);
  if (Value table = op.getPageTableOperand()) {
    shape.pageSize = key.getDimSize(at.sequence);
    int64_t pages = cast<RankedTensorType>(table.getType()).getDimSize(1);
    shape.keys = ShapedType::isDynamic(pages) ? pages : pages * shape.pageSize;
  }
  shape.isPacked = !op.getQueryStarts().empty();
  return shape;
}
