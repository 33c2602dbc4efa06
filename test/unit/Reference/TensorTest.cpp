//===- TensorTest.cpp - Storage of compiled code
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "InterpretText.h"
#include <cmath>
#include <cstring>

using namespace attn::reference;

namespace {
struct TensorTest : InterpretTest {
  /// `value` through the storage of `type`.
  Tensor throughStorage(const Tensor &value) {
    std::vector<char> bytes(value.storageSize());
    value.toStorage(bytes.data());
    return Tensor::fromStorage(value.getElementType(), value.getShape(),
                               bytes.data());
  }
};
} // namespace

TEST_F(TensorTest, FloatsRoundToNearestEven) {
  mlir::Type half = mlir::Float16Type::get(&context);
  mlir::Type brain = mlir::BFloat16Type::get(&context);
  double value[] = {1.0 / 3};
  EXPECT_EQ(throughStorage(Tensor::floats(f32(), {}, value))[0].f, 1.0f / 3);
  EXPECT_EQ(throughStorage(Tensor::floats(half, {}, value))[0].f,
            0.333251953125);
  EXPECT_EQ(throughStorage(Tensor::floats(brain, {}, value))[0].f, 0.333984375);
  double special[] = {INFINITY, -0.0, NAN, 1e30};
  Tensor back = throughStorage(Tensor::floats(half, {4}, special));
  EXPECT_EQ(back[0].f, INFINITY);
  EXPECT_TRUE(std::signbit(back[1].f));
  EXPECT_TRUE(std::isnan(back[2].f));
  EXPECT_EQ(back[3].f, INFINITY);
}

TEST_F(TensorTest, IntegersKeepTheirSign) {
  int64_t values[] = {-1, 5};
  for (unsigned bits : {8, 16, 32, 64}) {
    Tensor back = throughStorage(Tensor::integers(integer(bits), {2}, values));
    EXPECT_EQ(back[0].i, -1) << bits;
    EXPECT_EQ(back[1].i, 5) << bits;
  }
  Tensor flags = throughStorage(Tensor::integers(integer(1), {2}, values));
  EXPECT_EQ(flags[0].i, 1);
  EXPECT_EQ(flags.storageSize(), 2u);
}

TEST_F(TensorTest, TwoNibblesShareAByte) {
  int64_t values[] = {-8, 7, -1, 0, 5};
  Tensor tensor = Tensor::integers(integer(4), {5}, values);
  ASSERT_EQ(tensor.storageSize(), 3u);
  uint8_t bytes[3];
  tensor.toStorage(bytes);
  // The first of two lies in the low half.
  EXPECT_EQ(bytes[0], 0x78);
  EXPECT_EQ(bytes[1], 0x0f);
  EXPECT_EQ(bytes[2], 0x05);
  Tensor back = Tensor::fromStorage(integer(4), {5}, bytes);
  for (int at = 0; at < 5; ++at)
    EXPECT_EQ(back[at].i, values[at]) << at;
}
