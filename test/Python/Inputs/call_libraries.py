"""Calls compiled libraries through attn_mlir and checks results and refusals."""

import sys

import numpy

import attn_mlir

RANDOM = numpy.random.default_rng(11)


def normal(*shape):
    return RANDOM.standard_normal(shape, numpy.float32)


def attention(q, k, v, live=True):
    q, k, v = (x.astype(numpy.float64) for x in (q, k, v))
    scores = q @ k.swapaxes(-1, -2) / numpy.sqrt(q.shape[-1])
    p = numpy.where(live, numpy.exp(scores - scores.max(-1, keepdims=True)), 0)
    return p / numpy.maximum(p.sum(-1, keepdims=True), 1e-300) @ v


def close(actual, expected):
    assert numpy.abs(actual - expected).max(initial=0) < 1e-5


def refuses(error, call, *words):
    try:
        call()
    except error as refusal:
        for word in words:
            assert word in str(refusal), f"'{word}' is not in: {refusal}"
        return refusal
    raise AssertionError(f"accepted; should have said {words}")


def check_plain(plain):
    q, k, v = normal(2, 8, 37, 64), normal(2, 8, 53, 64), normal(2, 8, 53, 64)
    o = plain(q, k, v)
    close(o, attention(q, k, v))
    assert numpy.array_equal(o, plain(q, k, v, threads=2)), "threads change bits"

    # Sequence-major memory, seen as bhsd: passed as it lies.
    strided = numpy.ascontiguousarray(q.transpose(0, 2, 1, 3)).transpose(0, 2, 1, 3)
    assert not strided.flags["C_CONTIGUOUS"]
    out = numpy.full_like(o, numpy.nan)
    assert plain(strided, k, v, out=out) is out
    assert numpy.array_equal(o, out)

    bound = plain.bind(q, k, v)
    assert numpy.array_equal(bound(), o)
    v *= 2
    assert numpy.array_equal(bound(), 2 * o)
    v /= 2

    assert plain(q[:, :, :0], k, v).shape == (2, 8, 0, 64)
    refuses(TypeError, lambda: plain(q, k), "plain", "3 arguments", "q, k, v", "got 2")
    refuses(TypeError, lambda: plain(q, k, v.astype(numpy.float64)), "v", "float32", "float64")
    refuses(TypeError, lambda: plain(q, k, v.tolist()), "v", "NumPy array")
    refused = refuses(attn_mlir.AttentionError, lambda: plain(q, k, v[:, :, :50]), "v")
    assert refused.code == 7, refused.code
    refuses(attn_mlir.AttentionError, lambda: plain(q, k, v, out=q), "overlap")


def check_window(window):
    q, k, v = normal(3, 4, 40, 64), normal(3, 4, 40, 64), normal(3, 4, 40, 64)
    lengths = numpy.array([40, 9, 0], numpy.int32)
    i, j = numpy.arange(40)[:, None], numpy.arange(40)
    live = (abs(i - j) <= 5) & (j < lengths[:, None, None, None])
    close(window(q, k, v, 5, lengths), attention(q, k, v, live))


def check_layer(layer):
    sizes = {"wq": (256, 256), "wk": (64, 256), "wv": (64, 256), "wo": (256, 256)}
    sizes |= {"bq": (256,), "bk": (64,), "bv": (64,), "bo": (256,)}
    given = {name: normal(*size) / numpy.float32(16) for name, size in sizes.items()}
    x, lengths = normal(2, 11, 256), numpy.array([11, 4], numpy.int32)
    named = {"x": x, "lengths": lengths, **given}
    direct = layer(*(named[argument.name] for argument in layer.inputs))
    prepared = layer.prepare(**given)
    assert numpy.array_equal(prepared(x, lengths), direct)
    assert numpy.array_equal(prepared(x, lengths, threads=2), direct)
    del given["wk"]
    refuses(TypeError, lambda: layer.prepare(**given), "lacks wk")
    refuses(TypeError, lambda: layer.prepare(wz=x), "no argument wz")


def main():
    plain, window, layer = map(attn_mlir.Library, sys.argv[1:])
    assert plain.target and plain.targets and plain.compiler
    check_plain(plain[next(iter(plain.entries))])
    check_window(window["window_lengths"])
    check_layer(layer["layer"])
    refuses(OSError, lambda: attn_mlir.Library("/nonexistent.so"), "nonexistent")


if __name__ == "__main__":
    main()
