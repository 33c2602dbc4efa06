//===- Plan.h - Shapes for another program ----------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_BENCH_PLAN_H
#define ATTN_BENCH_PLAN_H

#include "attn/Bench/Sweep.h"
#include "llvm/Support/JSON.h"
#include <optional>

namespace attn::bench {

struct Plan {
  std::vector<Shape> shapes;
  std::optional<SweepRule> rule; ///< Where the shapes come from it.
  std::string machine;
  double burstSeconds = 0.05; ///< How long each contestant runs at a time.
};

/// The attributes of a shape, with its defaults, in the order of the contract.
void writeShape(const Shape &shape, llvm::json::OStream &json);

/// All that the program in `benchmarks` needs to know: shapes with their work,
/// their inputs, and the module to compile.
void writePlan(const Plan &plan, llvm::raw_ostream &os);

} // namespace attn::bench

#endif // ATTN_BENCH_PLAN_H
