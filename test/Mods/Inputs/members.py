"""Says which mods of the library lack a formula, a function or a line of the page.

members.py REPOSITORY < (attnc --list-mods)
"""

import re
import sys
from pathlib import Path

source = Path(sys.argv[1])
names = set(re.findall(r"^  \w+\(@(\w+)", sys.stdin.read(), re.M))
assert {"causal", "deberta"} <= names, names
formulas = "".join(path.read_text() for path in (source / "test/unit/Mods").glob("*Test.cpp"))
functions = (source / "test/Mods/Inputs/library.mlir").read_text()
# | `@name(parameters)` | ...
page = (source / "docs/mods.md").read_text()
found = {
    "formula in test/unit/Mods": set(re.findall(r"expect(?:Mask|Score)\(\s*\"(\w+)\"", formulas)),
    "function in test/Mods/Inputs/library.mlir": set(re.findall(r"[(,] ?@(\w+)", functions)),
    "line in docs/mods.md": set(re.findall(r"^\| `@(\w+)", page, re.M)),
}
wrong = [f"{name}: no {place}" for place, have in found.items() for name in sorted(names - have)]
wrong += [f"{name}: no mod, but a {place}" for place, have in found.items() for name in sorted(have - names)]
print("\n".join(wrong))
sys.exit(bool(wrong))
