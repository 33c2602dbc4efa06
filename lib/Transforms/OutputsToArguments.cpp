//===- OutputsToArguments.cpp - Tensors of a signature as memory
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/IR/Updates.h"
#include "attn/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/Support/MathExtras.h"

namespace attn {
#define GEN_PASS_DEF_OUTPUTSTOARGUMENTS
#include "attn/Transforms/Passes.h.inc"
} // namespace attn

using namespace mlir;
using namespace attn;

namespace {
struct OutputsToArguments
    : attn::impl::OutputsToArgumentsBase<OutputsToArguments> {
  void runOnOperation() override;
};
} // namespace

/// Any strides but a unit inner one, any offset.
static MemRefType memoryType(RankedTensorType tensor) {
  SmallVector<int64_t> strides(tensor.getRank(), ShapedType::kDynamic);
  if (!strides.empty())
    strides.back() = 1;
  auto layout = StridedLayoutAttr::get(tensor.getContext(),
                                       ShapedType::kDynamic, strides);
  return MemRefType::get(tensor.getShape(), tensor.getElementType(), layout);
}

/// Prepared tensors lie behind each other in one block of bytes.
static constexpr int64_t preparedAlignment = 64;

namespace {
/// The block of bytes of packed weights that NAME reads and NAME_prepare
/// writes.
class PreparedBlock {
public:
  PreparedBlock(OpBuilder &b, Block &entry, Location loc)
      : b(b), loc(loc),
        bytes(entry.addArgument(
            MemRefType::get({ShapedType::kDynamic}, b.getI8Type()), loc)) {}

  /// The next tensor's memory.
  Value next(RankedTensorType type) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(bytes.getParentBlock());
    Value at = arith::ConstantIndexOp::create(b, loc, size);
    auto memory = MemRefType::get(type.getShape(), type.getElementType());
    size +=
        llvm::alignTo(type.getNumElements() * type.getElementTypeBitWidth() / 8,
                      preparedAlignment);
    return memref::ViewOp::create(b, loc, memory, bytes, at, ValueRange());
  }
  int64_t getSize() const { return size; }

private:
  OpBuilder &b;
  Location loc;
  Value bytes;
  int64_t size = 0;
};
} // namespace

/// Returns what the function's return op returned, and removes it.
static FailureOr<SmallVector<Value>> takeResults(OpBuilder &b, Block &entry) {
  auto returned = dyn_cast<func::ReturnOp>(entry.getTerminator());
  if (!returned)
    return entry.getTerminator()->emitOpError("must be func.return to end a "
                                              "public function");
  SmallVector<Value> values(returned.getOperands());
  for (Value value : values)
    if (!isa<RankedTensorType>(value.getType()))
      return returned.emitOpError("can return tensors only, got ")
             << value.getType();
  b.setInsertionPoint(returned);
  func::ReturnOp end = func::ReturnOp::create(b, returned.getLoc());
  returned.erase();
  b.setInsertionPoint(end);
  return values;
}

/// Where a chain of loops that gives `value`, which nothing else reads, takes
/// an empty tensor to fill; or null.
static OpOperand *emptyInit(Value value) {
  OpOperand *init = nullptr;
  while (Operation *def = value.getDefiningOp()) {
    if (isa<tensor::EmptyOp>(def))
      return init;
    if (init ? !value.hasOneUse() : !value.use_empty())
      return nullptr;
    if (auto forall = dyn_cast<scf::ForallOp>(def))
      init = forall.getTiedOpOperand(cast<OpResult>(value));
    else if (auto loop = dyn_cast<scf::ForOp>(def))
      init = loop.getTiedLoopInit(cast<OpResult>(value));
    else
      return nullptr;
    value = init->get();
  }
  return nullptr;
}

