"""relative.py LIBRARY FOLDER [ENTRY...]: caches, packed sequences and lists beside tables."""

import sys

import numpy as np

from reference import Comparison, normal, random

QUERIES = [70, 3, 1]


def integers(low, high, *shape):
    return random.integers(low, high, shape, dtype=np.int8)


def main():
    compare = Comparison(*sys.argv[1:])
    tables = [normal(19, 64), normal(4, 19, 64), normal(4, 19, 64)]
    for queries in QUERIES:
        q = normal(2, 4, queries, 64)
        for name, high in (("cache_i8", 127), ("cache_i4", 7)):
            k, v = integers(-high, high, 2, 2, 90, 64), integers(-high, high, 2, 2, 90, 64)
            scales = [np.abs(normal(2, 2, 90)) / high for _ in range(2)]
            compare(name, [q, k, v, *tables, *scales], tolerance=2e-5)
        pages = random.permutation(12).astype(np.int32).reshape(2, 6)
        pool = [normal(12, 2, 16, 64) for _ in range(2)]
        compare("pages", [q, *pool, *tables, pages], tolerance=2e-5)
        rows = [normal(2, 2, 90, 64) for _ in range(2)]
        degrees = random.integers(0, 9, queries)
        pointers = np.concatenate([[0], np.cumsum(degrees)]).astype(np.int32)
        entries = np.concatenate([random.permutation(90)[:n] for n in degrees] + [[]]).astype(np.int32)
        compare("listed", [q, *rows, *tables, pointers, entries], tolerance=2e-5)
        blocks = -(-queries // 32)
        pointers = np.arange(blocks + 1, dtype=np.int32) * 2
        entries = np.concatenate([random.permutation(3)[:2] for _ in range(blocks)]).astype(np.int32)
        compare("blocks", [q, *rows, *tables, pointers, entries], tolerance=2e-5)
        compare("bf16", [q, *rows, *tables], tolerance=1e-1)
    starts = np.array([0, 40, 41, 41, 131], np.int32)
    packed = [normal(heads, 131, 64) for heads in (4, 2, 2)]
    compare("packed", [*packed, *tables, starts], tolerance=2e-5)


main()
