//===- TestEntry.h - An entry written by hand -------------------*- C++ -*-===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `affine(x[N,4] f32, shift index, factor f32, length[N] i32) -> y[N,4] f32`,
// y[n,c] = x[n,c] * factor + shift for the first length[n] columns, else 0,
// one task a row, 8 bytes of workspace a worker.
//
//===----------------------------------------------------------------------===//

#ifndef ATTN_TEST_UNIT_RUNTIME_TESTENTRY_H
#define ATTN_TEST_UNIT_RUNTIME_TESTENTRY_H

#include "Runtime.h"
#include <string>
#include <vector>

namespace attn::test {

const attn_entry *affineEntry();

/// A right call of `affine` with `rows` rows, to be spoilt by tests.
struct AffineCall {
  explicit AffineCall(int64_t rows);

  int32_t run();
  /// Runs, expects `code` and nothing written; returns the sentence.
  std::string failsWith(int32_t code);
  bool isRight() const;

  int64_t rows;
  std::vector<float> xData, yData;
  std::vector<int32_t> lengthData;
  int64_t matrix[2], vector[1];
  DLTensor x, length, y;
  attn_value values[5];
  uint32_t count = 5;
  char text[256] = "";
  attn_env env = {};
  attn_options options = ATTN_OPTIONS_INIT;
};

} // namespace attn::test

#endif // ATTN_TEST_UNIT_RUNTIME_TESTENTRY_H
