//===- ScalarProgram.h - A block of scalar ops, ready to run ---*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Regions run once an element, millions of times: their ops are looked up once,
// into a list of function pointers over numbered slots.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_REFERENCE_SCALARPROGRAM_H
#define ATTN_LIB_REFERENCE_SCALARPROGRAM_H

#include "Environment.h"

namespace attn::reference {

struct Instruction;

/// The pair that regions of attention are evaluated for: the rows that
/// `attn.query_dot` and `attn.key_dot` multiply, and what `attn.entry` is.
struct PairRows {
  const Scalar *query = nullptr, *key = nullptr;
  int64_t entry = 0;
  /// The largest sum of absolute products since this was last set to zero.
  double magnitude = 0;
};

/// Computes one op; false where its result is undefined (out of bounds).
using Kernel = bool (*)(const Instruction &, Scalar *slots);

/// One scalar op.
struct Instruction {
  Kernel kernel = nullptr;
  mlir::Operation *op = nullptr;
  llvm::SmallVector<unsigned, 4> operands; ///< Slots.
  unsigned result = 0;                     ///< Slot.
  unsigned width = 64;            ///< Bits of the first operand, if an integer.
  unsigned resultWidth = 64;      ///< Bits of the result, if an integer.
  const Tensor *tensor = nullptr; ///< What `tensor.extract` reads.
  PairRows *rows = nullptr;       ///< Of `attn.query_dot`, `attn.entry`.
  int64_t immediate = 0;          ///< A predicate, a dimension.
  /// What the kernel applies; which member, it knows.
  union {
    double (*float1)(double);
    double (*float2)(double, double);
    int64_t (*integer1)(int64_t);
    int64_t (*integer2)(int64_t, int64_t);
  } function = {nullptr};
};

/// Each chooses the kernel for an op of one dialect; false if there is none.
bool selectArith(mlir::Operation *op, Instruction &instruction);
bool selectMath(mlir::Operation *op, Instruction &instruction);
bool selectIndex(mlir::Operation *op, Instruction &instruction);

// Kernels by signature, for the selectors. All return true.
bool useFloat1(Instruction &instruction, double (*function)(double));
bool useFloat2(Instruction &instruction, double (*function)(double, double));
bool useInteger1(Instruction &instruction, int64_t (*function)(int64_t));
bool useInteger2(Instruction &instruction,
                 int64_t (*function)(int64_t, int64_t));
/// Division and remainder, of which each has a result.
bool useDivision(Instruction &instruction,
                 int64_t (*function)(int64_t, int64_t));
bool useDivisionUnsigned(Instruction &instruction,
                         int64_t (*function)(int64_t, int64_t));
/// Operands are zero-extended from their width first.
bool useUnsigned2(Instruction &instruction,
                  int64_t (*function)(int64_t, int64_t));
/// Integer comparison; the values of the predicates of arith and index
/// agree.
bool useCompareIntegers(Instruction &instruction, int64_t arithPredicate);

class ScalarProgram {
public:
  /// Prepares the ops of `block`. Its arguments are the first inputs; then come
  /// `numIndices` that `linalg.index` reads. What it captures is read from
  /// `env`, which must outlive the program. An unknown op is an error. In
  /// regions of attention, `rows` is what products with tables multiply, which
  /// must outlive the program too, and an index beyond a tensor is that of the
  /// nearest element.
  static llvm::FailureOr<ScalarProgram> compile(mlir::Block &block,
                                                const Environment &env,
                                                unsigned numIndices = 0,
                                                PairRows *rows = nullptr);

  /// The inputs, to be written before each run.
  Scalar *inputs() { return slots.data(); }
  /// Evaluates every op; what is undefined is an error at its op.
  llvm::LogicalResult run();
  /// What operand `index` of the terminator held in the last run.
  Scalar result(unsigned index) const { return slots[results[index]]; }

private:
  std::vector<Scalar> slots;
  std::vector<Instruction> instructions;
  llvm::SmallVector<unsigned> results;
};

/// Row `indices` of `table`, `... x R x D`, where an index beyond a dimension
/// counts as the nearest one. Null where a dimension is 0.
const Scalar *tableRow(const Tensor &table, llvm::ArrayRef<int64_t> indices);

/// Fills in everything but the slots for a scalar op of arith, math or index.
/// An unknown op is an error.
llvm::LogicalResult selectKernel(mlir::Operation *op, Instruction &instruction);

/// The value of an `arith.constant` or `index.constant` of scalar type.
Scalar constantValue(mlir::Attribute attribute);

} // namespace attn::reference

#endif // ATTN_LIB_REFERENCE_SCALARPROGRAM_H
