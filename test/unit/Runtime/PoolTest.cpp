//===- PoolTest.cpp - The built-in thread pool ----------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestEntry.h"
#include "gtest/gtest.h"
#include <atomic>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace attn::test;

TEST(Pool, EveryIndexOnceWithItsOwnScratch) {
  for (int64_t workers : {1, 2, 3, 7}) {
    attn_rt_env env = {nullptr, workers};
    EXPECT_EQ(attn_rt_num_workers(&env), workers);
    std::vector<std::atomic<int>> seen(1000);
    std::vector<int64_t> scratch(workers);
    attn_rt_parallel_for(
        &env, 1000,
        [](void *context, int64_t index, void *mine) {
          auto *seen = static_cast<std::vector<std::atomic<int>> *>(context);
          ++(*seen)[index];
          ++*static_cast<int64_t *>(mine); // a race if it were shared
        },
        &seen, scratch.data(), 8);
    int64_t total = 0;
    for (int64_t count : scratch)
      total += count;
    EXPECT_EQ(total, 1000);
    for (auto &count : seen)
      EXPECT_EQ(count, 1);
  }
}

TEST(Pool, NoIndexNoWork) {
  attn_rt_env env = {nullptr, 4};
  attn_rt_parallel_for(
      &env, 0, [](void *, int64_t, void *) { FAIL(); }, nullptr, nullptr, 0);
}

TEST(Pool, ConcurrentCallers) {
  std::vector<std::thread> callers;
  std::atomic<int> right{0};
  for (int t = 0; t < 6; ++t)
    callers.emplace_back([&, t] {
      for (int round = 0; round < 50; ++round) {
        AffineCall call(1 + (t * 37 + round) % 60);
        call.env.num_threads = 1 + (t + round) % 5;
        right += call.run() == ATTN_OK && call.isRight();
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(right, 300);
}

TEST(Pool, NestedLoops) {
  static attn_rt_env env = {nullptr, 3};
  std::atomic<int> inner{0};
  attn_rt_parallel_for(
      &env, 5,
      [](void *context, int64_t, void *) {
        attn_rt_parallel_for(
            &env, 7,
            [](void *context, int64_t, void *) {
              ++*static_cast<std::atomic<int> *>(context);
            },
            context, nullptr, 0);
      },
      &inner, nullptr, 0);
  EXPECT_EQ(inner, 35);
}

TEST(Pool, WorksInAForkedChild) {
#if __has_feature(thread_sanitizer)
  GTEST_SKIP() << "ThreadSanitizer has no threads after fork";
#endif
  AffineCall call(50);
  call.env.num_threads = 4;
  ASSERT_EQ(call.run(), ATTN_OK); // the parent has threads now
  pid_t child = fork();
  if (!child) {
    AffineCall again(50);
    again.env.num_threads = 4;
    _exit(again.run() == ATTN_OK && again.isRight() ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}
