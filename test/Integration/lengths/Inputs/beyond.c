/* Lengths beyond the keys that there are: what full lengths give, to the bit,
 * and nothing is read behind the end, where the address sanitizer watches. */
#include "lengths.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { B = 3, H = 2, D = 32 };

typedef int32_t entry(const DLTensor *, const DLTensor *, const DLTensor *,
                      const DLTensor *, const DLTensor *, const attn_options *);

static float *numbers(int64_t count) {
  float *values = malloc((size_t)count * sizeof(float));
  for (int64_t i = 0; i < count; ++i)
    values[i] = (float)(i * 37 % 101) / 50 - 1;
  return values;
}

static float *call(entry *entry, int queries, int keys, const int32_t *given) {
  int64_t qs[] = {B, H, queries, D}, ks[] = {B, H, keys, D}, ls[] = {B};
  float *q = numbers(B * H * queries * D), *k = numbers(B * H * keys * D),
        *v = numbers(B * H * keys * D), *o = numbers(B * H * queries * D);
  int32_t *lengths = malloc(sizeof(int32_t[B]));
  memcpy(lengths, given, sizeof(int32_t[B]));
  DLTensor tq = attn_tensor_f32(q, 4, qs), tk = attn_tensor_f32(k, 4, ks),
           tv = attn_tensor_f32(v, 4, ks), to = attn_tensor_f32(o, 4, qs),
           tl = attn_tensor_i32(lengths, 1, ls);
  if (entry(&tq, &tk, &tv, &tl, &to, NULL))
    abort();
  free(q), free(k), free(v), free(lengths);
  return o;
}

int main(void) {
  static const int keys[] = {0, 1, 7, 64, 131, 1000};
  for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); ++i)
    for (int queries = 3; queries <= 48; queries += 45) {
      int n = keys[i];
      entry *entry = queries == 3 ? few_call : many_call;
      float *full = call(entry, queries, n, (int32_t[]){n, 0, n});
      float *beyond =
          call(entry, queries, n, (int32_t[]){n + 1, INT_MIN, INT_MAX});
      int same = !memcmp(full, beyond, sizeof(float) * B * H * queries * D);
      free(full), free(beyond);
      if (!same)
        return printf("%d queries, %d keys: not the same\n", queries, n), 1;
    }
  return 0;
}
