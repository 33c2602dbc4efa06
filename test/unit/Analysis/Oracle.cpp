//===- Oracle.cpp - Runs integer code
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Oracle.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace attn::test;

static unsigned widthOf(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

/// `value` as an integer of `type` is kept.
static int64_t wrap(uint64_t value, Type type) {
  unsigned width = widthOf(type);
  return width == 1 ? int64_t(value & 1) : llvm::SignExtend64(value, width);
}

static uint64_t asUnsigned(int64_t value, Type type) {
  return uint64_t(value) & llvm::maskTrailingOnes<uint64_t>(widthOf(type));
}

static int64_t asSigned(int64_t value, Type type) {
  return llvm::SignExtend64(uint64_t(value), widthOf(type));
}

void Oracle::run(Block &block) {
  for (Operation &op : block)
    if (!op.hasTrait<OpTrait::IsTerminator>())
      run(op);
}

void Oracle::run(Block &block, ValueRange results) {
  run(block);
  SmallVector<int64_t> values;
  for (Value yielded : block.getTerminator()->getOperands())
    values.push_back(integers[yielded]);
  for (auto [result, value] : llvm::zip_equal(results, values))
    integers[result] = value;
}

void Oracle::run(Operation &op) {
  auto get = [&](unsigned index) {
    auto found = integers.find(op.getOperand(index));
    assert(found != integers.end() && "operand without a value");
    return found->second;
  };
  auto set = [&](uint64_t value) {
    integers[op.getResult(0)] = wrap(value, op.getResult(0).getType());
  };
  auto type = [&] { return op.getOperand(0).getType(); };
  auto s = [&](unsigned index) { return asSigned(get(index), type()); };
  auto u = [&](unsigned index) { return asUnsigned(get(index), type()); };
  llvm::TypeSwitch<Operation *>(&op)
      .Case<arith::ConstantOp>([&](arith::ConstantOp constant) {
        if (auto integer = dyn_cast<IntegerAttr>(constant.getValue())) {
          set(integer.getValue().getSExtValue());
          return;
        }
        std::vector<int64_t> elements;
        for (APInt element :
             cast<DenseIntElementsAttr>(constant.getValue()).getValues<APInt>())
          elements.push_back(element.getSExtValue());
        tensors[constant.getResult()] = elements;
      })
      .Case<arith::AddIOp>([&](auto) { set(u(0) + u(1)); })
      .Case<arith::SubIOp>([&](auto) { set(u(0) - u(1)); })
      .Case<arith::MulIOp>([&](auto) { set(u(0) * u(1)); })
      .Case<arith::AndIOp>([&](auto) { set(u(0) & u(1)); })
      .Case<arith::OrIOp>([&](auto) { set(u(0) | u(1)); })
      .Case<arith::XOrIOp>([&](auto) { set(u(0) ^ u(1)); })
      .Case<arith::MinSIOp>([&](auto) { set(std::min(s(0), s(1))); })
      .Case<arith::MaxSIOp>([&](auto) { set(std::max(s(0), s(1))); })
      .Case<arith::MinUIOp>([&](auto) { set(std::min(u(0), u(1))); })
      .Case<arith::MaxUIOp>([&](auto) { set(std::max(u(0), u(1))); })
      .Case<math::AbsIOp>(
          [&](auto) { set(s(0) < 0 ? 0 - uint64_t(s(0)) : s(0)); })
      .Case<arith::SelectOp>([&](auto) { set(get(0) ? get(1) : get(2)); })
      .Case<arith::IndexCastOp, arith::ExtSIOp, arith::TruncIOp>(
          [&](auto) { set(s(0)); })
      .Case<arith::IndexCastUIOp, arith::ExtUIOp>([&](auto) { set(u(0)); })
      .Case<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp>([&](auto) {
        int64_t a = s(0), b = s(1);
        if (b == 0 || b == -1) {
          undefined |= b == 0;
          set(isa<arith::RemSIOp>(op) ? 0 : 0 - uint64_t(a));
          return;
        }
        bool down =
            isa<arith::FloorDivSIOp>(op) && a % b != 0 && (a < 0) != (b < 0);
        set(isa<arith::RemSIOp>(op) ? a % b : a / b - down);
      })
      .Case<arith::DivUIOp, arith::RemUIOp>([&](auto) {
        uint64_t a = u(0), b = u(1);
        undefined |= b == 0;
        set(b == 0 ? 0 : isa<arith::RemUIOp>(op) ? a % b : a / b);
      })
      .Case<arith::CmpIOp>([&](arith::CmpIOp compare) {
        unsigned width = widthOf(type());
        set(arith::applyCmpPredicate(compare.getPredicate(), APInt(width, u(0)),
                                     APInt(width, u(1))));
      })
      .Case<arith::ShLIOp, arith::ShRUIOp, arith::ShRSIOp>([&](auto) {
        uint64_t by = u(1);
        if (by >= widthOf(type())) {
          undefined = true;
          by = 0;
        }
        set(isa<arith::ShLIOp>(op)    ? u(0) << by
            : isa<arith::ShRUIOp>(op) ? u(0) >> by
                                      : uint64_t(s(0) >> by));
      })
      .Case<tensor::ExtractOp>([&](tensor::ExtractOp extract) {
        const std::vector<int64_t> &elements = tensors[extract.getTensor()];
        uint64_t at = 0;
        for (auto [index, size] :
             llvm::zip_equal(extract.getIndices(),
                             extract.getTensor().getType().getShape())) {
          undefined |= uint64_t(integers[index]) >= uint64_t(size);
          at = at * size + integers[index];
        }
        set(undefined ? 0 : elements[at]);
      })
      .Case<scf::ForOp>([&](scf::ForOp loop) {
        auto arguments = loop.getRegionIterArgs();
        for (auto [argument, initial] :
             llvm::zip_equal(arguments, loop.getInitArgs()))
          integers[argument] = integers[initial];
        int64_t end = integers[loop.getUpperBound()];
        for (int64_t at = integers[loop.getLowerBound()]; at < end;
             at += integers[loop.getStep()]) {
          integers[loop.getInductionVar()] = at;
          run(*loop.getBody(), ValueRange(arguments));
        }
        for (auto [result, argument] :
             llvm::zip_equal(loop.getResults(), arguments))
          integers[result] = integers[argument];
      })
      // Tables are too short for the vectors of the other branch.
      .Case<scf::IfOp>([&](scf::IfOp branch) {
        run(integers[branch.getCondition()] ? *branch.thenBlock()
                                            : *branch.elseBlock(),
            branch.getResults());
      })
      .Default([](Operation *other) {
        llvm::report_fatal_error("the oracle lacks " +
                                 other->getName().getStringRef());
      });
}
