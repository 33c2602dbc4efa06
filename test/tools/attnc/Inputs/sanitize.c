/* Calls plain with an output that is as large as it says, or one row less. */
#include "plain.h"
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
  int wrong = argc > 1 && !strcmp(argv[1], "wrong");
  int64_t shape[4] = {1, 8, 48, 64};
  size_t count = 8 * 48 * 64;
  float *x = calloc(count, sizeof(float));
  float *y = calloc(count - (wrong ? 64 : 0), sizeof(float));
  DLTensor in = attn_tensor_f32(x, 4, shape);
  DLTensor out = attn_tensor_f32(y, 4, shape);
  int32_t status = plain_call(&in, &in, &in, &out, NULL);
  free(x);
  free(y);
  return status;
}
