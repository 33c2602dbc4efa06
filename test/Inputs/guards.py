"""Fails where bufferized IR on stdin has what costs time or memory silently.

No copies; no allocation inside a loop or a task's loop over keys; no loop or
branch that carries a memref.
"""

import re
import sys

problems, loops, depth = [], [], 0
for number, line in enumerate(sys.stdin, 1):
    code = line.strip()
    if re.search(r"= scf\.(for|if|while)\b.*-> \(?[^{]*memref<", code):
        problems.append((number, "carries a memref", code))
    if re.match(r"memref\.copy\b", code):
        problems.append((number, "copies", code))
    if re.search(r"= memref\.alloca?\b", code) and loops:
        problems.append((number, "allocates inside a loop", code))
    if re.match(r"(%\S+ = )?scf\.(for|while)\b", code) or "scf.for " in code:
        loops.append(depth)
    depth += code.count("{") - code.count("}")
    while loops and depth <= loops[-1]:
        loops.pop()
for number, problem, code in problems:
    print(f"line {number} {problem}: {code}")
sys.exit(bool(problems))
