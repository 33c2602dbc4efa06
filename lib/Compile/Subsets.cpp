//===- Subsets.cpp - Do two ops touch the same part of a tensor? ----------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One-shot bufferization asks this for pairs of reads and writes. The upstream
// models answer by solving a system of inequalities, which is half of all the
// time that bufferization takes. After canonicalization the offsets and sizes
// tell nearly always; these models look there first.
//
//===----------------------------------------------------------------------===//

#include "Subsets.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/SubsetOpInterface.h"

using namespace mlir;

/// A constant, or an argument such as the induction variable of a loop. Two
/// different ones differ, or nothing says that they are equal.
static bool isPlain(OpFoldResult value) {
  return getConstantIntValue(value) ||
         isa_and_nonnull<BlockArgument>(dyn_cast<Value>(value));
}

/// Whether the two lists are equal. Nothing, if that takes more than a look.
static std::optional<bool> compare(ArrayRef<OpFoldResult> a,
                                   ArrayRef<OpFoldResult> b) {
  // One buffer may be seen as tensors of several ranks.
  if (a.size() != b.size())
    return false;
  bool equal = true;
  for (auto [x, y] : llvm::zip_equal(a, b)) {
    if (isEqualConstantIntOrValue(x, y))
      continue;
    if (isPlain(x) && isPlain(y))
      return false;
    equal = false;
  }
  return equal ? std::optional(true) : std::nullopt;
}

static std::optional<bool> compare(const HyperrectangularSlice &a,
                                   const HyperrectangularSlice &b) {
  std::optional<bool> parts[] = {
      compare(a.getMixedSizes(), b.getMixedSizes()),
      compare(a.getMixedStrides(), b.getMixedStrides()),
      compare(a.getMixedOffsets(), b.getMixedOffsets())};
  if (llvm::is_contained(parts, false))
    return false;
  if (llvm::all_equal(parts) && parts[0])
    return true;
  return std::nullopt;
}

static HyperrectangularSlice sliceOf(OffsetSizeAndStrideOpInterface op) {
  return HyperrectangularSlice(op);
}

static HyperrectangularSlice sliceOf(VectorTransferOpInterface op) {
  Builder builder(op.getContext());
  SmallVector<OpFoldResult> sizes;
  for (int64_t size : op.getTransferChunkAccessed())
    sizes.push_back(builder.getIndexAttr(size));
  return HyperrectangularSlice(
      llvm::to_vector_of<OpFoldResult>(op.getIndices()), sizes);
}

namespace {

/// `Slice` is an interface of `ConcreteOp` that knows the subset.
template <typename ConcreteOp, typename Slice>
struct QuickSubset
    : SubsetOpInterface::ExternalModel<QuickSubset<ConcreteOp, Slice>,
                                       ConcreteOp> {
  FailureOr<HyperrectangularSlice>
  getAccessedHyperrectangularSlice(Operation *op) const {
    return sliceOf(cast<Slice>(op));
  }

  bool operatesOnEquivalentSubset(
      Operation *op, SubsetOpInterface candidate,
      llvm::function_ref<bool(Value, Value)> equivalent) const {
    auto self = cast<SubsetOpInterface>(op);
    if (!equivalent(self.getTensorContainer(), candidate.getTensorContainer()))
      return false;
    FailureOr<HyperrectangularSlice> other =
        candidate.getAccessedHyperrectangularSlice();
    if (failed(other))
      return false;
    if (std::optional<bool> equal = compare(sliceOf(cast<Slice>(op)), *other))
      return *equal;
    return mlir::detail::defaultOperatesOnEquivalentSubset(self, candidate,
                                                           equivalent);
  }
};

} // namespace

template <typename Slice, typename... Ops>
static void attach(MLIRContext &context) {
  (Ops::template attachInterface<QuickSubset<Ops, Slice>>(context), ...);
}

void attn::registerQuickSubsets(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, tensor::TensorDialect *) {
    attach<OffsetSizeAndStrideOpInterface, tensor::ExtractSliceOp,
           tensor::InsertSliceOp, tensor::ParallelInsertSliceOp>(*context);
  });
  registry.addExtension(+[](MLIRContext *context, vector::VectorDialect *) {
    attach<VectorTransferOpInterface, vector::TransferReadOp,
           vector::TransferWriteOp>(*context);
  });
}
