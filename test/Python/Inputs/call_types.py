"""Calls the library types.c, which copies, with bf16, f16 and packed i4 arrays.

  call_types.py TYPES.so [without-ml-dtypes]
"""
import sys

import numpy

if sys.argv[2:] == ["without-ml-dtypes"]:
    sys.modules["ml_dtypes"] = None  # importing it fails
try:
    import ml_dtypes
except ImportError:
    ml_dtypes = None

import attn_mlir  # noqa: E402
from attn_mlir import pack_int4, unpack_int4  # noqa: E402


def refuses(error, call, *words):
    try:
        call()
    except error as refusal:
        for word in words:
            assert word in str(refusal), f"'{word}' is not in: {refusal}"
        return
    raise AssertionError(f"accepted; should have said {words}")


library = attn_mlir.Library(sys.argv[1])

bits = numpy.array([[0x3F80, 0x4000], [0xFF80, 0x7FC0]], numpy.uint16)  # 1, 2, -inf, NaN
halves = numpy.array([[1, 2], [3, -numpy.inf]], numpy.float16)
bytes = numpy.array([[1, -2], [127, -128]], numpy.int8)
b, h, i = library["widen"](bits, halves, bytes)
assert numpy.array_equal(h, halves) and numpy.array_equal(i, bytes)
assert numpy.array_equal(b.view(numpy.uint16), bits)
if ml_dtypes is None:
    assert b.dtype == numpy.uint16, b.dtype
else:
    assert b.dtype == ml_dtypes.bfloat16, b.dtype
    wide = numpy.array([[1, 2], [3, 257]], ml_dtypes.bfloat16)
    b, _, _ = library["widen"](wide, halves, bytes)
    assert numpy.array_equal(b, wide) and float(b[1, 1]) == 256
refuses(TypeError, lambda: library["widen"](bits, bits, bytes), "h must be float16", "uint16")
refuses(TypeError, lambda: library["widen"](halves, halves, bytes), "b must be", "float16")

values = numpy.array([[-8, 7, -1, 0], [1, 2, 3, -4]])
packed = pack_int4(values)
assert packed.dtype == numpy.uint8 and packed.tolist() == [[0x78, 0x0F], [0x21, 0xC3]]
assert numpy.array_equal(unpack_int4(packed), values)
copy = library["nibbles"](packed)
assert copy.shape == (2, 2) and numpy.array_equal(copy, packed)
everything = numpy.arange(-8, 8).reshape(2, 4, 2)
assert numpy.array_equal(unpack_int4(pack_int4(everything)), everything)
assert pack_int4(numpy.zeros((0, 4), numpy.int8)).shape == (0, 2)
refuses(ValueError, lambda: pack_int4([[8, 0]]), "from -8 to 7")
refuses(ValueError, lambda: pack_int4([[0.5, 0]]), "from -8 to 7")
refuses(ValueError, lambda: pack_int4([[300, 0]]), "from -8 to 7")
refuses(ValueError, lambda: pack_int4([[1, 2, 3]]), "even", "(1, 3)")
refuses(TypeError, lambda: library["nibbles"](values.astype(numpy.int8)), "uint8", "pack_int4", "int8")
