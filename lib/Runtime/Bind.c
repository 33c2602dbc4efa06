/*===- Bind.c - From DLPack tensors to memref descriptors -----------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Every rule a caller can break is checked here, before anything is written.
 *
 *===----------------------------------------------------------------------===*/

#include "Overlap.h"
#include "Runtime.h"

#include <inttypes.h>
#include <stdio.h>

static const char *type_name(DLDataType type, char *buffer, size_t bytes) {
  const char *kind = type.code == kDLInt      ? "i"
                     : type.code == kDLUInt   ? "u"
                     : type.code == kDLFloat  ? "f"
                     : type.code == kDLBfloat ? "bf"
                                              : NULL;
  if (type.lanes != 1)
    snprintf(buffer, bytes, "a vector of %d elements", type.lanes);
  else if (type.code == kDLBool)
    snprintf(buffer, bytes, "bool");
  else if (kind)
    snprintf(buffer, bytes, "%s%d", kind, type.bits);
  else
    snprintf(buffer, bytes, "DLPack type code %d", type.code);
  return buffer;
}

static const char *role_name(const attn_argument *argument) {
  return argument->role == ATTN_INPUT    ? "input"
         : argument->role == ATTN_OUTPUT ? "output"
                                         : "in/out argument";
}

static int32_t bind_scalar(const attn_argument *argument, attn_value value,
                           const attn_options *options, attn_rt_word *word) {
  if (argument->dtype.code == kDLFloat) {
    if (argument->dtype.bits == 64)
      word->f64 = value.real;
    else
      word->f32 = (float)value.real;
    return ATTN_OK;
  }
  int is_signed = argument->dtype.code == kDLInt;
  int bits = argument->dtype.code == kDLBool ? 1 : argument->dtype.bits;
  if (bits < 64) {
    int64_t low = is_signed ? -(INT64_C(1) << (bits - 1)) : 0;
    int64_t high = (INT64_C(1) << (is_signed ? bits - 1 : bits)) - 1;
    if (value.integer < low || value.integer > high)
      return attn_rt_fail(options, ATTN_ERROR_VALUE,
                          "argument '%s' is %" PRId64 "; must be in [%" PRId64
                          ", %" PRId64 "]",
                          argument->name, value.integer, low, high);
  }
  word->integer = value.integer;
  return ATTN_OK;
}

/* Where the extent of a symbol was seen first. */
struct extent {
  int64_t value;
  const char *argument;
  int32_t dim;
};

static int32_t check_shape(const attn_entry *entry,
                           const attn_argument *argument,
                           const DLTensor *tensor, struct extent *extents,
                           const attn_options *options) {
  for (int32_t d = 0; d < argument->rank; ++d) {
    int64_t size = tensor->shape[d];
    if (size < 0)
      return attn_rt_fail(options, ATTN_ERROR_SHAPE,
                          "argument '%s': dimension %d is %" PRId64
                          "; must not be negative",
                          argument->name, d, size);
    /* Positions are counted in 32 bits. */
    if (size > INT32_MAX)
      return attn_rt_fail(options, ATTN_ERROR_SHAPE,
                          "argument '%s': dimension %d is %" PRId64
                          "; must be less than 2147483648",
                          argument->name, d, size);
    if (argument->shape[d] >= 0 && size != argument->shape[d])
      return attn_rt_fail(options, ATTN_ERROR_SHAPE,
                          "argument '%s': dimension %d is %" PRId64
                          "; must be %" PRId64,
                          argument->name, d, size, argument->shape[d]);
    int32_t symbol = argument->symbols[d];
    if (symbol < 0)
      continue;
    struct extent *seen = &extents[symbol];
    if (!seen->argument) {
      seen->value = size;
      seen->argument = argument->name;
      seen->dim = d;
    } else if (seen->value != size) {
      return attn_rt_fail(options, ATTN_ERROR_SHAPE,
                          "argument '%s': dimension %d is %" PRId64
                          "; must be %s = %" PRId64
                          ", as dimension %d of argument '%s'",
                          argument->name, d, size, entry->symbols[symbol],
                          seen->value, seen->dim, seen->argument);
    }
  }
  return ATTN_OK;
}

