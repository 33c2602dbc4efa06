"""Decodes with caches of room for 1000 positions: a prompt, then one token a step.

    run.py step.so
"""

import sys

import numpy
from attn_mlir import AttentionError, Library

random = numpy.random.default_rng(0)


def rows(heads, count):
    return random.standard_normal((2, heads, count, 64), dtype=numpy.float32)


step = Library(sys.argv[1])["step"]
k_cache, v_cache = rows(2, 1000), rows(2, 1000)  # whatever was there before
positions = numpy.array([0, 100], numpy.int32)  # the second sequence has a past

# The prompt: 300 tokens at once.
step(rows(8, 300), rows(2, 300), rows(2, 300), k_cache, v_cache, positions)
positions += 300
for token in range(50):
    k = rows(2, 1)
    out = step(rows(8, 1), k, rows(2, 1), k_cache, v_cache, positions)
    assert (k_cache[1, :, positions[1]] == k[1, :, 0]).all()
    positions += 1
print("positions now:", positions)

positions[1] = 1000
try:
    step(rows(8, 1), rows(2, 1), rows(2, 1), k_cache, v_cache, positions)
except AttentionError as error:
    print("refused:", error)
