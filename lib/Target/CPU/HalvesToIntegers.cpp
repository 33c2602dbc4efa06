//===- HalvesToIntegers.cpp - bf16 and f16 as the bits that they are
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Nothing computes in these types once conversions are expanded; they are only
// moved. LLVM does not know: where it takes a vector of them apart (a masked
// store, a vector of one element), it extends each to f32 and rounds it again,
// by a function of a library that is not there.
//
//===----------------------------------------------------------------------===//

#include "attn/Target/Passes.h"
#include "attn/Target/TargetSpec.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/AttrTypeSubElements.h"

namespace attn {
#define GEN_PASS_DEF_HALVESTOINTEGERS
#include "attn/Target/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct HalvesToIntegers : attn::impl::HalvesToIntegersBase<HalvesToIntegers> {
  void runOnOperation() override;
};
} // namespace

void HalvesToIntegers::runOnOperation() {
  std::optional<TargetSpec> spec = getTargetSpec(getOperation());
  if (!spec || (spec->convertsF16 && spec->convertsBF16))
    return;
  auto isMoved = [&](Type type) {
    return (type.isBF16() && !spec->convertsBF16) ||
           (type.isF16() && !spec->convertsF16);
  };
  auto integer = IntegerType::get(&getContext(), 16);
  AttrTypeReplacer replacer;
  replacer.addReplacement([&](FloatType type) -> std::optional<Type> {
    return isMoved(type) ? std::optional<Type>(integer) : std::nullopt;
  });
  using Replaced = std::optional<std::pair<Attribute, WalkResult>>;
  replacer.addReplacement([&](FloatAttr number) -> Replaced {
    if (!isMoved(number.getType()))
      return std::nullopt;
    return {{IntegerAttr::get(integer, number.getValue().bitcastToAPInt()),
             WalkResult::skip()}};
  });
  replacer.addReplacement([&](DenseElementsAttr numbers) -> Replaced {
    if (!isMoved(numbers.getElementType()))
      return std::nullopt;
    return {{numbers.bitcast(integer), WalkResult::skip()}};
  });
  getOperation().walk([&](Operation *op) {
    // The module's own attributes are facts of the target.
    if (op != getOperation())
      replacer.replaceElementsIn(op, /*replaceAttrs=*/true,
                                 /*replaceLocs=*/false, /*replaceTypes=*/true);
  });
}
