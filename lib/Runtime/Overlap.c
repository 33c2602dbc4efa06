/*===- Overlap.c - Which bytes a strided tensor touches -------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Overlap.h"

static uint64_t gcd(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

int attn_rt_span_of(uintptr_t first, int64_t element_bytes, int32_t rank,
                    const int64_t *shape, const int64_t *strides,
                    attn_rt_span *span) {
  uint64_t below = 0, reach = (uint64_t)element_bytes;
  span->block = reach;
  span->step = 0;
  span->self_overlaps = 0;

  /* Dimensions from the smallest step to the largest, by repeated selection
   * (ranks are small): as long as a step does not leave a gap, the tensor so
   * far is one solid block. */
  uint64_t last_step = 0;
  int32_t last_dim = -1;
  for (;;) {
    uint64_t best_step = 0;
    int32_t best = -1;
    for (int32_t d = 0; d < rank; ++d) {
      if (shape[d] <= 1)
        continue;
      int64_t bytes;
      if (__builtin_mul_overflow(strides[d], element_bytes, &bytes) ||
          bytes == INT64_MIN)
        return 0;
      uint64_t step = (uint64_t)(bytes < 0 ? -bytes : bytes);
      int later = last_dim < 0 || step > last_step ||
                  (step == last_step && d > last_dim);
      if (later && (best < 0 || step < best_step)) {
        best = d;
        best_step = step;
      }
    }
    if (best < 0)
      break;
    last_dim = best;
    last_step = best_step;

    uint64_t extent;
    if (__builtin_mul_overflow((uint64_t)(shape[best] - 1), best_step, &extent))
      return 0;
    if (best_step < reach)
      span->self_overlaps = 1;
    if (best_step <= span->block && !span->step)
      span->block += extent;
    else
      span->step = gcd(span->step, best_step);
    if (__builtin_add_overflow(reach, extent, &reach) ||
        (strides[best] < 0 && __builtin_add_overflow(below, extent, &below)))
      return 0;
  }
  return !__builtin_sub_overflow(first, below, &span->begin) &&
         !__builtin_add_overflow(span->begin, reach, &span->end);
}

int attn_rt_spans_overlap(const attn_rt_span *a, const attn_rt_span *b) {
  if (a->end <= b->begin || b->end <= a->begin)
    return 0;
  uint64_t step = gcd(a->step, b->step);
  if (!step)
    return 1;
  /* Both live on the circle of circumference `step`: a in [0, a->block), b in
   * [shift, shift + b->block). */
  uint64_t shift = b->begin >= a->begin
                       ? (b->begin - a->begin) % step
                       : (step - (a->begin - b->begin) % step) % step;
  return shift < a->block || b->block > step - shift;
}
