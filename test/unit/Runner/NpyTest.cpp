//===- NpyTest.cpp - .npy files: what is read, what is refused
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "attn/Runner/Npy.h"
#include "gtest/gtest.h"
#include <cstring>
#include <random>

using namespace attn;
using namespace llvm;

namespace {
/// A version 1.0 file with that dictionary, however wrong.
std::string file(StringRef dict, StringRef data = "") {
  std::string text = "\x93NUMPY";
  text += {1, 0, char(dict.size() & 0xff), char(dict.size() >> 8)};
  return text + dict.str() + data.str();
}

std::string problem(StringRef contents) {
  Expected<NpyArray> array = parseNpy(contents, "x.npy");
  return array ? "" : toString(array.takeError());
}

NpyArray matrix() {
  NpyArray array;
  array.shape = {2, 3};
  float values[] = {0, 1, 2, 3, 4, 5};
  array.data.resize(sizeof(values));
  std::memcpy(array.data.data(), values, sizeof(values));
  return array;
}
} // namespace

TEST(Npy, RoundTrip) {
  for (NpyType type : {NpyType::Bool, NpyType::I8, NpyType::U8, NpyType::I32,
                       NpyType::I64, NpyType::F16, NpyType::F32, NpyType::F64})
    for (SmallVector<int64_t> shape :
         {SmallVector<int64_t>{}, {3}, {2, 0, 5}, {1, 2, 3, 4}}) {
      NpyArray array;
      array.type = type;
      array.shape = shape;
      array.data.assign(*countElements(shape, 1) * npySize(type), 1);
      Expected<NpyArray> back = parseNpy(formatNpy(array), "x.npy");
      ASSERT_TRUE(bool(back)) << toString(back.takeError());
      EXPECT_EQ(back->type, type);
      EXPECT_EQ(back->shape, shape);
      EXPECT_EQ(back->data, array.data);
    }
}

TEST(Npy, HeaderIsNumPys) {
  std::string header = formatNpy(matrix());
  header.resize(header.size() - 24);
  EXPECT_EQ(header.size() % 64, 0u);
  EXPECT_EQ(header.substr(10, 61), "{'descr': '<f4', 'fortran_order': False, "
                                   "'shape': (2, 3), }  ");
  EXPECT_EQ(header.back(), '\n');
}

TEST(Npy, AcceptsWhatNumPyMayWrite) {
  // Any order of keys, double quotes, no spaces, '<' before a byte.
  for (StringRef dict :
       {"{'shape':(2,),'descr':'<i1','fortran_order':False}",
        "{\"descr\": \"|i1\", \"fortran_order\": True, \"shape\": (2,), }   \n",
        "{'descr': '|i1', 'fortran_order': False, 'shape': (2L, 1), }"})
    EXPECT_EQ(problem(file(dict, "ab")), "") << dict.str();
}

TEST(Npy, FortranOrderBecomesRowMajor) {
  auto array =
      parseNpy(file("{'descr': '|i1', 'fortran_order': True, 'shape': (2, 3)}",
                    "adbecf"),
               "x.npy");
  ASSERT_TRUE(bool(array)) << toString(array.takeError());
  EXPECT_EQ(StringRef(array->data.data(), array->data.size()), "abcdef");
}

