/*===- ABI.h - What a compiled attention library looks like -------*- C -*-===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * ABI 1, frozen. A library NAME exports one symbol,
 *
 *   const attn_library *NAME_query(uint32_t max_abi, const char **error);
 *
 * and everything else is reached through the struct it returns. The same text
 * stands at the top of every generated header, so two such headers can be
 * included together. Structs are only ever extended at their end, and each one
 * that may grow begins with its size.
 *
 *===----------------------------------------------------------------------===*/

#ifndef ATTN_RUNTIME_ABI_H
#define ATTN_RUNTIME_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ATTN_ABI_VERSION 1u

/* Tensors are DLPack's. With DLPack's own header, include that one first: its
 * definitions are then used, and these, which are the same, are skipped. */
#ifndef DLPACK_DLPACK_H_
enum { kDLCPU = 1, kDLCUDA = 2, kDLCUDAHost = 3 };
enum { kDLInt = 0, kDLUInt = 1, kDLFloat = 2, kDLBfloat = 4, kDLBool = 6 };

typedef struct DLDevice {
  int32_t device_type;
  int32_t device_id;
} DLDevice;

typedef struct DLDataType {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} DLDataType;

/* Elements of fewer than 8 bits are packed, as DLPack says: two i4 (kDLInt, 4
 * bits, 1 lane) share a byte, the first in its low half. Shape and strides
 * count elements; rows, the last dimension, begin at a byte and have an even
 * extent, so strides are even. */
typedef struct DLTensor {
  void *data; /* NULL is fine for a tensor without elements */
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t *shape;
  int64_t *strides; /* in elements; NULL means compact and row-major */
  uint64_t byte_offset;
} DLTensor;
#endif

/* What a call returns. Every code but ATTN_OK leaves all outputs, and what is
 * changed in place, unwritten. */
enum {
  ATTN_OK = 0,
  ATTN_ERROR_ABI = 1,       /* a struct_size this library does not know */
  ATTN_ERROR_ARGUMENTS = 2, /* wrong number of arguments */
  ATTN_ERROR_NULL = 3,
  ATTN_ERROR_DEVICE = 4,
  ATTN_ERROR_TYPE = 5,
  ATTN_ERROR_RANK = 6,
  ATTN_ERROR_SHAPE = 7,
  ATTN_ERROR_STRIDE = 8,
  ATTN_ERROR_ALIGNMENT = 9,
  ATTN_ERROR_OVERLAP = 10,
  ATTN_ERROR_VALUE = 11, /* a scalar its type cannot hold, or an element of a
                            page table, of starts, lengths, positions or scales
                            that is out of range */
  ATTN_ERROR_WORKSPACE = 12,
  ATTN_ERROR_PREPARED = 13,
  ATTN_ERROR_MEMORY = 14
};

/* Runs one worker of a parallel loop. */
typedef void (*attn_task)(void *context, int64_t worker);

/* Where a call runs. A NULL environment, or one that is all zeros but for
 * struct_size, means: the library's own pool with ATTN_NUM_THREADS threads
 * (default: the CPUs this process may use), and malloc. */
typedef struct attn_env {
  size_t struct_size;  /* sizeof(attn_env) */
  int32_t num_threads; /* most workers at once; 0: default (1 with an own
                          parallel_for) */
  int32_t reserved;    /* 0 */
  void *user;          /* handed to the functions below */
  /* Calls task(context, w) once for each w in [0, count), in any order, on any
   * threads, and returns when all have returned. NULL: the library's pool. */
  void (*parallel_for)(void *user, int64_t count, attn_task task,
                       void *context);
  /* Both or neither; alignment is a power of two, NULL means no memory. */
  void *(*alloc)(void *user, size_t bytes, size_t alignment);
  void (*free)(void *user, void *pointer, size_t bytes);
  void *stream; /* a GPU's queue; ignored on CPUs */
} attn_env;

/* How a call is made; a NULL pointer means all defaults. Start from
 * ATTN_OPTIONS_INIT. */
typedef struct attn_options {
  size_t struct_size;  /* sizeof(attn_options) */
  const attn_env *env; /* NULL: see attn_env */
  /* Scratch memory of at least workspace_size() bytes, any alignment, used by
   * one call at a time. NULL: taken from the environment for this call. */
  void *workspace;
  size_t workspace_bytes;
  /* What prepare() wrote. NULL: weights are packed anew in this call. With it
   * the weight arguments themselves may be NULL. Shared freely by calls. */
  const void *prepared;
  size_t prepared_bytes;
  /* Where a zero-terminated sentence goes if the call fails. May be NULL. */
  char *error;
  size_t error_bytes;
} attn_options;

#define ATTN_OPTIONS_INIT                                                      \
  {sizeof(attn_options), NULL, NULL, 0, NULL, 0, NULL, 0}

/* One argument of a call: which member counts is said by its description. */
typedef union attn_value {
  const DLTensor *tensor; /* also for those whose data is written */
  int64_t integer;        /* index, integer and bool scalars */
  double real;            /* floating-point scalars */
} attn_value;

enum { ATTN_TENSOR = 0, ATTN_SCALAR = 1 };
/* ATTN_INOUT stands among the inputs: the call changes its elements in place,
 * as where it appends to a cache. */
