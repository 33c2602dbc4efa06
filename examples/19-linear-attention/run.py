"""A prompt of 300 tokens, then 20 tokens one by one, with the state that each leaves;
compared with NumPy, token by token in float64.

    run.py gated-delta.so
"""

import sys

import numpy
from attn_mlir import Library

random = numpy.random.default_rng(0)
PROMPT, TOKENS = 300, 320


def rows(heads, *sizes):
    return random.standard_normal((2, heads, TOKENS, *sizes), dtype=numpy.float32)


q, k, v = rows(4, 64), rows(2, 64), rows(2, 64)
k /= numpy.linalg.norm(k, axis=-1, keepdims=True)
decay = -numpy.abs(rows(2)) / 4  # the logarithm of what remains
beta = 1 / (1 + numpy.exp(-rows(2)))

gated_delta = Library(sys.argv[1])["gated_delta"]
outputs, state = [], numpy.zeros((2, 2, 64, 64), numpy.float32)
for first, end in [(0, PROMPT), *((t, t + 1) for t in range(PROMPT, TOKENS))]:
    part = slice(first, end)
    out, state = gated_delta(q[:, :, part], k[:, :, part], v[:, :, part], decay[:, :, part], beta[:, :, part], state)
    outputs.append(out)
outputs = numpy.concatenate(outputs, axis=2)

expected = numpy.zeros(outputs.shape)
s = numpy.zeros((2, 2, 64, 64))
for t in range(TOKENS):
    s *= numpy.exp(decay[:, :, t, None, None].astype(float))
    known = numpy.einsum("bhdc,bhd->bhc", s, k[:, :, t])
    update = beta[:, :, t, None] * (v[:, :, t] - known)
    s += k[:, :, t, :, None] * update[:, :, None]
    expected[:, :, t] = numpy.einsum("bhd,bhdc->bhc", q[:, :, t], numpy.repeat(s, 2, axis=1)) / 8
print("largest difference below 1e-5:", numpy.abs(outputs - expected).max() < 1e-5)
