"""Fails if the score loop of a decode reads rows of keys in turns.

    python3 rows_in_order.py FILE.s FUNCTION PRODUCTS

In the loop of FUNCTION with that many multiply-adds, the indexed loads are the
rows of keys. The offsets of one row must rise before those of the next begin.
"""

import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).parents[2] / "Inputs"))
import loops

LOAD = re.compile(r"\s+vmov\w+\s+(-?\d*)\((%\w+),(%\w+)(?:,\d)?\), %zmm")

path, wanted, products = sys.argv[1], sys.argv[2], int(sys.argv[3])
lines = pathlib.Path(path).read_text().splitlines()
for function, body in loops.loops(lines):
    count = sum("vfmadd" in line for line in body)
    if wanted not in function or count != products:
        continue
    offsets = [int(load[1] or 0) for line in body if (load := LOAD.match(line))]
    rows = sum(offset == 0 for offset in offsets)
    row = sorted(set(offsets))
    if rows < 2 or offsets != row * rows:
        sys.exit(f"{function}: rows are read in turns: {offsets}")
    sys.exit(0)
sys.exit(f"no loop of {products} products in a function like {wanted}")