TEST(Npy, RefusesByNameAndRule) {
  const std::pair<std::string, StringRef> cases[] = {
      {"", "x.npy: not an .npy file: it does not begin with \\x93NUMPY"},
      {"PK\3\4", "x.npy: not an .npy file: it does not begin with \\x93NUMPY"},
      {"\x93NUMPY", "x.npy: truncated: the header has no format version"},
      {"\x93NUMPY\x09\x01",
       "x.npy: has .npy format version 9.1, expected 1 to 3"},
      {std::string("\x93NUMPY\1\0v", 9),
       "x.npy: truncated: the header has no length"},
      {std::string("\x93NUMPY\1\0\x10\0{", 11),
       "x.npy: truncated: the header has 1 bytes, its length says 16"},
      {file("[]"),
       "x.npy: the header is not a dictionary: it does not begin with {"},
      {file("{'descr': '<f4'"),
       "x.npy: the header is not a dictionary: expected , or }"},
      {file("{'descr' '<f4'}"),
       "x.npy: the header is not a dictionary with quoted keys"},
      {file("{'descr': [('a', '<f4')], }"),
       "x.npy: the header's 'descr' is not one quoted element type"},
      {file("{'descr': '<f4', 'descr': '<f4'}"),
       "x.npy: the header has the key 'descr' twice"},
      {file("{'order': 'C'}"), "x.npy: the header has the unknown key 'order'"},
      {file("{'descr': '<f4', 'shape': (1,)}"),
       "x.npy: the header has no 'fortran_order'"},
      {file("{'fortran_order': 0}"),
       "x.npy: the header's 'fortran_order' is neither True nor False"},
      {file("{'shape': (3)}"),
       "x.npy: the header's 'shape' is not a tuple of non-negative integers"},
      {file("{'shape': (-3,)}"),
       "x.npy: the header's 'shape' is not a tuple of non-negative integers"},
      {file("{'shape': (99999999999999999999,)}"),
       "x.npy: the header's 'shape' is not a tuple of non-negative integers"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': ()} x"),
       "x.npy: the header has text after its dictionary"},
      {file("{'descr': '>f4', 'fortran_order': False, 'shape': ()}"),
       "x.npy: has big-endian elements '>f4', expected little-endian ones"},
      {file("{'descr': '<c8', 'fortran_order': False, 'shape': ()}"),
       "x.npy: has elements '<c8', expected one of bool, i8, u8, i32, i64, "
       "f16, f32, f64"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': "
            "(4611686018427387904,)}"),
       "x.npy: has a shape that is too large"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
            "1234567"),
       "x.npy: truncated: holds 7 bytes of data, its header says 8"},
      {file("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
            "123456789"),
       "x.npy: holds 9 bytes of data, its header says 8"},
      {file("{'descr': '|b1', 'fortran_order': False, 'shape': (1,)}", "\2"),
       "x.npy: has a bool that is neither 0 nor 1"},
  };
  for (const auto &[contents, expected] : cases)
    EXPECT_EQ(problem(contents), expected.str());
  Expected<NpyArray> missing = readNpy("/nonexistent/x.npy");
  ASSERT_FALSE(bool(missing));
  EXPECT_EQ(toString(missing.takeError()),
            "/nonexistent/x.npy: No such file or directory");
}

// Every outcome is fine but a crash or an array that is not what its size says.
TEST(Npy, SurvivesDamage) {
  NpyArray array = matrix();
  std::string good = formatNpy(array);
  std::mt19937 generator(7);
  const StringRef pieces = "{}()',:LTrueFalse0123456789<|>f4i8b1 \"\\\x93\xff";
  for (int round = 0; round < 50000; ++round) {
    std::string bad = good;
    for (int edit = generator() % 4; edit >= 0; --edit) {
      size_t at = generator() % (bad.size() + 1);
      switch (generator() % 4) {
      case 0:
        bad.resize(at);
        break;
      case 1:
        bad.insert(at, 1, pieces[generator() % pieces.size()]);
        break;
      case 2:
        bad.erase(at, generator() % 5);
        break;
      case 3:
        if (at < bad.size())
          bad[at] = pieces[generator() % pieces.size()];
      }
    }
    Expected<NpyArray> result = parseNpy(bad, "x.npy");
    if (!result) {
      EXPECT_TRUE(
          StringRef(toString(result.takeError())).starts_with("x.npy: "));
      continue;
    }
    std::optional<int64_t> count =
        countElements(result->shape, npySize(result->type));
    ASSERT_TRUE(count);
    EXPECT_EQ(*count * npySize(result->type), int64_t(result->data.size()));
  }
}
