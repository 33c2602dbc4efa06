/*===- Pool.c - The built-in thread pool ----------------------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * One pool a library, made at the first call that wants a second worker and
 * grown to the most that was asked for. Concurrent callers queue their jobs;
 * each caller works on its own, so nobody waits for a free thread, and a nested
 * or starved job still finishes. A forked child makes a pool of its own.
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

/* Lives on its caller's stack, all but `active` under the pool's lock. */
typedef struct job {
  attn_task task;
  void *context;
  int64_t next, limit;    /* worker numbers still to be claimed */
  _Atomic int64_t active; /* claimed and not finished */
  struct job *following;
} job;

typedef struct pool {
  pid_t owner;
  pthread_mutex_t lock;
  pthread_cond_t work;     /* a job was queued, or stop */
  pthread_cond_t finished; /* some job's active count fell to 0 */
  job *jobs;               /* with workers to be claimed, oldest first */
  _Atomic int64_t claims;  /* those workers, to be seen without the lock */
  int stop;
  int64_t num_threads;
  pthread_t threads[ATTN_RT_MAX_THREADS];
} pool;

static _Atomic(pool *) the_pool;

/* Polls before sleeping: some 20 us, so that back-to-back calls find the
 * workers awake, and an idle process burns nothing. */
#define POLLS 1000

static void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb"); /* yield returns at once on most */
#elif defined(__riscv)
  __asm__ volatile(".4byte 0x0100000f"); /* pause, a hint where it is unknown */
#endif
}

/* With the lock held. */
static void unlink_job(pool *p, job *j) {
  for (job **link = &p->jobs; *link; link = &(*link)->following)
    if (*link == j) {
      *link = j->following;
      return;
    }
}

static void *work(void *argument) {
  pool *p = (pool *)argument;
  for (;;) {
    for (int i = 0;
         i < POLLS && !atomic_load_explicit(&p->claims, memory_order_relaxed);
         ++i)
      pause_briefly();
    pthread_mutex_lock(&p->lock);
    while (!p->stop && !p->jobs)
      pthread_cond_wait(&p->work, &p->lock);
    if (p->stop) {
      pthread_mutex_unlock(&p->lock);
      return NULL;
    }
    job *j = p->jobs;
    int64_t worker = j->next++;
    atomic_fetch_add(&j->active, 1);
    atomic_fetch_sub(&p->claims, 1);
    if (j->next == j->limit)
      unlink_job(p, j);
    pthread_mutex_unlock(&p->lock);

    j->task(j->context, worker);

    /* The caller takes the lock before it leaves, so `j` lives until here. */
    pthread_mutex_lock(&p->lock);
    if (atomic_fetch_sub(&j->active, 1) == 1)
      pthread_cond_broadcast(&p->finished);
    pthread_mutex_unlock(&p->lock);
  }
}

/* The pool of this process; NULL when there is no memory for one. */
static pool *get_pool(void) {
  pool *found = atomic_load(&the_pool);
  pid_t self = getpid();
  if (found && found->owner == self)
    return found;
  pool *fresh = (pool *)calloc(1, sizeof(pool));
  if (!fresh)
    return NULL;
  fresh->owner = self;
  pthread_mutex_init(&fresh->lock, NULL);
  pthread_cond_init(&fresh->work, NULL);
  pthread_cond_init(&fresh->finished, NULL);
  /* A pool from before fork() is left alone: its locks may be held by threads
   * that do not exist here. */
  if (atomic_compare_exchange_strong(&the_pool, &found, fresh))
    return fresh;
  free(fresh);
  return found;
}

/* With the lock held. Fewer threads than asked for is no error. */
static void grow(pool *p, int64_t threads) {
  if (p->num_threads >= threads)
    return;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the program's */
  while (p->num_threads < threads &&
         !pthread_create(&p->threads[p->num_threads], NULL, work, p))
    ++p->num_threads;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void attn_rt_pool_run(int64_t count, attn_task task, void *context) {
  pool *p = count > 1 ? get_pool() : NULL;
  if (!p) {
    task(context, 0);
    return;
  }

  job mine = {task, context, 1, count, 0, NULL};
  pthread_mutex_lock(&p->lock);
  grow(p, count - 1 < ATTN_RT_MAX_THREADS ? count - 1 : ATTN_RT_MAX_THREADS);
  job **last = &p->jobs;
  while (*last)
    last = &(*last)->following;
  *last = &mine;
  atomic_fetch_add(&p->claims, count - 1);
  if (count == 2)
    pthread_cond_signal(&p->work);
  else
    pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->lock);

  task(context, 0);

  /* What nobody has claimed by now stays undone: the workers of a loop share
   * its indices, and worker 0 returned because none is left. */
  pthread_mutex_lock(&p->lock);
  if (mine.next < mine.limit) {
    atomic_fetch_sub(&p->claims, mine.limit - mine.next);
    unlink_job(p, &mine);
  }
  pthread_mutex_unlock(&p->lock);
  for (int i = 0; i < POLLS && atomic_load(&mine.active); ++i)
    pause_briefly();
  pthread_mutex_lock(&p->lock);
  while (atomic_load(&mine.active))
    pthread_cond_wait(&p->finished, &p->lock);
  pthread_mutex_unlock(&p->lock);
}

/* Runs when the library is unloaded or the program ends. */
__attribute__((destructor)) static void stop_pool(void) {
  pool *p = atomic_exchange(&the_pool, NULL);
  if (!p || p->owner != getpid())
    return;
  pthread_mutex_lock(&p->lock);
  p->stop = 1;
  pthread_cond_broadcast(&p->work);
  pthread_mutex_unlock(&p->lock);
  for (int64_t i = 0; i < p->num_threads; ++i)
    pthread_join(p->threads[i], NULL);
  pthread_cond_destroy(&p->finished);
  pthread_cond_destroy(&p->work);
  pthread_mutex_destroy(&p->lock);
  free(p);
}
