//===- Baseline.cpp - The hand-written kernel for a shape -----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Baseline.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace attn;
using namespace attn::bench;
using baseline::Type;

static std::optional<Type> findType(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<Type>>(name)
      .Case("f32", Type::f32)
      .Case("bf16", Type::bf16)
      .Case("i8", Type::i8)
      .Case("i4", Type::i4)
      .Default(std::nullopt);
}

/// The shape as the kernels see it; nothing where it has what none of them
/// knows.
static std::optional<baseline::Problem> describe(const Shape &shape) {
  bool isCausal = shape.mask.kind == Mask::causal;
  // The last of all queries sees every key.
  bool isDense =
      shape.mask.kind == Mask::none ||
      (shape.mask.kind == Mask::causalBottomRight && shape.queries == 1);
  std::optional<Type> type = findType(shape.dtype);
  std::optional<Type> cacheType = findType(shape.keyValueType);
  if (shape.op != OpKind::attention || !(isCausal || isDense) || !type ||
      !cacheType || shape.score.kind != Score::none || !shape.lengths.empty() ||
      shape.layout != "bhsd" || shape.valueSize != shape.headSize ||
      shape.threads != 1)
    return std::nullopt;
  return baseline::Problem{shape.batch,   shape.heads, shape.keyHeads,
                           shape.queries, shape.keys,  shape.headSize,
                           isCausal,      *type,       *cacheType};
}

std::optional<BaselineCall> BaselineCall::create(const Shape &shape,
                                                 const Invocation &invocation) {
  std::optional<baseline::Problem> problem = describe(shape);
  if (!problem)
    return std::nullopt;
  BaselineCall call;
  call.problem = *problem;
  call.kernel = baseline::findKernel(*problem);
  if (!call.kernel)
    return std::nullopt;

  auto data = [&](unsigned argument) {
    const DLTensor &tensor = *invocation.getValue(argument).tensor;
    return static_cast<const char *>(tensor.data);
  };
  call.tensors.query = data(0);
  call.tensors.key = data(1);
  call.tensors.value = data(2);
  if (shape.isQuantized()) {
    call.tensors.keyScales = reinterpret_cast<const float *>(data(3));
    call.tensors.valueScales = reinterpret_cast<const float *>(data(4));
  }
  call.result = Memory(invocation.getElements(0).size(), Placement::aligned);
  call.tensors.result = call.result.data();
  call.workspace =
      Memory(llvm::alignTo(call.kernel->workspaceBytes(*problem), 64),
             Placement::aligned);
  return call;
}
