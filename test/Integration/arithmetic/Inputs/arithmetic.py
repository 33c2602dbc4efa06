"""Integer arithmetic of regions on the numbers that the hardware traps on, or that
LLVM leaves undefined: each op has the result that docs/reference.md gives it, with
many queries and with few.

    arithmetic.py              prints the module
    arithmetic.py LIBRARY      checks what became of it, or of some of its functions
"""

import sys

import numpy as np

OPERATIONS = ["divsi", "divui", "remsi", "remui", "floordivsi", "ceildivsi",
              "ceildivui", "shli", "shrui", "shrsi"]
CONVERSIONS = [("fptosi", 8), ("fptoui", 8), ("fptosi", 32), ("fptoui", 32),
               ("fptosi", 64)]


def function(name, element, steps):
    """Its scores are the low bits of sums of what the steps make of x[i] and y[j]."""
    lines = []
    for number, (step, bits) in enumerate(steps):
        lines += [f"%v{number} = {step}"]
        if bits < 64:
            lines += [f"%w{number} = arith.extsi %v{number} : i{bits} to i64"]
        lines += [f"%m{number} = arith.muli %s{number}, %many : i64",
                  f"%s{number + 1} = arith.addi %m{number}, "
                  f"%{'w' if bits < 64 else 'v'}{number} : i64"]
    body = "\n      ".join(lines)
    return f"""
func.func @{name}(%q: tensor<1x?x1xf32>, %k: tensor<1x?x1xf32>, %x: tensor<?x{element}>, %y: tensor<?x{element}>)
    -> (tensor<1x?x1xf32>, tensor<1x?x?xf32>) {{
  %o, %scores = attn.attention query(%q) key(%k) value(%k)
    score(%s: f32, %b: index, %h: index, %i: index, %j: index) {{
      %a = tensor.extract %x[%i] : tensor<?x{element}>
      %by = tensor.extract %y[%j] : tensor<?x{element}>
      %many = arith.constant 31 : i64
      %low = arith.constant 65535 : i64
      %s0 = arith.constant 0 : i64
      {body}
      %bits = arith.andi %s{len(steps)}, %low : i64
      %r = arith.sitofp %bits : i64 to f32
      attn.yield %r : f32
    }} {{layout = "hsd", normalizer = "none", aux = ["scores"]}}
    : (tensor<1x?x1xf32>, tensor<1x?x1xf32>, tensor<1x?x1xf32>) -> (tensor<1x?x1xf32>, tensor<1x?x?xf32>)
  return %o, %scores : tensor<1x?x1xf32>, tensor<1x?x?xf32>
}}"""


def module():
    for bits in 8, 32, 64:
        print(function(f"i{bits}", f"i{bits}",
                       [(f"arith.{operation} %a, %by : i{bits}", bits)
                        for operation in OPERATIONS]))
    print(function("floats", "f32",
                   [(f"arith.{operation} %a : f32 to i{bits}", bits)
                    for operation, bits in CONVERSIONS]))


def wrap(value, bits):
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def compute(operation, a, b, bits):
    """In integers without an end."""
    ua, ub = a % (1 << bits), b % (1 << bits)
    if operation.startswith("sh"):
        ub = min(ub, bits)
        return wrap({"shli": ua << ub, "shrui": ua >> ub, "shrsi": a >> ub}[operation],
                    bits)
    if operation.endswith("ui"):
        a, b = ua, ub
    b = b or 1
    if operation.startswith("floor"):
        result = a // b
    elif operation.startswith("ceil"):
        result = -(-a // b)
    else:
        result = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        if operation.startswith("rem"):
            result = a - result * b
    return wrap(result, bits)


def convert(operation, a, bits):
    least = -(1 << (bits - 1)) if operation == "fptosi" else 0
    most = least + (1 << bits) - 1
    if np.isnan(a):
        return 0
    if np.isinf(a):
        return wrap(most if a > 0 else least, bits)
    return wrap(min(max(int(a), least), most), bits)


def total(values):
    result = 0
    for value in values:
        result = result * 31 + value
    return result & 65535


def check(path):
    from attn_mlir import Library
    library = Library(path)

    def compare(entry, x, y, expected):
        if entry not in library.entries:
            return
        # Many queries, and few.
        for count in len(x), 5, 1:
            q = np.ones((1, count, 1), np.float32)
            k = np.ones((1, len(y), 1), np.float32)
            _, scores = library[entry](q, k, x[:count], y)
            wrong = np.argwhere(scores[0] != expected[:count])
            for i, j in wrong[:3]:
                sys.exit(f"{entry}, {count} queries: of {x[i]} and {y[j]} "
                         f"{scores[0, i, j]}, expected {expected[i, j]}")

    for bits in 8, 32, 64:
        least = -(1 << (bits - 1))
        numbers = [0, 1, -1, 7, -7, least, least + 1, -least - 1, bits - 1, bits,
                   bits + 1, 100, -100]
        x = np.array(numbers * 2, f"int{bits}")
        y = np.array(numbers, f"int{bits}")
        expected = np.array([[total(compute(op, int(a), int(b), bits)
                                    for op in OPERATIONS) for b in y] for a in x])
        compare(f"i{bits}", x, y, expected)
    x = np.array([0, -0.0, 0.9, -0.9, -1, 127.5, 128, -128.9, -129, 255, 256.5,
                  2 ** 31, -2.0 ** 31, 2.0 ** 32, 2 ** 63, -2.0 ** 63, 1e30, -1e30,
                  np.inf, -np.inf, np.nan, 1e-42], np.float32)
    expected = np.array([[total(convert(op, a, bits) for op, bits in CONVERSIONS)]
                         for a in x])
    compare("floats", x, np.zeros(1, np.float32), expected)


if len(sys.argv) > 1:
    check(sys.argv[1])
else:
    module()
