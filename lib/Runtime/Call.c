/*===- Call.c - Calls, workspace sizes, prepared weights ------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <inttypes.h>
#include <string.h>

#define ALIGNMENT 64

/* memref<?xi8>, as MLIR passes it. */
typedef struct bytes_descriptor {
  void *allocated, *aligned;
  int64_t offset, size, stride;
} bytes_descriptor;

/* "ATTNPREP" */
#define PREPARED_MAGIC UINT64_C(0x504552504e545441)

typedef struct prepared_header {
  uint64_t magic, fingerprint;
} prepared_header;

static bytes_descriptor describe_bytes(void *pointer, int64_t size) {
  bytes_descriptor descriptor = {pointer, pointer, 0, size, 1};
  return descriptor;
}

static int32_t check_count(const attn_rt_entry *entry, const attn_value *values,
                           uint32_t count, uint32_t wanted,
                           const attn_options *options) {
  int32_t status = attn_rt_check_options(options);
  if (status)
    return status;
  if (count != wanted)
    return attn_rt_fail(options, ATTN_ERROR_ARGUMENTS,
                        "entry '%s' got %" PRIu32
                        " arguments; must be %" PRIu32,
                        entry->visible.name, count, wanted);
  if (count && !values)
    return attn_rt_fail(options, ATTN_ERROR_NULL,
                        "entry '%s': the array of arguments is NULL",
                        entry->visible.name);
  return ATTN_OK;
}

static int32_t check_prepared(const attn_rt_entry *entry, const void *prepared,
                              size_t bytes, const attn_options *options) {
  const attn_entry *visible = &entry->visible;
  if ((uintptr_t)prepared % ALIGNMENT)
    return attn_rt_fail(options, ATTN_ERROR_ALIGNMENT,
                        "entry '%s': the prepared buffer is at %p; must be "
                        "aligned to %d bytes",
                        visible->name, prepared, ALIGNMENT);
  if (bytes < visible->prepared_bytes)
    return attn_rt_fail(options, ATTN_ERROR_PREPARED,
                        "entry '%s': the prepared buffer has %zu bytes; must "
                        "have %zu",
                        visible->name, bytes, visible->prepared_bytes);
  return ATTN_OK;
}

/* What the elements of bound arguments must be. */
static int32_t check_contents(const attn_rt_entry *entry, void **slots,
                              const attn_options *options) {
  int64_t found = entry->check ? entry->check(slots) : 0;
  if (!found)
    return ATTN_OK;
  const char *const *text = entry->checks + 2 * ((found & 0xffff) - 1);
  int64_t element = found >> 16;
  if (element < 0)
    return attn_rt_fail(options, ATTN_ERROR_VALUE, "argument '%s' %s", text[0],
                        text[1]);
  return attn_rt_fail(options, ATTN_ERROR_VALUE,
                      "argument '%s': element %" PRId64 " %s", text[0], element,
                      text[1]);
}

/* Bytes of workspace for bound arguments, a multiple of the alignment; slots
 * has room for one more. Negative: more than memory can hold. */
