//===- OutputFilesTest.cpp - All files or none ----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Emit/OutputFiles.h"
#include "ToyLibrary.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace attn;

static int countFiles(const std::string &directory) {
  std::error_code code;
  int count = 0;
  for (llvm::sys::fs::directory_iterator it(directory, code), end; it != end;
       it.increment(code))
    ++count;
  return count;
}

TEST(OutputFiles, AppearTogether) {
  TestDirectory dir;
  OutputFiles files;
  ASSERT_FALSE(bool(files.add(dir.file("a"), "first")));
  ASSERT_FALSE(bool(files.add(dir.file("b"), "second", true)));
  EXPECT_FALSE(llvm::sys::fs::exists(dir.file("a")));
  ASSERT_FALSE(bool(files.commit()));
  EXPECT_EQ(dir.read("a"), "first");
  EXPECT_TRUE(llvm::sys::fs::can_execute(dir.file("b")));
  EXPECT_EQ(countFiles(dir.file("")), 2);
}

TEST(OutputFiles, LeaveNothingWithoutCommit) {
  TestDirectory dir;
  {
    OutputFiles files;
    ASSERT_FALSE(bool(files.add(dir.file("a"), "first")));
  }
  EXPECT_EQ(countFiles(dir.file("")), 0);
}

TEST(OutputFiles, NameThePlaceThatCannotBeWritten) {
  TestDirectory dir;
  OutputFiles files;
  std::string path = dir.file("missing/a");
  EXPECT_EQ(llvm::toString(files.add(path, "")),
            "cannot write '" + path + "': No such file or directory");
  EXPECT_EQ(llvm::toString(files.add(dir.file(""), "")),
            "cannot write '" + dir.file("") + "': Is a directory");
}
