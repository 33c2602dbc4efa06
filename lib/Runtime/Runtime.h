/*===- Runtime.h - Inside of the runtime ---------------------------*- C -*-===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Shared by the runtime's files, by the emitter of the tables it reads
 * (lib/Emit/Tables.cpp: the layouts must agree; the asserts at the end of this
 * file pin them) and by generated code (the attn_rt_ functions it calls).
 * The runtime is plain C over libc and pthreads, linked into every library,
 * hidden: what is static here is per library.
 *
 *===----------------------------------------------------------------------===*/

#ifndef ATTN_LIB_RUNTIME_RUNTIME_H
#define ATTN_LIB_RUNTIME_RUNTIME_H

#include "attn/Runtime/ABI.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An entry as emitted: what users see, then what only the runtime reads.
 *
 * The packed functions take an array of pointers: for a tensor to its memref
 * descriptor, for a scalar to its value, in the order of the arguments, then
 *   invoke:         [prepared descriptor] workspace descriptor, environment
 *   workspace_size: int64_t number of workers
 *   prepare:        (weights only) prepared descriptor
 *   check:          (inputs only); gives 0, or the number of a rule from 1 in
 *                   the low 16 bits, and above the element that breaks it or -1
 */
typedef struct attn_rt_entry {
  attn_entry visible;
  void (*invoke)(void **arguments);
  int64_t (*workspace_size)(void **arguments); /* NULL: needs none */
  void (*prepare)(void **arguments);           /* NULL: nothing to prepare */
  const int32_t *weights;   /* visible.num_weights argument indices */
  int64_t descriptor_words; /* 8-byte words of all descriptors together */
  uint64_t fingerprint;     /* of entry and variant; starts a prepared buffer */
  int64_t (*check)(void **arguments); /* NULL: nothing to check */
  const char *const *checks; /* what it finds: argument and rule in turns */
} attn_rt_entry;

/* The variants of a library, best first. */
typedef struct attn_rt_variants {
  const attn_library *const *libraries;
  const attn_library **picked; /* cache of the query; starts NULL */
  int64_t count;
} attn_rt_variants;

/* Bytes at the start of a prepared buffer that belong to the runtime. */
#define ATTN_RT_PREPARED_HEADER 64
#define ATTN_RT_MAX_THREADS 1024

/* What generated code gets as `env`: one per call, on the caller's stack. */
typedef struct attn_rt_env {
  const attn_env *user; /* may be NULL */
  int64_t workers;      /* at least 1 */
} attn_rt_env;

/* Fails a call: writes the sentence where the options say, returns `code`. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int32_t attn_rt_fail(const attn_options *options, int32_t code,
                     const char *format, ...);

/* Fits in a word of a descriptor buffer. */
typedef union attn_rt_word {
  int64_t integer;
  void *pointer;
  float f32;
  double f64;
} attn_rt_word;

/* Checks `count` values against the arguments of `entry` (all of them, or those
 * that `indices` lists) and builds a memref descriptor or a scalar for each:
 * slots[i] points into `words`. Without `with_data` only shapes are looked at;
 * `weights_optional` lets the weights' tensors be NULL. */
int32_t attn_rt_bind(const attn_rt_entry *entry, const attn_value *values,
                     const int32_t *indices, uint32_t count, int with_data,
                     int weights_optional, const attn_options *options,
                     attn_rt_word *words, void **slots);

/* Checks the structs that carry a size. NULL options are right. */
int32_t attn_rt_check_options(const attn_options *options);

/* How many workers calls in this environment have. */
int64_t attn_rt_worker_count(const attn_env *env);

/* Memory aligned to 64 bytes from the environment. */
void *attn_rt_take(const attn_env *env, size_t bytes);
void attn_rt_give(const attn_env *env, void *pointer, size_t bytes);

/* Runs task(context, w) for w = 0 on the calling thread and for some of the w
 * in [1, count) on the pool of this library, and returns when those that began
 * are done. For loops whose workers share the indices: when worker 0 returns,
 * no work is left, and a worker that has not begun by then never does. */
void attn_rt_pool_run(int64_t count, attn_task task, void *context);

/* A pseudo-feature: vector registers of exactly the number of bits that
 * follows, where machines differ. After the feature that they belong to. */
#define ATTN_RT_VECTOR_BITS "vector-bits="

/* Whether this machine or its operating system lacks one of the features in
 * `names`; then `why` says which, as the end of a sentence "... needs ". */
int attn_rt_lacks_feature(const char *const *names, uint32_t count, char *why,
                          size_t bytes);

/* The functions that every entry's table points to. */
int32_t attn_rt_call(const attn_entry *self, const attn_value *arguments,
                     uint32_t count, const attn_options *options);
int32_t attn_rt_workspace_size(const attn_entry *self,
                               const attn_value *arguments, uint32_t count,
                               const attn_options *options, size_t *bytes);
int32_t attn_rt_prepare(const attn_entry *self, const attn_value *weights,
                        uint32_t count, void *prepared, size_t prepared_bytes,
                        const attn_options *options);

/* NAME_query is this with its own table. */
const attn_library *attn_rt_query(const attn_rt_variants *variants,
                                  uint32_t max_abi, const char **error);

/* Called by generated code. Runs body(context, index, scratch) for each index
 * in [0, count); worker w has scratch_base + w * scratch_bytes_per_worker to
 * itself. Indices are handed out one by one as workers come free, so results
 * must not depend on who runs what. */
void attn_rt_parallel_for(void *env, int64_t count,
                          void (*body)(void *context, int64_t index,
                                       void *scratch),
                          void *context, void *scratch_base,
                          int64_t scratch_bytes_per_worker);
int64_t attn_rt_num_workers(void *env);

#ifdef __cplusplus
} /* extern "C" */
#define ATTN_RT_ASSERT static_assert
#else
#define ATTN_RT_ASSERT _Static_assert
#endif

ATTN_RT_ASSERT(sizeof(DLTensor) == 48, "DLPack's layout");
ATTN_RT_ASSERT(sizeof(attn_env) == 56, "frozen in ABI 1");
ATTN_RT_ASSERT(sizeof(attn_options) == 64, "frozen in ABI 1");
ATTN_RT_ASSERT(sizeof(attn_value) == 8, "frozen in ABI 1");
ATTN_RT_ASSERT(sizeof(attn_argument) == 48, "frozen in ABI 1");
ATTN_RT_ASSERT(sizeof(attn_entry) == 96, "frozen in ABI 1");
ATTN_RT_ASSERT(sizeof(attn_library) == 88, "frozen in ABI 1");
ATTN_RT_ASSERT(offsetof(attn_rt_entry, invoke) == sizeof(attn_entry),
               "lib/Emit/Tables.cpp relies on it");

#endif /* ATTN_LIB_RUNTIME_RUNTIME_H */
