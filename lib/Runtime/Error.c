/*===- Error.c - How a call fails -----------------------------------------===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Errors go to the caller's buffer: nothing is shared between threads or
 * libraries, and nobody frees anything.
 *
 *===----------------------------------------------------------------------===*/

#include "Runtime.h"

#include <stdarg.h>
#include <stdio.h>

int32_t attn_rt_fail(const attn_options *options, int32_t code,
                     const char *format, ...) {
  if (options && options->struct_size >= sizeof(attn_options) &&
      options->error && options->error_bytes) {
    va_list values;
    va_start(values, format);
    vsnprintf(options->error, options->error_bytes, format, values);
    va_end(values);
  }
  return code;
}

int32_t attn_rt_check_options(const attn_options *options) {
  if (!options)
    return ATTN_OK;
  if (options->struct_size < sizeof(attn_options))
    return ATTN_ERROR_ABI; /* where its error field would be is not known */
  const attn_env *env = options->env;
  if (!env)
    return ATTN_OK;
  if (env->struct_size < sizeof(attn_env))
    return attn_rt_fail(options, ATTN_ERROR_ABI,
                        "attn_env.struct_size is %zu; this library needs at "
                        "least %zu (set it to sizeof(attn_env))",
                        env->struct_size, sizeof(attn_env));
  if (!env->alloc != !env->free)
    return attn_rt_fail(options, ATTN_ERROR_NULL,
                        "attn_env.%s is NULL but attn_env.%s is not; set both "
                        "or neither",
                        env->alloc ? "free" : "alloc",
                        env->alloc ? "alloc" : "free");
  if (env->num_threads < 0 || env->num_threads > ATTN_RT_MAX_THREADS)
    return attn_rt_fail(options, ATTN_ERROR_VALUE,
                        "attn_env.num_threads is %d; must be in [0, %d]",
                        (int)env->num_threads, ATTN_RT_MAX_THREADS);
  return ATTN_OK;
}
