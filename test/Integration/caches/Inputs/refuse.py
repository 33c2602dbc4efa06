"""Calls the entries of caches.mlir with tables and starts that are wrong.

    refuse.py LIBRARY
"""

import sys

import numpy as np
from attn_mlir import Library
from refusal import refused

library = Library(sys.argv[1])


def zeros(*shape):
    return np.zeros(shape, np.float32)


def expect(message, entry, *arguments):
    refused(library, message, entry, *arguments)


def packed(q_starts, k_starts):
    return (zeros(4, 10, 64), zeros(2, 20, 64), zeros(2, 20, 64),
            np.array(q_starts, np.int32), np.array(k_starts, np.int32))


expect("'q_starts' must have at least one element", "packed", *packed([], []))
expect("'q_starts': element 0 must be 0", "packed", *packed([1, 10], [0, 20]))
expect("'q_starts': element 2 must not be less than the one before", "packed",
       *packed([0, 6, 5, 10], [0, 1, 2, 20]))
expect("'q_starts': element 1 must not be less than the one before", "packed",
       *packed([0, -1, 10], [0, 1, 20]))
expect("'q_starts': element 1 must be the number of queries", "packed",
       *packed([0, 11], [0, 20]))
expect("'k_starts': element 1 must be the number of keys", "packed",
       *packed([0, 10], [0, 2147483647]))
expect("'k_starts': element 1 must be the number of keys", "packed",
       *packed([0, 10], [0, 19]))


def paged(table, lengths):
    table = np.array(table, np.int32)
    return (zeros(len(table), 4, 3, 64), zeros(5, 2, 16, 64),
            zeros(5, 2, 16, 64), table, np.array(lengths, np.int32))


expect("'table': element 1 must be a page of the pool", "paged",
       *paged([[0, 5, 9]], [17]))
expect("'table': element 3 must be a page of the pool", "paged",
       *paged([[0, 4, 9], [-1, 0, 0]], [32, 1]))
# A length beyond the table sees all of it, and no more.
expect("'table': element 2 must be a page of the pool", "paged",
       *paged([[0, 4, 5]], [1000]))
library["paged"](*paged([[0, 4, 9], [-1, -1, 0x7fffffff]], [32, 0]))
# The mask decides on entries between those that are seen.
hole = np.full((1, 8), -5, np.int32)
hole[0, [0, 6, 7]] = 1
bf16 = lambda *shape: np.zeros(shape, np.uint16)
arguments = bf16(1, 2, 3, 32), bf16(5, 2, 16, 32), hole
library["paged_hole"](*arguments)
hole[0, 6] = 5
expect("'table': element 6 must be a page of the pool", "paged_hole",
       *arguments)


# Lists name keys of pages 0 and 2, and of page 6 those that the mask hides.
def listed(pages, entries):
    return (zeros(1, 2, 3, 32), zeros(5, 2, 16, 32), np.array([pages], np.int32),
            np.array([0, 1, 1, len(entries)], np.int32), np.array(entries, np.int32))


pages = [1, -1, 4, 5, -9, 0x7fffffff, 5, 5]
library["paged_lists"](*listed(pages, [3, 47, 32, 100]))
expect("'table': element 1 must be a page of the pool", "paged_lists",
       *listed(pages, [3, 47, 16, 100]))
expect("'table': element 6 must be a page of the pool", "paged_lists",
       *listed(pages, [3, 99]))
