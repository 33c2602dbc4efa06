"""Rotary embedding as the reference and as NumPy have it; wrong positions are refused.

    rotary.py LIBRARY SCRATCH-FOLDER
"""

import sys

import numpy as np
import refusal
from attn_mlir import Library
from reference import Comparison, close, normal, random

path, folder = sys.argv[1:]
library = Library(path)
compare = Comparison(path, folder)


def tables(rows, pairs):
    angles = np.arange(rows)[:, None] / 10000 ** (np.arange(pairs) / pairs)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


def turn(x, cos, sin, first, second):
    """`x`: batch x head x position x feature, pairs at `first` and `second`."""
    turned = x.copy()
    turned[..., first] = x[..., first] * cos - x[..., second] * sin
    turned[..., second] = x[..., first] * sin + x[..., second] * cos
    return turned


for batch, length in (2, 70), (1, 1), (3, 7), (1, 300), (1, 0):
    x, wq, wk, wv = normal(batch, length, 96), normal(192, 96) / 10, normal(96, 96) / 10, normal(96, 96) / 10
    bq, bk, bv = normal(192), normal(96), normal(96)
    cos, sin = tables(512, 24)
    results = compare("halves", [x, wq, wk, wv, bq, bk, bv, cos, sin], 3)
    half = np.arange(24)
    for result, weight, bias, turns in zip(results, (wq, wk, wv), (bq, bk, bv), (True, True, False)):
        heads = x.astype(np.float64) @ weight.T + bias
        heads = heads.reshape(batch, length, len(weight) // 48, 48).swapaxes(1, 2)
        if turns:
            heads = turn(heads, cos[:length], sin[:length], half, half + 24)
        close("halves", result, heads, 1e-4)

    cos, sin = tables(40, 9)
    positions = random.integers(0, 40, (batch, length)).astype(np.int32)
    (result,) = compare("neighbours", [x, wq, cos, sin, positions])
    heads = (x.astype(np.float64) @ wq.T).reshape(batch, length, 4, 48)
    even = 2 * np.arange(9)
    turned = turn(heads, cos[positions][:, :, None], sin[positions][:, :, None], even, even + 1)
    close("neighbours", result, turned, 1e-4)

    compare("bf16", [x[0], wq, *tables(400, 16), np.array([90], np.int32)], tolerance=6e-2)

x, w = normal(1, 3, 96), normal(192, 96)


def refused(message, *positions):
    refusal.refused(library, message, "neighbours", x, w, *tables(40, 9), np.array([positions], np.int32))


refused("'positions': element 1 must be a row of the rotary tables", 39, 40, 0)
refused("'positions': element 2 must be a row of the rotary tables", 39, 0, -1)
refusal.refused(library, "'cos' must have a row for every position", "halves", x, normal(192, 96), normal(96, 96),
                normal(96, 96), normal(192), normal(96), normal(96), *tables(2, 24))
