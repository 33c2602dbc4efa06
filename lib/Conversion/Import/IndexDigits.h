//===- IndexDigits.h - Tensor positions as digits of loop variables
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The position along one tensor dimension is written as a number in mixed
// radix: a list of digits, most significant first. Each digit is a piece
// `(variable / stride) % extent` of one loop variable, or a constant.
//
// Reshapes then are bookkeeping: collapsing dimensions joins their lists,
// expanding one cuts its list, a transpose reorders lists, a broadcast drops
// one, and slicing `x[:, 2]` out of `3 x 64` makes a constant digit 2 of 3. So
// a value is followed through any chain of them without looking at the chain.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_CONVERSION_IMPORT_INDEXDIGITS_H
#define ATTN_LIB_CONVERSION_IMPORT_INDEXDIGITS_H

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/MapVector.h"

namespace attn::raising {

/// `(variable / stride) % extent`; the extent of a leading piece of a variable
/// of unknown range is `ShapedType::kDynamic`.
struct Digit {
  static constexpr int constant = -1;

  int variable;   ///< Or `constant`.
  int64_t stride; ///< The value of a constant.
  int64_t extent;

  bool isConstant() const { return variable == constant; }
  bool operator==(const Digit &other) const {
    return variable == other.variable && stride == other.stride &&
           extent == other.extent;
  }
};

/// A position; the empty list is position 0 of a dimension of size 1.
using Index = llvm::SmallVector<Digit, 2>;

/// Adds a digit at the least significant end, joining it to its neighbour if
/// both are consecutive pieces of one variable: equal positions look equal.
void append(Index &index, Digit digit);
Index concat(llvm::ArrayRef<Index> indices);

/// The whole of a variable with that range.
Index wholeVariable(int variable, int64_t extent);
Index constantIndex(int64_t value, int64_t extent);

/// The number of positions, or `kDynamic`.
int64_t extentOf(llvm::ArrayRef<Digit> digits);

/// Cuts a position into positions along dimensions of `sizes`, at most one of
/// them dynamic. Fails where a cut doesn't fall on digits.
mlir::FailureOr<llvm::SmallVector<Index>> split(const Index &index,
                                                llvm::ArrayRef<int64_t> sizes);

/// Whether a digit is a piece of one of `variables`.
bool dependsOn(llvm::ArrayRef<Digit> digits, llvm::ArrayRef<int> variables);
bool dependsOn(llvm::ArrayRef<Index> indices, llvm::ArrayRef<int> variables);

/// Cuts variables wherever any of several positions cuts them, so that all are
/// lists of the same smallest pieces ("atoms").
class Refinement {
public:
  void add(llvm::ArrayRef<Digit> digits);
  void add(llvm::ArrayRef<Index> indices);
  /// Whether the cuts of each variable divide one another, so atoms exist.
  bool nests() const;
  /// The position as atoms, neighbours not joined.
  Index atoms(llvm::ArrayRef<Digit> digits) const;
  llvm::SmallVector<Index> atoms(llvm::ArrayRef<Index> indices) const;

private:
  /// Sorted strides at which each variable is cut.
  llvm::MapVector<int, llvm::SmallVector<int64_t>> cuts;
};

} // namespace attn::raising

#endif // ATTN_LIB_CONVERSION_IMPORT_INDEXDIGITS_H
