/* A library written by hand: y[n, m] = x[n, m] * factor + shift[n].
 *
 *   -DSPEAKS=2     a library of a later ABI
 *   -DNO_CPU       one that this machine cannot run
 *   -DNO_QUERY     a shared library that is none of ours
 *   -DORPHAN       an output whose extent no input has
 */
#include "attn/Runtime/ABI.h"
#include <stdio.h>

#ifndef SPEAKS
#define SPEAKS ATTN_ABI_VERSION
#endif

static int32_t call(const attn_entry *self, const attn_value *arguments,
                    uint32_t count, const attn_options *options) {
  const DLTensor *x = arguments[0].tensor, *shift = arguments[2].tensor;
  (void)self, (void)count;
  if (x->shape[0] != shift->shape[0]) {
    snprintf(options->error, options->error_bytes,
             "argument 'shift': dimension 0 is %d; must be n = %d",
             (int)shift->shape[0], (int)x->shape[0]);
    return ATTN_ERROR_SHAPE;
  }
  int64_t columns = x->shape[1];
  for (int64_t n = 0; n < x->shape[0]; ++n)
    for (int64_t m = 0; m < columns; ++m)
      ((float *)arguments[3].tensor->data)[n * columns + m] =
          ((float *)x->data)[n * columns + m] * (float)arguments[1].real +
          (float)((int32_t *)shift->data)[n];
  return ATTN_OK;
}

static int32_t workspace_size(const attn_entry *self,
                              const attn_value *arguments, uint32_t count,
                              const attn_options *options, size_t *bytes) {
  (void)self, (void)arguments, (void)count, (void)options;
  *bytes = 0;
  return ATTN_OK;
}

static const int64_t any[] = {-1, -1};
static const int32_t nm[] = {0, 1}, nk[] = {0, 2}, n[] = {0};

#define F32 {kDLFloat, 32, 1}
static const attn_argument
    x = {sizeof(x), "x", ATTN_TENSOR, ATTN_INPUT, 0, 0, F32, 2, 0, any, nm},
    factor = {sizeof(x), "factor", ATTN_SCALAR, ATTN_INPUT, 0, 0,
              F32,       0,        0,           any,        nm},
    shift = {sizeof(x),       "shift", ATTN_TENSOR, ATTN_INPUT, 0, 0,
             {kDLInt, 32, 1}, 1,       0,           any,        n},
#ifdef ORPHAN
    y = {sizeof(x), "y", ATTN_TENSOR, ATTN_OUTPUT, 0, 0, F32, 2, 0, any, nk};
#else
    y = {sizeof(x), "y", ATTN_TENSOR, ATTN_OUTPUT, 0, 0, F32, 2, 0, any, nm};
#endif
static const attn_argument *const arguments[] = {&x, &factor, &shift, &y};
static const char *const symbols[] = {"n", "m", "k"};
static const attn_entry affine = {
    sizeof(affine), "affine", 3,         4,    arguments,      symbols, 3, 0, 0,
    kDLCPU,         0,        "by hand", call, workspace_size, NULL};
static const attn_entry *const entries[] = {&affine};
static const char *const targets[] = {"any"};
static const char text[] =
    "func.func @affine(%x: tensor<?x?xf32>, %f: f32, %s: tensor<?xi32>)"
    "    -> tensor<?x?xf32> {"
    "  %y = linalg.generic {"
    "      indexing_maps = [affine_map<(n, m) -> (n)>, affine_map<(n, m) -> "
    "(n, m)>],"
    "      iterator_types = [\"parallel\", \"parallel\"]}"
    "      ins(%s : tensor<?xi32>) outs(%x : tensor<?x?xf32>) {"
    "  ^bb0(%i: i32, %e: f32):"
    "    %r = arith.sitofp %i : i32 to f32"
    "    %p = arith.mulf %e, %f : f32"
    "    %q = arith.addf %p, %r : f32"
    "    linalg.yield %q : f32"
    "  } -> tensor<?x?xf32>"
    "  return %y : tensor<?x?xf32>"
    "}";
static const attn_library library = {
    sizeof(library), SPEAKS, 1, "fake", "by hand", entries,         "any",
    targets,         1,      0, NULL,   text,      sizeof(text) - 1};

#ifdef NO_QUERY
const attn_library *fake(void) { return &library; }
#else
const attn_library *fake_query(uint32_t max_abi, const char **error) {
  if (error)
    *error = NULL;
#ifdef NO_CPU
  if (error)
    *error = "this machine lacks the CPU feature avx9000";
  return NULL;
#endif
  if (max_abi < SPEAKS) {
    if (error)
      *error = "query it with a higher max_abi";
    return NULL;
  }
  return &library;
}
#endif
