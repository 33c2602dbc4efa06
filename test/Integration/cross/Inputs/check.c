/* Calls a library compiled from attention.mlir, on whatever processor this is,
 * and compares with loops. Prints the variant that was picked; exits with 1
 * where a result is wrong, with 3 where the library refuses the machine. */
#include "attention.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static float *normal(int64_t count, uint32_t seed) {
  float *values = malloc((size_t)count * sizeof(float));
  uint64_t state = seed;
  for (int64_t i = 0; i < count; ++i) {
    float sum = 0; /* of twelve uniform numbers: near enough */
    for (int part = 0; part < 12; ++part) {
      state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
      sum += (float)(state >> 40) / 16777216.0f;
    }
    values[i] = sum - 6;
  }
  return values;
}

enum { H = 4, G = 2, D = 40, DV = 24 };

/* The meaning of attn.attention, one query at a time. */
static double errorOf(const float *q, const float *k, const float *v,
                      const float *slopes, const float *o, int B, int SQ,
                      int SK) {
  double worst = 0;
  double *p = malloc((size_t)SK * sizeof(double));
  for (int row = 0; row < B * H * SQ; ++row) {
    int i = row % SQ, h = row / SQ % H, b = row / SQ / H;
    const float *keys = k + (b * G + h / (H / G)) * SK * D;
    const float *values = v + (b * G + h / (H / G)) * SK * DV;
    int live = i + 1 < SK ? i + 1 : SK;
    double most = -INFINITY, sum = 0;
    for (int j = 0; j < live; ++j) {
      double score = 0;
      for (int d = 0; d < D; ++d)
        score += (double)q[row * D + d] * keys[j * D + d];
      p[j] = score / sqrt(D) + slopes[h] * (j - i);
      most = fmax(most, p[j]);
    }
    for (int j = 0; j < live; ++j)
      sum += p[j] = exp(p[j] - most);
    for (int c = 0; c < DV; ++c) {
      double expected = 0;
      for (int j = 0; j < live; ++j)
        expected += p[j] * values[j * DV + c];
      double error = fabs(expected / sum - o[row * DV + c]);
      if (!(error <= worst))
        worst = error;
    }
  }
  free(p);
  return worst;
}

static int checkAttention(int B, int SQ, int SK, int threads) {
  float *q = normal(B * H * SQ * D, 1), *k = normal(B * G * SK * D, 2),
        *v = normal(B * G * SK * DV, 3), *o = normal(B * H * SQ * DV, 4);
  float slopes[H] = {0.5f, 0.25f, 0.125f, 0.0625f};
  int64_t qs[] = {B, H, SQ, D}, ks[] = {B, G, SK, D}, vs[] = {B, G, SK, DV},
          os[] = {B, H, SQ, DV}, four[] = {H};
  DLTensor tq = attn_tensor_f32(q, 4, qs), tk = attn_tensor_f32(k, 4, ks),
           tv = attn_tensor_f32(v, 4, vs), to = attn_tensor_f32(o, 4, os),
           ts = attn_tensor_f32(slopes, 1, four);
  char text[300] = "";
  attn_env env = {sizeof(env), threads, 0, NULL, NULL, NULL, NULL, NULL};
  attn_options options = ATTN_OPTIONS_INIT;
  options.env = &env;
  options.error = text;
  options.error_bytes = sizeof(text);
  int status = alibi_call(&tq, &tk, &tv, &ts, &to, &options);
  double error = status ? INFINITY : errorOf(q, k, v, slopes, o, B, SQ, SK);
  free(q), free(k), free(v), free(o);
  if (error < 3e-6)
    return 0;
  printf("alibi B %d SQ %d SK %d: error %g, status %d %s\n", B, SQ, SK, error,
         status, text);
  return 1;
}

/* The value of the f16 with these bits. */
static float half(int bits) {
  int exponent = bits >> 10 & 31, fraction = bits & 1023;
  float magnitude = exponent == 31 ? fraction ? NAN : INFINITY
                    : exponent == 0
                        ? ldexpf((float)fraction, -24)
                        : ldexpf((float)(fraction + 1024), exponent - 25);
  return bits >> 15 ? -magnitude : magnitude;
}

