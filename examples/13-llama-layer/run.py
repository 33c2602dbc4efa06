"""The attention of a Llama layer on random weights, compared with NumPy.

    run.py layer.so
"""

import sys

import numpy
from attn_mlir import Library

random = numpy.random.default_rng(0)
width, heads, key_heads, size, length = 512, 8, 2, 64, 200


def weight(rows):
    return (random.standard_normal((rows, width)) / width**0.5).astype(numpy.float32)


x = random.standard_normal((2, length, width)).astype(numpy.float32)
weights = weight(width), weight(key_heads * size), weight(key_heads * size), weight(width)
angles = numpy.arange(1024)[:, None] * 500000.0 ** (-numpy.arange(size // 2) / (size // 2))
cos, sin = numpy.cos(angles).astype(numpy.float32), numpy.sin(angles).astype(numpy.float32)
y = Library(sys.argv[1])["layer"](x, *weights, cos, sin)


def split(w):
    return (x.astype(numpy.float64) @ w.T).reshape(2, length, -1, size).swapaxes(1, 2)


def turn(heads):
    a, c = heads[..., : size // 2], heads[..., size // 2 :]
    near, far = cos[:length], sin[:length]
    return numpy.concatenate([a * near - c * far, a * far + c * near], -1)


q, k, v = turn(split(weights[0])), turn(split(weights[1])), split(weights[2])
k, v = (numpy.repeat(t, heads // key_heads, 1) for t in (k, v))
scores = numpy.where(numpy.tri(length, dtype=bool), q @ k.swapaxes(2, 3) / size**0.5, -numpy.inf)
p = numpy.exp(scores - scores.max(-1, keepdims=True))
out = (p / p.sum(-1, keepdims=True)) @ v
expected = out.swapaxes(1, 2).reshape(2, length, width) @ weights[3].T
print("as NumPy:", bool(abs(y - expected).max() < 1e-4))
