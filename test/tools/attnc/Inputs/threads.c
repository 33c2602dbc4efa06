/* Two threads call plain at once, several times: right, or while the main
 * thread writes the input or an output. */
#include "plain.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static float *input;
static int64_t shape[4] = {1, 8, 48, 64};
enum { count = 8 * 48 * 64 };

static void *call(void *output) {
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
  /* Again and again: which accesses the sanitizer remembers is chance. */
  for (int i = 0; disturbed && i < 50 * count; ++i)
    disturbed[i % count] = 1;
  for (int i = 0; i < 2; ++i)
    pthread_join(threads[i], NULL);
  float sum = outputs[0][0] + outputs[1][0];
  free(input);
  free(outputs[0]);
  free(outputs[1]);
  return sum != sum;
}
