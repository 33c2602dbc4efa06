"""Compares conversions between f32, f64 and bf16, f16 with exact arithmetic.

Extensions for all 65536 values; truncations for every value, every midpoint
between two of them, their closest neighbours, and random bits.
"""

import sys

import numpy

from attn_mlir import Library

# Type: bits of the mantissa, exponent of the smallest denormal, of infinity.
HALVES = {"f16": (10, -24, 16), "bf16": (7, -133, 128)}
ALL = numpy.arange(65536, dtype="u4")


def values(half):
    """What each of the 65536 patterns means, in f64."""
    mantissa, smallest, _ = HALVES[half]
    field = ALL & 0x7FFF
    exponent = (field >> mantissa).astype("i4")
    fraction = (field & ((1 << mantissa) - 1)).astype("f8")
    normal = numpy.ldexp(fraction + (1 << mantissa), numpy.maximum(exponent, 1) - 1 + smallest)
    magnitude = numpy.where(exponent > 0, normal, numpy.ldexp(fraction, smallest))
    top = exponent == 0x7FFF >> mantissa
    magnitude = numpy.where(top, numpy.where(fraction > 0, numpy.nan, numpy.inf), magnitude)
    return numpy.where(ALL >> 15 > 0, -magnitude, magnitude)


def rounded(x, half):
    """f64 to the nearest, ties to even: a count of units in the last place."""
    mantissa, smallest, infinite = HALVES[half]
    _, exponent = numpy.frexp(x)
    unit = numpy.maximum(exponent - 1 - mantissa, smallest)
    # Far below, one scaling would itself be inexact.
    y = numpy.ldexp(numpy.rint(numpy.ldexp(x, -unit)), unit)
    return numpy.where(numpy.abs(y) >= 2.0**infinite, numpy.copysign(numpy.inf, x), y)


def inputs(half, wide):
    exact = values(half)
    exact = numpy.sort(exact[numpy.isfinite(exact)])
    middles = (exact[1:] + exact[:-1]) / 2
    points = numpy.concatenate([exact, middles]).astype(wide)
    below = numpy.nextafter(points, wide.type(-numpy.inf))
    above = numpy.nextafter(points, wide.type(numpy.inf))
    random = numpy.random.default_rng(5).bytes(400000 * wide.itemsize)
    special = [numpy.inf, -numpy.inf, numpy.nan, -0.0, 65519.99, 65520.0, -65520.0, 3.4e38, 1e-45]
    x = numpy.concatenate([points, below, above, numpy.frombuffer(random, wide)])
    return numpy.concatenate([x, numpy.array(special, wide)])


def same(actual, expected, what, x):
    wrong = ~((actual == expected) & (numpy.signbit(actual) == numpy.signbit(expected)))
    wrong &= ~(numpy.isnan(actual) & numpy.isnan(expected))
    if wrong.any():
        at = wrong.argmax()
        sys.exit(f"{what}: {wrong.sum()} wrong, of {x[at]!r}: {actual[at]!r}, not {expected[at]!r}")


def meaning(bits, half, table):
    assert (bits >> 16 == 0).all()
    return table[half][bits.astype("u4")]


def check(library, flushes_bf16):
    table = {half: values(half) for half in HALVES}
    for half in HALVES:
        for wide in map(numpy.dtype, ("f4", "f8")):
            name = f"f{wide.itemsize * 8}"
            y = library[f"extend_{half}_{name}"](ALL.astype("i4"))
            same(y.astype("f8"), table[half], f"extend_{half}_{name}", ALL)
            x = inputs(half, wide)
            if half == "bf16" and flushes_bf16:
                x = x[~(numpy.abs(x) < 2.0**-126)]
            y = meaning(library[f"truncate_{name}_{half}"](x), half, table)
            same(y, rounded(x.astype("f8"), half), f"truncate_{name}_{half}", x)
        # h * h + h + h rounds once or twice more.
        h = table[half]
        usual = (numpy.abs(h) > 2.0**-7) & (numpy.abs(h) < 2.0**7)
        y = meaning(library[f"compute_{half}"](ALL.astype("i4")), half, table)
        unit = 2.0 ** -HALVES[half][0]
        assert (numpy.abs(y - (h * h + 2 * h))[usual] <= 2 * unit * (h * h + abs(h))[usual]).all()
        # 0.3 in each type.
        x = library[f"scalar_{half}"](0.3)
        assert (x == 2 * rounded(numpy.float64(0.3), half)).all(), x


if __name__ == "__main__":
    with numpy.errstate(all="ignore"):
        check(Library(sys.argv[1]), "flushes" in sys.argv[2:])
