"""Times each mask of a module against no mask, and says what its live blocks would cost.

masks.py [MODULE.mlir] [--keys N] [--queries N] [--only NAME,...] [--target T] [--bin DIR]
masks.py [MODULE.mlir] --check [--only NAME,...] [--target T] [--bin DIR]

For each function of the module (masks.mlir beside this file):

    live     the part of 64 x 64 blocks that hold a live pair
    time     the part of the time of the function `cross`, which has no mask
    quotient time / live: 1 would be no cost but that of the live blocks

The mask regions are evaluated with NumPy for that, pair by pair. --check compares each with
the reference instead, for lengths that end within tiles and blocks.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HEADS, BLOCK = 4, 64


def main():
    here = Path(__file__).parent
    parser = argparse.ArgumentParser()
    parser.add_argument("module", nargs="?", default=here / "masks.mlir")
    parser.add_argument("--bin", default=here.parent / "build" / "bin")
    parser.add_argument("--keys", type=int, default=2048)
    parser.add_argument("--queries", type=int)
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--target", default="host")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    tool = f"{options.bin}/attn" if options.bin else "attn"
    functions = dict(read_functions(Path(options.module).read_text()))
    chosen = [name for name in functions if not options.only or name in options.only]
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/masks"
        wanted = chosen if options.check else {"cross", *chosen}
        Path(library + ".mlir").write_text("\n".join(functions[name][1] for name in wanted))
        compile = [tool + "c", library + ".mlir", "-o", library, "--emit=lib"]
        subprocess.run([*compile, "--target=" + options.target], check=True)

        def call(name, queries, keys):
            command = [tool + "-run", library + ".so", "--entry=" + name]
            return Call(command, functions[name], f"{folder}/{name}", queries, keys)

        if options.check:
            sizes = [(200, 333), (5, 300), (3, 3000)]
            wrong = [error for name in chosen for size in sizes for error in call(name, *size).check()]
            sys.exit("\n".join(wrong) or None)
        queries = options.queries or options.keys
        calls = {name: call(name, queries, options.keys) for name in {"cross", *chosen}}
        print(f"{'mask':18} {'live':>6} {'time':>6} {'quotient':>8}")
        for name in chosen:
            ratios = [calls[name].seconds() / calls["cross"].seconds() for _ in range(options.rounds)]
            ratio, live = statistics.median(ratios), calls[name].live()
            print(f"{name:18} {live:6.3f} {ratio:6.3f} {ratio / live:8.2f}", flush=True)


def read_functions(text):
    pattern = r"((?:^//[^\n]*\n)*)^(func\.func @(\w+)\(.*?^}\n)"
    for comment, body, name in re.findall(pattern, text, re.M | re.S):
        data = re.search(r"^// Data: (.*)$", comment, re.M)
        yield name, (dict(item.split(":") for item in (data[1].split() if data else [])), body)


class Call:
    """A function with its data, and what its mask is."""

    def __init__(self, command, function, files, queries, keys):
        drawn, self.body = function
        self.queries, self.keys = queries, keys
        self.values = {}
        self.command = list(command)
        for operand, length in (("q", self.queries), ("k", self.keys), ("v", self.keys)):
            self.command.append(f"--random={operand}=1x{HEADS}x{length}x64")
        random = np.random.default_rng(0)
        for capture, text in drawn.items():
            value = draw(text, self.queries, self.keys, random)
            self.values[capture] = value
            if np.ndim(value) == 0:
                self.command.append(f"--scalar={capture}={value}")
                continue
            path = f"{files}-{capture}.npy"
            np.save(path, value)
            self.command.append(f"--input={capture}={path}")

    def seconds(self):
        repeat = 4 if self.queries > BLOCK else 60
        command = [*self.command, "--threads=1", "--json", f"--repeat={repeat}"]
        run = subprocess.run(command, check=True, capture_output=True, text=True)
        return json.loads(run.stdout)["time_us"] * 1e-6

    def check(self):
        command = [*self.command, "--compare=reference", "--tolerance=2e-5"]
        run = subprocess.run(command, capture_output=True, text=True)
        return [f"{' '.join(command)}\n{run.stdout}{run.stderr}"] if run.returncode else []

    def live(self):
        region = re.search(r"mask\(.*?\{(.*?)attn\.yield %(\w+)", self.body, re.S)
        if not region:
            return 1.0
        parts = []
        for head in range(HEADS):
            keep = evaluate(region[1], self.body, self.values, head, self.queries, self.keys)
            keep = np.broadcast_to(keep[region[2]], (self.queries, self.keys))
            rows = np.logical_or.reduceat(keep, np.arange(0, self.queries, BLOCK), axis=0)
            parts.append(np.logical_or.reduceat(rows, np.arange(0, self.keys, BLOCK), axis=1).mean())
        return float(np.mean(parts))


def draw(text, queries, keys, random):
    """What `Data:` calls `text`."""

    def lengths(length):
        return np.array([length], np.int32)

    def documents(length):
        ends = np.cumsum(random.integers(length // 2, 3 * length // 2, keys))
        return np.searchsorted(ends, np.arange(keys), "right").astype(np.int32)[None]

    def blocks(size, count):
        return random.integers(0, -(-keys // size), (-(-queries // size), count)).astype(np.int32)

    def heads(size, count):
        each = [blocks(size, count) for _ in range(HEADS)]
        return np.stack(each)[None]

    def live(part):
        return random.random((1, queries, keys)) < part

    def packed(width):
        """Bits of 64 x 64 blocks, a quarter of them live, and of half the pairs in them."""
        chosen = random.random((-(-queries // BLOCK), -(-keys // BLOCK))) < 0.25
        keep = np.kron(chosen, np.ones((BLOCK, BLOCK), bool))[:queries, :keys]
        keep &= random.random((queries, keys)) < 0.5
        keep = np.pad(keep, ((0, 0), (0, -keys % width)))
        bits = keep.reshape(queries, -1, width).astype(np.uint64)
        words = (bits << np.arange(width, dtype=np.uint64)).sum(axis=2)
        return words.astype(f"uint{width}").view(f"int{width}")

    words = random.integers(0, 1 << 31, queries).astype(np.int32)
    known = dict(lengths=lengths, documents=documents, blocks=blocks, heads=heads, live=live,
                 packed=packed, words=words, N=keys)  # fmt: skip
    return eval(text, known)


def evaluate(region, body, captures, head, queries, keys):
    """All values of a mask region, for all pairs."""
    values = dict(captures)
    values.update(b=np.int64(0), h=np.int64(head))
    values.update(i=np.arange(queries)[:, None], j=np.arange(keys)[None, :])
    sizes = {"q": queries, "k": keys, "v": keys}
    for name, tensor in re.findall(r"%(\w+) = tensor\.dim %(\w+), %c2", body):
        values[name] = np.int64(sizes[tensor])
    for name, a, b in re.findall(r"^  %(\w+) = arith\.subi %(\w+), %(\w+)", body, re.M):
        values[name] = values[a] - values[b]
    compare = {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal,
               "gt": np.greater, "ge": np.greater_equal}  # fmt: skip
    simple = {"addi": np.add, "subi": np.subtract, "muli": np.multiply, "andi": np.bitwise_and,
              "ori": np.bitwise_or, "xori": np.bitwise_xor, "minsi": np.minimum,
              "maxsi": np.maximum, "divui": np.floor_divide, "remui": np.mod, "remsi": np.fmod,
              "index_cast": lambda x: x, "absi": np.abs}  # fmt: skip
    for line in region.strip().splitlines():
        name, op, rest = re.match(r" *%(\w+) = \w+\.(\w+) (.*)", line).groups()
        operands = [values.get(operand) for operand in re.findall(r"%(\w+)", rest)]
        if op == "constant":
            values[name] = np.int64(rest.split()[0])
        elif op == "extract":
            indices = np.broadcast_arrays(*operands[1:])
            sizes = operands[0].shape
            values[name] = operands[0][tuple(
                np.clip(index, 0, size - 1) for index, size in zip(indices, sizes))]  # fmt: skip
            if values[name].dtype != bool:
                values[name] = values[name].astype(np.int64)
        elif op == "cmpi":
            predicate = rest.split(",")[0]
            values[name] = compare[predicate[-2:]](*operands)
        elif op == "shrui":
            width = int(rest.split(": i")[1])
            values[name] = (operands[0] & ((1 << width) - 1)) >> operands[1]
        elif op in simple:
            values[name] = simple[op](*operands)
        else:
            sys.exit(f"masks.py does not know {op}")
    return values


if __name__ == "__main__":
    main()
