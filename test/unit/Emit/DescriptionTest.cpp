//===- DescriptionTest.cpp - Names and extents of entries -----------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/Description.h"
#include "ToyLibrary.h"
#include "attn/Emit/Source.h"
#include "attn/Emit/Texts.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/MemoryBuffer.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace attn;

namespace {

/// Describes a module; each argument as one line of text.
std::vector<std::string> describe(llvm::StringRef text) {
  MLIRContext context;
  loadToyDialects(context);
  std::vector<std::string> lines;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    lines.push_back(diagnostic.str());
  });
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(llvm::MemoryBuffer::getMemBuffer(text), {});
  auto module = parseSource(sources, &context);
  if (!module)
    return lines;
  auto entries = describeEntries(*module);
  if (succeeded(entries))
    for (const EntryDescription &entry : *entries)
      for (const ArgumentDescription &argument : entry.arguments)
        lines.push_back(argumentSignature(entry, argument));
  return lines;
}

using Lines = std::vector<std::string>;

} // namespace

TEST(Description, AttentionNamesItsExtents) {
  EXPECT_EQ(describe(R"(
func.func @f(%q: tensor<?x8x?x64xf32>, %k: tensor<?x2x?x64xf32>,
             %v: tensor<?x2x?x48xf32>, %n: tensor<?xi32>, %width: index)
    -> (tensor<?x8x?x48xf32>, tensor<?x8x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%v)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %m = tensor.extract %n[%b] : tensor<?xi32>
      %mi = arith.index_cast %m : i32 to index
      %keep = arith.cmpi slt, %j, %mi : index
      attn.yield %keep : i1
    } {aux = ["lse"]}
    : (tensor<?x8x?x64xf32>, tensor<?x2x?x64xf32>, tensor<?x2x?x48xf32>)
    -> (tensor<?x8x?x48xf32>, tensor<?x8x?xf32>)
  return %o, %lse : tensor<?x8x?x48xf32>, tensor<?x8x?xf32>
})"),
            (Lines{"q[B,8,SQ,64] f32", "k[B,2,SK,64] f32", "v[B,2,SK,48] f32",
                   "n[B] i32", "width index", "o[B,8,SQ,48] f32",
                   "lse[B,8,SQ] f32"}));
}

TEST(Description, LayerHasOneLength) {
  EXPECT_EQ(describe(R"(
func.func @f(%x: tensor<?x?x8xf32>, %w: tensor<8x8xf32>) -> tensor<?x?x8xf32> {
  %q, %k, %v = attn.project_heads %x weights(%w, %w, %w)
      {heads = array<i64: 2, 2, 2>}
      : tensor<?x?x8xf32>, (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>)
      -> (tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
  %a = attn.attention query(%q) key(%k) value(%v)
      : (tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>, tensor<?x2x?x4xf32>)
      -> tensor<?x2x?x4xf32>
  %y = attn.merge_heads %a weight(%w)
      : tensor<?x2x?x4xf32>, tensor<8x8xf32> -> tensor<?x?x8xf32>
  return %y : tensor<?x?x8xf32>
})"),
            (Lines{"x[B,S,8] f32", "w[8,8] f32", "y[B,S,8] f32"}));
}

TEST(Description, NamesComeFromAttributesThenTextThenPosition) {
  EXPECT_EQ(
      describe(R"(
func.func @f(%a: tensor<4xf32> {attn.name = "given"}, %b: i1, %0: tensor<2xi8>)
    -> (tensor<4xf32>, tensor<4xf32>) {
  return %a, %a : tensor<4xf32>, tensor<4xf32>
}
func.func private @not_an_entry(tensor<*xf32>)
)"),
      (Lines{"given[4] f32", "b bool", "0[2] i8", "a[4] f32", "out1[4] f32"}));
}

TEST(Description, StaticExtentsSpread) {
  EXPECT_EQ(describe(R"(
func.func @f(%x: tensor<?xf32>, %y: tensor<3xf32>) -> tensor<?xf32> {
  %0 = tensor.cast %y : tensor<3xf32> to tensor<?xf32>
  %r = arith.addf %x, %0 : tensor<?xf32>
  return %r : tensor<?xf32>
})"),
            (Lines{"x[3] f32", "y[3] f32", "r[3] f32"}));
}

TEST(Description, RefusesWhatCCannotPass) {
  EXPECT_EQ(
      describe("func.func @f(%x: tensor<*xf32>) { return }"),
      (Lines{"not supported: argument 'x' of entry 'f' has type "
             "'tensor<*xf32>'; use a ranked tensor or a scalar of bool, "
             "i8 to i64, index, f32 or f64 (tensors also f16, bf16 and i4)"}));
  EXPECT_EQ(describe("func.func @f(%x: f32) -> f32 { return %x : f32 }"),
            (Lines{"not supported: entry 'f' returns 'f32'; results of an "
                   "entry must be ranked tensors"}));
  EXPECT_EQ(describe("func.func private @f()"),
            (Lines{"the module has no public function; its public functions "
                   "are the entries of the library"}));
}

TEST(Description, TwoNibblesShareAByte) {
  EXPECT_EQ(describe("func.func @f(%x: tensor<?x2x6xi4>) { return }"),
            (Lines{"x[x_0,2,6] i4"}));
  for (const char *type : {"tensor<2x5xi4>", "tensor<2x?xi4>", "tensor<i4>"})
    EXPECT_EQ(
        describe("func.func @f(%x: " + std::string(type) + ") { return }"),
        (Lines{"not supported: argument 'x' of entry 'f' has type '" +
               std::string(type) +
               "'; two i4 share a byte, so the last dimension must be static "
               "and even"}));
  EXPECT_EQ(describe("func.func @f(%x: i4) { return }"),
            (Lines{"not supported: argument 'x' of entry 'f' has type 'i4'; "
                   "use a ranked tensor or a scalar of bool, i8 to i64, "
                   "index, f32 or f64 (tensors also f16, bf16 and i4)"}));
}

TEST(Description, ScalesGoWithTheirRows) {
  EXPECT_EQ(describe(R"(
func.func @f(%q: tensor<?x8x1x64xbf16>, %k: tensor<?x2x?x64xi8>,
             %v: tensor<?x2x?x64xi4>, %s: tensor<?x2x?xf32>,
             %t: tensor<?x2x?x4xf32>, %z: tensor<?x2x?x4xi8>)
    -> tensor<?x8x1x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%v) key_scales(%s)
    value_scales(%t) value_zero_points(%z)
    : (tensor<?x8x1x64xbf16>, tensor<?x2x?x64xi8>, tensor<?x2x?x64xi4>,
       tensor<?x2x?xf32>, tensor<?x2x?x4xf32>, tensor<?x2x?x4xi8>)
    -> tensor<?x8x1x64xf32>
  return %o : tensor<?x8x1x64xf32>
})"),
            (Lines{"q[B,8,1,64] bf16", "k[B,2,SK,64] i8", "v[B,2,SK,64] i4",
                   "s[B,2,SK] f32", "t[B,2,SK,4] f32", "z[B,2,SK,4] i8",
                   "o[B,8,1,64] f32"}));
}

