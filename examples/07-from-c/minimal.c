/* One call of a compiled attention: values of 1 average to 1. */
#include "causal.h"
#include <stdio.h>

static float q[8 * 100 * 64], kv[2 * 100 * 64], o[8 * 100 * 64];

int main(void) {
  const int64_t queries[] = {1, 8, 100, 64}, keys[] = {1, 2, 100, 64};
  for (int i = 0; i < 2 * 100 * 64; ++i)
    kv[i] = 1;
  DLTensor tq = attn_tensor_f32(q, 4, queries),
           to = attn_tensor_f32(o, 4, queries);
  DLTensor tkv = attn_tensor_f32(kv, 4, keys);
  if (causal_call(&tq, &tkv, &tkv, &to, NULL) != ATTN_OK)
    return 1;
  printf("o[0] = %f\n", o[0]);
  return 0;
}
