//===- IndexDigits.cpp - Tensor positions as digits of loop variables
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IndexDigits.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;
using namespace attn::raising;

static bool isDynamic(int64_t size) { return ShapedType::isDynamic(size); }

void attn::raising::append(Index &index, Digit digit) {
  if (digit.extent == 1)
    return;
  if (!index.empty() && index.back().variable == digit.variable &&
      !isDynamic(digit.extent)) {
    Digit &last = index.back();
    int64_t extent =
        isDynamic(last.extent) ? last.extent : last.extent * digit.extent;
    if (digit.isConstant()) {
      last = {Digit::constant, last.stride * digit.extent + digit.stride,
              extent};
      return;
    }
    if (last.stride == digit.stride * digit.extent) {
      last = {digit.variable, digit.stride, extent};
      return;
    }
  }
  index.push_back(digit);
}

Index attn::raising::concat(ArrayRef<Index> indices) {
  Index result;
  for (const Index &index : indices)
    for (Digit digit : index)
      append(result, digit);
  return result;
}

Index attn::raising::wholeVariable(int variable, int64_t extent) {
  Index index;
  append(index, {variable, 1, extent});
  return index;
}

Index attn::raising::constantIndex(int64_t value, int64_t extent) {
  Index index;
  append(index, {Digit::constant, value, extent});
  return index;
}

int64_t attn::raising::extentOf(ArrayRef<Digit> digits) {
  int64_t extent = 1;
  for (const Digit &digit : digits) {
    if (isDynamic(digit.extent))
      return ShapedType::kDynamic;
    extent *= digit.extent;
  }
  return extent;
}

/// The `size` least significant positions of `digit`, and what is left above.
static std::pair<Digit, Digit> cutLow(Digit digit, int64_t size) {
  int64_t rest = isDynamic(digit.extent) ? digit.extent : digit.extent / size;
  if (digit.isConstant())
    return {{Digit::constant, digit.stride % size, size},
            {Digit::constant, digit.stride / size, rest}};
  return {{digit.variable, digit.stride, size},
          {digit.variable, digit.stride * size, rest}};
}

/// Takes `size` positions off the least significant end of `digits`.
static FailureOr<Index> takeLow(Index &digits, int64_t size) {
  SmallVector<Digit> reversed;
  while (size > 1) {
    if (digits.empty())
      return failure();
    Digit digit = digits.pop_back_val();
    if (!isDynamic(digit.extent) && size % digit.extent == 0) {
      reversed.push_back(digit);
      size /= digit.extent;
      continue;
    }
    if (!isDynamic(digit.extent) && digit.extent % size != 0)
      return failure();
    auto [low, high] = cutLow(digit, size);
    reversed.push_back(low);
    if (high.extent != 1)
      digits.push_back(high);
    size = 1;
  }
  Index index;
  for (Digit digit : llvm::reverse(reversed))
    append(index, digit);
  return index;
}

/// Takes `size` positions off the most significant end of `digits`.
static FailureOr<Index> takeHigh(Index &digits, int64_t size) {
  Index index;
  while (size > 1) {
    if (digits.empty() || isDynamic(digits.front().extent))
      return failure();
    Digit digit = digits.front();
    digits.erase(digits.begin());
    if (size % digit.extent == 0) {
      append(index, digit);
      size /= digit.extent;
      continue;
    }
    if (digit.extent % size != 0)
      return failure();
    auto [low, high] = cutLow(digit, digit.extent / size);
    append(index, high);
    digits.insert(digits.begin(), low);
    size = 1;
  }
  return index;
}

FailureOr<SmallVector<Index>> attn::raising::split(const Index &index,
                                                   ArrayRef<int64_t> sizes) {
  if (llvm::count_if(sizes, isDynamic) > 1)
    return failure();
  Index rest = index;
  SmallVector<Index> result(sizes.size());
  int64_t last = sizes.size() - 1;
  for (; last >= 0 && !isDynamic(sizes[last]); --last) {
    FailureOr<Index> low = takeLow(rest, sizes[last]);
    if (failed(low))
      return failure();
    result[last] = *low;
  }
  for (int64_t first = 0; first < last; ++first) {
    FailureOr<Index> high = takeHigh(rest, sizes[first]);
    if (failed(high))
      return failure();
    result[first] = *high;
  }
  if (last >= 0)
    result[last] = rest;
  else if (!rest.empty())
    return failure();
  return result;
}

bool attn::raising::dependsOn(ArrayRef<Digit> digits, ArrayRef<int> variables) {
  return llvm::any_of(digits, [&](const Digit &digit) {
    return !digit.isConstant() && llvm::is_contained(variables, digit.variable);
  });
}

bool attn::raising::dependsOn(ArrayRef<Index> indices,
                              ArrayRef<int> variables) {
  return llvm::any_of(indices, [&](const Index &index) {
    return dependsOn(ArrayRef<Digit>(index), variables);
  });
}

//===----------------------------------------------------------------------===//
// Refinement
//===----------------------------------------------------------------------===//

void Refinement::add(ArrayRef<Digit> digits) {
  for (const Digit &digit : digits) {
    if (digit.isConstant())
      continue;
    SmallVector<int64_t> &strides = cuts[digit.variable];
    auto cutAt = [&](int64_t stride) {
      auto *at = llvm::lower_bound(strides, stride);
      if (at == strides.end() || *at != stride)
        strides.insert(at, stride);
    };
    cutAt(digit.stride);
    if (!isDynamic(digit.extent))
      cutAt(digit.stride * digit.extent);
  }
}

void Refinement::add(ArrayRef<Index> indices) {
  for (const Index &index : indices)
    add(ArrayRef<Digit>(index));
}

bool Refinement::nests() const {
  for (const auto &[variable, strides] : cuts)
    for (unsigned i = 1; i < strides.size(); ++i)
      if (strides[i] % strides[i - 1] != 0)
        return false;
  return true;
}

Index Refinement::atoms(ArrayRef<Digit> digits) const {
  Index result;
  for (const Digit &digit : digits) {
    if (digit.isConstant()) {
      result.push_back(digit);
      continue;
    }
    SmallVector<Digit> reversed;
    int64_t end = isDynamic(digit.extent) ? 0 : digit.stride * digit.extent;
    Digit rest = digit;
    for (int64_t stride : cuts.lookup(digit.variable)) {
      if (stride <= rest.stride || (end && stride > end))
        continue;
      auto [low, high] = cutLow(rest, stride / rest.stride);
      reversed.push_back(low);
      rest = high;
    }
    if (rest.extent != 1)
      reversed.push_back(rest);
    result.append(reversed.rbegin(), reversed.rend());
  }
  return result;
}

SmallVector<Index> Refinement::atoms(ArrayRef<Index> indices) const {
  return llvm::map_to_vector(indices, [&](const Index &index) {
    return atoms(ArrayRef<Digit>(index));
  });
}