enum { ATTN_INPUT = 0, ATTN_OUTPUT = 1, ATTN_INOUT = 2 };

typedef struct attn_argument {
  size_t struct_size;
  const char *name;
  uint8_t kind;     /* ATTN_TENSOR or ATTN_SCALAR */
  uint8_t role;     /* ATTN_INPUT, ATTN_OUTPUT or ATTN_INOUT */
  uint8_t weight;   /* 1: one of the arguments of prepare() */
  uint8_t is_index; /* 1: a scalar that counts or addresses (dtype is i64) */
  DLDataType dtype;
  int32_t rank;
  int32_t reserved;
  const int64_t *shape;   /* rank extents; -1: any */
  const int32_t *symbols; /* rank indices into the entry's symbols, -1: static.
                             Equal symbols mean equal extents. */
} attn_argument;

typedef struct attn_entry {
  size_t struct_size;
  const char *name;
  uint32_t num_inputs;    /* arguments are the inputs in the order of the */
  uint32_t num_arguments; /* signature, then the outputs in result order */
  const attn_argument *const *arguments;
  const char *const *symbols; /* names of the extents that vary */
  uint32_t num_symbols;
  uint32_t num_weights;  /* arguments that prepare() takes, in their order */
  size_t prepared_bytes; /* 0: nothing to prepare */
  int32_t device_type;   /* where tensors must live: kDLCPU */
  int32_t reserved;
  const char *schedule; /* for people */

  /* Checks the arguments, then computes. Safe from any number of threads. */
  int32_t (*call)(const struct attn_entry *self, const attn_value *arguments,
                  uint32_t num_arguments, const attn_options *options);
  /* The workspace that a call with these shapes and this environment needs.
   * Data pointers are not looked at. */
  int32_t (*workspace_size)(const struct attn_entry *self,
                            const attn_value *arguments, uint32_t num_arguments,
                            const attn_options *options, size_t *bytes);
  /* Packs the weights into `prepared` (prepared_bytes, 64-byte aligned), whose
   * contents are for this entry of this variant only. */
  int32_t (*prepare)(const struct attn_entry *self, const attn_value *weights,
                     uint32_t num_weights, void *prepared,
                     size_t prepared_bytes, const attn_options *options);
} attn_entry;

typedef struct attn_library {
  size_t struct_size;
  uint32_t abi_version;
  uint32_t num_entries;
  const char *name;
  const char *compiler;
  const attn_entry *const *entries;
  const char *target;         /* the variant picked for this machine */
  const char *const *targets; /* the variants inside, best first */
  uint32_t num_targets;
  uint32_t num_cpu_features; /* that the picked variant needs */
  const char *const *cpu_features;
  const void *bytecode; /* the MLIR module this was compiled from */
  size_t bytecode_size;
} attn_library;

/* The one exported function. Returns NULL, with *error (if error is not NULL)
 * a constant sentence, when max_abi is below every version this library
 * speaks or when this machine lacks a CPU feature of every variant. Later
 * calls return the same pointer and cost a load. */
typedef const attn_library *(*attn_query_function)(uint32_t max_abi,
                                                   const char **error);

/* A tensor of `ndim` extents at `data` on the CPU; strides may be NULL. */
static inline DLTensor attn_tensor(const void *data, uint8_t code, uint8_t bits,
                                   int32_t ndim, const int64_t *shape,
                                   const int64_t *strides) {
  DLTensor tensor;
  /* DLPack has no const; a call writes to outputs only. */
  tensor.data = (void *)(uintptr_t)data;
  tensor.shape = (int64_t *)(uintptr_t)shape;
  tensor.strides = (int64_t *)(uintptr_t)strides;
  tensor.device.device_type = kDLCPU;
  tensor.device.device_id = 0;
  tensor.ndim = ndim;
  tensor.dtype.code = code;
  tensor.dtype.bits = bits;
  tensor.dtype.lanes = 1;
  tensor.byte_offset = 0;
  return tensor;
}

/* A compact f32 tensor. */
static inline DLTensor attn_tensor_f32(const void *data, int32_t ndim,
                                       const int64_t *shape) {
  return attn_tensor(data, kDLFloat, 32, ndim, shape, NULL);
}

/* A compact i32 tensor. */
static inline DLTensor attn_tensor_i32(const void *data, int32_t ndim,
                                       const int64_t *shape) {
  return attn_tensor(data, kDLInt, 32, ndim, shape, NULL);
}

/* For generated headers: the library, or NULL with the reason in the options'
 * error buffer. */
static inline const attn_library *
attn_checked_library(attn_query_function query, const attn_options *options) {
  const char *error = NULL;
  const attn_library *library = query(ATTN_ABI_VERSION, &error);
  size_t i;
  if (!library && options && options->struct_size >= sizeof(attn_options) &&
      options->error && options->error_bytes) {
    for (i = 0; i + 1 < options->error_bytes && error && error[i]; ++i)
      options->error[i] = error[i];
    options->error[i] = 0;
  }
  return library;
}

#ifdef __cplusplus
}
#endif

#endif /* ATTN_RUNTIME_ABI_H */
