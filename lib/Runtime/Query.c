/*===- Query.c - What NAME_query does -------------------------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of `text` that lives as long as the library: what a query gave as its
 * error stays readable whatever other threads ask. Equal texts are one copy. */
static const char *keep(const char *text) {
  typedef struct kept {
    struct kept *next;
    char text[];
  } kept;
  static kept *all;
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  kept *found = all;
  while (found && strcmp(found->text, text))
    found = found->next;
  if (!found && (found = malloc(sizeof(kept) + strlen(text) + 1))) {
    strcpy(found->text, text);
    found->next = all;
    all = found;
  }
  pthread_mutex_unlock(&lock);
  return found ? found->text : "no variant of this library runs here";
}

/* The variant that the user wishes for, which must run. */
static const attn_library *pick_named(const attn_rt_variants *variants,
                                      const char *name, char *why,
                                      size_t bytes) {
  size_t used = (size_t)snprintf(why, bytes,
                                 "ATTN_TARGET is '%s', but the variants of "
                                 "this library are",
                                 name);
  for (int64_t i = 0; i < variants->count; ++i) {
    const attn_library *library = variants->libraries[i];
    if (!strcmp(library->target, name)) {
      used = (size_t)snprintf(
          why, bytes, "ATTN_TARGET is '%s', but that variant needs ", name);
      if (used >= bytes)
        used = bytes - 1;
      return attn_rt_lacks_feature(library->cpu_features,
                                   library->num_cpu_features, why + used,
                                   bytes - used)
                 ? NULL
                 : library;
    }
    if (used < bytes)
      used += (size_t)snprintf(why + used, bytes - used, "%s '%s'",
                               i ? "," : "", library->target);
  }
  return NULL;
}

/* The first that runs; else why the last, the least demanding, does not. */
static const attn_library *pick_best(const attn_rt_variants *variants,
                                     char *why, size_t bytes) {
  static const char start[] = "this library needs ";
  const size_t used = sizeof(start) - 1;
  snprintf(why, bytes, "this library has no variants");
  for (int64_t i = 0; i < variants->count; ++i) {
    const attn_library *library = variants->libraries[i];
    memcpy(why, start, used);
    if (!attn_rt_lacks_feature(library->cpu_features, library->num_cpu_features,
                               why + used, bytes - used))
      return library;
  }
  return NULL;
}

const attn_library *attn_rt_query(const attn_rt_variants *variants,
                                  uint32_t max_abi, const char **error) {
  if (error)
    *error = NULL;
  if (max_abi < ATTN_ABI_VERSION) {
    if (error)
      *error = "this library speaks version 1 of the ABI and none before it; "
               "query it with max_abi >= 1";
    return NULL;
  }
  /* CPUID is slow, and trapped in virtual machines: ask once. Every thread that
   * gets here first stores the same pointer. */
  const attn_library *picked =
      __atomic_load_n(variants->picked, __ATOMIC_ACQUIRE);
  if (picked)
    return picked;
  char why[512];
  const char *wish = getenv("ATTN_TARGET");
  picked = wish && *wish ? pick_named(variants, wish, why, sizeof(why))
                         : pick_best(variants, why, sizeof(why));
  if (picked)
    __atomic_store_n(variants->picked, picked, __ATOMIC_RELEASE);
  else if (error)
    *error = keep(why);
  return picked;
}