TEST(Description, PoolsHaveTheirOwnBatch) {
  EXPECT_EQ(describe(R"(
func.func @f(%q: tensor<?x1x8x64xf32>, %k: tensor<?x16x2x64xf16>,
             %s: tensor<?x16x2xf32>, %t: tensor<?x?xi32>, %n: tensor<?xi32>)
    -> tensor<?x1x8x64xf32> {
  %o = attn.attention query(%q) key(%k) value(%k) value_scales(%s)
    page_table(%t)
    mask(%b: index, %h: index, %i: index, %j: index) {
      %m = tensor.extract %n[%b] : tensor<?xi32>
      %mi = arith.index_cast %m : i32 to index
      %keep = arith.cmpi slt, %j, %mi : index
      attn.yield %keep : i1
    } {layout = "bshd"}
    : (tensor<?x1x8x64xf32>, tensor<?x16x2x64xf16>, tensor<?x16x2x64xf16>,
       tensor<?x16x2xf32>, tensor<?x?xi32>)
    -> tensor<?x1x8x64xf32>
  return %o : tensor<?x1x8x64xf32>
})"),
            (Lines{"q[B,1,8,64] f32", "k[POOL,16,2,64] f16", "s[POOL,16,2] f32",
                   "t[B,PAGES] i32", "n[B] i32", "o[B,1,8,64] f32"}));
}

TEST(Description, PackedSequencesHaveTwoLengths) {
  EXPECT_EQ(describe(R"(
func.func @f(%q: tensor<?x8x64xf32>, %k: tensor<?x2x64xf32>,
             %s: tensor<?xi32>, %t: tensor<?xi32>, %bias: tensor<?xf32>)
    -> (tensor<?x8x64xf32>, tensor<8x?xf32>) {
  %o, %lse = attn.attention query(%q) key(%k) value(%k) query_starts(%s)
    key_starts(%t)
    score(%x: f32, %b: index, %h: index, %i: index, %j: index) {
      %y = tensor.extract %bias[%j] : tensor<?xf32>
      %r = arith.addf %x, %y : f32
      attn.yield %r : f32
    } {layout = "shd", aux = ["lse"]}
    : (tensor<?x8x64xf32>, tensor<?x2x64xf32>, tensor<?x2x64xf32>,
       tensor<?xi32>, tensor<?xi32>)
    -> (tensor<?x8x64xf32>, tensor<8x?xf32>)
  return %o, %lse : tensor<?x8x64xf32>, tensor<8x?xf32>
})"),
            // The bias counts from the start of a sequence.
            (Lines{"q[SQ,8,64] f32", "k[SK,2,64] f32", "s[STARTS] i32",
                   "t[STARTS] i32", "bias[bias_0] f32", "o[SQ,8,64] f32",
                   "lse[8,SQ] f32"}));
}

TEST(Description, LibraryNameIsTheBasename) {
  EXPECT_EQ(libraryName("/a/b-c/my lib.v2"), "my_lib_v2");
  EXPECT_EQ(libraryName("01-causal"), "01_causal");
}
