//===- ShapeTest.cpp - Tests of shapes as texts
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Bench/Shape.h"
#include "attn/Bench/Module.h"
#include "gtest/gtest.h"

using namespace attn::bench;

static Shape parsed(llvm::StringRef text) {
  llvm::Expected<Shape> shape = parseShape(text);
  if (shape)
    return *shape;
  ADD_FAILURE() << text.str() << ": " << llvm::toString(shape.takeError());
  return {};
}

/// What is wrong with `text`.
static std::string complaint(llvm::StringRef text) {
  llvm::Expected<Shape> shape = parseShape(text);
  return shape ? "nothing" : llvm::toString(shape.takeError());
}

TEST(Shape, FillsInTheDefaults) {
  Shape shape = parsed("H=8,SQ=512,D=64");
  EXPECT_EQ(shape.opName(), "attention");
  EXPECT_EQ(shape.batch, 1);
  EXPECT_EQ(shape.keyHeads, 8);
  EXPECT_EQ(shape.keys, 512);
  EXPECT_EQ(shape.valueSize, 64);
  EXPECT_EQ(shape.dtype, "f32");
  EXPECT_EQ(shape.keyValueType, "f32");
  EXPECT_EQ(shape.layout, "bhsd");
  EXPECT_EQ(shape.mask.kind, Mask::none);
  EXPECT_EQ(shape.score.kind, Score::none);
  EXPECT_TRUE(shape.lengths.empty());
  EXPECT_EQ(shape.threads, 1);
  EXPECT_FALSE(shape.saysThreads);
}

TEST(Shape, TakesEveryKey) {
  Shape shape = parsed("name=x,op=attention,B=2,H=8,HKV=2,SQ=5,SK=7,D=64,DV=32,"
                       "dtype=bf16,kv_dtype=i8,layout=bshd,mask=window3,"
                       "score=softcap2.5,lengths=7:0,threads=2");
  EXPECT_EQ(shape.label(), "x");
  EXPECT_EQ(shape.keyHeads, 2);
  EXPECT_EQ(shape.keys, 7);
  EXPECT_EQ(shape.valueSize, 32);
  EXPECT_EQ(shape.keyValueType, "i8");
  EXPECT_EQ(shape.mask.kind, Mask::window);
  EXPECT_EQ(shape.mask.size, 3);
  EXPECT_EQ(shape.score.cap, 2.5);
  EXPECT_EQ(shape.lengths, (std::vector<int64_t>{7, 0}));
  EXPECT_TRUE(shape.saysThreads);
}

TEST(Shape, KeyValueTypeFollowsTheType) {
  EXPECT_EQ(parsed("H=1,SQ=1,D=1,dtype=f16").keyValueType, "f16");
}

TEST(Shape, CachesOfIntegersHaveAScaleARow) {
  for (llvm::StringRef name : {"int4", "i4"}) {
    Shape shape = parsed(
        "B=2,H=4,HKV=2,SQ=1,SK=9,D=16,DV=8,layout=bshd,kv_dtype=" + name.str());
    EXPECT_EQ(shape.keyValueType, "i4");
    EXPECT_EQ(shape.keyValueText, name); // as rows echo it
    std::vector<Argument> inputs = inputsOf(shape);
    ASSERT_EQ(inputs.size(), 5u);
    EXPECT_EQ(inputs[2].type(), "tensor<?x?x2x8xi4>");
    EXPECT_EQ(inputs[3].name, "key_scales");
    EXPECT_EQ(inputs[3].type(), "tensor<?x?x2xf32>");
    EXPECT_EQ(inputs[4].name, "value_scales");
  }
}

TEST(Shape, SplitsProjectionsIntoWeightsAndHeads) {
  Shape three = parsed("op=project_heads,M=1024,K=384,N=3x384");
  EXPECT_EQ(three.weights, 3);
  EXPECT_EQ(three.n, 1152);
  EXPECT_EQ(three.heads * three.headSize, 384);
  EXPECT_EQ(inputsOf(three).size(), 7u); // x, and weight and bias of each
  Shape one = parsed("op=project_heads,M=1024,K=384,N=1152,D=32");
  EXPECT_EQ(one.weights, 1);
  EXPECT_EQ(one.heads, 36);
  EXPECT_EQ(parsed("op=project_heads,M=4,K=8,N=21").heads, 21);
}

TEST(Shape, LayersHaveTheWidthOfTheirHeads) {
  Shape shape = parsed("op=layer,B=2,H=12,SQ=128,D=32");
  EXPECT_EQ(shape.m, 256);
  EXPECT_EQ(shape.k, 384);
  EXPECT_EQ(shape.n, 384);
}

