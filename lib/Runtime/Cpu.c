/*===- Cpu.c - Which CPU features this machine has ------------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* What the operating system saves at a context switch. */
static uint64_t saved_state(void) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & (1u << 27) /* OSXSAVE */))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static int has(uint32_t leaf, uint32_t subleaf, char reg, int bit,
               uint64_t state) {
  uint32_t a, b, c, d;
  if (!__get_cpuid_count(leaf, subleaf, &a, &b, &c, &d))
    return 0;
  uint32_t value = reg == 'a' ? a : reg == 'b' ? b : reg == 'c' ? c : d;
  return (value >> bit & 1) && (saved_state() & state) == state;
}
#else
static int has(uint32_t leaf, uint32_t subleaf, char reg, int bit,
               uint64_t state) {
  (void)leaf, (void)subleaf, (void)reg, (void)bit, (void)state;
  return 0;
}
#endif

/* NULL if the machine has the feature `name`. */
static const char *missing(const char *name) {
#define ATTN_CPU_FEATURE(NAME, LEAF, SUBLEAF, REGISTER, BIT, STATE)            \
  if (!strcmp(name, NAME))                                                     \
    return has(LEAF, SUBLEAF, #REGISTER[0], BIT, STATE)                        \
               ? NULL                                                          \
               : "this library needs the CPU feature '" NAME                   \
                 "', which this processor or its operating system lacks";
#include "CpuFeatures.def"
  return "this library needs a CPU feature unknown to its own runtime";
}

const char *attn_rt_missing_feature(const char *const *names, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    const char *sentence = missing(names[i]);
    if (sentence)
      return sentence;
  }
  return NULL;
}