static int64_t scratch_bytes(const attn_rt_entry *entry, void **slots,
                             const attn_options *options) {
  int64_t bytes = 0;
  if (entry->workspace_size) {
    int64_t workers = attn_rt_worker_count(options ? options->env : NULL);
    slots[entry->visible.num_arguments] = &workers;
    bytes = entry->workspace_size(slots);
  }
  if (bytes < 0 || bytes > INT64_MAX / 4)
    return -1;
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Packing in the call itself needs room for the result. */
static int64_t packing_bytes(const attn_rt_entry *entry,
                             const attn_options *options) {
  int64_t bytes = (int64_t)entry->visible.prepared_bytes;
  return options && options->prepared
             ? 0
             : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static void run_prepare(const attn_rt_entry *entry, void **weights,
                        void *prepared) {
  const attn_entry *visible = &entry->visible;
  bytes_descriptor packed = describe_bytes(
      (char *)prepared + ATTN_RT_PREPARED_HEADER,
      (int64_t)(visible->prepared_bytes - ATTN_RT_PREPARED_HEADER));
  weights[visible->num_weights] = &packed;
  entry->prepare(weights);
  prepared_header header = {PREPARED_MAGIC, entry->fingerprint};
  memset(prepared, 0, ATTN_RT_PREPARED_HEADER);
  memcpy(prepared, &header, sizeof(header));
}

int32_t attn_rt_workspace_size(const attn_entry *self,
                               const attn_value *arguments, uint32_t count,
                               const attn_options *options, size_t *bytes) {
  const attn_rt_entry *entry = (const attn_rt_entry *)self;
  int32_t status =
      check_count(entry, arguments, count, self->num_arguments, options);
  if (status)
    return status;
  if (!bytes)
    return attn_rt_fail(options, ATTN_ERROR_NULL,
                        "entry '%s': where to put the workspace size is NULL",
                        self->name);
  attn_rt_word words[entry->descriptor_words + 1];
  void *slots[count + 1];
  status = attn_rt_bind(entry, arguments, NULL, count, 0,
                        options && options->prepared, options, words, slots);
  if (status)
    return status;
  int64_t scratch = scratch_bytes(entry, slots, options);
  if (scratch < 0)
    return attn_rt_fail(options, ATTN_ERROR_MEMORY,
                        "entry '%s': the workspace for these shapes is larger "
                        "than memory",
                        self->name);
  int64_t total = scratch + packing_bytes(entry, options);
  *bytes =
      total ? (size_t)total + ALIGNMENT - 1 : 0; /* any alignment is fine */
  return ATTN_OK;
}

int32_t attn_rt_call(const attn_entry *self, const attn_value *arguments,
                     uint32_t count, const attn_options *options) {
  const attn_rt_entry *entry = (const attn_rt_entry *)self;
  int32_t status =
      check_count(entry, arguments, count, self->num_arguments, options);
  if (status)
    return status;
  const attn_env *env = options ? options->env : NULL;
  const void *prepared = options ? options->prepared : NULL;
  if (entry->prepare && prepared) {
    status = check_prepared(entry, prepared, options->prepared_bytes, options);
    if (status)
      return status;
    prepared_header header;
    memcpy(&header, prepared, sizeof(header));
    if (header.magic != PREPARED_MAGIC ||
        header.fingerprint != entry->fingerprint)
      return attn_rt_fail(options, ATTN_ERROR_PREPARED,
                          "entry '%s': the prepared buffer was not written by "
                          "this entry's prepare()",
                          self->name);
  }

  attn_rt_word words[entry->descriptor_words + 1];
  void *slots[count + 3];
  status = attn_rt_bind(entry, arguments, NULL, count, 1,
                        entry->prepare && prepared, options, words, slots);
  if (status)
    return status;

  status = check_contents(entry, slots, options);
  if (status)
    return status;

  int64_t scratch = scratch_bytes(entry, slots, options);
  int64_t packing = packing_bytes(entry, options);
  if (scratch < 0)
    return attn_rt_fail(options, ATTN_ERROR_MEMORY,
                        "entry '%s': the workspace for these shapes is larger "
                        "than memory",
                        self->name);
  size_t total = (size_t)(scratch + packing);
  char *base = NULL;
  void *taken = NULL;
  if (total && options && options->workspace) {
    size_t skip = -(uintptr_t)options->workspace % ALIGNMENT;
    if (options->workspace_bytes < total + skip)
      return attn_rt_fail(options, ATTN_ERROR_WORKSPACE,
                          "entry '%s': the workspace has %zu bytes; these "
                          "shapes on %" PRId64 " threads need %zu",
                          self->name, options->workspace_bytes,
                          attn_rt_worker_count(env), total + ALIGNMENT - 1);
    base = (char *)options->workspace + skip;
  } else if (total) {
    base = (char *)(taken = attn_rt_take(env, total));
    if (!base)
      return attn_rt_fail(options, ATTN_ERROR_MEMORY,
                          "entry '%s': no memory for a workspace of %zu bytes",
                          self->name, total);
  }

  bytes_descriptor packed, workspace = describe_bytes(base, scratch);
  attn_rt_env where = {env, attn_rt_worker_count(env)};
  uint32_t slot = count;
  if (entry->prepare) {
    if (!prepared) {
      void *weights[self->num_weights + 1];
      for (uint32_t w = 0; w < self->num_weights; ++w)
        weights[w] = slots[entry->weights[w]];
      prepared = base + scratch;
      run_prepare(entry, weights, base + scratch);
    }
    packed = describe_bytes(
        (void *)((uintptr_t)prepared + ATTN_RT_PREPARED_HEADER),
        (int64_t)(self->prepared_bytes - ATTN_RT_PREPARED_HEADER));
    slots[slot++] = &packed;
  }
  slots[slot++] = &workspace;
  slots[slot] = &where;
  entry->invoke(slots);
  attn_rt_give(env, taken, total);
  return ATTN_OK;
}

int32_t attn_rt_prepare(const attn_entry *self, const attn_value *weights,
                        uint32_t count, void *prepared, size_t prepared_bytes,
                        const attn_options *options) {
  const attn_rt_entry *entry = (const attn_rt_entry *)self;
  int32_t status =
      check_count(entry, weights, count, self->num_weights, options);
  if (status || !entry->prepare)
    return status;
  if (!prepared)
    return attn_rt_fail(options, ATTN_ERROR_NULL,
                        "entry '%s': the prepared buffer is NULL", self->name);
  status = check_prepared(entry, prepared, prepared_bytes, options);
  if (status)
    return status;
  attn_rt_word words[entry->descriptor_words + 1];
  void *slots[count + 1];
  status = attn_rt_bind(entry, weights, entry->weights, count, 1, 0, options,
                        words, slots);
  if (status)
    return status;
  run_prepare(entry, slots, prepared);
  return ATTN_OK;
}
