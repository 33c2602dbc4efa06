//===- ModTextTest.cpp - Mods as texts show them --------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ApplyMods.h"

using namespace attn;

TEST(ModText, ReadsHeadsOverLines) {
  ModFile file{"folder/own.mlir", R"(// Of the file.

// The first line.
// The second.
func.func private @one(%b: index, %h: index, %i: index, %j: index,
                       %t: tensor<2x?xf32, #e>, %x: f32) -> i1 {
  %c = arith.constant true
  return %c : i1
}
func.func @two(%s: f64, %b: index, %h: index, %i: index, %j: index) -> f64 {
  return %s : f64
}
// A helper.
func.func private @three(%x: f32) -> f32 {
  return %x : f32
}
)"};
  std::vector<ModText> mods = listMods(file);
  ASSERT_EQ(mods.size(), 3u);
  EXPECT_EQ(mods[0].name, "one");
  EXPECT_EQ(mods[0].file, "own");
  EXPECT_EQ(mods[0].summary, "The first line.");
  EXPECT_EQ(mods[0].kind(), ModKind::mask);
  EXPECT_EQ(mods[0].use(), "@one(%t: tensor<2x?xf32, #e>, %x: f32)");
  EXPECT_TRUE(mods[0].text.starts_with("// The first line."));
  EXPECT_TRUE(mods[0].text.ends_with("return %c : i1\n}"));
  EXPECT_EQ(mods[1].kind(), ModKind::score);
  EXPECT_EQ(mods[1].use(), "@two");
  EXPECT_EQ(mods[1].summary, "");
  EXPECT_EQ(mods[2].kind(), ModKind::other);
  EXPECT_TRUE(listMods({"empty.mlir", ""}).empty());
}

namespace {
struct ModLibrary : reference::InterpretTest {};
} // namespace

TEST_F(ModLibrary, IsReadByLinesAsByMLIR) {
  std::vector<std::string> seen;
  for (const char *score : {"f32", "f64"})
    for (const ModFile &file : modLibrary()) {
      std::vector<ModText> texts = listMods(file);
      auto parsed = mlir::parseSourceString<mlir::ModuleOp>(
          std::string("!score = ") + score + " " + file.text, &context,
          file.name);
      ASSERT_TRUE(parsed) << file.name << ": " << error;
      auto functions = parsed->getOps<mlir::func::FuncOp>();
      ASSERT_EQ(texts.size(),
                size_t(std::distance(functions.begin(), functions.end())))
          << file.name;
      for (auto [text, function] : llvm::zip(texts, functions)) {
        EXPECT_EQ(text.name, function.getName());
        EXPECT_EQ(text.kind(), modKind(function.getArgumentTypes(),
                                       function.getResultTypes()));
        EXPECT_EQ(text.inputs.size(), function.getNumArguments());
        EXPECT_TRUE(function.isPrivate()) << text.name.str();
        EXPECT_TRUE(llvm::StringRef(text.summary).ends_with(".") ||
                    llvm::StringRef(text.summary).ends_with(":"))
            << text.name.str() << " needs a sentence: " << text.summary;
        seen.push_back(text.name.str());
      }
    }
  // Of one name there is one mod, in each of the two types.
  llvm::sort(seen);
  for (size_t at = 0; at + 2 < seen.size(); ++at)
    EXPECT_FALSE(seen[at] == seen[at + 1] && seen[at] == seen[at + 2])
        << seen[at];
}
