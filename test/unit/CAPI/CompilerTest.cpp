//===- CompilerTest.cpp - The compiler's C API ----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/CAPI/Compiler.h"
#include "gtest/gtest.h"
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <string>

static const std::string source = R"mlir(
func.func @f(%q: tensor<8x?x64xf32>) -> tensor<8x?x64xf32> {
  %o = attn.attention query(%q) key(%q) value(%q) mask(@third)
    : (tensor<8x?x64xf32>, tensor<8x?x64xf32>, tensor<8x?x64xf32>) -> tensor<8x?x64xf32>
  return %o : tensor<8x?x64xf32>
}
)mlir";

static const char third[] = R"mlir(
func.func private @third(%b: index, %h: index, %i: index, %j: index) -> i1 {
  %c3 = arith.constant 3 : index
  %rest = arith.remui %j, %c3 : index
  %keep = arith.cmpi eq, %rest, %i : index
  return %keep : i1
}
)mlir";

namespace {
struct Fused {
  AttnStatus status;
  std::string text, diagnostics;
};
} // namespace

static Fused fuse(const AttnCompileOptions &options) {
  char *text = nullptr, *diagnostics = nullptr;
  AttnStatus status = attnRunStages(source.data(), source.size(), "fuse",
                                    &options, &text, &diagnostics);
  Fused fused = {status, text ? text : "", diagnostics ? diagnostics : ""};
  attnStringFree(text);
  attnStringFree(diagnostics);
  return fused;
}

static AttnCompileOptions withModFile(const char *const *path) {
  AttnCompileOptions options = {};
  options.structSize = sizeof(options);
  options.modFiles = path;
  options.numModFiles = 1;
  return options;
}

TEST(CompilerTest, AppliesModsOfFiles) {
  std::string path = testing::TempDir() + "attn-capi-mods.mlir";
  std::ofstream(path) << third;
  const char *modFile = path.c_str();
  Fused fused = fuse(withModFile(&modFile));
  EXPECT_EQ(fused.status, AttnStatusSuccess) << fused.diagnostics;
  EXPECT_NE(fused.text.find("arith.remui"), std::string::npos) << fused.text;
  std::remove(path.c_str());
}

TEST(CompilerTest, RefusesAFileThatIsNotThere) {
  const char *modFile = "no/such/mods.mlir";
  Fused fused = fuse(withModFile(&modFile));
  EXPECT_EQ(fused.status, AttnStatusBadInput);
  EXPECT_NE(fused.diagnostics.find("no/such/mods.mlir"), std::string::npos)
      << fused.diagnostics;
  EXPECT_EQ(fused.text, "");
}

TEST(CompilerTest, TakesOptionsOfBeforeThereWereMods) {
  const char *modFile = "no/such/mods.mlir";
  AttnCompileOptions options = withModFile(&modFile);
  options.structSize = offsetof(AttnCompileOptions, modFiles);
  options.sourceName = "mine.mlir";
  Fused fused = fuse(options);
  EXPECT_EQ(fused.status, AttnStatusBadInput);
  EXPECT_NE(fused.diagnostics.find("mine.mlir:3:"), std::string::npos)
      << fused.diagnostics;
  EXPECT_NE(fused.diagnostics.find("@third"), std::string::npos)
      << fused.diagnostics;
}
