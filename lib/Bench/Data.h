//===- Data.h - Inputs of a measured call, and their right answer - C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_LIB_BENCH_DATA_H
#define ATTN_LIB_BENCH_DATA_H

#include "attn/Bench/Module.h"
#include "attn/Runner/Invocation.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace attn::bench {

/// Sets every input: N(0,1) from a seed that depends on the position of the
/// argument only, the slopes of ALiBi, the lengths.
void setInputs(const Shape &shape, mlir::func::FuncOp function,
               Invocation &invocation);

/// The largest difference of the outputs from the float64 interpreter's, over
/// all rows up to 512 of them and over 64 a head beyond; infinity where one is
/// not a number.
llvm::Expected<double> findLargestError(const Shape &shape,
                                        mlir::func::FuncOp function,
                                        const attn_entry &entry,
                                        const Invocation &invocation);

} // namespace attn::bench

#endif // ATTN_LIB_BENCH_DATA_H
