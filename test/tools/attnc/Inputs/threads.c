/* Two threads call plain at once, several times: right, or after the main
 * thread wrote the input or an output without a lock. */
#include "plain.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static float *input;
static int64_t shape[4] = {1, 8, 48, 64};
enum { count = 8 * 48 * 64 };

/* Relaxed: it orders nothing, so that what is written before is a race in the
 * eyes of the sanitizer, whatever the threads are given of the machine. */
static _Atomic int begin;

static void *call(void *output) {
  while (!atomic_load_explicit(&begin, memory_order_relaxed))
    sched_yield();
  for (int i = 0; i < 4; ++i) {
    DLTensor in = attn_tensor_f32(input, 4, shape);
    DLTensor out = attn_tensor_f32(output, 4, shape);
    attn_env env = {.struct_size = sizeof(attn_env), .num_threads = 2};
    attn_options options = ATTN_OPTIONS_INIT;
    options.env = &env;
    if (plain_call(&in, &in, &in, &out, &options))
      abort();
  }
  return NULL;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "right";
  input = calloc(count, sizeof(float));
  float *outputs[2] = {calloc(count, sizeof(float)),
                       calloc(count, sizeof(float))};
  pthread_t threads[2];
  for (int i = 0; i < 2; ++i)
    pthread_create(&threads[i], NULL, call, outputs[i]);
  float *disturbed = !strcmp(what, "input")    ? input
                     : !strcmp(what, "output") ? outputs[0]
                                               : NULL;
  for (int i = 0; disturbed && i < count; ++i)
    disturbed[i] = 1;
  atomic_store_explicit(&begin, 1, memory_order_relaxed);
  for (int i = 0; i < 2; ++i)
    pthread_join(threads[i], NULL);
  float sum = outputs[0][0] + outputs[1][0];
  free(input);
  free(outputs[0]);
  free(outputs[1]);
  return sum != sum;
}
