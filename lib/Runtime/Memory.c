/*===- Memory.c - Scratch memory from the environment ---------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Without an allocator of the caller's, the last block given back is kept for
 * the next call: a loop of calls then neither allocates nor takes page faults.
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <stdatomic.h>
#include <stdlib.h>

#define ALIGNMENT 64
/* More than this goes back to the system at once. */
#define KEEP_AT_MOST ((size_t)64 << 20)

/* Before the 64-byte aligned memory handed out. */
typedef struct block {
  size_t bytes;
  char padding[ALIGNMENT - sizeof(size_t)];
} block;

static _Atomic(block *) kept;

static void *take_own(size_t bytes) {
  block *found = atomic_exchange(&kept, NULL);
  if (found && found->bytes >= bytes)
    return found + 1;
  free(found);
  void *fresh;
  if (bytes > SIZE_MAX - sizeof(block) ||
      posix_memalign(&fresh, ALIGNMENT, sizeof(block) + bytes))
    return NULL;
  found = (block *)fresh;
  found->bytes = bytes;
  return found + 1;
}

static void give_own(void *pointer) {
  block *given = (block *)pointer - 1;
  if (given->bytes <= KEEP_AT_MOST)
    given = atomic_exchange(&kept, given);
  free(given);
}

__attribute__((destructor)) static void release_kept(void) {
  free(atomic_exchange(&kept, NULL));
}

void *attn_rt_take(const attn_env *env, size_t bytes) {
  return env && env->alloc ? env->alloc(env->user, bytes, ALIGNMENT)
                           : take_own(bytes);
}

void attn_rt_give(const attn_env *env, void *pointer, size_t bytes) {
  if (!pointer)
    return;
  if (env && env->alloc)
    env->free(env->user, pointer, bytes);
  else
    give_own(pointer);
}
