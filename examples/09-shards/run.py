"""Attends to 4000 keys at once, and in four shards, and compares.

    run.py shards.so
"""

import sys

import numpy
from attn_mlir import Library

random = numpy.random.default_rng(0)


def bf16(*shape):
    """The upper halves of floats."""
    values = random.standard_normal(shape, dtype=numpy.float32)
    return (values.view(numpy.uint32) >> 16).astype(numpy.uint16)


def floats(array):
    return (array.astype(numpy.uint32) << 16).view(numpy.float32)


library = Library(sys.argv[1])
partial, merge = library["partial"], library["merge"]
q, k, v = bf16(3, 8, 1, 64), bf16(3, 2, 4000, 64), bf16(3, 2, 4000, 64)
lengths = numpy.array([4000, 1500, 0], numpy.int32)

whole, _ = partial(q, k, v, lengths, 0)
# The shards are views: nothing is copied to cut the cache.
outputs, lses = numpy.empty((4, 3, 8, 1, 64), numpy.float32), numpy.empty((4, 3, 8, 1), numpy.float32)
for shard in range(4):
    keys = slice(1000 * shard, 1000 * shard + 1000)
    partial(q, k[:, :, keys], v[:, :, keys], lengths, 1000 * shard, out=(outputs[shard], lses[shard]))
merged = floats(merge(outputs, lses).view(numpy.uint16))
print("as one:", bool(numpy.abs(merged - whole).max() < 2e-3))
print("shards without a live key of sequence 1:", int(numpy.isneginf(lses[:, 1, 0, 0]).sum()))
print("largest value of the empty sequence:", abs(merged[2]).max())
