"""Lengths near 2^31, of keys that are all the same row of memory."""

import sys

import numpy

from attn_mlir import AttentionError, Library

library = Library(sys.argv[1])


def keys(count):
    row = numpy.zeros((1, 1, 1, 8), "f4")
    return [numpy.broadcast_to(row + x, (1, 2, count, 8)) for x in (0, 1)]


def expect_right(name, arguments, lse):
    output, actual = library[name](*arguments)
    right = numpy.allclose(output, 1) and numpy.allclose(actual, lse)
    assert right, f"{name}, {arguments[0].shape[2]} queries: {actual}, not {lse}"


def expect_refusal(name, arguments, sentence):
    try:
        library[name](*arguments)
    except AttentionError as error:
        assert str(error) == sentence, error
    else:
        raise AssertionError(f"{name}: not refused")


weighed = numpy.log(numpy.exp(-0.125 * numpy.arange(100)).sum())
for queries in (1, 3, 20):
    q = numpy.zeros((1, 2, queries, 8), "f4")
    expect_right("difference", [q, *keys(2**31 - 1)], weighed)
    expect_right("captured", [q, *keys(2**31 - 1), 100], numpy.log(100))
    expect_right("sum", [q, *keys(2**30)], numpy.log(100))
    expect_refusal(
        "sum",
        [q, *keys(2**30 + 1)],
        "argument 'k' must have at most 1073741824 elements in dimension 2, as a region"
        " adds to positions in 32 bits",
    )

q = numpy.zeros((1, 2, 1, 8), "f4")
pool = numpy.zeros((1, 2, 65536, 8), "f4")
for pages in (2**15 - 1, 2**15):
    lengths = numpy.array([pages * 65536 - 1], "i4")
    arguments = [q, pool, pool + 1, numpy.zeros((1, pages), "i4"), lengths]
    if pages < 2**15:
        expect_right("paged", arguments, numpy.log(100))
    else:
        expect_refusal(
            "paged",
            arguments,
            "argument 'pages' must have at most 32767 elements in dimension 1, as keys"
            " are counted in 31 bits",
        )
