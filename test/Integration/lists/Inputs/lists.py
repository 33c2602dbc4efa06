"""Lists of keys made here in many lengths: entries of lists.mlir and more.mlir, as far
as the library has them, agree with the reference, and one with numpy; wrong lists are
refused.

    lists.py LIBRARY SCRATCH-FOLDER
"""

import sys

import numpy as np
import refusal
from attn_mlir import Library
from reference import Comparison, close, normal, random

path, folder = sys.argv[1:]
library = Library(path)
against_reference = Comparison(path, folder)


def compare(entry, *arguments):
    return against_reference(entry, *arguments) if entry in library.entries else None


def some(count, most):
    return random.integers(0, most, count if most else 0).astype(np.int32)


def pointed(*outer, rows, most, longest=9):
    """Pointers and entries of `rows` lists for each of `outer`, of ragged lengths."""
    lengths = random.integers(0, longest if most else 1, (*outer, rows))
    pointers = np.concatenate([np.zeros((*outer, 1), int), np.cumsum(lengths, -1)], -1)
    entries = random.integers(0, max(most, 1), (*outer, pointers.max(initial=0)))
    return pointers.astype(np.int32), entries.astype(np.int32)


def listed(*shape, most):
    return random.integers(-1, max(most, 0), shape).astype(np.int32)


