"""Calls the entries of attention.mlir and compares them with the reference and with
each other.

    attention.py LIBRARY SCRATCH-FOLDER
"""

import sys

import numpy as np
from reference import Comparison, close, normal

run = Comparison(*sys.argv[1:])


# One attention, whole and in three shards. Where a sequence starts at 40 or 80,
# whole shards are masked; at 1000, all keys are.
for queries in 1, 20, 60:
    starts = np.array([0, 40, 93, 1000, 17], np.int32)
    arguments = [normal(5, 4, queries, 64), normal(5, 2, 131, 64), normal(5, 2, 131, 48), starts]
    whole, cut = run("whole", arguments, 2), run("cut", arguments, 2)
    for name, one, other in zip(("output", "lse"), whole, cut):
        close(f"{name} of shards", other, one, 2e-6)
    assert (cut[0][3] == 0).all() and np.isneginf(cut[1][3]).all()