static int is_empty(const DLTensor *tensor) {
  for (int32_t d = 0; d < tensor->ndim; ++d)
    if (tensor->shape[d] == 0)
      return 1;
  return 0;
}

/* Elements that share a byte: two i4. Generated code sees the bytes. */
static int64_t elements_per_byte(DLDataType type) {
  return type.bits < 8 ? 8 / type.bits : 1;
}

/* From counting elements to counting what generated code sees. */
static void count_bytes(const attn_argument *argument, int64_t *sizes,
                        int64_t *strides) {
  int64_t shared = elements_per_byte(argument->dtype);
  if (shared == 1 || !argument->rank)
    return;
  sizes[argument->rank - 1] /= shared;
  for (int32_t d = 0; d + 1 < argument->rank; ++d)
    strides[d] /= shared;
}

/* Rank, type, device and shape, and with data also strides and address. Fills
 * the descriptor {allocated, aligned, offset, sizes, strides}, and the span
 * unless the tensor is empty. */
static int32_t bind_tensor(const attn_entry *entry,
                           const attn_argument *argument,
                           const DLTensor *tensor, int with_data,
                           struct extent *extents, const attn_options *options,
                           attn_rt_word *words, attn_rt_span *span) {
  char given[40], wanted[40];
  const char *name = argument->name;
  int32_t rank = argument->rank;
  if (tensor->ndim != rank)
    return attn_rt_fail(options, ATTN_ERROR_RANK,
                        "argument '%s' has rank %d; must be %d", name,
                        tensor->ndim, rank);
  if (tensor->dtype.code != argument->dtype.code ||
      tensor->dtype.bits != argument->dtype.bits || tensor->dtype.lanes != 1)
    return attn_rt_fail(options, ATTN_ERROR_TYPE,
                        "argument '%s' has type %s; must be %s", name,
                        type_name(tensor->dtype, given, sizeof(given)),
                        type_name(argument->dtype, wanted, sizeof(wanted)));
  int32_t device = (int32_t)tensor->device.device_type;
  if (device != kDLCPU && device != kDLCUDAHost)
    return attn_rt_fail(options, ATTN_ERROR_DEVICE,
                        "argument '%s' is on DLPack device type %d; must be on "
                        "the CPU (%d)",
                        name, device, kDLCPU);
  if (rank && !tensor->shape)
    return attn_rt_fail(options, ATTN_ERROR_NULL,
                        "argument '%s' has a NULL shape", name);
  int32_t status = check_shape(entry, argument, tensor, extents, options);
  if (status)
    return status;

  int64_t *sizes = &words[3].integer, *strides = sizes + rank;
  int64_t compact = 1;
  for (int32_t d = rank - 1; d >= 0; --d) {
    sizes[d] = tensor->shape[d];
    strides[d] = tensor->strides ? tensor->strides[d] : compact;
    if (__builtin_mul_overflow(compact, sizes[d] ? sizes[d] : 1, &compact))
      return attn_rt_fail(
          options, ATTN_ERROR_SHAPE,
          "argument '%s' has more elements than memory can hold", name);
  }
  int64_t bytes = (argument->dtype.bits + 7) / 8;
  char *data = (char *)tensor->data;
  words[0].pointer = words[1].pointer = data;
  words[2].integer = 0;
  int empty = is_empty(tensor);
  if (rank && (empty || sizes[rank - 1] <= 1))
    strides[rank - 1] = 1; /* any value is right; this one is expected */
  int64_t shared = elements_per_byte(argument->dtype);
  for (int32_t d = 0; with_data && !empty && d + 1 < rank; ++d)
    if (sizes[d] > 1 && strides[d] % shared)
      return attn_rt_fail(
          options, ATTN_ERROR_STRIDE,
          "argument '%s': the stride of dimension %d is %" PRId64
          "; must be a multiple of %" PRId64 ", as rows begin at a byte",
          name, d, strides[d], shared);
  count_bytes(argument, sizes, strides);
  if (!with_data || empty)
    return ATTN_OK;

  if (rank && strides[rank - 1] != 1)
    return attn_rt_fail(options, ATTN_ERROR_STRIDE,
                        "argument '%s': the stride of the last dimension is "
                        "%" PRId64 "; must be 1",
                        name, strides[rank - 1]);
  if (!data)
    return attn_rt_fail(options, ATTN_ERROR_NULL, "argument '%s' has NULL data",
                        name);
  data += tensor->byte_offset;
  if ((uintptr_t)data % (uintptr_t)bytes)
    return attn_rt_fail(options, ATTN_ERROR_ALIGNMENT,
                        "argument '%s' is at %p; must be aligned to its "
                        "element's %" PRId64 " bytes",
                        name, (void *)data, bytes);
  words[0].pointer = words[1].pointer = data;
  if (!attn_rt_span_of((uintptr_t)data, bytes, rank, sizes, strides, span))
    return attn_rt_fail(options, ATTN_ERROR_STRIDE,
                        "argument '%s': shape and strides reach beyond memory",
                        name);
  if (argument->role != ATTN_INPUT && span->self_overlaps)
    return attn_rt_fail(options, ATTN_ERROR_OVERLAP,
                        "%s '%s': its strides make elements overlap",
                        role_name(argument), name);
  return ATTN_OK;
}

