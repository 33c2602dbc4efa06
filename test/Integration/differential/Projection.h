//===- Projection.h - Random projections --------------------------- -*- C++
//-*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_DIFFERENTIAL_PROJECTION_H
#define ATTN_TEST_DIFFERENTIAL_PROJECTION_H

#include "Random.h"
#include "RunCompiled.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn::differential {

/// A function of one `attn.project_heads` or `attn.merge_heads`.
struct Projection {
  std::string name;
  bool merges; ///< Heads to the model dimension, or the other way.
  bool batched, sequenceFirst, biased;
  std::string activation;
  std::string element;           ///< f32, bf16, f16 or f64.
  int64_t features;              ///< Of one side: the model dimension.
  int64_t positions = -1;        ///< In the type; -1 where a call decides.
  std::vector<int64_t> heads;    ///< One for each weight.
  std::vector<int64_t> headSize; ///< One for each weight.

  /// As MLIR text.
  std::string text(llvm::StringRef name, llvm::StringRef activation) const;
};

Projection makeProjection(uint64_t seed, unsigned index);

/// One random call, judged by `meaning`; a sentence if it fails. `linear` is
/// the function without its activation: of the absolute values of all
/// arguments, it computes what the error scales with (`projectionBound`).
std::string checkProjection(const Projection &projection, uint64_t seed,
                            unsigned function, unsigned call,
                            const attn_entry &entry, mlir::func::FuncOp meaning,
                            mlir::func::FuncOp linear, double &worst);

} // namespace attn::differential

#endif // ATTN_TEST_DIFFERENTIAL_PROJECTION_H
