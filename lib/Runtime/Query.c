/*===- Query.c - What NAME_query does -------------------------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

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
  const char *sentence = "this library has no variants";
  for (int64_t i = 0; i < variants->count; ++i) {
    const attn_library *library = variants->libraries[i];
    sentence = attn_rt_missing_feature(library->cpu_features,
                                       library->num_cpu_features);
    if (!sentence) {
      __atomic_store_n(variants->picked, library, __ATOMIC_RELEASE);
      return library;
    }
  }
  if (error)
    *error = sentence; /* of the last variant, the least demanding */
  return NULL;
}
