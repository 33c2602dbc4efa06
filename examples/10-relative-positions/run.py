"""Shaw's and DeBERTa's attention, and the formulas with all pairs in memory."""

import sys
import time
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
import attn_mlir

TOKENS = 256


def softmax(scores):
    weights = numpy.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


def shaw(q, k, v, keys, values):
    """Equations 3 and 4, with a vector for each pair."""
    position = numpy.arange(TOKENS)
    row = numpy.clip(position[None, :] - position[:, None], -64, 64) + 64
    scores = numpy.einsum("bhid,bhjd->bhij", q, k) + numpy.einsum("bhid,ijd->bhij", q, keys[row])
    weights = softmax(scores / 8)
    return weights @ v + numpy.einsum("bhij,ijd->bhid", weights, values[row])


def log_buckets(span, farthest):
    """The bucket of each distance from 1 - farthest to farthest - 1, as in Hugging Face's models."""
    distance = numpy.arange(1 - farthest, farthest)
    middle = span // 2
    size = numpy.maximum(numpy.abs(distance), middle)
    steps = numpy.ceil(numpy.log(size / middle) / numpy.log((farthest - 1) / middle) * (middle - 1))
    bucket = numpy.where(numpy.abs(distance) <= middle, distance, (steps + middle) * numpy.sign(distance))
    return numpy.clip(bucket + span, 0, 2 * span - 1).astype(numpy.int32)


def deberta(q, k, v, position_keys, position_queries, buckets):
    position = numpy.arange(TOKENS)
    row = buckets[position[:, None] - position[None, :] + 511]
    content = q @ k.swapaxes(-1, -2)
    to_position = q @ position_keys.swapaxes(-1, -2)
    to_content = k @ position_queries.swapaxes(-1, -2)
    scores = (
        content
        + numpy.take_along_axis(to_position, row[None, None], -1)
        + numpy.take_along_axis(to_content, row.T[None, None], -1).swapaxes(-1, -2)
    )
    return softmax(scores / numpy.sqrt(3 * 64)) @ v


def compare(name, compiled, formula, *arguments):
    start = time.perf_counter()
    expected = formula(*arguments)
    middle = time.perf_counter()
    output = compiled(*arguments)
    took = time.perf_counter() - middle
    error = numpy.abs(output - expected).max()
    print(f"{name}: {1e3 * took:.1f} ms, by NumPy {1e3 * (middle - start):.1f} ms; difference {error:.1e}")
    if not error <= 1e-4:
        sys.exit("the results differ")


def main():
    library = attn_mlir.Library(sys.argv[1])
    random = numpy.random.default_rng(3)
    q, k, v = random.standard_normal((3, 1, 8, TOKENS, 64), numpy.float32)
    tables = random.standard_normal((2, 129, 64), numpy.float32)
    compare("shaw", library["shaw"], shaw, q, k, v, *tables)
    tables = random.standard_normal((2, 8, 64, 64), numpy.float32)
    compare("deberta", library["deberta"], deberta, q, k, v, *tables, log_buckets(32, 512))


if __name__ == "__main__":
    main()
