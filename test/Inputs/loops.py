"""Describes the contraction loops of x86-64 assembly in AT&T syntax, one a line.

    python3 loops.py FILE.s [--at-least=12]

An innermost loop with at least that many multiply-adds is printed as

    f_task0: zmm, 24 accumulators, 1 step: 24 fma 8 broadcasts 3 loads, 0 stack

with the counts of one step of the contraction, however far the loop was
unrolled (`dots` in place of `fma` where pairs are multiplied, `products` where matrix
registers, tmm, are); `stack` counts the instructions of the loop that touch the stack:
spills, reloads, and whatever else no inner loop should do.
"""

import argparse
import re

LABEL = re.compile(r"^(\.L[\w.$]+):")
FUNCTION = re.compile(r'^"?([A-Za-z_][\w.$]*)"?:')
JUMP = re.compile(r"^\s+j[a-z]+\s+(\.L[\w.$]+)")
FUSED = re.compile(r"^(vfn?m(add|sub)\d+p[sd]|vdpbf16ps|tdp\w+)$")
MEMORY = re.compile(r"\([^)]*%")


def loops(lines):
    """(function, body) of each loop that holds no other, from jumps backwards."""
    labels, function, spans = {}, "", []
    for number, line in enumerate(lines):
        if label := LABEL.match(line):
            labels[label[1]] = number
        elif name := FUNCTION.match(line):
            function = name[1]
        elif (jump := JUMP.match(line)) and jump[1] in labels:
            spans.append((labels[jump[1]], number, function))
    for begin, end, function in spans:
        nested = any(
            begin <= b and e <= end and (b, e) != (begin, end) for b, e, _ in spans
        )
        if not nested:
            yield function, lines[begin + 1 : end + 1]


def instructions(body):
    """(mnemonic, operands) without labels, directives and comments."""
    for line in body:
        line = line.split("#")[0].strip()
        if line and not line.startswith(".") and not line.endswith(":"):
            mnemonic, _, operands = line.partition("\t")
            yield mnemonic, re.split(r",\s*(?![^(]*\))", operands)


def describe(body):
    """Accumulators, steps (0: not a whole number), and the counts of all steps
    together."""
    accumulators, fma, products, sums, broadcasts, loads, stack = set(), 0, 0, 0, 0, 0, 0
    for mnemonic, operands in instructions(body):
        memory = [o for o in operands if MEMORY.search(o)]
        stack += any("%rsp" in o for o in memory)
        if FUSED.match(mnemonic):
            fma += 1
            accumulators.add(operands[-1])
        products += mnemonic == "mulps"
        sums += mnemonic == "addps"
        if mnemonic in ("lea", "leaq") or not memory or memory == operands[-1:]:
            continue
        if re.match("v?p?broadcast|movss", mnemonic) or "{1to" in memory[0]:
            broadcasts += 1
        elif re.search(r"%[xyzt]mm", operands[-1]):
            loads += 1
    if not fma:
        # No fused multiply-add before AVX2; sums wander between registers, so
        # such loops are taken for one step.
        fma = number = min(products, sums)
    else:
        number = len(accumulators)
    steps = fma // number if number and fma % number == 0 else 0
    return (number, steps, fma, broadcasts, loads, stack)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--at-least", type=int, default=12)
    arguments = parser.parse_args()
    with open(arguments.file) as file:
        lines = file.read().splitlines()
    for function, body in loops(lines):
        accumulators, steps, *counts, stack = describe(body)
        if counts[0] < arguments.at_least:
            continue
        width = max(re.findall(r"%([xyzt])mm", "\n".join(body))) + "mm"
        if not steps:
            print(f"{function}: {width}, irregular: {counts[0]} fma, {stack} stack")
            continue
        kind = "dots" if any("vdpbf16ps" in line for line in body) else "fma"
        if width == "tmm":
            kind = "products"
        fma, broadcasts, loads = (f"{count / steps:g}" for count in counts)
        print(
            f"{function}: {width}, {accumulators} accumulators,"
            f" {steps} step{'s' if steps > 1 else ''}:"
            f" {fma} {kind} {broadcasts} broadcasts {loads} loads, {stack} stack"
        )


if __name__ == "__main__":
    main()
