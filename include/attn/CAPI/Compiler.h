/*===- Compiler.h - The compiler as a C library --------------------*- C -*-===*
 *
 * Part of attn-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * What attnc does, in one call. Link libAttnCompiler. Safe from any number of
 * threads at once.
 *
 *===----------------------------------------------------------------------===*/

#ifndef ATTN_CAPI_COMPILER_H
#define ATTN_CAPI_COMPILER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ATTN_CAPI __attribute__((visibility("default")))
#else
#define ATTN_CAPI
#endif

/* The same numbers as attnc's exit codes. */
typedef enum AttnStatus {
  AttnStatusSuccess = 0,
  AttnStatusUsage = 2,
  AttnStatusBadInput = 3,
  AttnStatusUnsupported = 4
} AttnStatus;

/* Later versions add members behind these; structSize says how many the caller
 * knows, and those that it does not have their defaults. */
typedef struct AttnCompileOptions {
  size_t structSize;      /* sizeof(AttnCompileOptions) */
  const char *targets;    /* "host" if NULL; several with commas, best first */
  const char *outputs;    /* "lib,header,manifest" if NULL, as --emit */
  const char *sourceName; /* in diagnostics; "<source>" if NULL */
  /* Files of mods that regions may apply, before those of the library: so many
   * paths, as --mods. One that cannot be read is bad input. */
  const char *const *modFiles;
  size_t numModFiles;
} AttnCompileOptions;

/* Compiles `size` bytes of MLIR text or bytecode and writes prefix.so and so
 * on, all or nothing. NULL options mean all defaults. If `diagnostics` is not
 * NULL, it is set to the text of all errors and warnings (empty if there are
 * none), to be freed with attnStringFree. */
ATTN_CAPI AttnStatus attnCompile(const char *source, size_t size,
                                 const char *prefix,
                                 const AttnCompileOptions *options,
                                 char **diagnostics);

/* The module after a stage ("tile", "bufferize", ...), as text, for the first
 * target; *result is to be freed with attnStringFree. */
ATTN_CAPI AttnStatus attnRunStages(const char *source, size_t size,
                                   const char *lastStage,
                                   const AttnCompileOptions *options,
                                   char **result, char **diagnostics);

ATTN_CAPI void attnStringFree(char *string);

/* "attn-mlir 0.1.0 (LLVM ...)"; the targets' names with commas. Constant. */
ATTN_CAPI const char *attnVersion(void);
ATTN_CAPI const char *attnTargets(void);

#ifdef __cplusplus
}
#endif

#endif /* ATTN_CAPI_COMPILER_H */
