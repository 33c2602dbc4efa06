"""A NaN or an infinity in a value reaches the queries that see its key, and no others.

masked_values.py LIBRARY of some of masked_values.mlir
"""

import re
import sys

import numpy as np

import attn_mlir

library = attn_mlir.Library(sys.argv[1])
random = np.random.default_rng(1)


def check(heads, key_heads, size, value_size, queries, keys):
    entry = library[f"heads_{heads}_{key_heads}_of_{size}_{value_size}"]
    q, k, v = (random.standard_normal(shape, np.float32) for shape in (
        (1, heads, queries, size), (1, key_heads, keys, size), (1, key_heads, keys, value_size)))
    odd = [2, keys // 2, keys - 1]
    v[0, :, odd] = np.array([np.nan, np.inf, -np.inf], np.float32)[:, None, None]
    got = entry(q, k, v)
    for h in range(heads):
        its = h * key_heads // heads
        for i in range(queries):
            live = np.arange(keys) % 3 != (h + i) % 3
            scores = k[0, its].astype(float) @ q[0, h, i] / np.sqrt(size)
            weights = np.exp(scores[live] - scores[live].max())
            wanted = weights / weights.sum() @ v[0, its][live].astype(float)
            assert np.allclose(got[0, h, i], wanted, 1e-5, 1e-5, equal_nan=True), (heads, queries, keys, h, i)
            assert np.isfinite(wanted).all() == (not live[odd].any())


for heads in (tuple(int(n) for n in re.findall(r"\d+", entry)) for entry in library.entries):
    for queries in (1, 3, 16, 20):
        for keys in (7, 40, 300):
            check(*heads, queries, keys)