/* bf16 and f16 numbers here have few enough bits to be both. */
static uint16_t *narrow(float *values, int64_t count, int isBF16) {
  uint16_t *bits = malloc((size_t)count * sizeof(uint16_t));
  for (int64_t i = 0; i < count; ++i) {
    values[i] = roundf(values[i] * 16) / 16;
    int exponent;
    float fraction = frexpf(fabsf(values[i]), &exponent);
    int mantissa = isBF16 ? 7 : 10, bias = isBF16 ? 126 : 14;
    int field = (exponent + bias) << mantissa;
    field += (int)((fraction * 2 - 1) * (float)(1 << mantissa));
    bits[i] = values[i] == 0 ? 0 : (uint16_t)(field | (values[i] < 0) << 15);
  }
  return bits;
}

static float widen(uint16_t bits, int isBF16) {
  uint32_t word = (uint32_t)bits << 16;
  float value;
  __builtin_memcpy(&value, &word, sizeof(value));
  return isBF16 ? value : half(bits);
}

static int checkNarrow(int isBF16, int B, int SQ, int SK) {
  float *q = normal(B * H * SQ * D, 1), *k = normal(B * G * SK * D, 2),
        *v = normal(B * G * SK * DV, 3);
  float *o = malloc(sizeof(float) * (size_t)(B * H * SQ * DV)),
        slopes[H] = {0, 0, 0, 0};
  uint16_t *nq = narrow(q, B * H * SQ * D, isBF16),
           *nk = narrow(k, B * G * SK * D, isBF16),
           *nv = narrow(v, B * G * SK * DV, isBF16),
           *no = malloc(sizeof(uint16_t) * (size_t)(B * H * SQ * DV));
  int64_t qs[] = {B, H, SQ, D}, ks[] = {B, G, SK, D}, vs[] = {B, G, SK, DV},
          os[] = {B, H, SQ, DV};
  uint8_t code = isBF16 ? kDLBfloat : kDLFloat;
  DLTensor tq = attn_tensor(nq, code, 16, 4, qs, NULL),
           tk = attn_tensor(nk, code, 16, 4, ks, NULL),
           tv = attn_tensor(nv, code, 16, 4, vs, NULL),
           to = attn_tensor(no, code, 16, 4, os, NULL);
  int status = isBF16 ? causal_bf16_call(&tq, &tk, &tv, &to, NULL)
                      : causal_f16_call(&tq, &tk, &tv, &to, NULL);
  for (int i = 0; i < B * H * SQ * DV; ++i)
    o[i] = widen(no[i], isBF16);
  double error = status ? INFINITY : errorOf(q, k, v, slopes, o, B, SQ, SK);
  free(q), free(k), free(v), free(o), free(nq), free(nk), free(nv), free(no);
  /* Values are below 6, and rounded to 8 or 11 bits. */
  if (error < (isBF16 ? 0.05 : 0.006))
    return 0;
  printf("%s: error %g, status %d\n", isBF16 ? "bf16" : "f16", error, status);
  return 1;
}

