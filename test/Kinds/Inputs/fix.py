"""Writes a module with the lengths of one call in the types of each function.

fix.py MODULE.mlir [EVERY] > FIXED.mlir

Of the lengths that check.py would call a function with, its number in the module picks:
all copies of the code are in some function, and not all of them in each. Of each EVERY
functions the first remains.
"""

import itertools
import re
import sys

LENGTHS = "96x90 3x90 1x600"  # 96: two whole tiles of queries.
ALIKE = "96x96 7x7"  # Where queries and keys have one type.


def main():
    numbers = itertools.count()
    every = int(sys.argv[2]) if len(sys.argv) > 2 else 1

    def fix(match):
        text = match[0]
        heads = re.search(r"%q: tensor<\?x(\d+)x\?x\w+>", text)
        number = next(numbers)
        if number % every:
            return ""
        number //= every
        if not heads:
            return text
        lengths = re.search(r"^// Lengths: (.*)\n", text, re.M)
        alike = f"%k: tensor<?x{heads[1]}x" in text
        choices = (lengths[1] if lengths else ALIKE if alike else LENGTHS).split()
        chosen = choices[number % len(choices)]
        queries = chosen.split("x")[0]
        results = re.search(r"->\s*([^{]*)", text)[1]
        types = re.findall(rf"%q: (tensor<.*?>)|%[kv]: (tensor<\?x{heads[1]}x\?.*?>)", text)
        for kind in {*re.findall(r"tensor<.*?>", results), *(x or y for x, y in types)}:
            text = text.replace(kind, kind.replace("?", "2", 1).replace("?", queries, 1))
        if lengths:
            text = text.replace(lengths[0], "")
        return f"// Lengths: {chosen}\n" + text

    pattern = r"(?:^//[^\n]*\n)*^func\.func @.*?^}\n"
    print(re.sub(pattern, fix, open(sys.argv[1]).read(), flags=re.M | re.S))


main()
