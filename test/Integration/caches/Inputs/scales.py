"""Calls the entries of scales.mlir, compiled with --check-scales, with scales that
are no numbers to multiply by, where some query reads their keys and where none does.

    scales.py LIBRARY
"""

import sys

import numpy as np
from attn_mlir import Library
from refusal import refused

library = Library(sys.argv[1])
RULE = "must be finite and not 0"


def expect(argument, element, entry, *arguments):
    refused(library, f"'{argument}': element {element} {RULE}", entry, *arguments)


def zeros(*shape, of=np.float32):
    return np.zeros(shape, of)


def nothing_checked():
    library["computed"](zeros(1, 2, 1, 32), zeros(1, 2, 9, 32, of=np.int8), zeros(1, 2, 9))


nothing_checked()


# The mask is causal: three queries see three keys of ten.
def int4(k_scale=None, v_scale=None, value=0):
    k_scales, v_scales = np.ones((1, 2, 10), np.float32), np.ones((1, 2, 10, 4), np.float32)
    if k_scale:
        k_scales[k_scale] = value
    if v_scale:
        v_scales[v_scale] = value
    return (zeros(1, 4, 3, 64), zeros(1, 2, 10, 32, of=np.uint8), zeros(1, 2, 10, 10, of=np.uint8),
            k_scales, v_scales, zeros(1, 2, 10, 4, of=np.int8))


library["int4"](*int4())
expect("k_scales", 12, "int4", *int4((0, 1, 2)))
expect("k_scales", 2, "int4", *int4((0, 0, 2), None, np.nan))
expect("k_scales", 2, "int4", *int4((0, 0, 2), None, -np.inf))
expect("v_scales", 47, "int4", *int4(None, (0, 1, 1, 3), np.nan))
expect("v_scales", 0, "int4", *int4(None, (0, 0, 0, 0), -0.0))
for value in 0, np.nan, np.inf:
    library["int4"](*int4((0, 1, 3), (0, 0, 9, 2), value))


# Two pages of six keys and one of nobody.
def paged_int8(at, value):
    scales = np.ones((3, 4, 2, 4), np.float32)
    scales[1] = np.nan
    scales[at] = value
    return (zeros(1, 2, 4, 64), zeros(3, 4, 2, 64, of=np.int8), zeros(3, 4, 2, 80, of=np.uint16), scales,
            zeros(3, 4, 2, 4, of=np.int8), np.array([[2, 0, -7]], np.int32), np.array([6], np.int32))


expect("scales", 12, "paged_int8", *paged_int8((0, 1, 1, 0), 0))
expect("scales", 95, "paged_int8", *paged_int8((2, 3, 1, 3), np.nan))
library["paged_int8"](*paged_int8((0, 2), 0))

for at, value in ((3, 1, 2), 0), ((7, 0, 0), np.inf):
    scales = np.ones((8, 2, 4), np.float32)
    scales[at] = value
    expect("scales", at[0] * 8 + at[1] * 4 + at[2], "packed_int8", zeros(5, 4, 64), zeros(8, 2, 64, of=np.int8),
           zeros(8, 2, 80, of=np.uint16), scales, np.array([0, 5], np.int32), np.array([0, 8], np.int32))