/* Rows of 40 numbers times a weight, two heads of 24. */
static int checkProjection(int isBF16, int rows) {
  enum { K = 40, N = 48, FEATURES = 24 };
  float *x = normal(rows * K, 1), *w = normal(N * K, 2), *b = normal(N, 3);
  uint16_t *nx = narrow(x, rows * K, isBF16), *nw = narrow(w, N * K, isBF16),
           *nb = narrow(b, N, isBF16),
           *ny = malloc(sizeof(uint16_t) * (size_t)(rows * N));
  int64_t xs[] = {rows, K}, ws[] = {N, K}, bs[] = {N},
          ys[] = {N / FEATURES, rows, FEATURES};
  uint8_t code = isBF16 ? kDLBfloat : kDLFloat;
  DLTensor tx = attn_tensor(nx, code, 16, 2, xs, NULL),
           tw = attn_tensor(nw, code, 16, 2, ws, NULL),
           tb = attn_tensor(nb, code, 16, 1, bs, NULL),
           ty = attn_tensor(ny, code, 16, 3, ys, NULL);
  int status = isBF16 ? project_bf16_call(&tx, &tw, &tb, &ty, NULL)
                      : project_f16_call(&tx, &tw, &tb, &ty, NULL);
  int wrong = status != 0;
  for (int i = 0; i < rows * N; ++i) {
    int row = i / FEATURES % rows, n = i / FEATURES / rows * FEATURES;
    n += i % FEATURES;
    float expected = b[n]; /* exact: numbers are sixteenths */
    for (int k = 0; k < K; ++k)
      expected += x[row * K + k] * w[n * K + k];
    float error = fabsf(widen(ny[i], isBF16) - expected);
    wrong += !(error <= fabsf(expected) / (isBF16 ? 256 : 2048));
  }
  free(x), free(w), free(b), free(nx), free(nw), free(nb), free(ny);
  if (wrong)
    printf("projection of %s: %d wrong of %d, status %d\n",
           isBF16 ? "bf16" : "f16", wrong, rows * N, status);
  return wrong > 0;
}

/* Every f16 and back; for the ties between two, and for bf16, narrowing. */
static int checkConversions(void) {
  enum { N = 65536 };
  static int32_t bits[N], back[N];
  static float wide[N], expected[N];
  int64_t shape[] = {N};
  DLTensor tb = attn_tensor_i32(bits, 1, shape),
           tr = attn_tensor_i32(back, 1, shape),
           tw = attn_tensor_f32(wide, 1, shape);
  int wrong = 0;
  for (int i = 0; i < N; ++i)
    bits[i] = i, expected[i] = half(i);
  if (widen_f16_call(&tb, &tw, NULL))
    return 1;
  for (int i = 0; i < N; ++i)
    wrong += !(wide[i] == expected[i] && signbit(wide[i]) == i >> 15) &&
             !(isnan(wide[i]) && isnan(expected[i]));
  if (narrow_f16_call(&tw, &tr, NULL))
    return 1;
  for (int i = 0; i < N; ++i)
    wrong += isnan(wide[i]) ? (back[i] & 0x7c00) != 0x7c00 || !(back[i] & 1023)
                            : back[i] != i;
  /* Ties go to even, the largest one to infinity. */
  for (int i = 0; i < 0x7c00; ++i)
    wide[i] = i == 0x7bff ? 65520 : (half(i) + half(i + 1)) / 2;
  if (narrow_f16_call(&tw, &tr, NULL))
    return 1;
  for (int i = 0; i < 0x7c00; ++i)
    wrong += back[i] != i + (i & 1);
  for (int i = 0; i < N; ++i) {
    uint32_t word = (uint32_t)i << 16 | (i & 1 ? 0x8000 : 0x7fff);
    __builtin_memcpy(&wide[i], &word, 4);
  }
  if (narrow_bf16_call(&tw, &tr, NULL))
    return 1;
  /* x86's instruction takes denormals for zero. */
  for (int i = 0; i < N; ++i)
    if (isnormal(wide[i]))
      wrong += back[i] != i + (i & 1);
  if (wrong)
    printf("%d conversions are wrong\n", wrong);
  return wrong > 0;
}

int main(void) {
  const char *error = NULL;
  const attn_library *library = attention_query(ATTN_ABI_VERSION, &error);
  if (!library) {
    printf("refused: %s\n", error);
    return 3;
  }
  printf("picked %s\n", library->target);
  return checkAttention(1, 1, 1, 1) || checkAttention(2, 37, 37, 1) ||
         checkAttention(1, 70, 131, 2) || checkAttention(1, 300, 300, 3) ||
         checkNarrow(1, 1, 70, 131) || checkNarrow(0, 1, 72, 131) ||
         checkProjection(1, 37) || checkProjection(0, 37) ||
         checkProjection(1, 3) || checkConversions();
}