TEST(Shape, RandomLengthsAreAlwaysTheSame) {
  Shape shape = parsed("B=9,H=1,SQ=40,D=8,lengths=random");
  ASSERT_EQ(shape.lengths.size(), 9u);
  EXPECT_EQ(shape.lengths, parsed("B=9,H=1,SQ=40,D=8,lengths=random").lengths);
  for (int64_t length : shape.lengths) {
    EXPECT_GE(length, 1);
    EXPECT_LE(length, 40);
  }
}

TEST(Shape, RefusesWithTheRule) {
  EXPECT_EQ(complaint("H"), "'H': expected KEY=VALUE");
  EXPECT_NE(complaint("H=8,Q=3").find("unknown key 'Q', expected one of name, "
                                      "op, B, H"),
            std::string::npos);
  EXPECT_EQ(complaint("H=8,H=8,SQ=1,D=1"), "H is given twice");
  EXPECT_EQ(complaint("H=8,SQ=512"),
            "D is missing: op=attention needs H, SQ, D");
  EXPECT_EQ(complaint("H=8,HKV=3,SQ=1,D=1"), "HKV=3 must divide H=8");
  EXPECT_EQ(complaint("H=0,SQ=1,D=1"),
            "H=0: expected an integer from 1 to 2147483648");
  EXPECT_EQ(complaint("H=1,SQ=-1,D=1"),
            "SQ=-1: expected an integer from 0 to 2147483648");
  EXPECT_EQ(complaint("H=1,SQ=1,D=1,M=3"), "op=attention has no M");
  EXPECT_EQ(complaint("op=conv,H=1"),
            "op=conv: expected one of attention, project_heads, layer");
  EXPECT_EQ(complaint("H=1,SQ=1,D=1,dtype=f8"),
            "dtype=f8: expected one of f32, f64, f16, bf16");
  EXPECT_EQ(complaint("H=1,SQ=1,D=1,kv_dtype=f64"),
            "kv_dtype=f64: f64 goes with dtype=f64");
  EXPECT_EQ(complaint("op=layer,H=1,SQ=1,D=1,kv_dtype=bf16"),
            "op=layer has no kv_dtype but its dtype");
  EXPECT_NE(complaint("H=1,SQ=1,D=1,mask=window").find("window<N>"),
            std::string::npos);
  EXPECT_NE(complaint("H=1,SQ=1,D=1,score=softcap-1").find("softcap<X>"),
            std::string::npos);
  EXPECT_NE(complaint("H=1,SQ=1,D=1,lengths=2").find("from 0 to SK=1"),
            std::string::npos);
  EXPECT_EQ(complaint("B=3,H=1,SQ=9,D=1,lengths=2:3"),
            "lengths=2:3: expected one for all or B=3 of them");
  EXPECT_EQ(complaint("op=project_heads,B=3,M=4,K=8,N=8"),
            "B=3 must divide M=4");
  EXPECT_EQ(complaint("op=project_heads,M=4,K=8,N=8,H=3"),
            "H=3 times D=2 must be the 8 features of a weight");
  EXPECT_EQ(complaint("H=1000,SQ=2000000,D=1000"),
            "the tensors would take more than a terabyte");
}

TEST(Shapes, AreObjectsOrStrings) {
  auto shapes = parseShapes(R"([
    {"H": 4, "SQ": 10, "D": 16, "B": 2, "lengths": [3, 10]},
    "H=2,SQ=7,D=8,mask=causal"
  ])");
  ASSERT_TRUE(bool(shapes)) << llvm::toString(shapes.takeError());
  ASSERT_EQ(shapes->size(), 2u);
  EXPECT_EQ((*shapes)[0].lengths, (std::vector<int64_t>{3, 10}));
  EXPECT_EQ((*shapes)[1].mask.kind, Mask::causal);
}

TEST(Shapes, SayWhichOneIsWrong) {
  auto why = [](llvm::StringRef json) {
    auto shapes = parseShapes(json);
    return shapes ? "nothing" : llvm::toString(shapes.takeError());
  };
  EXPECT_EQ(why("{}"), "expected a JSON array of shapes");
  EXPECT_EQ(why(R"([{"H": 1, "SQ": 1, "D": 1}, {"H": 1.5}])"),
            "shape 1: H: expected a string or an integer");
  EXPECT_EQ(why("[3]"), "shape 0: expected an object or a string");
  EXPECT_NE(why("[").find("Unexpected EOF"), std::string::npos) << why("[");
}
