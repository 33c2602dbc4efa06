/*===- Overlap.h - Which bytes a strided tensor touches ------------*- C -*-===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#ifndef ATTN_LIB_RUNTIME_OVERLAP_H
#define ATTN_LIB_RUNTIME_OVERLAP_H

#include <stdint.h>

/* A superset of the bytes a tensor touches: blocks of `block` bytes that start
 * at begin + multiples of `step`, inside [begin, end). */
typedef struct attn_rt_span {
  uintptr_t begin, end;
  uint64_t block;
  uint64_t step;     /* 0: one block only */
  int self_overlaps; /* some elements may share bytes */
} attn_rt_span;

/* Computes the span of a tensor with at least one element. Strides are in
 * elements and may be negative or 0. Returns 0 if the extent of the tensor does
 * not fit the address space. */
int attn_rt_span_of(uintptr_t first, int64_t element_bytes, int32_t rank,
                    const int64_t *shape, const int64_t *strides,
                    attn_rt_span *span);

/* Whether two tensors may share a byte. Exact enough to tell apart tensors
 * that are interleaved in one buffer, such as packed Q, K and V. */
int attn_rt_spans_overlap(const attn_rt_span *a, const attn_rt_span *b);

#endif /* ATTN_LIB_RUNTIME_OVERLAP_H */
