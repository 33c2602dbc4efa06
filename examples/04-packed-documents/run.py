"""Packed documents and each document alone give the same rows."""

import sys
from pathlib import Path

import numpy

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
import attn_mlir

LENGTHS = [40, 170, 3, 96, 203]


def main():
    packed = attn_mlir.Library(sys.argv[1])["packed"]
    total = sum(LENGTHS)
    random = numpy.random.default_rng(7)
    q, k, v = random.standard_normal((3, 1, 4, total, 64), numpy.float32)
    document = numpy.repeat(numpy.arange(len(LENGTHS), dtype=numpy.int32), LENGTHS)[None]
    together = packed(q, k, v, document)

    difference, start = 0.0, 0
    for length in LENGTHS:
        rows = numpy.s_[:, :, start : start + length]
        alone = packed(q[rows], k[rows], v[rows], numpy.zeros((1, length), numpy.int32))
        difference = max(difference, numpy.abs(together[rows] - alone).max())
        start += length

    *most, last = LENGTHS
    print(f"documents of {', '.join(map(str, most))} and {last} tokens in one row of {total}")
    print(f"largest difference between packed and alone: {difference:.1e}")
    if not difference <= 1e-5:
        sys.exit("packing changed the result")


if __name__ == "__main__":
    main()
