"""Selects runs of keys by their means as top.mlir does, with NumPy, and compares.

    run.py top.so
"""

import sys

import numpy
from attn_mlir import Library

random = numpy.random.default_rng(0)
length, run, best = 1024, 64, 4
q, k, v = (random.standard_normal((1, 8, length, 64), dtype=numpy.float32) for _ in range(3))
out = Library(sys.argv[1])["attend"](q, k, v)

means = [x.reshape(1, 8, length // run, run, 64).sum(3) for x in (q, k)]
coarse = means[0] @ means[1].swapaxes(2, 3)
chosen = numpy.argsort(-coarse, axis=-1, kind="stable")[..., :best]

q, k, v = (x.astype(numpy.float64) for x in (q, k, v))
seen = numpy.zeros(coarse.shape, bool)
numpy.put_along_axis(seen, chosen, True, -1)
seen = seen.repeat(run, 2).repeat(run, 3)
weights = numpy.where(seen, numpy.exp(q @ k.swapaxes(2, 3) / 8), 0)
expected = weights @ v / weights.sum(-1, keepdims=True)
print("pairs that are visited: %.0f %%" % (100 * seen.mean()))
print("as NumPy:", bool(abs(out - expected).max() < 1e-5))
