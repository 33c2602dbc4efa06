/*===- Cpu.c - Which CPU features this machine has ------------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef enum answer { present, absent, refused, unknown } answer;

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

/* Linux lets a program use AMX's tiles once it has asked for them; asking again
 * is right too. The permission is the whole program's. */
static int may_use_tiles(void) {
  enum { get_permission = 0x1022, request_permission = 0x1023, tile_data = 18 };
  unsigned long permitted = 0;
  return !syscall(SYS_arch_prctl, request_permission, tile_data) &&
         !syscall(SYS_arch_prctl, get_permission, &permitted) &&
         (permitted >> tile_data & 1);
}

static answer look(uint32_t leaf, uint32_t subleaf, char reg, int bit,
                   uint64_t state) {
  uint32_t a, b, c, d;
  if (!__get_cpuid_count(leaf, subleaf, &a, &b, &c, &d))
    return absent;
  uint32_t value = reg == 'a' ? a : reg == 'b' ? b : reg == 'c' ? c : d;
  if (!(value >> bit & 1) || (saved_state() & state) != state)
    return absent;
  return (state & 0x60000) && !may_use_tiles() ? refused : present;
}

#define ATTN_X86_FEATURE(NAME, LEAF, SUBLEAF, REGISTER, BIT, STATE)            \
  if (!strcmp(name, NAME))                                                     \
    return look(LEAF, SUBLEAF, #REGISTER[0], BIT, STATE);
#elif defined(__linux__)
static answer look(int word, int bit) {
  unsigned long has = getauxval(word == 1 ? AT_HWCAP : AT_HWCAP2);
  return has >> bit & 1 ? present : absent;
}

#if defined(__aarch64__)
#define ATTN_AARCH64_FEATURE(NAME, WORD, BIT)                                  \
  if (!strcmp(name, NAME))                                                     \
    return look(WORD, BIT);
#elif defined(__riscv)
#define ATTN_RISCV_FEATURE(NAME, BIT)                                          \
  if (!strcmp(name, NAME))                                                     \
    return look(1, BIT);
#endif
#endif

static answer find(const char *name) {
#define ATTN_CPU_FEATURE(NAME) /* another architecture's */
#include "CpuFeatures.def"
  return unknown;
}

/* The length of vector registers in bits where it is not one for all machines;
 * 0 where there are none. The feature itself was found before. */
static int vector_bits(void) {
#if defined(__aarch64__) && defined(__linux__)
  enum { sve_get_vl = 51, length_mask = 0xffff };
  int length = prctl(sve_get_vl);
  return length < 0 ? 0 : (length & length_mask) * 8;
#elif defined(__riscv)
  uint64_t bytes;
  __asm__ volatile("csrr %0, 0xc22" /* vlenb */ : "=r"(bytes));
  return (int)bytes * 8;
#else
  return 0;
#endif
}

int attn_rt_lacks_feature(const char *const *names, uint32_t count, char *why,
                          size_t bytes) {
  static const char length[] = ATTN_RT_VECTOR_BITS;
  for (uint32_t i = 0; i < count; ++i) {
    const char *name = names[i];
    if (!strncmp(name, length, sizeof(length) - 1)) {
      int wanted = atoi(name + sizeof(length) - 1), found = vector_bits();
      if (found == wanted)
        continue;
      snprintf(why, bytes,
               "vector registers of %d bits; this processor's are of %d",
               wanted, found);
      return 1;
    }
    switch (find(name)) {
    case present:
      continue;
    case absent:
      snprintf(why, bytes,
               "the CPU feature '%s', which this processor or its operating "
               "system lacks",
               name);
      return 1;
    case refused:
      snprintf(why, bytes,
               "the CPU feature '%s', whose registers the operating system "
               "does not let this program use",
               name);
      return 1;
    case unknown:
      snprintf(why, bytes,
               "the CPU feature '%s', which is unknown to its own runtime",
               name);
      return 1;
    }
  }
  return 0;
}
