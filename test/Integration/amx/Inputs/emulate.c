/* AMX on processors without it: preloaded, this emulates the tile instructions
 * that code compiled for AMX runs into (SIGILL), one after another. They are
 * decoded from memory, so that what is tested is the code that would run on the
 * real thing, with its tile configuration.
 *
 * What it does not emulate ends the program with its bytes. Products and sums
 * are not flushed to zero. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { TILES = 8, ROWS = 16, BYTES = 64 };

/* The layout of ldtilecfg's operand. */
typedef struct configuration {
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes_a_row[16];
  uint8_t rows[16];
} configuration;

static _Thread_local configuration config;
static _Thread_local uint8_t tiles[TILES][ROWS][BYTES];
static _Thread_local unsigned long products;

static void fail(const char *what, const uint8_t *code) {
  fprintf(stderr, "emulate.c: %s:", what);
  for (int i = 0; i < 11; ++i)
    fprintf(stderr, " %02x", code[i]);
  fputc('\n', stderr);
  _exit(99);
}

static const int order[16] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};

static uint64_t reg(const ucontext_t *context, int number) {
  return (uint64_t)context->uc_mcontext.gregs[order[number]];
}

/* A memory operand, and where the instruction ends. */
typedef struct operand {
  uint64_t address, stride;
  const uint8_t *end;
} operand;

static operand decode(const ucontext_t *context, const uint8_t *code) {
  int x = !(code[1] & 0x40) * 8, b = !(code[1] & 0x20) * 8;
  int mod = code[4] >> 6, rm = code[4] & 7;
  const uint8_t *next = code + 5;
  operand result = {0, 0, NULL};
  int has_base = 1, base = rm + b;
  if (rm == 4) {
    int sib = *next++, index = (sib >> 3 & 7) + x;
    base = (sib & 7) + b;
    has_base = !((sib & 7) == 5 && mod == 0);
    if (index != 4)
      result.stride = reg(context, index) << (sib >> 6);
  } else if (rm == 5 && mod == 0) {
    int32_t offset;
    memcpy(&offset, next, 4);
    result.end = next + 4;
    result.address =
        (uint64_t)(uintptr_t)result.end + (uint64_t)(int64_t)offset;
    return result;
  }
  int64_t offset = 0;
  if (mod == 1) {
    offset = (int8_t)*next++;
  } else if (mod == 2 || !has_base) {
    int32_t wide;
    memcpy(&wide, next, 4);
    offset = wide;
    next += 4;
  }
  result.address = (has_base ? reg(context, base) : 0) + (uint64_t)offset;
  result.end = next;
  return result;
}

static float widen(const uint8_t *at) {
  uint32_t bits = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 24;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

static void multiply(int c, int a, int b, const uint8_t *code) {
  if (config.bytes_a_row[a] / 4 != config.rows[b] ||
      config.rows[c] != config.rows[a] ||
      config.bytes_a_row[c] != config.bytes_a_row[b])
    fail("tiles do not fit each other", code);
  for (int m = 0; m < config.rows[c]; ++m)
    for (int k = 0; k < config.rows[b]; ++k)
      for (int n = 0; n < config.bytes_a_row[c] / 4; ++n) {
        float sum;
        memcpy(&sum, &tiles[c][m][4 * n], 4);
        for (int part = 0; part < 4; part += 2)
          sum += widen(&tiles[a][m][4 * k + part]) *
                 widen(&tiles[b][k][4 * n + part]);
        memcpy(&tiles[c][m][4 * n], &sum, 4);
      }
  ++products;
}

static void move(int tile, operand memory, int stores) {
  for (int row = 0; row < config.rows[tile]; ++row) {
    void *there =
        (void *)(uintptr_t)(memory.address + (uint64_t)row * memory.stride);
    if (stores)
      memcpy(there, tiles[tile][row], config.bytes_a_row[tile]);
    else
      memcpy(tiles[tile][row], there, config.bytes_a_row[tile]);
  }
}

static void emulate(int signal, siginfo_t *info, void *data) {
  (void)signal, (void)info;
  ucontext_t *context = data;
  const uint8_t *code =
      (const uint8_t *)(uintptr_t)context->uc_mcontext.gregs[REG_RIP];
  /* Three-byte VEX of map 0f38, W0, 128 bits. */
  if (code[0] != 0xc4 || (code[1] & 31) != 2 || (code[2] & 0x84))
    fail("not a tile instruction", code);
  enum { none, p66, pf3, pf2 } prefix = code[2] & 3;
  int opcode = code[3], isMemory = code[4] >> 6 != 3;
  int tile = code[4] >> 3 & 7, second = code[4] & 7, third = ~code[2] >> 3 & 15;
  operand memory = {0, 0, code + 5};
  if (isMemory)
    memory = decode(context, code);
  if (opcode == 0x49 && prefix == none && isMemory) {
    memcpy(&config, (void *)(uintptr_t)memory.address, sizeof(config));
    if (config.palette != 1)
      fail("a palette that is not 1", code);
    memset(tiles, 0, sizeof(tiles));
  } else if (opcode == 0x49 && prefix == none && code[4] == 0xc0) {
    memset(&config, 0, sizeof(config));
  } else if (!config.palette) {
    fail("tiles are not configured", code);
  } else if (opcode == 0x49 && prefix == pf2 && !isMemory) {
    memset(tiles[tile], 0, sizeof(tiles[tile]));
  } else if (opcode == 0x4b && isMemory && prefix != none) {
    move(tile, memory, prefix == pf3);
  } else if (opcode == 0x5c && prefix == pf3 && !isMemory) {
    multiply(tile, second, third, code);
  } else {
    fail("an instruction that it does not know", code);
  }
  context->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)memory.end;
}

typedef int setter(int, const struct sigaction *, struct sigaction *);

static int set_action(int signal, const struct sigaction *action,
                      struct sigaction *old) {
  void *found = dlsym(RTLD_NEXT, "sigaction");
  setter *next;
  memcpy(&next, &found, sizeof(found));
  return next(signal, action, old);
}

/* Nobody else gets the signal: the tests' own programs print where they crash.
 */
int sigaction(int signal, const struct sigaction *action,
              struct sigaction *old) {
  return signal == SIGILL ? 0 : set_action(signal, action, old);
}

/* Workers of a library block all signals: all but this. */
int pthread_sigmask(int how, const sigset_t *set, sigset_t *old) {
  typedef int masker(int, const sigset_t *, sigset_t *);
  void *found = dlsym(RTLD_NEXT, "pthread_sigmask");
  masker *next;
  memcpy(&next, &found, sizeof(found));
  sigset_t others;
  if (set && how != SIG_UNBLOCK) {
    others = *set;
    sigdelset(&others, SIGILL);
    set = &others;
  }
  return next(how, set, old);
}

__attribute__((constructor)) static void install(void) {
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_sigaction = emulate;
  action.sa_flags = SA_SIGINFO;
  set_action(SIGILL, &action, NULL);
}

/* With one thread, that of main; so that a test sees that there were any. */
__attribute__((destructor)) static void report(void) {
  if (products)
    fprintf(stderr, "emulate.c: %lu products\n", products);
}
