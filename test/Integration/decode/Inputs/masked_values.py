"""A NaN or an infinity in a value reaches the queries that see its key, and no others."""

import sys

import numpy as np

import attn_mlir

thirds = attn_mlir.Library(sys.argv[1])["thirds"]
random = np.random.default_rng(1)
for queries in (1, 3, 16, 20):
    for keys in (7, 40, 300):
        q, k, v = (random.standard_normal((1, heads, length, 64), np.float32)
                   for heads, length in ((4, queries), (2, keys), (2, keys)))
        odd = [2, keys // 2, keys - 1]
        v[0, :, odd] = np.array([np.nan, np.inf, -np.inf], np.float32)[:, None, None]
        got = thirds(q, k, v)
        for h in range(4):
            for i in range(queries):
                live = np.arange(keys) % 3 != (h + i) % 3
                scores = k[0, h // 2].astype(float) @ q[0, h, i] / 8
                weights = np.where(live, np.exp(scores - scores[live].max()), 0)
                wanted = weights[live] / weights.sum() @ v[0, h // 2][live].astype(float)
                assert np.allclose(got[0, h, i], wanted, 1e-5, 1e-5, equal_nan=True), (queries, keys, h, i)
                assert np.isfinite(wanted).all() == (not live[odd].any())
