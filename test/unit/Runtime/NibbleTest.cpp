//===- NibbleTest.cpp - Tensors of i4, two to a byte ----------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Callers count elements, generated code sees bytes.
//
//===----------------------------------------------------------------------===//

#include "Runtime.h"
#include "gtest/gtest.h"

namespace {

constexpr int64_t kShape[] = {-1, -1, 6};
constexpr int32_t kSymbols[] = {0, 1, -1};
constexpr const char *kNames[] = {"N", "M"};

attn_argument describe(uint8_t role) {
  attn_argument argument = {};
  argument.struct_size = sizeof(argument);
  argument.name = "x";
  argument.role = role;
  argument.dtype = {kDLInt, 4, 1};
  argument.rank = 3;
  argument.shape = kShape;
  argument.symbols = kSymbols;
  return argument;
}

/// Binds one tensor; the descriptor that generated code would get.
struct Binding {
  Binding(const DLTensor &tensor, uint8_t role = ATTN_INPUT,
          bool withData = true)
      : argument(describe(role)) {
    const attn_argument *arguments[] = {&argument};
    attn_rt_entry entry = {};
    entry.visible.name = "f";
    entry.visible.arguments = arguments;
    entry.visible.num_inputs = role == ATTN_INPUT;
    entry.visible.num_arguments = 1;
    entry.visible.symbols = kNames;
    entry.visible.num_symbols = 2;
    attn_options options = ATTN_OPTIONS_INIT;
    options.error = text;
    options.error_bytes = sizeof(text);
    attn_value value;
    value.tensor = &tensor;
    void *slot;
    status = attn_rt_bind(&entry, &value, nullptr, 1, withData, 0, &options,
                          words, &slot);
  }

  int64_t size(int dim) const { return words[3 + dim].integer; }
  int64_t stride(int dim) const { return words[6 + dim].integer; }

  attn_argument argument;
  attn_rt_word words[9];
  char text[256] = "";
  int32_t status;
};

DLTensor tensorOf(const void *data, const int64_t *shape,
                  const int64_t *strides = nullptr) {
  return attn_tensor(data, kDLInt, 4, 3, shape, strides);
}

} // namespace

TEST(Nibbles, CompactRowsAreHalfAsLong) {
  uint8_t data[2 * 5 * 3] = {};
  int64_t shape[] = {2, 5, 6};
  Binding binding(tensorOf(data, shape));
  ASSERT_EQ(binding.status, ATTN_OK) << binding.text;
  EXPECT_EQ(binding.words[1].pointer, data);
  EXPECT_EQ(binding.size(0), 2);
  EXPECT_EQ(binding.size(1), 5);
  EXPECT_EQ(binding.size(2), 3);
  EXPECT_EQ(binding.stride(0), 15);
  EXPECT_EQ(binding.stride(1), 3);
  EXPECT_EQ(binding.stride(2), 1);
}

TEST(Nibbles, StridesCountElements) {
  uint8_t data[64] = {};
  int64_t shape[] = {2, 5, 6}, strides[] = {8, 16, 1};
  DLTensor tensor = tensorOf(data, shape, strides);
  tensor.byte_offset = 1;
  Binding binding(tensor);
  ASSERT_EQ(binding.status, ATTN_OK) << binding.text;
  EXPECT_EQ(binding.words[1].pointer, data + 1);
  EXPECT_EQ(binding.stride(0), 4);
  EXPECT_EQ(binding.stride(1), 8);
}

TEST(Nibbles, RowsBeginAtAByte) {
  uint8_t data[64] = {};
  int64_t shape[] = {2, 5, 6}, strides[] = {40, 7, 1};
  Binding binding(tensorOf(data, shape, strides));
  EXPECT_EQ(binding.status, ATTN_ERROR_STRIDE);
  EXPECT_STREQ(binding.text,
               "argument 'x': the stride of dimension 1 is 7; "
               "must be a multiple of 2, as rows begin at a byte");
  // Nobody steps along one row.
  int64_t one[] = {2, 1, 6};
  EXPECT_EQ(Binding(tensorOf(data, one, strides)).status, ATTN_OK);
}

TEST(Nibbles, ExtentsAreElements) {
  uint8_t data[64] = {};
  int64_t shape[] = {2, 5, 3};
  Binding binding(tensorOf(data, shape));
  EXPECT_EQ(binding.status, ATTN_ERROR_SHAPE);
  EXPECT_STREQ(binding.text, "argument 'x': dimension 2 is 3; must be 6");
}

TEST(Nibbles, BytesAreNotNibbles) {
  uint8_t data[64] = {};
  int64_t shape[] = {2, 5, 6};
  DLTensor tensor = tensorOf(data, shape);
  tensor.dtype.bits = 8;
  Binding binding(tensor);
  EXPECT_EQ(binding.status, ATTN_ERROR_TYPE);
  EXPECT_STREQ(binding.text, "argument 'x' has type i8; must be i4");
}

TEST(Nibbles, ShapesWithoutData) {
  int64_t shape[] = {2, 5, 6};
  Binding binding(tensorOf(nullptr, shape), ATTN_INPUT, /*withData=*/false);
  ASSERT_EQ(binding.status, ATTN_OK) << binding.text;
  EXPECT_EQ(binding.size(2), 3);
  EXPECT_EQ(binding.stride(1), 3);
  int64_t none[] = {0, 5, 6};
  Binding empty(tensorOf(nullptr, none));
  ASSERT_EQ(empty.status, ATTN_OK) << empty.text;
  EXPECT_EQ(empty.size(2), 3);
}

TEST(Nibbles, OutputsMustNotOverlapThemselves) {
  uint8_t data[64] = {};
  // Rows of 3 bytes, 2 bytes apart.
  int64_t shape[] = {1, 5, 6}, strides[] = {30, 4, 1};
  EXPECT_EQ(Binding(tensorOf(data, shape, strides)).status, ATTN_OK);
  Binding output(tensorOf(data, shape, strides), ATTN_OUTPUT);
  EXPECT_EQ(output.status, ATTN_ERROR_OVERLAP);
  int64_t apart[] = {30, 6, 1};
  EXPECT_EQ(Binding(tensorOf(data, shape, apart), ATTN_OUTPUT).status, ATTN_OK);
}
