"""Runs every function of a module and compares with the reference.

check.py LIBRARY.so MODULE.mlir [FACTOR]

Comments above a function say what it is called with:
  Data: slopes=4@0:0.5 ids=2xSK@0:4 width:9   tensors (attn-run's --random), scalars
  Lengths: 70x70 3x90                         queries x keys, SQ and SK in the data
  Tolerance: 1e-4                             instead of 1e-5; FACTOR times that
"""

import re
import subprocess
import sys

LENGTHS = "70x90 3x90 1x600"  # The last is decoded in two splits.


def functions(text):
    pattern = r"((?:^//[^\n]*\n)*)^func\.func @(\w+)\((.*?)\) *(?:\n *)?->"
    for comment, name, arguments in re.findall(pattern, text, re.M | re.S):
        notes = dict(re.findall(r"^// (Data|Lengths|Tolerance): (.*)$", comment, re.M))
        shapes = dict(re.findall(r"%(\w+): tensor<([\dx?]+)x\w+>", arguments))
        yield name, notes, shapes


def options(notes, shapes, queries, keys):
    def sized(text):
        return text.replace("SQ", queries).replace("SK", keys)

    given = {item.split("=")[0] for item in notes.get("Data", "").split()}
    for name, length in (("q", queries), ("k", keys), ("v", keys)):
        if name in given:
            continue
        sizes = shapes[name].replace("?", "2", 1).replace("?", length, 1)
        yield f"--random={name}={sizes}"
    for item in notes.get("Data", "").split():
        if "=" in item:
            name, sizes = item.split("=")
            yield f"--random={name}={sized(sizes)}"
        else:
            yield "--scalar=" + item.replace(":", "=")


def main():
    library, module = sys.argv[1:3]
    factor = float(sys.argv[3]) if len(sys.argv) > 3 else 1
    failed = 0
    for name, notes, shapes in functions(open(module).read()):
        for lengths in notes.get("Lengths", LENGTHS).split():
            command = ["attn-run", library, "--entry=" + name, "--compare=reference"]
            command.append(f"--tolerance={factor * float(notes.get('Tolerance', '1e-5'))}")
            command += options(notes, shapes, *lengths.split("x"))
            run = subprocess.run(command, capture_output=True, text=True)
            if run.returncode:
                failed += 1
                print(f"{name} {lengths}: {run.stdout}{run.stderr}\n{' '.join(command)}")
    sys.exit(bool(failed))


main()
