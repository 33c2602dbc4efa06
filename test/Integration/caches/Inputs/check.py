"""Calls the entries of caches.mlir and compares them with the reference.

    check.py LIBRARY SCRATCH-FOLDER [ENTRY...]
"""

import sys

import numpy as np
from reference import Comparison, normal, random

compare = Comparison(*sys.argv[1:])


def check(entry, tolerance, arguments, outputs=1):
    compare(entry, arguments, outputs, tolerance)


def int8(*shape):
    return random.integers(-128, 128, shape).astype(np.int8)


def int4(*shape):
    return random.integers(-8, 8, shape).astype(np.int8)


def starts(*lengths):
    return np.cumsum((0,) + lengths).astype(np.int32)


def table(lengths, page, width, pool, unused):
    """Different pages for all that is used, `unused` for the rest."""
    entries = np.full((len(lengths), width), unused, np.int32)
    free = list(random.permutation(pool))
    for row, length in zip(entries, lengths):
        for number in range(-(-length // page)):
            row[number] = free.pop()
    return entries


for queries in 1, 70:
    lengths = np.array([1, 100, 0, 16], np.int32)
    check("paged", 1e-5,
          [normal(4, 4, queries, 64), normal(20, 2, 16, 64),
           normal(20, 2, 16, 64), table(lengths, 16, 9, 20, 0x7fffffff),
           lengths], outputs=2)
    check("paged_int8", 1e-5,
          [normal(4, queries, 4, 64), int8(40, 4, 2, 64), normal(40, 4, 2, 80),
           random.uniform(0.01, 0.02, (40, 4, 2, 4)).astype(np.float32),
           int8(40, 4, 2, 4), table(lengths, 4, 30, 40, -1), lengths])
    hole = table([120, 128], 16, 8, 20, 0)
    hole[:, 1:6] = -1000
    check("paged_hole", 2e-2,
          [normal(2, 2, queries, 32), normal(20, 2, 16, 32), hole])
    lengths = np.array([133, 99], np.int32)
    scales = [random.uniform(0.01, 0.02, (2, 2, 133)).astype(np.float32) for _ in "kv"]
    for unseen in scales:
        unseen[1, :, 99:] = [np.nan, np.inf] * 17
    check("pairs_int8", 2e-2,
          [normal(2, 4, queries, 64), int8(2, 2, 133, 64), int8(2, 2, 133, 80), *scales, lengths])
    check("int4", 1e-5,
          [normal(2, 4, queries, 64), int4(2, 2, 133, 64), int4(2, 2, 133, 20),
           random.uniform(0.1, 0.2, (2, 2, 133)).astype(np.float32),
           random.uniform(0.1, 0.2, (2, 2, 133, 4)).astype(np.float32),
           int4(2, 2, 133, 4)])
    check("paged_int4", 2e-2,
          [normal(2, queries, 4, 64), int4(9, 16, 2, 64), normal(9, 16, 2, 64),
           np.array([[0, 1, 2, 3], [8, 7, 6, 5]], np.int32)])
    # Lengths beyond the end mean all keys.
    lengths = np.array([1000, 144, -1, 0x7fffffff], np.int32)
    check("paged", 1e-5,
          [normal(4, 4, queries, 64), normal(36, 2, 16, 64),
           normal(36, 2, 16, 64), table(np.clip(lengths, 0, 144), 16, 9, 36, -1),
           lengths], outputs=2)
    # Scales that are 0, or NaN, in live keys and in such as most queries don't see.
    for value in 0, np.nan:
        scales = [random.uniform(0.1, 0.2, shape).astype(np.float32)
                  for shape in ((2, 2, 133), (2, 2, 133, 4))]
        scales[0][0, 1, 0] = scales[0][1, 0, 60] = value
        scales[1][1, 1, 50, 2] = value
        check("int4", 1e-5,
              [normal(2, 4, queries, 64), int4(2, 2, 133, 64),
               int4(2, 2, 133, 20), *scales, int4(2, 2, 133, 4)])
# No batch, no page, no pool.
check("paged", 1e-5,
      [normal(0, 4, 5, 64), normal(0, 2, 16, 64), normal(0, 2, 16, 64),
       np.zeros((0, 3), np.int32), np.zeros(0, np.int32)], outputs=2)
check("paged", 1e-5,
      [normal(2, 4, 5, 64), normal(0, 2, 16, 64), normal(0, 2, 16, 64),
       np.zeros((2, 3), np.int32), np.zeros(2, np.int32)], outputs=2)

for query_lengths, key_lengths in (
        ((1, 49, 0, 100, 150), (3, 0, 127, 70, 271)),
        ((1,) * 50, tuple(range(50))),
        ((), ()), ((0,), (0,)), ((48,), (129,)), ((0, 7, 0), (5, 0, 6))):
    q_starts, k_starts = starts(*query_lengths), starts(*key_lengths)
    queries, keys = q_starts[-1], k_starts[-1]
    check("packed", 1e-5,
          [normal(4, queries, 64), normal(2, keys, 64), normal(2, keys, 64),
           q_starts, k_starts], outputs=2)
    check("packed_pairs", 1e-5,
          [normal(4, queries, 32), normal(2, keys, 32), normal(2, keys, 32),
           q_starts, k_starts], outputs=4)
    check("packed_int8", 1e-5,
          [normal(queries, 4, 64), int8(keys, 2, 64), normal(keys, 2, 80),
           random.uniform(0.01, 0.02, (keys, 2, 4)).astype(np.float32),
           q_starts, k_starts])
