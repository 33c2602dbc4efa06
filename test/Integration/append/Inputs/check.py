"""Steps of append.mlir on caches that grow: outputs as the reference has them, the
caches changed in place and nowhere but at the new rows, wrong places refused.

    check.py LIBRARY SCRATCH-FOLDER
"""

import sys

import numpy as np
import refusal
from attn_mlir import Library
from reference import Comparison, normal, random

path, folder = sys.argv[1:]
library = Library(path)
against_reference = Comparison(path, folder)


def bf16(*shape):
    """As the bits of bfloat16."""
    return (normal(*shape).view(np.uint32) >> 16).astype(np.uint16)


def compare(entry, arguments, scalars=(), tolerance=1e-5):
    """Through attn-run, which checks the changed arguments too."""
    against_reference(entry, arguments, 0, tolerance, ["--repeat=3", *scalars])


def refused(message, entry, *arguments):
    refusal.refused(library, message, entry, *arguments, codes=(10, 11))


# What an entry says of its arguments.
each = library["each"]
assert [a.name for a in each.inputs if a.is_changed] == ["k_cache", "v_cache"]
assert len(each.outputs) == 1

# A cache that grows, from one compiled entry: rows are where they belong, and what
# was not written, NaN, is as it was.
capacity = 50
for queries in 1, 5:
    k_cache, v_cache = np.full((2, 3, 2, capacity, 64), np.nan, np.float32)
    k_all, v_all = np.zeros((2, 3, 2, 0, 64), np.float32)
    for at in range(0, capacity, queries):
        q, k, v = normal(3, 4, queries, 64), normal(3, 2, queries, 64), normal(3, 2, queries, 64)
        k_all, v_all = np.concatenate([k_all, k], 2), np.concatenate([v_all, v], 2)
        out = library["insert"](q, k, v, k_cache, v_cache, at)
        assert isinstance(out, np.ndarray) and np.isfinite(out).all()
        for cache, rows in (k_cache, k_all), (v_cache, v_all):
            assert np.array_equal(cache[:, :, : at + queries], rows)
            assert np.isnan(cache[:, :, at + queries :]).all()
    scores = np.einsum("bhgid,bhjd->bhgij", q.reshape(3, 2, 2, queries, 64), k_all) / 8
    i, j = np.ogrid[:queries, :capacity]
    scores = np.where(j <= at + i, scores, -np.inf)
    p = np.exp(scores - scores.max(-1, keepdims=True))
    expected = np.einsum("bhgij,bhjd->bhgid", p / p.sum(-1, keepdims=True), v_all)
    assert np.abs(out - expected.reshape(out.shape)).max() < 1e-5
    for at in -1, capacity - queries + 1, 1 << 40:
        refused("'k_cache' must have room for what is put into it", "insert", q, k, v, k_cache, v_cache, at)

compare("insert", [normal(2, 4, 3, 64), normal(2, 2, 3, 64), normal(2, 2, 3, 64),
                   normal(2, 2, 20, 64), normal(2, 2, 20, 64)], ["--scalar=at=17"])
positions = np.array([0, 38, 11], np.int32)
for queries in 1, 2, 0:
    step = [normal(3, queries, 4, 64), normal(3, queries, 2, 64), normal(3, queries, 2, 48),
            normal(3, 40, 2, 64), normal(3, 40, 2, 48), positions]
    compare("each", step, tolerance=2e-2)
arrays = [bf16(3, 2, 4, 64), bf16(3, 2, 2, 64), bf16(3, 2, 2, 48), bf16(3, 40, 2, 64), bf16(3, 40, 2, 48)]
for wrong, element in ([0, 39, 11], 1), ([0, 0, -1], 2), ([2**31 - 1, 0, 0], 0):
    refused(f"'positions': element {element} must leave room for the new rows in the cache",
            "each", *arrays, np.array(wrong, np.int32))

# What is written in place overlaps nothing: neither other arguments nor itself.
both = bf16(3, 40, 2, 112)
library["each"](*arrays[:3], both[..., :64], both[..., 64:], positions)
refused("in/out argument 'v_cache' overlaps", "each", *arrays[:3], arrays[3], arrays[3][..., :48], positions)
refused("in/out argument 'k_cache' overlaps input 'k_new'", "each", arrays[0], arrays[3][:, :2], arrays[2],
        arrays[3], arrays[4], positions)
one = np.lib.stride_tricks.as_strided(bf16(40, 2, 64), (3, 40, 2, 64), (0, 256, 128, 2))
refused("in/out argument 'k_cache': its strides make elements overlap", "each", *arrays[:3], one, arrays[4], positions)
constant = np.copy(arrays[3])
constant.flags.writeable = False
try:
    library["each"](*arrays[:3], constant, arrays[4], positions)
    sys.exit("a read-only array was taken")
except TypeError as error:
    assert "k_cache is written" in str(error), error


def paged(queries, positions, pages):
    return [normal(2, 4, queries, 64), random.integers(-128, 128, (2, 2, queries, 64)).astype(np.int8),
            random.uniform(0.01, 0.02, (2, 2, queries)).astype(np.float32), normal(2, 2, queries, 32),
            random.integers(-128, 128, (9, 2, 8, 64)).astype(np.int8),
            random.uniform(0.01, 0.02, (9, 2, 8)).astype(np.float32), normal(9, 2, 8, 32),
            np.array(positions, np.int32), np.array(pages, np.int32)]


# Rows that begin in the middle of a page, end at one's end, and cross several.
for queries, positions in (1, [7, 8]), (1, [0, 31]), (3, [6, 29]), (20, [0, 5]), (0, [0, 32]):
    compare("paged", paged(queries, positions, [[3, 0, 8, 1], [2, 7, 4, 6]]))
compare("paged", paged(2, [7, 16], [[3, 0, -1, 99], [2, 7, 4, -1]]))
refused("'positions': element 1 must leave room", "paged", *paged(2, [7, 31], [[3, 0, 8, 1], [2, 7, 4, 6]]))
refused("'pages': element 6 must be a page of the pool", "paged", *paged(2, [7, 16], [[3, 0, 8, 1], [2, 7, 9, 6]]))
refused("'pages': element 1 must be a page of the pool", "paged", *paged(2, [7, 16], [[3, -1, 8, 1], [2, 7, 4, 6]]))

cache, new = normal(2, 9, 3), normal(2, 4, 3)
expected = np.copy(cache)
expected[0, 5:9], expected[1, 0:4] = new
assert library["only"](new, cache, np.array([5, 0], np.int32)) == ()
assert (cache == expected).all()
