"""Prints the functions of a module that have these names, with their comments.

some.py MODULE.mlir NAME...
"""

import re
import sys

text = open(sys.argv[1]).read()
for function in re.findall(r"(?:^//[^\n]*\n)*^func\.func @.*?^}\n", text, re.M | re.S):
    if re.search(r"@(\w+)", function)[1] in sys.argv[2:]:
        print(function)
