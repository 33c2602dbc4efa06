//===- BindTest.cpp - Every rule that a caller can break ------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestEntry.h"
#include "gtest/gtest.h"

using namespace attn::test;

TEST(Bind, ARightCallIsRight) {
  AffineCall call(7);
  EXPECT_EQ(call.run(), ATTN_OK);
  EXPECT_TRUE(call.isRight());
}

TEST(Bind, NullTensor) {
  AffineCall call(2);
  call.values[3].tensor = nullptr;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_NULL), "argument 'length' is NULL");
}

TEST(Bind, NullData) {
  AffineCall call(2);
  call.x.data = nullptr;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_NULL), "argument 'x' has NULL data");
}

TEST(Bind, NullShape) {
  AffineCall call(2);
  call.x.shape = nullptr;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_NULL), "argument 'x' has a NULL shape");
}

TEST(Bind, NullArguments) {
  EXPECT_EQ(affineEntry()->call(affineEntry(), nullptr, 5, nullptr),
            ATTN_ERROR_NULL);
}

TEST(Bind, ArgumentCount) {
  AffineCall call(2);
  call.count = 4;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_ARGUMENTS),
            "entry 'affine' got 4 arguments; must be 5");
}

TEST(Bind, Rank) {
  AffineCall call(2);
  call.x.ndim = 1;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_RANK),
            "argument 'x' has rank 1; must be 2");
}

TEST(Bind, Type) {
  AffineCall call(2);
  call.x.dtype.bits = 64;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_TYPE),
            "argument 'x' has type f64; must be f32");
  call.x.dtype = {kDLBfloat, 16, 1};
  EXPECT_EQ(call.failsWith(ATTN_ERROR_TYPE),
            "argument 'x' has type bf16; must be f32");
  call.x.dtype = {kDLFloat, 32, 4};
  EXPECT_EQ(call.failsWith(ATTN_ERROR_TYPE),
            "argument 'x' has type a vector of 4 elements; must be f32");
  AffineCall other(2);
  other.length.dtype.code = kDLUInt;
  EXPECT_EQ(other.failsWith(ATTN_ERROR_TYPE),
            "argument 'length' has type u32; must be i32");
}

TEST(Bind, Device) {
  AffineCall call(2);
  call.y.device.device_type = kDLCUDA;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_DEVICE),
            "argument 'y' is on DLPack device type 2; must be on the CPU (1)");
}

TEST(Bind, StaticExtent) {
  AffineCall call(2);
  call.matrix[1] = 5;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_SHAPE),
            "argument 'x': dimension 1 is 5; must be 4");
}

TEST(Bind, SymbolicExtent) {
  AffineCall call(2);
  call.vector[0] = 1;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_SHAPE),
            "argument 'length': dimension 0 is 1; must be N = 2, as dimension "
            "0 of argument 'x'");
}

TEST(Bind, NegativeExtent) {
  AffineCall call(2);
  call.matrix[0] = -2;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_SHAPE),
            "argument 'x': dimension 0 is -2; must not be negative");
}

TEST(Bind, HugeExtent) {
  AffineCall call(2);
  call.matrix[0] = call.vector[0] = int64_t(1) << 31;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_SHAPE),
            "argument 'x': dimension 0 is 2147483648; must be less than "
            "2147483648");
}

TEST(Bind, Alignment) {
  AffineCall call(2);
  call.x.byte_offset = 2;
  std::string text = call.failsWith(ATTN_ERROR_ALIGNMENT);
  EXPECT_NE(text.find("must be aligned to its element's 4 bytes"),
            std::string::npos)
      << text;
}

TEST(Bind, ByteOffsetIsHonoured) {
  AffineCall call(3);
  std::vector<float> shifted = call.xData;
  shifted.insert(shifted.begin(), -1);
  call.x.data = shifted.data();
  call.x.byte_offset = 4;
  EXPECT_EQ(call.run(), ATTN_OK);
  EXPECT_TRUE(call.isRight());
}

TEST(Bind, InnerStride) {
  AffineCall call(2);
  int64_t strides[] = {8, 2};
  call.x.strides = strides;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_STRIDE),
            "argument 'x': the stride of the last dimension is 2; must be 1");
}

TEST(Bind, StrideBeyondMemory) {
  AffineCall call(2);
  int64_t strides[] = {INT64_MAX / 2, 1};
  call.x.strides = strides;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_STRIDE),
            "argument 'x': shape and strides reach beyond memory");
}

TEST(Bind, OuterStridesAreFree) {
  AffineCall call(3);
  std::vector<float> wide(30, -1);
  for (int i = 0; i < 12; ++i)
    wide[(2 - i / 4) * 10 + i % 4] = call.xData[i];
  int64_t strides[] = {-10, 1};
  call.x.data = wide.data() + 20;
  call.x.strides = strides;
  EXPECT_EQ(call.run(), ATTN_OK);
  EXPECT_TRUE(call.isRight());
}

TEST(Bind, OutputOverInput) {
  AffineCall call(2);
  call.y.data = call.xData.data() + 4;
  call.xData.resize(12);
  call.x.data = call.xData.data();
  call.y.data = call.xData.data() + 4;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_OVERLAP),
            "output 'y' overlaps input 'x' in memory");
}

TEST(Bind, OutputOverItself) {
  AffineCall call(2);
  int64_t strides[] = {0, 1};
  call.y.strides = strides;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_OVERLAP),
            "output 'y': its strides make elements overlap");
}

TEST(Bind, NoRowsNeedNoData) {
  AffineCall call(0);
  call.x.data = call.y.data = call.length.data = nullptr;
  EXPECT_EQ(call.run(), ATTN_OK);
}

TEST(Bind, NullOptionsAreFine) {
  AffineCall call(4);
  EXPECT_EQ(affineEntry()->call(affineEntry(), call.values, 5, nullptr),
            ATTN_OK);
  EXPECT_TRUE(call.isRight());
}

TEST(Bind, OptionsOfAnotherAbi) {
  AffineCall call(2);
  call.options.struct_size = 8;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_ABI), "");
  AffineCall other(2);
  other.env.struct_size = 0;
  EXPECT_EQ(other.failsWith(ATTN_ERROR_ABI),
            "attn_env.struct_size is 0; this library needs at least 56 (set it "
            "to sizeof(attn_env))");
}

TEST(Bind, LongSentencesAreCut) {
  AffineCall call(2);
  call.options.error_bytes = 9;
  call.x.ndim = 1;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_RANK), "argument");
}
