/* A library written by hand that copies a tensor of each type:
 *
 *   widen: bf16 and f16 x[n, 2] to y[n, 2]
 *   nibbles: i4 x[n, 4] to y[n, 4], which the reference negates
 */
#include "attn/Runtime/ABI.h"
#include <string.h>

static int32_t call(const attn_entry *self, const attn_value *arguments,
                    uint32_t count, const attn_options *options) {
  (void)self, (void)options;
  for (uint32_t at = 0; at < count / 2; ++at) {
    const DLTensor *x = arguments[at].tensor,
                   *y = arguments[count / 2 + at].tensor;
    memcpy(y->data, x->data,
           (size_t)(x->shape[0] * x->shape[1] * x->dtype.bits / 8));
  }
  return ATTN_OK;
}

static int32_t workspace_size(const attn_entry *self,
                              const attn_value *arguments, uint32_t count,
                              const attn_options *options, size_t *bytes) {
  (void)self, (void)arguments, (void)count, (void)options;
  *bytes = 0;
  return ATTN_OK;
}

static const int64_t pairs[] = {-1, 2}, quads[] = {-1, 4};
static const int32_t symbol[] = {0, -1};
#define TENSOR(ROLE, NAME, CODE, BITS, SHAPE)                                  \
  {sizeof(attn_argument), NAME, ATTN_TENSOR, ROLE,  0,     0,                  \
   {CODE, BITS, 1},       2,    0,           SHAPE, symbol}
static const attn_argument b = TENSOR(ATTN_INPUT, "b", kDLBfloat, 16, pairs),
                           h = TENSOR(ATTN_INPUT, "h", kDLFloat, 16, pairs),
                           i = TENSOR(ATTN_INPUT, "i", kDLInt, 8, pairs),
                           bo = TENSOR(ATTN_OUTPUT, "bo", kDLBfloat, 16, pairs),
                           ho = TENSOR(ATTN_OUTPUT, "ho", kDLFloat, 16, pairs),
                           io = TENSOR(ATTN_OUTPUT, "io", kDLInt, 8, pairs),
                           x = TENSOR(ATTN_INPUT, "x", kDLInt, 4, quads),
                           y = TENSOR(ATTN_OUTPUT, "y", kDLInt, 4, quads);
static const attn_argument *const halves[] = {&b, &h, &i, &bo, &ho, &io},
                                  *const nibbles[] = {&x, &y};
static const char *const symbols[] = {"n"};
static const attn_entry
    first = {sizeof(first), "widen", 3,  6,    halves,         symbols, 1, 0, 0,
             kDLCPU,        0,       "", call, workspace_size, NULL},
    second = {
        sizeof(first), "nibbles", 1,  2,    nibbles,        symbols, 1, 0, 0,
        kDLCPU,        0,         "", call, workspace_size, NULL};
static const attn_entry *const entries[] = {&first, &second};
static const char *const targets[] = {"any"};
static const char text[] =
    "func.func @widen(%b: tensor<?x2xbf16>, %h: tensor<?x2xf16>,"
    "    %i: tensor<?x2xi8>)"
    "    -> (tensor<?x2xbf16>, tensor<?x2xf16>, tensor<?x2xi8>) {"
    "  return %b, %h, %i : tensor<?x2xbf16>, tensor<?x2xf16>, tensor<?x2xi8>"
    "}"
    "func.func @nibbles(%x: tensor<?x4xi4>) -> tensor<?x4xi4> {"
    "  %zero = arith.subi %x, %x : tensor<?x4xi4>"
    "  %y = arith.subi %zero, %x : tensor<?x4xi4>"
    "  return %y : tensor<?x4xi4>"
    "}";
static const attn_library library = {
    sizeof(library), ATTN_ABI_VERSION, 2, "types", "by hand", entries,
    "any",           targets,          1, 0,       NULL,      text,
    sizeof(text) - 1};

const attn_library *types_query(uint32_t max_abi, const char **error) {
  (void)max_abi;
  if (error)
    *error = NULL;
  return &library;
}