def runs(length, size):
    return -(-length // size)


def attention(q, k, v, counts, sinks):
    """In float64; `counts` says how often each query sees each key."""
    q, k, v = (x.astype(np.float64) for x in (q, k, v))
    k, v = (np.repeat(x, q.shape[1] // x.shape[1], 1) for x in (k, v))
    weights = counts * np.exp(q @ k.swapaxes(2, 3) / np.sqrt(q.shape[3]))
    total = weights.sum(-1, keepdims=True) + np.exp(sinks)[:, None, None]
    with np.errstate(divide="ignore"):
        return weights @ v / np.where(total, total, 1), np.log(total[..., 0])


for queries, keys in (70, 90), (3, 90), (1, 600), (5, 0), (0, 7), (130, 33):
    q, k, v = normal(2, 4, queries, 32), normal(2, 2, keys, 32), normal(2, 2, keys, 32)
    pointers, entries = pointed(rows=queries, most=keys)
    sinks, wide = normal(4), normal(2, 2, keys, 48)
    if results := compare("csr", [q, k, wide, pointers, entries, sinks], 2):
        counts = np.zeros((queries, keys))
        for row in range(queries):
            np.add.at(counts[row], entries[pointers[row]:pointers[row + 1]], 1)
        for actual, expected in zip(results, attention(q, k, wide, counts, sinks.astype(np.float64))):
            close("csr", actual, expected, 1e-5)

    # In float64, what each pair adds is a factor of its weight.
    bias, exists = normal(4, len(entries)), random.random(len(entries)) < 0.7
    results = compare("edges", [q, k, v, pointers, entries, bias, exists], 3)
    if results:
        weights = np.zeros((4, queries, keys))
        rows = np.repeat(np.arange(queries), np.diff(pointers))
        for head in range(4):
            edges = np.exp(bias[head].astype(np.float64)) * exists
            np.add.at(weights[head], (rows, entries[:len(rows)]), edges[:len(rows)])
        none = np.full(4, -np.inf)
        close("edges", results[0], attention(q, k, v, weights, none)[0], 1e-5)
        if keys:
            own = np.broadcast_to(np.eye(keys), (2, 2, keys, keys))
            close("probabilities", results[1], attention(q, k, own, weights, none)[0], 1e-5)

    heads = [normal(4, n, 32) for n in (queries, keys, keys)]
    compare("graph", [*heads, *pointed(4, rows=queries, most=keys), normal(queries, keys)])
    compare("rows", [q, k, v])
    turned = [np.ascontiguousarray(x.swapaxes(1, 2)) for x in (q, k, v)]
    compare("neighbours", [*turned, listed(2, queries, 7, most=keys),
                           normal(queries, keys)])
    compare("blocks", [q, k, v, *pointed(2, rows=runs(queries, 64), most=runs(keys, 32))], 4)
    compare("odd", [q, k, v, listed(runs(queries, 20), 5, most=runs(keys, 7))])
    compare("selected", [q, k, v, listed(2, 4, queries, 3, most=runs(keys, 16)), normal(2, 4, queries, 3)])
    compare("landmarks", [q, k, v, listed(19, most=keys)])
    compare("computed", [q, k, v, listed(runs(queries, 32), 3, most=1 + 4 * runs(keys, 16))])
    # Each entry as a block of 16 keys and of 3.
    compare("bf16", [q, k, v, *pointed(rows=runs(queries, 48), most=runs(keys, 16))], 2, 2e-2)
    pages = np.array([[3, 1, 0, 2], [1, 4, 2, 0]], np.int32)
    pool = [random.integers(-128, 128, (5, 2, 16, 32)).astype(np.int8), normal(5, 2, 16, 32)]
    scales = (0.01 + 0.01 * random.random((5, 2, 16))).astype(np.float32)
    compare("paged", [q, *pool, scales, pages, *pointed(rows=queries, most=64)])


# Long lists are split between tasks, however many threads there are.
for queries, longest in (1, 3000), (3, 2500):
    q, k, v = normal(2, 4, queries, 32), normal(2, 2, 90, 32), normal(2, 2, 90, 32)
    pointers, entries = pointed(rows=queries, most=90, longest=longest)
    chosen = listed(2, 4, queries, longest // 16, most=6)
    for entry, arguments, count in (
            ("csr", [q, k, normal(2, 2, 90, 48), pointers, entries, normal(4)], 2),
            ("selected", [q, k, v, chosen, normal(*chosen.shape)], 1),
            ("landmarks", [q, k, v, entries], 1)):
        if entry in library.entries:
            one, *others = [against_reference(entry, arguments, count, 1e-4, [f"--threads={threads}"])
                            for threads in (1, 2, 3)]
            for results in others:
                assert all(a.tobytes() == b.tobytes() for a, b in zip(one, results)), entry


def packed(lengths, key_lengths):
    """Arguments of the entry `packed` for sequences of those lengths."""
    queries, keys = sum(lengths), sum(key_lengths)
    rows = max(lengths)
    each = [pointed(rows=rows, most=most) for most in key_lengths]
    width = max(len(entries) for _, entries in each) + 1
    col_idx = np.stack([np.pad(entries, (0, width - len(entries)), constant_values=-7) for _, entries in each])
    starts = [np.cumsum([0, *of]).astype(np.int32) for of in (lengths, key_lengths)]
    return [normal(4, queries, 32), normal(2, keys, 32), normal(2, keys, 32), *starts,
            np.stack([pointers for pointers, _ in each]), col_idx, normal(len(lengths), width),
            *pointed(rows=runs(rows, 32), most=runs(max(key_lengths), 16))]


for lengths, key_lengths in ([40, 0, 7], [3, 50, 60]), ([5], [0]), ([70, 33, 1], [90, 10, 300]):
    arguments = packed(lengths, key_lengths)
    compare("packed", arguments, 3)
    wide = normal(sum(key_lengths), 2, 48)
    turned = [np.ascontiguousarray(x.swapaxes(0, 1)) for x in arguments[:2]]
    own = listed(len(lengths), 4, runs(max(lengths), 2), 3, most=runs(max(key_lengths), 3))
    compare("packed_heads", [*turned, wide, *arguments[3:5], own, normal(4)], 4)


def refused(message, entry, *arguments, codes=(11,)):
    if entry in library.entries:
        refusal.refused(library, message, entry, *arguments, codes=codes)


q, k, v = normal(1, 4, 3, 32), normal(1, 2, 40, 32), normal(1, 2, 40, 32)


def csr(pointers, entries):
    wide, sinks = normal(1, 2, 40, 48), normal(4)
    return q, k, wide, np.array(pointers, np.int32), np.array(entries, np.int32), sinks


rise = "must not be less than the one before, nor beyond the entries"
refused("'row_ptr' must have a pointer for every query, and one more", "csr", *csr([0, 1, 2], [1, 2, 3]))
refused(f"'row_ptr': element 2 {rise}", "csr", *csr([0, 2, 1, 3], [1, 2, 3]))
refused(f"'row_ptr': element 0 {rise}", "csr", *csr([-1, 1, 2, 3], [1, 2, 3]))
refused(f"'row_ptr': element 3 {rise}", "csr", *csr([0, 1, 2, 4], [1, 2, 3]))
refused("'col_idx': element 1 must be a key", "csr", *csr([0, 1, 2, 3], [1, 40, 3]))
refused("'col_idx': element 2 must be a key", "csr", *csr([0, 1, 2, 3], [1, 39, -1]))
def broken(argument, change):
    arguments = packed([4, 6], [5, 9])
    arguments[5][:] = np.arange(7)
    arguments[6] = np.zeros((2, 8), np.int32)
    arguments[7] = normal(2, 8)
    if change is not None:
        arguments[argument][change[:-1]] = change[-1]
    return arguments


short = broken(5, None)
short[5] = np.ascontiguousarray(short[5][:, :6])
refused("'row_ptr' must have pointers for the longest sequence", "packed", *short)
few = [x[:1] if n in (5, 6, 7) else x for n, x in enumerate(broken(5, None))]
refused("'row_ptr' must have lists for every sequence", "packed", *few)
refused(f"'row_ptr': element 9 {rise}", "packed", *broken(5, (1, 2, 0)))
refused("'col_idx': element 3 must be a key of its sequence", "packed", *broken(6, (0, 3, 5)))
compare("packed", broken(6, (0, 4, 5)), 3)  # of a query that the sequence lacks

blocks = np.array([[0, 1]], np.int32), np.array([[2]], np.int32)
refused("'idx': element 0 must be a run of 32 keys", "blocks", q, k, v, *blocks)
refused("'idx' must have a list for every 20 queries", "odd", q, k, v, listed(2, 3, most=2))
refused("'idx': element 7 must be a run of 16 keys", "selected", q, k, v,
        np.array([3 if n == 7 else 1 for n in range(12)], np.int32).reshape(1, 4, 3, 1), normal(1, 4, 3, 1))
refused("'bias': dimension 1 is 2; must be LISTED = 3", "edges", q, k, v, np.array([0, 1, 2, 3], np.int32),
        np.array([1, 2, 3], np.int32), normal(4, 2), np.ones(3, bool), codes=(7,))
