"""Calls the entries of merges.mlir and compares them with the reference, and with
NumPy's merge.

    merges.py LIBRARY SCRATCH-FOLDER
"""

import sys

import numpy as np
from reference import Comparison, close, normal, random

run = Comparison(*sys.argv[1:])


def merge(outputs, lses):
    """What the op says, in float64; heads in front of queries."""
    lses = lses.astype(np.float64)
    with np.errstate(divide="ignore"):
        lse = np.logaddexp.reduce(lses, axis=0, initial=-np.inf)
    weights = np.exp(lses - np.where(lse == -np.inf, 0, lse))
    return (weights[..., None] * outputs).sum(axis=0), lse


for shards, queries in (5, 70), (1, 1), (3, 32), (2, 33), (0, 4), (4, 0):
    o, l = normal(shards, 2, 3, queries, 40), 50 * normal(shards, 2, 3, queries)
    if shards > 1 and queries > 2:
        l[1, :, :, 0] = -np.inf  # a shard without a live key, which holds NaN
        o[1, :, :, 0] = np.nan
        l[:, 1, 2, 1] = -np.inf  # no live key at all
        l[:, 0, 1, 2] += 5e4  # whose exponential f32 does not hold
    out, lse = run("stack", [o, l], 2, 1e-4)
    expected = merge(np.where(np.isneginf(l)[..., None], 0, o), l)
    close("stack", out, expected[0], 1e-4)
    if shards > 1 and queries > 2:
        assert (out[1, 2, 1] == 0).all() and lse[1, 2, 1] == -np.inf
        # A NaN stays in its row.
        l[0, 0, 0, 0] = np.nan
        spoilt = run("stack", [o, l], 2, 1e-4)
        assert np.isnan(spoilt[0][0, 0, 0]).all() and np.isnan(spoilt[1][0, 0, 0])
        spoilt[0][0, 0, 0], spoilt[1][0, 0, 0] = out[0, 0, 0], lse[0, 0, 0]
        assert (spoilt[0] == out).all() and (spoilt[1] == lse).all()

o, l = normal(2, 9, 3, 40), normal(2, 3, 9)
l[0, 1, 4] = -np.inf
out, lse = run("one", [o, l], 2)
assert (out[0, 4, 1] == 0).all() and (np.isneginf(lse) == np.isneginf(l)).all()
run("mixed", [normal(2, 9, 3, 64), normal(3, 2, 9, 3, 64), normal(2, 3, 9), normal(3, 2, 3, 9)], tolerance=2e-2)
run("half", [normal(4, 40, 8, 17).astype(np.float16), normal(4, 8, 40)], tolerance=2e-3)
run("wide", [random.standard_normal((6, 8, 1, 128)), 3 * random.standard_normal((6, 8, 1))], 2, 1e-12)
