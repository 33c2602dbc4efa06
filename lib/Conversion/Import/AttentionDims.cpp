//===- AttentionDims.cpp - Which digits are batch, head, query, key, feature
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AttentionDims.h"

using namespace mlir;
using namespace attn::raising;

//===----------------------------------------------------------------------===//
// Operand shapes
//===----------------------------------------------------------------------===//

/// Atoms side by side, not joined.
static Index join(ArrayRef<Digit> a, ArrayRef<Digit> b) {
  Index result(a);
  result.append(b.begin(), b.end());
  return result;
}

Index AttentionDims::queryHeads() const { return join(keyHeads, group); }

SmallVector<Index> AttentionDims::arrange(Index heads, Index sequence,
                                          Index feature) const {
  SmallVector<Index> dims;
  if (hasBatch)
    dims.push_back(batch);
  bool sequenceFirst = layout == "bshd" || layout == "shd";
  dims.push_back(sequenceFirst ? sequence : heads);
  dims.push_back(sequenceFirst ? heads : sequence);
  dims.push_back(feature);
  return dims;
}

SmallVector<Index> AttentionDims::wantedQuery() const {
  return arrange(queryHeads(), queries, features);
}
SmallVector<Index> AttentionDims::wantedKey() const {
  return arrange(keyHeads, keys, features);
}
SmallVector<Index> AttentionDims::wantedValue() const {
  return arrange(keyHeads, keys, valueFeatures);
}
SmallVector<Index> AttentionDims::wantedResult() const {
  return arrange(queryHeads(), queries, valueFeatures);
}

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

static bool has(ArrayRef<Index> indices, const Digit &digit) {
  return llvm::any_of(indices, [&](const Index &index) {
    return llvm::is_contained(index, digit);
  });
}

static bool isStatic(const Digit &digit) {
  return !ShapedType::isDynamic(digit.extent);
}

/// All atoms of `indices` that belong to `variables`, in order.
static Index select(ArrayRef<Index> indices, ArrayRef<int> variables) {
  Index result;
  for (const Index &index : indices)
    for (const Digit &digit : index)
      if (!digit.isConstant() && llvm::is_contained(variables, digit.variable))
        result.push_back(digit);
  return result;
}

namespace {
/// Splits the atoms of the result into batch, heads and queries. Those that key
/// or value have as well are shared; the others are queries, or query heads in
/// one group, which the order in the query tells apart.
struct RoleAssigner {
  AttentionDims &dims;
  Index shared, queryOnly;

  void assignHeads();
  void assignGroup();
};
} // namespace

/// The last shared static atom counts heads, unless it is all there is and the
/// query has a further dimension for heads (MQA).
void RoleAssigner::assignHeads() {
  dims.batch = shared;
  bool multiQuery = shared.size() == 1 && queryOnly.size() > 1;
  if (multiQuery)
    return;
  for (unsigned at = shared.size(); at-- > 0;)
    if (isStatic(shared[at])) {
      dims.keyHeads.push_back(shared[at]);
      dims.batch.erase(dims.batch.begin() + at);
      return;
    }
}

/// Query-only atoms next to the key heads count the heads of a group; without
/// key heads (MQA), all but those in the last dimension do.
void RoleAssigner::assignGroup() {
  auto positionOf = [&](const Digit &digit) {
    for (auto [dim, index] : llvm::enumerate(dims.query.index))
      if (llvm::is_contained(index, digit))
        return int(dim);
    return -1;
  };
  SmallVector<int> places;
  for (const Digit &digit : queryOnly)
    if (places.empty() || places.back() != positionOf(digit))
      places.push_back(positionOf(digit));
  int group = -1;
  if (!dims.keyHeads.empty()) {
    int heads = positionOf(dims.keyHeads.back());
    for (int place : places)
      if (place == heads || (place == heads + 1 && places.size() > 1))
        group = group < 0 ? place : group;
  } else if (places.size() > 1) {
    group = places.front();
  }
  for (const Digit &digit : queryOnly)
    (positionOf(digit) == group && isStatic(digit) ? dims.group : dims.queries)
        .push_back(digit);
}

/// Prefers the layout that moves less data; the default one in a tie.
static void chooseLayout(AttentionDims &dims) {
  auto copies = [&](StringRef layout) {
    dims.layout = layout;
    return needsCopy(dims.query, dims.wantedQuery()) +
           needsCopy(dims.key, dims.wantedKey()) +
           needsCopy(dims.value, dims.wantedValue()) +
           needsCopy({Value(), dims.result}, dims.wantedResult());
  };
  StringRef other = dims.hasBatch ? "bshd" : "shd";
  int before = copies("");
  if (copies(other) >= before)
    dims.layout = "";
}

FailureOr<AttentionDims>
attn::raising::assignDims(const AttentionMatch &match,
                          ArrayRef<ArrayRef<Index>> loads, Mismatch &mismatch) {
  AttentionDims dims;
  Refinement &refinement = dims.refinement;
  for (const Expr *expr : {match.whole, match.query, match.key, match.value})
    refinement.add(ArrayRef<Index>(expr->index));
  for (ArrayRef<Index> load : loads)
    refinement.add(load);
  if (!refinement.nests()) {
    mismatch.reason = "its operands cut a dimension in ways that don't nest";
    return failure();
  }
  auto indexed = [&](const Expr *expr) {
    return IndexedTensor{expr->value,
                         refinement.atoms(ArrayRef<Index>(expr->index))};
  };
  dims.query = indexed(match.query);
  dims.key = indexed(match.key);
  dims.value = indexed(match.value);
  dims.result = refinement.atoms(ArrayRef<Index>(match.whole->index));
  SmallVector<SmallVector<Index>> reads;
  for (ArrayRef<Index> load : loads)
    reads.push_back(refinement.atoms(load));

  RoleAssigner roles{dims, {}, {}};
  auto sort = [&](const Digit &digit) {
    if (digit.isConstant() || has({roles.shared, roles.queryOnly}, digit))
      return;
    bool inScore = has(dims.query.index, digit) || has(dims.key.index, digit) ||
                   llvm::any_of(reads, [&](ArrayRef<Index> read) {
                     return has(read, digit);
                   });
    bool inKeys = has(dims.key.index, digit) || has(dims.value.index, digit);
    if (!inScore)
      dims.valueFeatures.push_back(digit);
    else
      (inKeys ? roles.shared : roles.queryOnly).push_back(digit);
  };
  // The order of the key decides which shared atom is the last, that of the
  // query how groups and queries lie; then that of the result.
  for (ArrayRef<Index> operand :
       {ArrayRef<Index>(dims.key.index), ArrayRef<Index>(dims.query.index)})
    for (const Index &index : operand)
      for (const Digit &digit : index)
        if (has(dims.result, digit))
          sort(digit);
  for (const Index &index : dims.result)
    for (const Digit &digit : index)
      sort(digit);

  dims.keys = select(dims.key.index, match.keys);
  dims.features = select(dims.key.index, match.features);
  roles.assignHeads();
  roles.assignGroup();
  dims.hasBatch = !dims.batch.empty() ||
                  cast<RankedTensorType>(match.result.getType()).getRank() > 3;
  chooseLayout(dims);
  if (!llvm::all_of(dims.features, isStatic) ||
      !llvm::all_of(dims.valueFeatures, isStatic)) {
    mismatch.reason = "its head size is not static";
    return failure();
  }
  return dims;
}
