//===- TestEntry.cpp - An entry written by hand ---------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestEntry.h"
#include "gtest/gtest.h"

using namespace attn::test;

namespace {

template <int Rank>
struct Descriptor {
  void *allocated, *aligned;
  int64_t offset, sizes[Rank], strides[Rank];
};

struct Context {
  Descriptor<2> *x, *y;
  Descriptor<1> *length;
  int64_t shift;
  float factor;
};

void affineRow(void *opaque, int64_t row, void *scratch) {
  auto *context = static_cast<Context *>(opaque);
  // Whoever shares this scratch would see another row here.
  auto *mine = static_cast<volatile int64_t *>(scratch);
  *mine = row;
  auto *x =
      static_cast<float *>(context->x->aligned) + row * context->x->strides[0];
  auto *y =
      static_cast<float *>(context->y->aligned) + row * context->y->strides[0];
  int32_t live = static_cast<int32_t *>(
      context->length->aligned)[row * context->length->strides[0]];
  for (int c = 0; c < 4; ++c)
    y[c] = c < live ? x[c] * context->factor + context->shift : 0;
  if (*mine != row)
    abort();
}

void invoke(void **arguments) {
  Context context = {static_cast<Descriptor<2> *>(arguments[0]),
                     static_cast<Descriptor<2> *>(arguments[4]),
                     static_cast<Descriptor<1> *>(arguments[3]),
                     *static_cast<int64_t *>(arguments[1]),
                     *static_cast<float *>(arguments[2])};
  auto *workspace = static_cast<Descriptor<1> *>(arguments[5]);
  attn_rt_parallel_for(arguments[6], context.x->sizes[0], affineRow, &context,
                       workspace->aligned, 8);
}

int64_t workspaceSize(void **arguments) {
  return 8 * *static_cast<int64_t *>(arguments[5]);
}

const int64_t kMatrix[] = {-1, 4}, kVector[] = {-1};
const int32_t kMatrixSymbols[] = {0, -1}, kVectorSymbols[] = {0};
const char *const kSymbols[] = {"N"};
const DLDataType kF32 = {kDLFloat, 32, 1}, kI32 = {kDLInt, 32, 1},
                 kI64 = {kDLInt, 64, 1};
const attn_argument kX = {sizeof(attn_argument),
                          "x",
                          ATTN_TENSOR,
                          ATTN_INPUT,
                          0,
                          0,
                          kF32,
                          2,
                          0,
                          kMatrix,
                          kMatrixSymbols};
const attn_argument kShift = {sizeof(attn_argument),
                              "shift",
                              ATTN_SCALAR,
                              ATTN_INPUT,
                              0,
                              1,
                              kI64,
                              0,
                              0,
                              nullptr,
                              nullptr};
const attn_argument kFactor = {sizeof(attn_argument),
                               "factor",
                               ATTN_SCALAR,
                               ATTN_INPUT,
                               0,
                               0,
                               kF32,
                               0,
                               0,
                               nullptr,
                               nullptr};
const attn_argument kLength = {sizeof(attn_argument),
                               "length",
                               ATTN_TENSOR,
                               ATTN_INPUT,
                               0,
                               0,
                               kI32,
                               1,
                               0,
                               kVector,
                               kVectorSymbols};
const attn_argument kY = {sizeof(attn_argument),
                          "y",
                          ATTN_TENSOR,
                          ATTN_OUTPUT,
                          0,
                          0,
                          kF32,
                          2,
                          0,
                          kMatrix,
                          kMatrixSymbols};
const attn_argument *const kArguments[] = {&kX, &kShift, &kFactor, &kLength,
                                           &kY};
const attn_rt_entry kEntry = {{sizeof(attn_entry), "affine", 4, 5, kArguments,
                               kSymbols, 1, 0, 0, kDLCPU, 0, "", attn_rt_call,
                               attn_rt_workspace_size, attn_rt_prepare},
                              invoke,
                              workspaceSize,
                              nullptr,
                              nullptr,
                              7 + 1 + 1 + 5 + 7,
                              0,
                              nullptr,
                              nullptr};

} // namespace

const attn_entry *attn::test::affineEntry() { return &kEntry.visible; }

AffineCall::AffineCall(int64_t rows)
    : rows(rows), xData(4 * rows), yData(4 * rows, -7), lengthData(rows),
      matrix{rows, 4}, vector{rows} {
  for (int64_t i = 0; i < 4 * rows; ++i)
    xData[i] = float(i % 1000);
  for (int64_t i = 0; i < rows; ++i)
    lengthData[i] = int32_t(i % 5);
  x = attn_tensor_f32(xData.data(), 2, matrix);
  y = attn_tensor_f32(yData.data(), 2, matrix);
  length = attn_tensor_i32(lengthData.data(), 1, vector);
  values[0].tensor = &x;
  values[1].integer = 3;
  values[2].real = 2;
  values[3].tensor = &length;
  values[4].tensor = &y;
  env.struct_size = sizeof(env);
  env.num_threads = 1;
  options.env = &env;
  options.error = text;
  options.error_bytes = sizeof(text);
}

int32_t AffineCall::run() {
  return affineEntry()->call(affineEntry(), values, count, &options);
}

std::string AffineCall::failsWith(int32_t code) {
  std::vector<float> before = yData;
  text[0] = 0;
  EXPECT_EQ(run(), code);
  EXPECT_EQ(yData, before);
  return text;
}

bool AffineCall::isRight() const {
  for (int64_t i = 0; i < 4 * rows; ++i)
    if (yData[i] != (i % 4 < lengthData[i / 4] ? xData[i] * 2 + 3 : 0))
      return false;
  return true;
}
