//===- AbiTest.cpp - The layout that is frozen as ABI 1 -------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Runtime.h"
#include "gtest/gtest.h"

// A field that moves breaks every program compiled before; new ones come last.
#define AT(TYPE, FIELD, OFFSET)                                                \
  static_assert(offsetof(TYPE, FIELD) == OFFSET, #TYPE "." #FIELD)

AT(attn_env, num_threads, 8);
AT(attn_env, user, 16);
AT(attn_env, parallel_for, 24);
AT(attn_env, alloc, 32);
AT(attn_env, free, 40);
AT(attn_env, stream, 48);
AT(attn_options, env, 8);
AT(attn_options, workspace, 16);
AT(attn_options, workspace_bytes, 24);
AT(attn_options, prepared, 32);
AT(attn_options, prepared_bytes, 40);
AT(attn_options, error, 48);
AT(attn_options, error_bytes, 56);
AT(attn_argument, name, 8);
AT(attn_argument, kind, 16);
AT(attn_argument, role, 17);
AT(attn_argument, weight, 18);
AT(attn_argument, is_index, 19);
AT(attn_argument, dtype, 20);
AT(attn_argument, rank, 24);
AT(attn_argument, shape, 32);
AT(attn_argument, symbols, 40);
AT(attn_entry, name, 8);
AT(attn_entry, num_inputs, 16);
AT(attn_entry, num_arguments, 20);
AT(attn_entry, arguments, 24);
AT(attn_entry, symbols, 32);
AT(attn_entry, num_symbols, 40);
AT(attn_entry, num_weights, 44);
AT(attn_entry, prepared_bytes, 48);
AT(attn_entry, device_type, 56);
AT(attn_entry, schedule, 64);
AT(attn_entry, call, 72);
AT(attn_entry, workspace_size, 80);
AT(attn_entry, prepare, 88);
AT(attn_library, abi_version, 8);
AT(attn_library, num_entries, 12);
AT(attn_library, name, 16);
AT(attn_library, compiler, 24);
AT(attn_library, entries, 32);
AT(attn_library, target, 40);
AT(attn_library, targets, 48);
AT(attn_library, num_targets, 56);
AT(attn_library, num_cpu_features, 60);
AT(attn_library, cpu_features, 64);
AT(attn_library, bytecode, 72);
AT(attn_library, bytecode_size, 80);

TEST(Abi, QueryPicksOnceAndRefusesByName) {
  static const char *const none[] = {"ssse3", "no-such-feature"};
  attn_library demanding = {}, plain = {};
  demanding.cpu_features = none;
  demanding.num_cpu_features = 2;
  const attn_library *list[] = {&demanding, &plain};
  const attn_library *picked = nullptr;
  attn_rt_variants both = {list, &picked, 2}, one = {list, &picked, 1};
  const char *error = "";
  EXPECT_EQ(attn_rt_query(&one, 1, &error), nullptr);
  EXPECT_STREQ(error, "this library needs the CPU feature 'no-such-feature', "
                      "which is unknown to its own runtime");
  EXPECT_EQ(attn_rt_query(&both, 1, &error), &plain);
  EXPECT_EQ(error, nullptr);
  EXPECT_EQ(picked, &plain);
  EXPECT_EQ(attn_rt_query(&both, 0, &error), nullptr);
}

TEST(Abi, FeaturesAreThoseOfThisMachine) {
#define ATTN_CPU_FEATURE(NAME) NAME,
  static const char *const names[] = {
#include "CpuFeatures.def"
  };
  __builtin_cpu_init();
  auto has = [](const char *name) {
    char why[200];
    return !attn_rt_lacks_feature(&name, 1, why, sizeof(why));
  };
  EXPECT_EQ(has("avx2"), bool(__builtin_cpu_supports("avx2")));
  EXPECT_EQ(has("fma"), bool(__builtin_cpu_supports("fma")));
  EXPECT_EQ(has("avx512f"), bool(__builtin_cpu_supports("avx512f")));
  EXPECT_EQ(has("avx512bf16"), bool(__builtin_cpu_supports("avx512bf16")));
  EXPECT_EQ(has("sse4.2"), bool(__builtin_cpu_supports("sse4.2")));
  EXPECT_EQ(has("gfni"), bool(__builtin_cpu_supports("gfni")));
  for (const char *name : names) {
    char why[200] = "";
    if (attn_rt_lacks_feature(&name, 1, why, sizeof(why))) {
      EXPECT_NE(std::string(why).find(name), std::string::npos);
    }
  }
}

namespace {
/// Sets ATTN_TARGET while it lives.
struct Wish {
  explicit Wish(const char *target) { setenv("ATTN_TARGET", target, 1); }
  ~Wish() { unsetenv("ATTN_TARGET"); }
};
} // namespace

TEST(Abi, TheUserPicksAVariant) {
  static const char *const none[] = {"no-such-feature"};
  attn_library best = {}, demanding = {}, plain = {};
  best.target = "best";
  demanding.target = "demanding";
  demanding.cpu_features = none;
  demanding.num_cpu_features = 1;
  plain.target = "plain";
  const attn_library *list[] = {&best, &demanding, &plain};
  const char *error = "";
  auto query = [&](const char *wish) {
    const attn_library *picked = nullptr;
    attn_rt_variants variants = {list, &picked, 3};
    Wish environment(wish);
    return attn_rt_query(&variants, 1, &error);
  };
  EXPECT_EQ(query("plain"), &plain);
  EXPECT_EQ(error, nullptr);
  EXPECT_EQ(query(""), &best);
  EXPECT_EQ(query("demanding"), nullptr);
  EXPECT_STREQ(error, "ATTN_TARGET is 'demanding', but that variant needs the "
                      "CPU feature 'no-such-feature', which is unknown to its "
                      "own runtime");
  const char *before = error;
  EXPECT_EQ(query("plainer"), nullptr);
  EXPECT_STREQ(error, "ATTN_TARGET is 'plainer', but the variants of this "
                      "library are 'best', 'demanding', 'plain'");
  EXPECT_EQ(query("demanding"), nullptr);
  EXPECT_EQ(error, before); // one copy of a text
  // Far longer than any buffer.
  EXPECT_EQ(query(std::string(5000, 'x').c_str()), nullptr);
  EXPECT_LT(strlen(error), 600u);
}

TEST(Abi, AVectorLengthIsAFeature) {
  const char *name = ATTN_RT_VECTOR_BITS "131072";
  char why[200];
  EXPECT_TRUE(attn_rt_lacks_feature(&name, 1, why, sizeof(why)));
  EXPECT_STREQ(why, "vector registers of 131072 bits; this processor's are of "
                    "0");
}
