/*===- Parallel.c - Parallel loops of generated code ----------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <sched.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>

/* ATTN_NUM_THREADS, else the CPUs this process may run on. Looked up once. */
static int64_t default_workers(void) {
  static _Atomic int64_t cached;
  int64_t workers = atomic_load_explicit(&cached, memory_order_relaxed);
  if (workers)
    return workers;
  const char *wish = getenv("ATTN_NUM_THREADS");
  workers = wish ? strtoll(wish, NULL, 10) : 0;
  cpu_set_t cpus;
  if (workers <= 0 && !sched_getaffinity(0, sizeof(cpus), &cpus))
    workers = CPU_COUNT(&cpus);
  if (workers <= 0)
    workers = 1;
  if (workers > ATTN_RT_MAX_THREADS)
    workers = ATTN_RT_MAX_THREADS;
  atomic_store_explicit(&cached, workers, memory_order_relaxed);
  return workers;
}

int64_t attn_rt_worker_count(const attn_env *env) {
  if (env && env->num_threads)
    return env->num_threads;
  return env && env->parallel_for ? 1 : default_workers();
}

int64_t attn_rt_num_workers(void *env) {
  return ((const attn_rt_env *)env)->workers;
}

typedef struct loop {
  int64_t count;
  void (*body)(void *context, int64_t index, void *scratch);
  void *context;
  char *scratch;
  int64_t scratch_bytes;
  /* Alone in its cache line: every worker writes it. */
  alignas(64) _Atomic int64_t next;
  alignas(64) char end[1];
} loop;

static void run_worker(void *context, int64_t worker) {
  loop *l = (loop *)context;
  char *scratch = l->scratch;
  if (scratch)
    scratch += worker * l->scratch_bytes;
  for (;;) {
    int64_t index =
        atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
    if (index >= l->count)
      return;
    l->body(l->context, index, scratch);
  }
}

void attn_rt_parallel_for(void *env, int64_t count,
                          void (*body)(void *context, int64_t index,
                                       void *scratch),
                          void *context, void *scratch_base,
                          int64_t scratch_bytes_per_worker) {
  const attn_rt_env *where = (const attn_rt_env *)env;
  int64_t workers = where->workers < count ? where->workers : count;
  if (workers <= 1) {
    for (int64_t index = 0; index < count; ++index)
      body(context, index, scratch_base);
    return;
  }
  loop l = {.count = count,
            .body = body,
            .context = context,
            .scratch = (char *)scratch_base,
            .scratch_bytes = scratch_bytes_per_worker};
  if (where->user && where->user->parallel_for)
    where->user->parallel_for(where->user->user, workers, run_worker, &l);
  else
    attn_rt_pool_run(workers, run_worker, &l);
}
