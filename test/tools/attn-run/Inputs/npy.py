"""Writes and shows .npy files with nothing but Python itself.

  npy.py write FILE DTYPE SHAPE VALUE...   e.g. write x.npy '<f4' 2x3 0 1 2 3 4 5
  npy.py normal FILE SHAPE SCALE SEED      f32, from N(0, SCALE^2)
  npy.py show FILE                         dtype, shape and values on one line
"""
import ast
import math
import random
import struct
import sys

CODES = {"|b1": "?", "|i1": "b", "|u1": "B", "<i4": "i", "<i8": "q", "<f2": "e", "<f4": "f", "<f8": "d"}


def write(path, descr, shape, *values):
    shape = tuple(int(size) for size in shape.split("x") if size)
    count = math.prod(shape)
    number = float if "f" in descr else int
    values = [number(value) for value in values] or [number(index) for index in range(count)]
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape!r}, }}\n".encode()
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
        file.write(struct.pack(f"<{len(values)}{CODES[descr]}", *values))


def normal(path, shape, scale, seed):
    generator = random.Random(int(seed))
    count = math.prod(int(size) for size in shape.split("x"))
    write(path, "<f4", shape, *(generator.gauss(0, float(scale)) for _ in range(count)))


def show(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<H", data[8:10])[0]
    header = ast.literal_eval(data[10 : 10 + length].decode())
    code = CODES[header["descr"]]
    values = [value for (value,) in struct.iter_unpack("<" + code, data[10 + length :])]
    print(header["descr"], header["shape"], *(f"{value:g}" for value in values))


globals()[sys.argv[1]](*sys.argv[2:])
