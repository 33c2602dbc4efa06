"""Saves inputs for layer.mlir as .npy files: weights of the size that a model has."""

import numpy

SIZES = {"wq": (256, 256), "wk": (64, 256), "wv": (64, 256), "wo": (256, 256)}
SIZES |= {"bq": (256,), "bk": (64,), "bv": (64,), "bo": (256,)}

random = numpy.random.default_rng(7)
for name, size in SIZES.items():
    numpy.save(name, random.standard_normal(size, numpy.float32) / numpy.float32(16))
numpy.save("x", random.standard_normal((2, 100, 256), numpy.float32))
numpy.save("lengths", numpy.array([100, 64], numpy.int32))