/* A weight that the caller left out because its packed form is at hand. */
static int32_t bind_absent(const attn_argument *argument,
                           const attn_options *options, attn_rt_word *words) {
  int64_t stride = 1;
  for (int32_t d = argument->rank - 1; d >= 0; --d) {
    if (argument->shape[d] < 0)
      return attn_rt_fail(
          options, ATTN_ERROR_NULL,
          "argument '%s' is NULL, and dimension %d of its shape "
          "is only known from it",
          argument->name, d);
    words[3 + d].integer = argument->shape[d];
    words[3 + argument->rank + d].integer = stride;
    stride *= argument->shape[d];
  }
  count_bytes(argument, &words[3].integer, &words[3 + argument->rank].integer);
  words[0].pointer = words[1].pointer = NULL;
  words[2].integer = 0;
  return ATTN_OK;
}

int32_t attn_rt_bind(const attn_rt_entry *entry, const attn_value *values,
                     const int32_t *indices, uint32_t count, int with_data,
                     int weights_optional, const attn_options *options,
                     attn_rt_word *words, void **slots) {
  const attn_entry *visible = &entry->visible;
  struct extent extents[visible->num_symbols + 1];
  attn_rt_span spans[count + 1];
  for (uint32_t s = 0; s < visible->num_symbols; ++s)
    extents[s].argument = NULL;

  for (uint32_t i = 0; i < count; ++i) {
    const attn_argument *argument =
        visible->arguments[indices ? indices[i] : (int32_t)i];
    spans[i].begin = spans[i].end = 0; /* overlaps nothing */
    slots[i] = words;
    int32_t status;
    if (argument->kind == ATTN_SCALAR) {
      status = bind_scalar(argument, values[i], options, words);
      words += 1;
    } else {
      const DLTensor *tensor = values[i].tensor;
      if (tensor)
        status = bind_tensor(visible, argument, tensor, with_data, extents,
                             options, words, &spans[i]);
      else if (argument->weight && weights_optional)
        status = bind_absent(argument, options, words);
      else
        status = attn_rt_fail(options, ATTN_ERROR_NULL, "argument '%s' is NULL",
                              argument->name);
      words += 3 + 2 * argument->rank;
    }
    if (status)
      return status;
  }

  if (indices || !with_data)
    return ATTN_OK;
  /* What is written overlaps nothing that comes before it, nor an input that
   * comes behind it. */
  for (uint32_t o = 0; o < count; ++o) {
    const attn_argument *written = visible->arguments[o];
    if (written->role == ATTN_INPUT || !spans[o].end)
      continue;
    for (uint32_t i = 0; i < count; ++i)
      if ((i < o || visible->arguments[i]->role == ATTN_INPUT) &&
          spans[i].end && attn_rt_spans_overlap(&spans[i], &spans[o]))
        return attn_rt_fail(
            options, ATTN_ERROR_OVERLAP, "%s '%s' overlaps %s '%s' in memory",
            role_name(written), written->name, role_name(visible->arguments[i]),
            visible->arguments[i]->name);
  }
  return ATTN_OK;
}
