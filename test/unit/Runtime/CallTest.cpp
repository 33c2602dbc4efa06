//===- CallTest.cpp - Workspaces and environments -------------------------===//
//
// Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TestEntry.h"
#include "gtest/gtest.h"
#include <thread>

using namespace attn::test;

static size_t workspaceBytes(AffineCall &call) {
  size_t bytes = 0;
  EXPECT_EQ(affineEntry()->workspace_size(affineEntry(), call.values, 5,
                                          &call.options, &bytes),
            ATTN_OK);
  return bytes;
}

TEST(Workspace, SizeLooksAtShapesOnly) {
  AffineCall call(5);
  call.x.data = call.y.data = call.length.data = nullptr;
  EXPECT_GE(workspaceBytes(call), 8u);
  call.env.num_threads = 1000;
  EXPECT_GE(workspaceBytes(call), 8000u);
  call.matrix[1] = 3;
  size_t bytes;
  EXPECT_EQ(affineEntry()->workspace_size(affineEntry(), call.values, 5,
                                          &call.options, &bytes),
            ATTN_ERROR_SHAPE);
}

TEST(Workspace, AnyAlignmentWillDo) {
  AffineCall call(5);
  call.env.num_threads = 3;
  size_t bytes = workspaceBytes(call);
  for (size_t skip : {0, 1, 63}) {
    std::vector<char> buffer(bytes + 64 + skip, 0x5a);
    call.options.workspace = buffer.data() + skip;
    call.options.workspace_bytes = bytes;
    EXPECT_EQ(call.run(), ATTN_OK) << call.text;
    EXPECT_TRUE(call.isRight());
    for (size_t i = skip + bytes; i < buffer.size(); ++i)
      ASSERT_EQ(buffer[i], 0x5a);
  }
}

TEST(Workspace, TooSmall) {
  AffineCall call(5);
  char byte;
  call.options.workspace = &byte;
  call.options.workspace_bytes = 1;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_WORKSPACE),
            "entry 'affine': the workspace has 1 bytes; these shapes on 1 "
            "threads need 127");
}

namespace {

struct Arena {
  int taken = 0, given = 0;
  bool empty = false;
  size_t bytes = 0;
};

void *takeFromArena(void *user, size_t bytes, size_t alignment) {
  auto *arena = static_cast<Arena *>(user);
  if (arena->empty)
    return nullptr;
  ++arena->taken;
  arena->bytes = bytes;
  return aligned_alloc(alignment, bytes);
}

void giveToArena(void *user, void *pointer, size_t bytes) {
  auto *arena = static_cast<Arena *>(user);
  ++arena->given;
  EXPECT_EQ(arena->bytes, bytes);
  free(pointer);
}

} // namespace

TEST(Environment, OwnAllocator) {
  AffineCall call(5);
  Arena arena;
  call.env.user = &arena;
  call.env.alloc = takeFromArena;
  call.env.free = giveToArena;
  EXPECT_EQ(call.run(), ATTN_OK);
  EXPECT_TRUE(call.isRight());
  EXPECT_EQ(arena.taken, 1);
  EXPECT_EQ(arena.given, 1);
  arena.empty = true;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_MEMORY),
            "entry 'affine': no memory for a workspace of 64 bytes");
  EXPECT_EQ(arena.given, 1);
}

TEST(Environment, AllocatorNeedsBothHalves) {
  AffineCall call(5);
  call.env.alloc = takeFromArena;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_NULL),
            "attn_env.free is NULL but attn_env.alloc is not; set both or "
            "neither");
}

TEST(Environment, ThreadsInRange) {
  AffineCall call(5);
  call.env.num_threads = -1;
  EXPECT_EQ(call.failsWith(ATTN_ERROR_VALUE),
            "attn_env.num_threads is -1; must be in [0, 1024]");
}

TEST(Environment, OwnParallelFor) {
  static int calls;
  calls = 0;
  AffineCall call(100);
  call.env.num_threads = 4;
  call.env.parallel_for = [](void *, int64_t count, attn_task task,
                             void *context) {
    ++calls;
    EXPECT_EQ(count, 4);
    std::vector<std::thread> threads;
    for (int64_t w = 0; w < count; ++w)
      threads.emplace_back(task, context, w);
    for (std::thread &thread : threads)
      thread.join();
  };
  EXPECT_EQ(call.run(), ATTN_OK);
  EXPECT_TRUE(call.isRight());
  EXPECT_EQ(calls, 1);
  // By default it is asked for one worker, which needs no call.
  call.env.num_threads = 0;
  EXPECT_EQ(call.run(), ATTN_OK);
  EXPECT_EQ(calls, 1);
}