/// Stores `value` in `memory`; where loops build it from an empty tensor, they
/// fill the memory itself, so that nothing is copied.
static void store(OpBuilder &b, Location loc, Value value, Value memory) {
  if (OpOperand *init = emptyInit(value)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(init->getOwner());
    init->set(bufferization::ToTensorOp::create(
        b, loc, value.getType(), memory, /*restrict=*/true, /*writable=*/true));
  }
  auto store = bufferization::MaterializeInDestinationOp::create(
      b, loc, TypeRange(), value, memory);
  store.setRestrict(true);
  store.setWritable(true);
}

static LogicalResult rewriteSignature(func::FuncOp function) {
  if (!function.getBody().hasOneBlock())
    return function.emitOpError("must have one block");
  OpBuilder b(function.getContext());
  Location loc = function.getLoc();
  Block &entry = function.getBody().front();
  unsigned numArguments = entry.getNumArguments();

  b.setInsertionPointToStart(&entry);
  SmallVector<BlockArgument> prepared;
  llvm::SmallDenseMap<int64_t, BlockArgument> updated; // by result
  for (BlockArgument argument : entry.getArguments()) {
    if (function.getArgAttr(argument.getArgNumber(), "attn.prepared")) {
      prepared.push_back(argument);
      continue;
    }
    auto tensor = dyn_cast<RankedTensorType>(argument.getType());
    if (!tensor)
      continue;
    argument.setType(memoryType(tensor));
    auto by = function.getArgAttrOfType<IntegerAttr>(argument.getArgNumber(),
                                                     kUpdatedByAttr);
    if (by)
      updated[by.getInt()] = argument;
    auto contents = bufferization::ToTensorOp::create(
        b, argument.getLoc(), tensor, argument, /*restrict=*/true,
        /*writable=*/bool(by));
    argument.replaceAllUsesExcept(contents, contents);
  }
  // What a check returns is a number, and it writes nothing.
  if (function->hasAttr("attn.check_of")) {
    function.setType(
        b.getFunctionType(entry.getArgumentTypes(), function.getResultTypes()));
    return success();
  }
  FailureOr<SmallVector<Value>> results = takeResults(b, entry);
  if (failed(results))
    return failure();
  if (function->hasAttr("attn.prepare_of")) {
    PreparedBlock block(b, entry, loc);
    for (Value value : *results)
      store(b, loc, value, block.next(cast<RankedTensorType>(value.getType())));
  } else {
    for (auto [index, value] : llvm::enumerate(*results)) {
      Value memory = updated.lookup(index);
      if (!memory)
        memory = entry.addArgument(
            memoryType(cast<RankedTensorType>(value.getType())), loc);
      store(b, loc, value, memory);
    }
  }
  if (!prepared.empty()) {
    b.setInsertionPointToStart(&entry);
    PreparedBlock block(b, entry, loc);
    for (BlockArgument argument : prepared) {
      auto type = cast<RankedTensorType>(argument.getType());
      Value contents = bufferization::ToTensorOp::create(
          b, loc, type, block.next(type), /*restrict=*/true);
      argument.replaceAllUsesWith(contents);
    }
    function->setAttr("attn.prepared_bytes",
                      b.getI64IntegerAttr(block.getSize()));
  }

  SmallVector<DictionaryAttr> attributes;
  function.getAllArgAttrs(attributes);
  attributes.resize(numArguments, b.getDictionaryAttr({}));
  attributes.resize(entry.getNumArguments(), b.getDictionaryAttr({}));
  function.removeResAttrsAttr();
  function.setType(b.getFunctionType(entry.getArgumentTypes(), {}));
  function.setAllArgAttrs(attributes);
  llvm::BitVector erased(entry.getNumArguments());
  for (BlockArgument argument : prepared)
    erased.set(argument.getArgNumber());
  return function.eraseArguments(erased);
}

void OutputsToArguments::runOnOperation() {
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (function.isPublic() && !function.isExternal() &&
        failed(rewriteSignature(function)))
      return signalPassFailure();
}
